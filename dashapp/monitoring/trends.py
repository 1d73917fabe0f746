"""How a metric went over an hour, a day, a week or a month."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from dashapp.database.times import iso
from dashapp.errors import InvalidRequest
from dashapp.monitoring.sample import UNITS
from dashapp.monitoring.store import Samples

TIMEFRAMES_S: Mapping[str, int] = {"1h": 3600, "24h": 86400, "7d": 7 * 86400, "30d": 30 * 86400}
"""The names of the timeframes, with their seconds."""


def get_trends(samples: Samples, metric: str, timeframe: str, now: float | None = None) -> list[dict[str, Any]]:
    """At most 500 `{at, value}`, oldest first, JSON-ready, up to `now` (epoch seconds; default: this moment). A `value` of None is a gap or
    a time at which the metric was not known. Raises `InvalidRequest`."""
    if metric not in UNITS:
        raise InvalidRequest(f"There is no trend of {metric!r}; choose one of {', '.join(UNITS)}.", got=metric, expected=list(UNITS))
    if timeframe not in TIMEFRAMES_S:
        known = list(TIMEFRAMES_S)
        raise InvalidRequest(f"There is no timeframe {timeframe!r}; choose one of {', '.join(known)}.", got=timeframe, expected=known)
    end = time.time() if now is None else now
    return [{"at": iso(point.at), "value": point.value} for point in samples.trend(metric, end - TIMEFRAMES_S[timeframe], end)]
