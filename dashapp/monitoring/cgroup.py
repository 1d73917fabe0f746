"""What the control group of this process may use, memory and CPU, and who ran out of it; of version 2 or version 1.

Files and units: https://docs.kernel.org/admin-guide/cgroup-v2.html and https://docs.kernel.org/admin-guide/cgroup-v1/.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")
MACHINE = Path("/proc/vmstat")


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """`used_bytes` leaves out the file pages that the kernel drops first when memory is short."""

    limit_bytes: int
    used_bytes: int


@dataclass(frozen=True, slots=True)
class CpuQuota:
    """`cores` that may be used at once, and the CPU seconds used since the group began."""

    cores: float
    used_s: float


def memory_limit(root: Path = ROOT, membership: Path = MEMBERSHIP) -> MemoryLimit | None:
    """The lowest limit among the group and those that it lies in."""
    version_2 = [_memory(folder, "memory.max", "memory.current", "inactive_file") for folder in _folders(root, "", membership)]
    version_1 = [
        _memory(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        for folder in _folders(root, "memory", membership)
    ]
    return min((each for each in version_2 + version_1 if each), key=lambda each: each.limit_bytes, default=None)


def cpu_quota(root: Path = ROOT, membership: Path = MEMBERSHIP) -> CpuQuota | None:
    """The lowest quota among the group and those that it lies in."""
    version_2 = [_quota_2(folder) for folder in _folders(root, "", membership)]
    used = _folders(root, "cpuacct", membership)
    version_1 = [_quota_1(folder, used[0]) for folder in _folders(root, "cpu", membership)] if used else []
    return min((each for each in version_2 + version_1 if each), key=lambda each: each.cores, default=None)


def oom_kills(root: Path = ROOT, membership: Path = MEMBERSHIP, machine: Path = MACHINE) -> int:
    """How many processes the kernel has ended for want of memory: in this group, or in the machine where no group counts them."""
    version_2 = [folder / "memory.events" for folder in _folders(root, "", membership)]
    version_1 = [folder / "memory.oom_control" for folder in _folders(root, "memory", membership)]
    counted = next((file for file in version_1 + version_2 if file.exists()), machine)
    return _entry(counted, "oom_kill")


def _folders(root: Path, controller: str, membership: Path) -> list[Path]:
    """The group's folder and its parents, innermost first. In a container the path may name folders of the host: these are passed over."""
    for line in _lines(membership):
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            top = root / controller
            inner = top / path.strip("/")
            return [each for each in (inner, *inner.parents) if each.is_relative_to(top) and ".." not in each.parts and each.is_dir()]
    return []


def _memory(folder: Path, limit_file: str, used_file: str, droppable: str) -> MemoryLimit | None:
    limit, used = _number(folder / limit_file), _number(folder / used_file)
    if limit is None or used is None:
        return None
    return MemoryLimit(limit, max(used - _entry(folder / "memory.stat", droppable), 0))


def _quota_2(folder: Path) -> CpuQuota | None:
    words = " ".join(_lines(folder / "cpu.max")).split()
    if len(words) != 2 or not all(word.isdigit() for word in words):
        return None
    return CpuQuota(int(words[0]) / int(words[1]), _entry(folder / "cpu.stat", "usage_usec") / 1e6)


def _quota_1(folder: Path, accounting: Path) -> CpuQuota | None:
    quota, period, used = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us"), _number(accounting / "cpuacct.usage")
    if not quota or quota < 0 or not period or used is None:
        return None
    return CpuQuota(quota / period, used / 1e9)


def _number(file: Path) -> int | None:
    """The number in the file; None for "max" and where there is no such file."""
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None


def _entry(file: Path, name: str) -> int:
    """The number behind a name in a file of `name number` lines; 0 where it is not listed."""
    for line in _lines(file):
        key, _, number = line.partition(" ")
        if key == name:
            return int(number)
    return 0


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except OSError:
        return []
