"""Read the machine: CPU, memory, storage and network."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil

from dashapp.monitoring import cgroup
from dashapp.monitoring.cgroup import CpuQuota
from dashapp.monitoring.sample import Sample

SHORTEST_S = 0.1
"""CPU time is counted in steps of 10 ms: over a shorter interval than this a percentage means nothing."""

QUOTA_SLACK = 105.0
"""A quota is enforced per 100 ms, so that an interval may hold a part more of it than its length: up to here it counts as 100 %."""


@dataclass(frozen=True, slots=True)
class Counters:
    """Counters that only grow. `busy_s` of the `total_s` of all cores; bytes by network interface, loopback left out."""

    at_s: float
    busy_s: float
    total_s: float
    quota: CpuQuota | None
    received: Mapping[str, int]
    sent: Mapping[str, int]


class Collector:
    """Reads the host that this process runs on; CPU and network are means since the previous `read()` or `prime()`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._before = read_counters()

    def prime(self) -> None:
        """Begin the interval of the next `read()` now."""
        self._before = read_counters()

    def read(self, at: datetime) -> Sample:
        before, after = self._before, read_counters()
        self._before = after
        seconds = after.at_s - before.at_s
        used, total = _memory()
        storage = _storage(self._home)
        return Sample(
            at,
            cpu_usage=cpu_usage(before, after),
            memory_usage=percentage(used, total),
            memory_used_bytes=used,
            memory_total_bytes=total,
            storage_usage=None if storage is None else percentage(storage[0], 100),
            storage_free_bytes=None if storage is None else storage[1],
            network_received_bytes_per_s=rate(before.received, after.received, seconds),
            network_sent_bytes_per_s=rate(before.sent, after.sent, seconds),
        )


def read_counters() -> Counters:
    times = psutil.cpu_times()
    # Linux counts the time of guests a second time, inside `user` and `nice`.
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    cards = {name: card for name, card in psutil.net_io_counters(pernic=True, nowrap=False).items() if name not in ("lo", "lo0")}
    return Counters(
        at_s=time.monotonic(),
        busy_s=total - times.idle - getattr(times, "iowait", 0.0),
        total_s=total,
        quota=cgroup.cpu_quota(),
        received={name: card.bytes_recv for name, card in cards.items()},
        sent={name: card.bytes_sent for name, card in cards.items()},
    )


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
    if not whole > 0:
        return None
    value = 100 * part / whole
    return round(value, 2) if 0 <= value <= highest else None


def _memory() -> tuple[int, int]:
    """Bytes used and bytes there are."""
    host, limit = psutil.virtual_memory(), cgroup.memory_limit()
    if limit is not None and limit.limit_bytes < host.total:
        return limit.used_bytes, limit.limit_bytes
    return host.total - host.available, host.total


def _storage(home: Path) -> tuple[float, int] | None:
    """Percent used and bytes free, for whoever runs this process, of the file system that the home lies on."""
    try:
        usage = psutil.disk_usage(str(home))
    except OSError:
        return None
    return usage.percent, usage.free
