"""The process tree of the server: its web workers, its trainers by run, and what else it started."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import psutil

SHORTEST_S = 0.1
"""CPU time is counted in steps of 10 ms: over a shorter interval than this a percentage means nothing."""


class Role(StrEnum):
    SERVER = "server"
    WORKER = "web worker"
    TRAINER = "trainer"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ProcessUse:
    """`cpu` is in percent of one core since the read before, None at the first; `memory_bytes` is resident, of which `shared_bytes` may be
    other processes' too. `run` is the id of the run that a trainer works on, or works for."""

    role: str
    name: str
    pid: int
    run: str | None
    cpu: float | None
    memory_bytes: int
    shared_bytes: int
    threads: int
    files: int | None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> ProcessUse:
        """From the members that were kept."""
        return cls(**{each.name: kept[each.name] for each in fields(cls)})


@dataclass(frozen=True, slots=True)
class _Spent:
    at_s: float
    cpu_s: float


class ProcessTree:
    """Reads the tree below `root_pid`; `workers_below` says that the web workers are its children, not itself. One caller at a time."""

    def __init__(self, root_pid: int, *, workers_below: bool) -> None:
        self._root_pid, self._workers_below = root_pid, workers_below
        self._before: dict[tuple[int, float], _Spent] = {}

    def read(self, trainers: Mapping[int, str]) -> tuple[ProcessUse, ...]:
        """The root first. `trainers` gives the run by process id. What ends while it is looked at is left out."""
        try:
            root = psutil.Process(self._root_pid)
            every = [root, *root.children(recursive=True)]
        except psutil.Error:
            return ()
        runs: dict[int, str] = dict(trainers)
        before, self._before = self._before, {}
        found = [self._use(each, runs, before) for each in every]
        return tuple(each for each in found if each is not None)

    def _use(self, process: psutil.Process, runs: dict[int, str], before: Mapping[tuple[int, float], _Spent]) -> ProcessUse | None:
        try:
            with process.oneshot():
                parent, name, began = process.ppid(), process.name(), process.create_time()
                times, memory, threads = process.cpu_times(), process.memory_info(), process.num_threads()
        except psutil.Error:
            return None
        run = runs.get(process.pid) or runs.get(parent)
        if run is not None:
            runs[process.pid] = run
        spent = self._before[process.pid, began] = _Spent(time.monotonic(), times.user + times.system)
        return ProcessUse(
            role=self._role(process.pid, parent, run).value,
            name=name,
            pid=process.pid,
            run=run,
            cpu=_cpu(before.get((process.pid, began)), spent),
            memory_bytes=int(memory.rss),
            shared_bytes=int(getattr(memory, "shared", 0)),
            threads=threads,
            files=_files(process),
        )

    def _role(self, pid: int, parent: int, run: str | None) -> Role:
        if run is not None:
            return Role.TRAINER
        if pid == self._root_pid:
            return Role.SERVER if self._workers_below else Role.WORKER
        return Role.WORKER if self._workers_below and parent == self._root_pid else Role.OTHER


def tree_below(guardian_pid: int) -> ProcessTree:
    """That of the server which this process belongs to."""
    return ProcessTree(guardian_pid, workers_below=guardian_pid != os.getpid())


def totals(processes: Sequence[ProcessUse]) -> dict[str, Any]:
    """The metrics of a sample. Memory that processes share is counted once, as far as that can be told: the largest such part."""
    if not processes:
        return {}
    cpu = [each.cpu for each in processes if each.cpu is not None]
    files = [each.files for each in processes if each.files is not None]
    shared = max(each.shared_bytes for each in processes)
    return {
        "process_count": len(processes),
        "process_memory_bytes": sum(max(each.memory_bytes - each.shared_bytes, 0) for each in processes) + shared,
        "process_cpu": round(sum(cpu), 2) if cpu else None,
        "threads": sum(each.threads for each in processes),
        "open_files": sum(files) if files else None,
    }


def _cpu(before: _Spent | None, after: _Spent) -> float | None:
    if before is None or after.at_s - before.at_s < SHORTEST_S or after.cpu_s < before.cpu_s:
        return None
    return round(100 * (after.cpu_s - before.cpu_s) / (after.at_s - before.at_s), 2)


def _files(process: psutil.Process) -> int | None:
    try:
        return int(process.num_fds())
    except (psutil.Error, OSError, AttributeError):  # not ours to see, or not on this system
        return None
