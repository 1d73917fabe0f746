"""What a metric will do next: several simple methods, the one that was best on the past, and a band as wide as its errors were.

Each method is asked at every earlier moment for what has happened since (a rolling origin). The one with the smallest mean error is
taken, and the band is made of the quantiles of its errors at each distance: split-conformal prediction for a series, see Hyndman and
Athanasopoulos, Forecasting: Principles and Practice, 5.5 and 5.10. How often such bands hold is measured on a later part of the past than
the errors come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.int64]

LADDER_S = (5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
"""Widths of the steps; each is a part of an hour, so that a day is a whole number of them."""
MOST_STEPS = 336
LEAST_S = 900.0
LEAST_KNOWN = 40
LONGEST_S = 86400.0
SHARE_AHEAD = 6
"""A history foresees a part of its own length: less far than it is long, or there would be too few errors to learn from."""
DISTANCES = 24
DAY_S, WEEK_S = 86400, 7 * 86400
STALE_SHARE, STALE_S = 0.1, 60.0
"""With no figure in so large a part at its end, a history says nothing about what comes next."""
BLOCKS = 10
OUTSIDE = 0.1
"""The share of the truth above the band, and below it."""
CALIBRATED = 0.65
SIMPLER = 0.95
"""What is less simple must be better by this factor."""
LEAST_ERRORS, LEAST_TESTS = 20, 40
DOUBT = 0.6
"""Errors of forecasts that overlap are alike. At a distance that fits k times into the past the band is widened by this part of 1 / k."""


@dataclass(frozen=True, slots=True)
class Series:
    """Means over equal steps that end at `end`; NaN where nothing was known."""

    end: float
    step_s: float
    values: Array


@dataclass(frozen=True, slots=True)
class Bands:
    """`at` are epoch seconds. `coverage` is the share of later values that such bands held, None where there were too few."""

    at: Array
    low: Array
    middle: Array
    high: Array
    method: str
    coverage: float | None


def waits_s(times: Sequence[float], values: Sequence[float | None], end: float) -> float | None:
    """How long it takes until there is enough past for a forecast; 0 where there is, None where nothing is known lately."""
    return _waits_s(*known_of(times, values, end), end)


def foresee(
    times: Sequence[float],
    values: Sequence[float | None],
    end: float | None = None,
    lowest: float = -np.inf,
    highest: float = np.inf,
) -> Bands | None:
    """From points in their order (None: not known) for the next sixth of the length of the past, at most a day; None where there is too
    little past. `end` is now, by default the last time; `lowest` and `highest` bound what is possible."""
    end = (max(times) if len(times) else 0.0) if end is None else end
    at, known = known_of(times, values, end)
    if _waits_s(at, known, end) != 0:
        return None
    series = regular(at, known, end)
    filled, ahead = _filled(series.values), _distances(series)
    origins = np.arange(_first_origin(series), filled.size)
    said = _said(filled, origins, ahead, series.step_s)
    errors = {name: _errors(series.values, origins, ahead, each) for name, each in said.items()}
    method = _best(errors)
    low, high = _band(errors[method], ahead)
    middle = said[method][-1]
    low, high = np.clip(middle + low, lowest, highest), np.clip(middle + high, lowest, highest)
    coverage = _coverage(errors, origins, ahead, filled.size)
    return Bands((end + ahead * series.step_s).astype(np.float64), low, np.clip(middle, low, high), high, method, coverage)


def known_of(times: Sequence[float], values: Sequence[float | None], end: float) -> tuple[Array, Array]:
    """The times and values up to `end` that are known."""
    at = np.array(times, dtype=np.float64)
    found = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    is_known = np.isfinite(found) & (at <= end)
    return at[is_known], found[is_known]


def _waits_s(at: Array, known: Array, end: float) -> float | None:
    if not known.size:
        return None
    span_s = end - float(at[0])
    if end - float(at[-1]) > max(STALE_SHARE * span_s, STALE_S):
        return None
    return max(LEAST_S - span_s, (LEAST_KNOWN - known.size) * span_s / known.size, 0.0)


def regular(at: Array, known: Array, end: float) -> Series:
    """Means over steps of the smallest width of the ladder that gives at most `MOST_STEPS`, from the first known value on."""
    span_s = end - float(at[0])
    spacing_s = float(np.median(np.diff(at)))
    step_s = next((step for step in LADDER_S if span_s / step <= MOST_STEPS and step >= 0.9 * spacing_s), span_s / MOST_STEPS)
    count = max(int(span_s / step_s), 1)
    place = count - 1 - np.floor((end - at) / step_s).astype(np.int64)
    inside = place >= 0
    sums = np.bincount(place[inside], weights=known[inside], minlength=count)
    counts = np.bincount(place[inside], minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Series(end, float(step_s), sums / counts)


def _distances(series: Series) -> Places:
    """Up to 24 numbers of steps ahead, equally far apart."""
    span_s = series.values.size * series.step_s
    longest = max(int(min(span_s / SHARE_AHEAD, LONGEST_S) / series.step_s), 1)
    return np.unique(np.round(np.linspace(longest / DISTANCES, longest, DISTANCES)).clip(1).astype(np.int64))


def _filled(values: Array) -> Array:
    """Gaps hold the value before them, the first one the value after it."""
    known = np.flatnonzero(np.isfinite(values))
    place = np.searchsorted(known, np.arange(values.size), side="right") - 1
    found: Array = values[known[place.clip(0)]]
    return found


def _first_origin(series: Series) -> int:
    count = series.values.size
    return max(count // 4, *(period for period in _periods(series.step_s, count)), 1)


def _periods(step_s: float, count: int) -> list[int]:
    """A day and a week in steps, those that the history holds at least twice."""
    return [round(length / step_s) for length in (DAY_S, WEEK_S) if 2 * round(length / step_s) <= count]


def _said(y: Array, origins: Places, ahead: Places, step_s: float) -> Mapping[str, Array]:
    """What each method says at each origin for each distance, the simplest first."""
    count, columns = y.size, np.ones(ahead.size)
    found = {
        "last value": y[origins][:, None] * columns,
        "recent level": _moving(y, max(count // 20, 3), np.median)[origins][:, None] * columns,
        "wide level": _moving(y, max(count // 6, 3), np.median)[origins][:, None] * columns,
        "recent trend": _trend(y, origins, ahead, max(count // 10, BLOCKS)),
        "wide trend": _trend(y, origins, ahead, max(count // 4, BLOCKS)),
    }
    recent = max(count // 40, 1)
    for period in _periods(step_s, count):
        usual = _usual(y, period, int(ahead[-1]))
        off = _moving(y - usual[:count], recent, np.mean)[origins][:, None]
        then = usual[origins[:, None] + ahead]
        name = "day" if round(period * step_s) == DAY_S else "week"
        found |= {f"same time of the {name}": then, f"time of the {name}, moved": then + off}
    return found


def _moving(y: Array, width: int, of: Callable[..., Array]) -> Array:
    """A figure `of` the last `width` values, at each place."""
    padded = np.concatenate([np.full(width - 1, y[0]), y])
    found: Array = of(sliding_window_view(padded, width), axis=1)
    return found


def _trend(y: Array, origins: Places, ahead: Places, width: int) -> Array:
    """Theil and Sen's line through the medians of ten blocks of the last `width` values."""
    size = width // BLOCKS
    padded = np.concatenate([np.full(size * BLOCKS - 1, y[0]), y])
    blocks = np.median(sliding_window_view(padded, size * BLOCKS)[origins].reshape(origins.size, BLOCKS, size), axis=2)
    at = np.arange(BLOCKS) * size - (size * BLOCKS - 1) + (size - 1) / 2  # 0 is the last value
    one, other = np.triu_indices(BLOCKS, 1)
    slopes = np.median((blocks[:, other] - blocks[:, one]) / (at[other] - at[one]), axis=1)[:, None]
    level = np.median(blocks - slopes * at, axis=1)[:, None]
    found: Array = level + slopes * ahead
    return found


def _usual(y: Array, period: int, beyond: int) -> Array:
    """The mean of what was one, two, ... periods ago, for each place and `beyond` the end; the value itself in the first period."""
    count = y.size + beyond
    sums, counts = np.zeros(count), np.zeros(count)
    for back in range(period, min(y.size, 7 * period) + 1, period):
        end = min(y.size + back, count)
        sums[back:end] += y[: end - back]
        counts[back:end] += 1
    usual = np.divide(sums, counts, out=np.zeros(count), where=counts > 0)
    usual[:period] = y[:period]
    return usual


def _errors(truth: Array, origins: Places, ahead: Places, said: Array) -> Array:
    """Truth minus forecast by origin and distance; NaN where the truth is not known, or not yet."""
    place = origins[:, None] + ahead
    happened = place < truth.size
    found: Array = np.where(happened, truth[np.where(happened, place, 0)] - said, np.nan)
    return found


def _best(errors: Mapping[str, Array]) -> str:
    """The first with the smallest mean error, unless a simpler one is about as good."""
    best, least = next(iter(errors)), np.inf
    for name, each in errors.items():
        known = np.abs(each[np.isfinite(each)])
        mean = float(known.mean()) if known.size else np.inf
        if mean < SIMPLER * least:
            best, least = name, mean
    return best


def _band(errors: Array, ahead: Places) -> tuple[Array, Array]:
    """The quantiles of the errors at each distance, with those of its neighbours; the band never gets narrower with the distance."""
    count = errors.shape[1]
    low, high = np.zeros(count), np.zeros(count)
    for j in range(count):
        near = errors[:, max(j - 1, 0) : j + 2]
        known = near[np.isfinite(near)]
        if known.size:
            low[j], high[j] = np.quantile(known, (OUTSIDE, 1 - OUTSIDE))
        elif j:
            low[j], high[j] = low[j - 1], high[j - 1]
    widened = 1 + DOUBT * ahead / max(np.isfinite(errors).any(axis=1).sum(), 1)
    middle = (low + high) / 2
    return -_rising(-(middle + (low - middle) * widened)), _rising(middle + (high - middle) * widened)


def _rising(values: Array) -> Array:
    """The nearest sequence that never falls (isotonic regression, pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for value in values:
        mean, size = float(value), 1
        while pools and pools[-1][0] > mean:
            before, count = pools.pop()
            mean, size = (mean * size + before * count) / (size + count), size + count
        pools.append((mean, size))
    return np.repeat([mean for mean, _ in pools], [size for _, size in pools])


def _coverage(errors: Mapping[str, Array], origins: Places, ahead: Places, count: int) -> float | None:
    """Choose and calibrate on the earlier part of the errors, count how many of the later ones lie in the band."""
    split = origins[0] + CALIBRATED * (count - origins[0])
    is_earlier = (origins[:, None] + ahead) < split
    earlier = {name: np.where(is_earlier, each, np.nan) for name, each in errors.items()}
    method = _best(earlier)
    later = errors[method][origins >= split]
    if np.isfinite(earlier[method]).any(axis=1).sum() < LEAST_ERRORS or np.isfinite(later).sum() < LEAST_TESTS:
        return None
    low, high = _band(earlier[method], ahead)
    known = np.isfinite(later)
    return float(((later >= low) & (later <= high))[known].mean())
