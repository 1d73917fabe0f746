"""Series of known kinds, for what foresees and what is unusual; each seed gives another one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashapp.monitoring.forecast import LADDER_S, MOST_STEPS, foresee

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
KINDS = ("noise", "trend", "steps", "season", "bursts")
LENGTHS_S = tuple(hours * HOUR_S for hours in (3, 6, 12, 24, 48, 96, 168, 336))
POINTS = 500

Floats = NDArray[np.float64]


def series(kind: str, seed: int, seconds: float, count: int = POINTS, beyond: int = 0) -> tuple[Floats, Floats]:
    """Times in seconds up to `seconds` in `count` parts, and so many parts `beyond`; every other seed has noise that is alike from one
    part to the next."""
    random = np.random.default_rng([seed, KINDS.index(kind), int(seconds)])
    at = np.arange(1, count + beyond + 1) * seconds / count
    spread = random.uniform(0.3, 3)
    values = random.uniform(20, 60) + _noise(random, spread, at.size, 0.7 if seed % 2 else 0.0)
    if kind == "trend":
        values += random.uniform(-30, 30) * at / seconds
    elif kind == "steps":
        for place in random.uniform(0, at[-1], random.poisson(8 * at.size / count)):
            values[at > place] += random.normal(0, 6)
    elif kind == "season":
        values += random.uniform(5, 20) * np.sin(2 * np.pi * (at / DAY_S + random.random()))
    elif kind == "bursts":
        for place in random.uniform(0, at[-1], random.poisson(12 * at.size / count)):
            values[(at > place) & (at < place + random.exponential(6) * seconds / count)] += random.exponential(20)
    return at, values


def held(kind: str, seed: int, seconds: float) -> tuple[float, float | None]:
    """The share of what came, over the forecast's steps, that its bands held; and the share that was told."""
    at, values = series(kind, seed, seconds, beyond=POINTS // 5)
    is_past = at <= seconds
    bands = foresee(at[is_past].tolist(), values[is_past].tolist(), seconds)
    assert bands is not None
    step_s = next(step for step in LADDER_S if seconds / step <= MOST_STEPS)
    came = [values[(at > end - step_s) & (at <= end)] for end in bands.at]
    inside = [low <= part.mean() <= high for part, low, high in zip(came, bands.low, bands.high, strict=True) if part.size]
    return float(np.mean(inside)), bands.coverage


def _noise(random: np.random.Generator, spread: float, count: int, alike: float) -> Floats:
    fresh = random.normal(0, spread, count)
    noise = fresh.copy()
    for place in range(1, count):
        noise[place] = alike * noise[place - 1] + np.sqrt(1 - alike**2) * fresh[place]
    return noise
