"""What reading costs at scale; `python -m benchmarks.scale` prints the figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.scale import judge_gigabyte, judge_million


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_million_rows(tmp_path: Path) -> None:
    assert judge_million(tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_gigabyte(tmp_path: Path) -> None:
    assert judge_gigabyte(tmp_path)
