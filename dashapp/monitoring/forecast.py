"""What a metric will be, with a band that holds the truth four times out of five, and when it reaches a limit.

Three simple ways compete on the metric's own past: it stays as it is, it goes on as it went lately, it does what it did a day ago. The band
is made of what the winner was wrong by at each distance (a conformal band), and tested on a later part of the past than it is made from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# The values so far, and how many steps to foresee -> a value for each of them.
Method = Callable[[Floats, int], Floats]

STEPS = 240
"""The past is looked at in at most so many equal steps."""
LEAST_STEPS = 36
LEAST_S = 2.5 * 3600.0
HORIZON = 1 / 3
"""How far ahead, as a share of the past."""
ORIGINS = 48
FIRST_ORIGIN = 0.3
CALIBRATED = 0.6
"""The share of the origins that the band is made from; the later ones test it."""
# A little less than a tenth on each side, as what will come is a little further out than what has come.
OUTSIDE = 0.085
RECENT = 60
LEVEL = 5
DAY_S = 86400.0
BETTER = 0.9
"""Another way than "it stays" must be wrong by so much less."""
SURE = 2.5
"""A trend is one where its slope is so many times its own uncertainty."""


@dataclass(frozen=True, slots=True)
class Bands:
    """`at` are epoch seconds; `method` is "level", "trend" or "season"; `slope` is per second, and 0 unless it is beyond doubt. `coverage`
    is the share of the test's values that their bands held, None where there were too few."""

    at: Floats
    low: Floats
    middle: Floats
    high: Floats
    method: str
    slope: float
    coverage: float | None


def foresee(times: Sequence[float], values: Sequence[float | None], lowest: float = -np.inf, highest: float = np.inf) -> Bands | None:
    """From points in their order (None: not known); None where there is too little past for an honest forecast."""
    grid, known, step = _even(times, values)
    if known is None or len(known) < LEAST_STEPS or step * len(known) < LEAST_S:
        return None
    ahead = max(3, int(len(known) * HORIZON))
    methods = _methods(len(known), step)
    origins = np.unique(np.linspace(len(known) * FIRST_ORIGIN, len(known) - 2, ORIGINS).astype(int))
    wrong = {name: _wrong_by(method, known, origins, ahead) for name, method in methods.items()}
    cut = max(int(len(origins) * CALIBRATED), 1)
    name = _winner({each: errors[:cut] for each, errors in wrong.items()})
    low, high = _band(wrong[name][:cut])
    coverage = _coverage(wrong[name][cut:], low, high)
    low, high = _band(wrong[name])
    middle = methods[name](known, ahead)
    slope = _slope(known[-RECENT:]) / step if name == "trend" and _is_sure(known[-RECENT:]) else 0.0
    at = grid[-1] + step * np.arange(1, ahead + 1)
    return Bands(
        at,
        np.clip(middle + low, lowest, highest),
        np.clip(middle, lowest, highest),
        np.clip(middle + high, lowest, highest),
        name,
        slope,
        coverage,
    )


def _even(times: Sequence[float], values: Sequence[float | None]) -> tuple[Floats, Floats | None, float]:
    """Medians over equal steps, of which a day has a whole number; a step without a value takes that of the one before."""
    at = np.array(times, dtype=np.float64)
    found = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    at, found = at[np.isfinite(found)], found[np.isfinite(found)]
    if len(found) < LEAST_STEPS or at[-1] <= at[0]:
        return at, None, 0.0
    span = float(at[-1] - at[0])
    step = span / min(STEPS, len(found))
    if span >= 2 * DAY_S:
        step = DAY_S / max(int(DAY_S / step), 3)
    count = int(span / step)
    edges = at[-1] - step * np.arange(count, -1, -1)
    at, found = at[at >= edges[0]], found[at >= edges[0]]
    place = np.clip(np.searchsorted(edges, at, side="right") - 1, 0, count - 1)
    even = np.full(count, np.nan)
    for each in np.unique(place):
        even[each] = np.median(found[place == each])
    last = np.maximum.accumulate(np.where(np.isnan(even), 0, np.arange(count)))
    return edges[:-1] + step / 2, even[last], step


def _methods(count: int, step: float) -> dict[str, Method]:
    methods: dict[str, Method] = {"level": _level, "trend": _trend}
    period = round(DAY_S / step)
    if period >= 3 and count >= 2 * period:
        methods["season"] = lambda known, ahead: _season(known, ahead, period)
    return methods


def _level(known: Floats, ahead: int) -> Floats:
    return np.full(ahead, np.median(known[-LEVEL:]))


def _trend(known: Floats, ahead: int) -> Floats:
    recent = known[-RECENT:]
    slope = _slope(recent)
    rest = recent - slope * np.arange(len(recent))
    return np.asarray(np.median(rest[-LEVEL:]) + slope * (len(recent) - 1 + np.arange(1, ahead + 1)))


def _season(known: Floats, ahead: int, period: int) -> Floats:
    if len(known) < period:
        return _level(known, ahead)
    before = known[-period:]
    repeated = np.tile(before, ahead // period + 1)[:ahead]
    if len(known) < period + LEVEL:
        return repeated
    shift = np.median(known[-LEVEL:] - known[-LEVEL - period : -period])
    return np.asarray(repeated + shift * np.exp(-np.arange(1, ahead + 1) / period))


def _slope(values: Floats) -> float:
    """The median of the slopes between all pairs (Theil and Sen), per step."""
    left, right = np.triu_indices(len(values), 1)
    return float(np.median((values[right] - values[left]) / (right - left)))


def _is_sure(values: Floats) -> bool:
    """Whether the slope is beyond what the noise around it gives; what is alike from step to step counts as fewer values."""
    steps = np.arange(len(values)) - (len(values) - 1) / 2
    slope = _slope(values)
    rest = values - np.median(values) - slope * steps
    alike = float(np.clip(np.corrcoef(rest[:-1], rest[1:])[0, 1], 0.0, 0.99)) if rest.std() > 0 else 0.0
    spread = 1.4826 * float(np.median(np.abs(rest - np.median(rest)))) or float(rest.std())
    uncertain = spread / np.sqrt((steps**2).sum()) * np.sqrt((1 + alike) / (1 - alike))
    return bool(abs(slope) > SURE * uncertain)


def _wrong_by(method: Method, known: Floats, origins: NDArray[np.intp], ahead: int) -> Floats:
    """What came less what was foreseen, `[origins, ahead]`, NaN beyond the end."""
    wrong = np.full((len(origins), ahead), np.nan)
    for row, origin in enumerate(origins.tolist()):
        came = known[origin + 1 : origin + 1 + ahead]
        wrong[row, : len(came)] = came - method(known[: origin + 1], ahead)[: len(came)]
    return wrong


def _winner(wrong: dict[str, Floats]) -> str:
    size = {name: float(np.nanmean(np.abs(errors))) for name, errors in wrong.items()}
    best = min(size, key=lambda name: size[name])
    return best if size[best] < BETTER * size["level"] else "level"


def _band(wrong: Floats) -> tuple[Floats, Floats]:
    """By distance, what is added to the forecast below and above it; never narrower further away."""
    ahead = wrong.shape[1]
    low, high = np.zeros(ahead), np.zeros(ahead)
    width = max(1, ahead // 12)
    for at in range(ahead):
        near = wrong[:, max(0, at - width) : at + width + 1]
        near = near[np.isfinite(near)]
        if len(near):
            low[at], high[at] = np.quantile(near, [OUTSIDE, 1 - OUTSIDE])
        elif at:
            low[at], high[at] = low[at - 1], high[at - 1]
    return np.minimum(np.minimum.accumulate(low), 0.0), np.maximum(np.maximum.accumulate(high), 0.0)


def _coverage(wrong: Floats, low: Floats, high: Floats) -> float | None:
    known = np.isfinite(wrong)
    if known.sum() < LEAST_STEPS:
        return None
    return float((((wrong >= low) & (wrong <= high)) & known).sum() / known.sum())
