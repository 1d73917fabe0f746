"""What was unusual: values far from those of the same hour of the week or of the day, or of the window where there is less past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
LEAST_S = 2 * HOUR_S
DAYS_FOR_HOURS_OF_DAY = 3
DAYS_FOR_HOURS_OF_WEEK = 14
LEAST_VALUES = 8
FAR = 6.0
"""So many robust standard deviations from the median."""
LEAST_SHARE = 0.1
"""And by so much of the median at least: what is nearly constant is not unusual for a hair's breadth."""
IN_A_ROW = 2
MOST_OUTSIDE = 0.1
"""Where more than this share of the window is outside, the level has changed, and that is no anomaly."""
MOST = 20
_ROBUST = 1.4826


@dataclass(frozen=True, slots=True)
class Span:
    """Epoch seconds; `value` is the one that was furthest out of `low` to `high`."""

    since: float
    until: float
    value: float
    low: float
    high: float


def find_anomalies(
    times: Sequence[float], values: Sequence[float | None], start: float, least: float = 0.0, offset_s: float = 0.0
) -> list[Span]:
    """Those that begin at `start` or later, oldest first, at most `MOST`; `least` is the smallest distance from the usual that matters,
    `offset_s` what local time is ahead of UTC. Empty where there is too little past."""
    at = np.array(times, dtype=np.float64)
    known = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    at, known = at[np.isfinite(known)], known[np.isfinite(known)]
    if len(at) < LEAST_VALUES or at[-1] - at[0] < LEAST_S:
        return []
    low, high = _usual(at, known, least, offset_s)
    outside = (known < low) | (known > high)
    if outside.mean() > MOST_OUTSIDE:
        return []
    spans = [_span(at, known, low, high, begin, end) for begin, end in _runs(outside) if end - begin >= IN_A_ROW and at[begin] >= start]
    furthest = sorted(spans, key=lambda span: max(span.low - span.value, span.value - span.high), reverse=True)[:MOST]
    return sorted(furthest, key=lambda span: span.since)


def _usual(at: Floats, known: Floats, least: float, offset_s: float) -> tuple[Floats, Floats]:
    days = (at[-1] - at[0]) / DAY_S
    hour = ((at + offset_s) // HOUR_S).astype(np.int64)
    place = hour % 168 if days >= DAYS_FOR_HOURS_OF_WEEK else hour % 24 if days >= DAYS_FOR_HOURS_OF_DAY else np.zeros_like(hour)
    low, high = np.full(len(at), -np.inf), np.full(len(at), np.inf)
    whole = _limits(known, least)
    for each in np.unique(place):
        here = place == each
        low[here], high[here] = _limits(known[here], least) if here.sum() >= LEAST_VALUES else whole
    return low, high


def _limits(values: Floats, least: float) -> tuple[float, float]:
    middle = float(np.median(values))
    spread = _ROBUST * float(np.median(np.abs(values - middle)))
    far = max(FAR * spread, LEAST_SHARE * abs(middle), least)
    return middle - far, middle + far


def _runs(is_so: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_so, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _span(at: Floats, known: Floats, low: Floats, high: Floats, begin: int, end: int) -> Span:
    distance = np.maximum(low[begin:end] - known[begin:end], known[begin:end] - high[begin:end])
    furthest = begin + int(distance.argmax())
    return Span(float(at[begin]), float(at[end - 1]), float(known[furthest]), float(low[furthest]), float(high[furthest]))
