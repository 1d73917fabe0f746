"""How a metric went over an hour, a day, a week, a month, a quarter, a year or two."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dashapp.database.times import iso
from dashapp.errors import InvalidRequest
from dashapp.monitoring.history import History
from dashapp.monitoring.sample import UNITS

DAY_S = 86400
TIMEFRAMES_S: Mapping[str, int] = {
    "1h": 3600,
    "24h": DAY_S,
    "7d": 7 * DAY_S,
    "30d": 30 * DAY_S,
    "90d": 90 * DAY_S,
    "1y": 365 * DAY_S,
    "2y": 730 * DAY_S,
}
"""The names of the timeframes, with their seconds."""

MOST_POINTS = 500


def get_trends(history: History, metric: str, timeframe: str, now: float | None = None) -> list[dict[str, Any]]:
    """At most 500 `{at, value, low, high}`, oldest first, JSON-ready, up to `now` (epoch seconds; default: this moment). `value` is the
    mean of a part of the time (of percentiles: that of all of its requests). None is a gap or a time at which the metric was not known.
    Raises `InvalidRequest`."""
    if metric not in UNITS:
        raise InvalidRequest(f"There is no trend of {metric!r}; choose one of {', '.join(UNITS)}.", got=metric, expected=list(UNITS))
    end = time.time() if now is None else now
    points = history.points(metric, end - seconds_of(timeframe), end, MOST_POINTS)
    return [{"at": iso(datetime.fromtimestamp(each.at, UTC)), "value": each.mean, "low": each.low, "high": each.high} for each in points]


def seconds_of(timeframe: str) -> int:
    """Raises `InvalidRequest`."""
    if timeframe not in TIMEFRAMES_S:
        known = list(TIMEFRAMES_S)
        raise InvalidRequest(f"There is no timeframe {timeframe!r}; choose one of {', '.join(known)}.", got=timeframe, expected=known)
    return TIMEFRAMES_S[timeframe]
