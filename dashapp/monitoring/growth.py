"""How fast the disk fills, from its history: looked at every ten minutes, as it takes longer than the probe that tells it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from dashapp.monitoring.forecast import known_of
from dashapp.monitoring.history import Point

METRIC = "storage_free_bytes"
PAST_S = 7 * 86400.0
LEAST_S = 3600.0
EVERY_S = 600.0
BLOCKS = 12


class Reader(Protocol):
    """Gives the points of a metric between two times, oldest first."""

    def points(self, metric: str, start: float, end: float, most: int = 500) -> Sequence[Point]: ...


class StorageGrowth:
    """Bytes a day over the last seven days, or as many as there are; None with less than an hour. Safe from many threads."""

    def __init__(self, history: Reader) -> None:
        self._history = history
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._per_day: float | None = None

    def __call__(self, now: float) -> float | None:
        with self._lock:
            if not 0 <= now - self._looked_at < EVERY_S:
                self._per_day, self._looked_at = self._measure(now), now
            return self._per_day

    def _measure(self, now: float) -> float | None:
        points = self._history.points(METRIC, now - PAST_S, now, 336)
        at, free = known_of([each.at for each in points], [each.mean for each in points], now)
        if at.size and at[-1] - at[0] < PAST_S / 7:  # young: the parts above would be too coarse
            points = self._history.points(METRIC, float(at[0]) - PAST_S / 336, now, 336)
            at, free = known_of([each.at for each in points], [each.mean for each in points], now)
        if at.size < BLOCKS or at[-1] - at[0] < LEAST_S:
            return None
        blocks = [np.median(part) for part in np.array_split(free, BLOCKS)]
        middles = np.array([np.median(part) for part in np.array_split(at, BLOCKS)])
        one, other = np.triu_indices(BLOCKS, 1)
        slopes = np.diff(np.array([np.array(blocks)[one], np.array(blocks)[other]]), axis=0)[0] / (middles[other] - middles[one])
        return -86400 * float(np.median(slopes)) or 0.0
