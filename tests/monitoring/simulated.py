"""Series of known kinds, for what foresees and what is unusual; each seed gives another one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
KINDS = ("noise", "trend", "steps", "season", "bursts")

Floats = NDArray[np.float64]


def series(kind: str, seed: int, seconds: float, count: int) -> tuple[Floats, Floats]:
    """Times in seconds, and values with noise of standard deviation 1."""
    random = np.random.default_rng([seed, KINDS.index(kind)])
    at = np.arange(count) * seconds / count
    values = 50 + random.normal(0, 1, count)
    if kind == "trend":
        values += random.choice([-1, 1]) * random.uniform(0.02, 0.06) * np.arange(count)
    elif kind == "steps":
        for place in random.choice(np.arange(count // 10, count), random.integers(2, 6)):
            values[place:] += random.normal(0, 4)
    elif kind == "season":
        values += 10 * np.sin(2 * np.pi * at / DAY_S + random.uniform(0, 6))
    elif kind == "bursts":
        for place in np.flatnonzero(random.random(count) < 0.03):
            values[place : place + random.integers(1, 6)] += random.exponential(15)
    return at, values
