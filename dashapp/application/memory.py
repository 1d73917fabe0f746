"""How much memory a trainer may use, and how it is held to that.

What counts is what a trainer keeps for itself (its resident memory without the pages that it shares), not the address space, of which the
libraries reserve far more than they use. The trainer's watch ends the work at the limit. The kernel's own limit lies higher, for a single
allocation that nobody could see coming; it is not the first line, as OpenBLAS tries for ever, or exits, where it is refused memory.
"""

from __future__ import annotations

import contextlib
import resource
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa

from dashapp.monitoring.cgroup import memory_limit
from dashapp.settings import Settings

SHARE = 0.8
"""The part of the memory that all trainers together may use where no setting says so; the rest is for the server."""
NEARLY = 0.9
BACKSTOP, UNTOUCHED_BYTES = 1.25, 512 * 2**20
"""The kernel's limit counts pages that were asked for and never touched: OpenBLAS's buffers, the stacks of threads."""
OUT_OF_MEMORY = (
    "The training ran out of memory. Leave out columns, train on fewer rows, or raise DASHAPP_TRAINER_MEMORY_BYTES if the machine has more."
)

_SCORE = Path("/proc/self/oom_score_adj")
_KILL_FIRST = "1000"


def trainer_memory_bytes(settings: Settings) -> int:
    """What one trainer may use: the setting, or its part of what the machine or the control group has."""
    if settings.trainer_memory_bytes:
        return settings.trainer_memory_bytes
    group = memory_limit()
    machine = int(psutil.virtual_memory().total)
    return int(SHARE * min(machine, machine if group is None else group.limit_bytes)) // settings.max_runs


def hold_to(limit_bytes: int) -> None:
    """From here on a large allocation of this process past the limit fails, and the kernel, short of memory, ends it before the server."""
    pa.set_memory_pool(pa.system_memory_pool())  # pyarrow's usual one reserves a gigabyte at its first use
    memory = psutil.Process().memory_info()
    reserved = memory.data - (memory.rss - memory.shared) if hasattr(memory, "data") else 0
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    soft = int(BACKSTOP * limit_bytes) + reserved + UNTOUCHED_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
    with contextlib.suppress(OSError):  # not on Linux, or not allowed
        _SCORE.write_text(_KILL_FIRST)


def let_go() -> None:
    """Lift the limit again, so that a process that ran into it can still write down how it ended."""
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def used_bytes(process: psutil.Process) -> int:
    """What this process and its children hold for themselves, without the pages that they share with others."""
    return sum(int(each.rss - getattr(each, "shared", 0)) for each in _memory(process))


def resident_bytes(process: psutil.Process) -> int:
    """The resident memory of this process and its children."""
    return sum(int(each.rss) for each in _memory(process))


def _memory(process: psutil.Process) -> list[Any]:
    found = []
    for each in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(each.memory_info())
    return found
