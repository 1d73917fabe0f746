"""What was unusual: values far from those of the same hour of the week or of the day, or of the window where there is less past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashapp.monitoring.forecast import known_of

Floats = NDArray[np.float64]

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
LEAST_S = 2 * HOUR_S
DAYS_FOR_HOURS_OF_DAY = 3
DAYS_FOR_HOURS_OF_WEEK = 14
LEAST_VALUES, LEAST_OF_HOUR = 8, 2
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


@dataclass(frozen=True, slots=True)
class Usual:
    """The limits of what is usual, by the hour of the week (168 of them), of the day (24), or for all times (1)."""

    low: Floats
    high: Floats
    offset_s: float

    def limits(self, at: Floats) -> tuple[Floats, Floats]:
        place = _hours(at, self.offset_s) % len(self.low)
        return self.low[place], self.high[place]


def usual_of(times: Sequence[float], values: Sequence[float | None], least: float = 0.0, offset_s: float = 0.0) -> Usual | None:
    """From points in their order (None: not known): by the hour of the week from two weeks on, by the hour of the day from three days on;
    None with too little past, and where the level has changed for good. `least` is the smallest distance from the usual that matters,
    `offset_s` what local time is ahead of UTC."""
    at, known = known_of(times, values, np.inf)
    if len(at) < LEAST_VALUES or at[-1] - at[0] < LEAST_S:
        return None
    days = (at[-1] - at[0]) / DAY_S
    count = 168 if days >= DAYS_FOR_HOURS_OF_WEEK else 24 if days >= DAYS_FOR_HOURS_OF_DAY else 1
    hour = _hours(at, offset_s)
    middle = _middles(known, hour % count, count)
    off = known - middle[hour % count]
    of_day = hour % min(count, 24)
    below, above = (np.array([_far(side[_is_near(of_day, each % 24, min(count, 24))]) for each in range(count)]) for side in (-off, off))
    reach = np.maximum(LEAST_SHARE * np.abs(middle), least)
    usual = Usual(middle - np.maximum(below, reach), middle + np.maximum(above, reach), offset_s)
    low, high = usual.limits(at)
    return usual if ((known < low) | (known > high)).mean() <= MOST_OUTSIDE else None


def find_anomalies(times: Sequence[float], values: Sequence[float | None], start: float, usuals: Sequence[Usual]) -> list[Span]:
    """Those that last until `start` or longer, oldest first, at most `MOST`: outside of each of `usuals` twice in a row. The limits told
    are those of the first."""
    at, known = known_of(times, values, np.inf)
    if not len(at) or not usuals:
        return []
    limits = [each.limits(at) for each in usuals]
    outside = np.sign(known - limits[0][1]).clip(0) - np.sign(limits[0][0] - known).clip(0)
    for low, high in limits[1:]:
        outside = np.where((known < low) | (known > high), outside, 0.0)
    runs = [run for side in (-1, 1) for run in _runs(outside == side)]
    spans = [_span(at, known, *limits[0], begin, end) for begin, end in runs if end - begin >= IN_A_ROW and at[end - 1] >= start]
    return most_unusual(spans)


def most_unusual(spans: Iterable[Span]) -> list[Span]:
    """At most `MOST`, those that were furthest out, oldest first; of two that overlap only the first."""
    apart: list[Span] = []
    for span in spans:
        if not any(span.since <= each.until and each.since <= span.until for each in apart):
            apart.append(span)
    furthest = sorted(apart, key=lambda span: max(span.low - span.value, span.value - span.high), reverse=True)[:MOST]
    return sorted(furthest, key=lambda span: span.since)


def _hours(at: Floats, offset_s: float) -> NDArray[np.int64]:
    return ((at + offset_s) // HOUR_S).astype(np.int64)


def _middles(known: Floats, place: NDArray[np.int64], count: int) -> Floats:
    """The median of each hour; that of all where an hour has too few values."""
    whole = float(np.median(known))
    return np.array([float(np.median(here)) if len(here := known[place == each]) >= LEAST_OF_HOUR else whole for each in range(count)])


def _is_near(hour: NDArray[np.int64], each: int, count: int) -> NDArray[np.bool_]:
    """That hour of the day and those beside it, on all days: what is noisy at noon is so each noon."""
    distance = np.abs(hour - each)
    found: NDArray[np.bool_] = np.minimum(distance, count - distance) <= 1
    return found


def _far(off: Floats) -> float:
    """On one side, as durations reach further up than down."""
    side = off[off >= 0]
    return FAR * _ROBUST * float(np.median(side)) if len(side) else 0.0


def _runs(is_so: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_so, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _span(at: Floats, known: Floats, low: Floats, high: Floats, begin: int, end: int) -> Span:
    distance = np.maximum(low[begin:end] - known[begin:end], known[begin:end] - high[begin:end])
    furthest = begin + int(distance.argmax())
    return Span(float(at[begin]), float(at[end - 1]), float(known[furthest]), float(low[furthest]), float(high[furthest]))
