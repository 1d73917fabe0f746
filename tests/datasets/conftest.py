"""A CSV file from text or bytes, and columns from plain lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dashapp.datasets.dataset import Finding, Reading
from dashapp.datasets.read import read_table

WriteCsv = Callable[[str | bytes], Path]


@pytest.fixture
def write_csv(tmp_path: Path) -> WriteCsv:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "table.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def text_array(*values: str) -> Any:
    return pa.array(list(values), pa.string())


@dataclass(frozen=True)
class Columns:
    names: list[str]
    findings: tuple[Finding, ...]


def read_columns(path: Path, reading: Reading = Reading()) -> Columns:
    """What the whole room says of a file that its text says: the names of the columns, and the findings."""
    profile = read_table(path, reading)[1]
    return Columns([column.name for column in profile.columns], profile.warnings)
