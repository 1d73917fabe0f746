"""What a trainer may use, and what the kernel does at its limit."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from dashapp.application import memory
from dashapp.application.memory import resident_bytes, trainer_memory_bytes, used_bytes
from dashapp.errors import InvalidSetting
from dashapp.monitoring.cgroup import MemoryLimit
from dashapp.settings import LEAST_TRAINER_BYTES, ROOT, Settings

GROUP = MemoryLimit(limit_bytes=1_000_000, used_bytes=10)


@pytest.mark.parametrize(("asked", "runs", "expected"), [(0, 1, 800_000), (0, 2, 400_000), (10**9, 2, 10**9)])
def test_without_a_setting_trainers_share_a_part_of_what_there_is(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, asked: int, runs: int, expected: int
) -> None:
    monkeypatch.setattr(memory, "memory_limit", lambda: GROUP)
    assert trainer_memory_bytes(replace(settings, trainer_memory_bytes=asked, max_runs=runs)) == expected


def test_without_a_group_it_is_the_machines(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "memory_limit", lambda: None)
    assert 0.75 < trainer_memory_bytes(settings) / psutil.virtual_memory().total <= 0.8


@pytest.mark.parametrize("value", ["1", str(LEAST_TRAINER_BYTES - 1), "-1", "much"])
def test_a_limit_in_which_no_training_fits_is_refused(value: str) -> None:
    with pytest.raises(InvalidSetting, match="DASHAPP_TRAINER_MEMORY_BYTES"):
        Settings.from_environment({"DASHAPP_TRAINER_MEMORY_BYTES": value})


def test_what_is_used_is_at_most_what_is_resident() -> None:
    process = psutil.Process()
    assert 0 < used_bytes(process) <= resident_bytes(process)


ALLOCATES = """
import os, sys
import numpy as np, pyarrow as pa
from pathlib import Path
from dashapp.application.memory import hold_to, let_go
hold_to(int(sys.argv[1]))
print(Path("/proc/self/oom_score_adj").read_text().strip())
small = np.ones(4_000_000)
table = pa.table({"x": pa.array(range(1000))})
try:
    np.ones(160_000_000)
    print("granted")
except MemoryError:
    print("refused")
let_go()
print(len(np.ones(160_000_000)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts private pages")
def test_past_the_limit_an_allocation_is_refused_and_what_is_only_reserved_does_not_count() -> None:
    limit = 400_000_000
    command = [sys.executable, "-c", ALLOCATES, str(limit)]
    said = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=60, check=True)
    assert said.stdout.split() == ["1000", "refused", "160000000"]
    assert Path("/proc/self/oom_score_adj").read_text().strip() != "1000"
