"""When a level that falls will reach a limit: only where it falls beyond doubt, and with how sure that is.

The newest part of the history that falls steadily is cut into ten blocks. The differences of their medians tell the fall and its error
without a law for the noise: under flat noise and under a random walk they have mean 0, and a t-interval holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashapp.monitoring.forecast import Array, known_of

WINDOWS_S = (1200, 3600, 3 * 3600, 12 * 3600, 2 * 86400, 14 * 86400)
"""Pasts to be looked at, the newest first: the shortest that shows a fall tells it."""
LEAST_WINDOW_S = 300.0
BLOCKS = 10
LEAST_POINTS = 3 * BLOCKS
SURE = 4.297
"""Student's t with 9 degrees of freedom: 99.9 % on one side."""
FOUR_OF_FIVE = 1.383
"""The same: 80 % in the middle."""
NORMAL_FOUR_OF_FIVE = 1.282
TRUSTED = 12
"""A fall is followed at most so many times as far as it was seen."""
CLEARLY = 0.5
"""The line's error on the last third, as a part of that of "as it was at two thirds"."""


@dataclass(frozen=True, slots=True)
class Fall:
    """`per_s` is negative. `seconds` until the limit, between `earliest_s` and `latest_s` four times out of five (None: perhaps never);
    seen over `window_s`."""

    per_s: float
    seconds: float
    earliest_s: float
    latest_s: float | None
    window_s: float


def find_fall(times: Sequence[float], values: Sequence[float | None], end: float, limit: float = 0.0) -> Fall | None:
    """When `values` fall to `limit`; None where they do not fall beyond doubt through all of these times."""
    at, known = known_of(times, values, end)
    if known.size < LEAST_POINTS:
        return None
    first = float(at[0])
    window_s = end - first
    if window_s < LEAST_WINDOW_S or end - float(at[-1]) > window_s / BLOCKS:
        return None
    block_s = window_s / BLOCKS
    place = np.minimum(((at - first) / block_s).astype(np.int64), BLOCKS - 1)
    if np.unique(place).size < BLOCKS:
        return None
    blocks = np.array([np.median(known[place == block]) for block in range(BLOCKS)])
    steps = np.diff(blocks)
    mean, error = float(steps.mean()), float(steps.std(ddof=1)) / np.sqrt(steps.size)
    if mean >= 0 or mean + SURE * error >= 0 or not _still_falls(steps) or not _beats_the_last_value(at - first, known, window_s):
        return None
    return _reach(float(blocks[-1]) + mean / 2 - limit, mean, error, block_s, window_s)


def _still_falls(steps: Array) -> bool:
    """The newest steps are like the others: what has ended reaches nothing."""
    return bool(steps[-2:].mean() < 0.5 * steps[:-2].mean() and steps[-1] < 0)


def _beats_the_last_value(at: Array, values: Array, window_s: float) -> bool:
    early = at < 2 / 3 * window_s
    if early.sum() < BLOCKS or (~early).sum() < BLOCKS // 2:
        return False
    slope, level = np.polyfit(at[early], values[early], 1)
    later = values[~early]
    last = float(np.median(values[early][-5:]))
    by_line = np.abs(later - (level + slope * at[~early])).mean()
    return bool(by_line < CLEARLY * np.abs(later - last).mean())


def _reach(left: float, mean: float, error: float, block_s: float, window_s: float) -> Fall | None:
    """What is left by the fall a block; the error is that of the mean and that of the blocks to come."""
    if left <= 0:
        return Fall(mean / block_s, 0.0, 0.0, 0.0, window_s)
    blocks = left / -mean
    if blocks > TRUSTED * BLOCKS:
        return None
    spread = error * np.sqrt(BLOCKS - 1)
    doubt = float(np.hypot(FOUR_OF_FIVE * error, NORMAL_FOUR_OF_FIVE * spread / np.sqrt(max(blocks, 1.0))))
    slowest = -mean - doubt
    latest_s = left / slowest * block_s if slowest > 0 else None
    return Fall(mean / block_s, blocks * block_s, left / (-mean + doubt) * block_s, latest_s, window_s)
