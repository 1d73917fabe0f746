"""Read the machine: CPU, memory, swap, storage, network, disks, load and temperatures."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from dashapp.monitoring import cgroup
from dashapp.monitoring.cgroup import CpuQuota
from dashapp.monitoring.sample import Sample, is_possible

SHORTEST_S = 0.1
"""CPU time is counted in steps of 10 ms: over a shorter interval than this a percentage means nothing."""

QUOTA_SLACK = 105.0
"""A quota is enforced per 100 ms, so that an interval may hold a part more of it than its length: up to here it counts as 100 %."""


NO_DISKS = ("loop", "ram", "zram", "dm-", "md", "sr")
"""Devices that lie in memory, or on disks that are counted themselves."""

BLOCK_DEVICES = Path("/sys/block")


@dataclass(frozen=True, slots=True)
class CoreTimes:
    busy_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Counters:
    """Counters that only grow. `busy_s` of the `total_s` of all cores; bytes by network interface, loopback left out, and by disk."""

    at_s: float
    busy_s: float
    total_s: float
    quota: CpuQuota | None
    received: Mapping[str, int]
    sent: Mapping[str, int]
    cores: tuple[CoreTimes, ...] = ()
    disk_read: Mapping[str, int] = field(default_factory=dict)
    disk_written: Mapping[str, int] = field(default_factory=dict)


class Collector:
    """Reads the host that this process runs on; rates, CPU and network are means since the previous `read()` or `prime()`. `cores` are the
    percentages of the last read, core by core."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._has_sensors = bool(_temperatures())
        self._before = read_counters()
        self.cores: tuple[float | None, ...] = ()

    def prime(self) -> None:
        """Begin the interval of the next `read()` now."""
        self._before = read_counters()

    def read(self, at: datetime) -> Sample:
        before, after = self._before, read_counters()
        self._before = after
        self.cores = core_usage(before, after)
        seconds = after.at_s - before.at_s
        used, total = _memory()
        storage = _storage(self._home)
        return Sample(
            at,
            cpu_usage=cpu_usage(before, after),
            memory_usage=percentage(used, total),
            memory_used_bytes=used,
            memory_total_bytes=total,
            swap_usage=_swap(),
            storage_usage=None if storage is None else percentage(storage[0], 100),
            storage_free_bytes=None if storage is None else storage[1],
            network_received_bytes_per_s=rate(before.received, after.received, seconds),
            network_sent_bytes_per_s=rate(before.sent, after.sent, seconds),
            disk_read_bytes_per_s=rate(before.disk_read, after.disk_read, seconds),
            disk_written_bytes_per_s=rate(before.disk_written, after.disk_written, seconds),
            load_average=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
            temperature_celsius=max(_temperatures(), default=None) if self._has_sensors else None,
        ).without_impossible()


def read_counters() -> Counters:
    cores = tuple(_times(each) for each in psutil.cpu_times(percpu=True))
    cards = {name: card for name, card in psutil.net_io_counters(pernic=True, nowrap=False).items() if name not in ("lo", "lo0")}
    disks = _disks()
    return Counters(
        at_s=time.monotonic(),
        busy_s=sum(core.busy_s for core in cores),
        total_s=sum(core.total_s for core in cores),
        quota=cgroup.cpu_quota(),
        received={name: card.bytes_recv for name, card in cards.items()},
        sent={name: card.bytes_sent for name, card in cards.items()},
        cores=cores,
        disk_read={name: disk.read_bytes for name, disk in disks.items()},
        disk_written={name: disk.write_bytes for name, disk in disks.items()},
    )


def _times(times: Any) -> CoreTimes:
    # Linux counts the time of guests a second time, inside `user` and `nice`.
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return CoreTimes(total - times.idle - getattr(times, "iowait", 0.0), total)


def _disks() -> dict[str, Any]:
    """Whole disks, whose bytes are nobody else's."""
    try:
        found = psutil.disk_io_counters(perdisk=True, nowrap=False) or {}
    except (OSError, NotImplementedError, RuntimeError):  # a container may not be told
        return {}
    whole = {each.name for each in BLOCK_DEVICES.iterdir()} if BLOCK_DEVICES.is_dir() else set(found)
    return {name: disk for name, disk in found.items() if name in whole and not name.startswith(NO_DISKS)}


def core_usage(before: Counters, after: Counters) -> tuple[float | None, ...]:
    """Percent of each core; nothing where their number has changed."""
    if len(before.cores) != len(after.cores) or after.at_s - before.at_s < SHORTEST_S:
        return ()
    pairs = zip(before.cores, after.cores, strict=True)
    return tuple(percentage(now.busy_s - was.busy_s, now.total_s - was.total_s) for was, now in pairs)


def cpu_usage(before: Counters, after: Counters) -> float | None:
    """Percent of the quota where there is one below the host's cores, of all cores otherwise."""
    seconds = after.at_s - before.at_s
    if seconds < SHORTEST_S:
        return None
    if before.quota and after.quota and after.quota.cores < (psutil.cpu_count() or math.inf):
        used = percentage(after.quota.used_s - before.quota.used_s, after.quota.cores * seconds, highest=QUOTA_SLACK)
        return None if used is None else min(used, 100.0)
    return percentage(after.busy_s - before.busy_s, after.total_s - before.total_s)


def rate(before: Mapping[str, int], after: Mapping[str, int], seconds: float) -> float | None:
    """Bytes per second over the interfaces that were there both times; None after a counter fell back, or with no interface."""
    grown = [after[name] - before[name] for name in before if name in after]
    if not grown or min(grown) < 0 or seconds < SHORTEST_S:
        return None
    return round(sum(grown) / seconds, 1)


def percentage(part: float, whole: float, highest: float = 100.0) -> float | None:
    """`part` of `whole` in percent; None where that is impossible: below 0, above `highest`, not a number."""
    if not 0 < whole < math.inf:
        return None
    value = 100 * part / whole
    return round(value, 2) if 0 <= value <= highest else None


def _memory() -> tuple[int, int]:
    """Bytes used and bytes there are."""
    host, limit = psutil.virtual_memory(), cgroup.memory_limit()
    if limit is not None and limit.limit_bytes < host.total:
        return limit.used_bytes, limit.limit_bytes
    return host.total - host.available, host.total


def _swap() -> float | None:
    """Percent; None where there is none."""
    with contextlib.suppress(OSError, RuntimeError):
        swap = psutil.swap_memory()
        return percentage(swap.used, swap.total)
    return None


def _temperatures() -> list[float]:
    """Of all sensors that say something possible."""
    try:
        groups = psutil.sensors_temperatures() if hasattr(psutil, "sensors_temperatures") else {}
    except (OSError, ValueError):
        return []
    return [each.current for sensors in groups.values() for each in sensors if is_possible("temperature_celsius", each.current)]


def _storage(home: Path) -> tuple[float, int] | None:
    """Percent used and bytes free, for whoever runs this process, of the file system that the home lies on."""
    try:
        usage = psutil.disk_usage(str(home))
    except OSError:
        return None
    return usage.percent, usage.free
