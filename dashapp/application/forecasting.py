"""The forecasts of the metrics that can go wrong, in words, from the history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dashapp.application.history import history_of
from dashapp.application.services import Services
from dashapp.monitoring.forecast import LEAST_S, Bands, foresee, waits_s
from dashapp.monitoring.health import size_in_words, time_in_words
from dashapp.monitoring.history import History, Point
from dashapp.monitoring.reach import WINDOWS_S, Fall, find_fall
from dashapp.monitoring.sample import UNITS
from dashapp.monitoring.told import Forecast, ForecastPoint, Reach

PAST_S = 14 * 86400.0
FINE_S = 10 * 86400.0
"""Below this length the past is asked for a second time, in finer parts."""
DISK = "storage_free_bytes"
FORESEEN = {
    DISK: "Free disk space",
    "memory_used_bytes": "Memory in use",
    "api_response_time_p95": "The response time (95 % of requests)",
    "error_rate": "The error rate",
    "model_predictions_per_minute": "Predictions a minute",
}
SMALL_SHARE = 0.02
"""A change by less than this part, or by less than the band is wide, is no change in words."""


@dataclass(frozen=True, slots=True)
class Past:
    """Points of the history in their order; None is not known."""

    times: Sequence[float]
    values: Sequence[float | None]

    @classmethod
    def of(cls, points: Sequence[Point]) -> Past:
        return cls([each.at for each in points], [each.mean for each in points])


def forecasts_of(services: Services, now: float) -> tuple[Forecast, ...]:
    """Of each of `FORESEEN`."""
    history, memory = history_of(services), _memory_bytes(services)
    highest = {"error_rate": 100.0, "memory_used_bytes": memory}
    return tuple(_forecast(history, metric, now, highest.get(metric, float("inf"))) for metric in FORESEEN)


def _forecast(history: History, metric: str, now: float, highest: float) -> Forecast:
    past = _past(history, metric, now)
    bands = foresee(past.times, past.values, now, 0.0, highest)
    reach = _reach(history, now) if metric == DISK else None
    if bands is None:
        return Forecast(metric, UNITS[metric], (), None, _waiting(metric, waits_s(past.times, past.values, now)), reach)
    rows = zip(bands.at.tolist(), bands.low.tolist(), bands.middle.tolist(), bands.high.tolist(), strict=True)
    points = tuple(ForecastPoint(_at(at), low, middle, high) for at, low, middle, high in rows)
    words = reach.words if reach is not None else _course(metric, bands, now)
    return Forecast(metric, UNITS[metric], points, bands.coverage, words, reach)


def _past(history: History, metric: str, now: float) -> Past:
    """Up to fourteen days, in as fine parts as its length allows."""
    points = history.points(metric, now - PAST_S, now)
    first = next((each.at for each in points if each.mean is not None), None)
    if first is None or now - first >= FINE_S:
        return Past.of(points)
    parts_s = PAST_S / 500
    return Past.of(history.points(metric, first - parts_s, now))


def _waiting(metric: str, seconds: float | None) -> str:
    words = f"{FORESEEN[metric]}: too little past for a forecast"
    if seconds is None:
        return f"{words}; it needs {time_in_words(LEAST_S)} of figures, and there are none now."
    return f"{words}; there will be one in {time_in_words(max(seconds, 60))}."


def _course(metric: str, bands: Bands, now: float) -> str:
    """Where it goes within the forecast, with the band at its end."""
    first, last = float(bands.middle[0]), float(bands.middle[-1])
    low, high = float(bands.low[-1]), float(bands.high[-1])
    change = last - first
    is_steady = abs(change) <= SMALL_SHARE * abs(first) or abs(change) < (high - low) / 2
    goes = "stays near" if is_steady else "rises to about" if change > 0 else "falls to about"
    if bands.method.endswith("day") or "the day," in bands.method:
        goes = "goes as on the days before, to about"
    if "week" in bands.method:
        goes = "goes as in the week before, to about"
    within = time_in_words(float(bands.at[-1]) - now)
    return f"{FORESEEN[metric]} {goes} {in_unit(metric, last)} ({in_unit(metric, low)} to {in_unit(metric, high)}) in {within}."


def in_unit(metric: str, value: float) -> str:
    """`97 %`, `12 ms`, `1.2 GB`, `30/min`"""
    unit = UNITS[metric]
    if unit == "B":
        return size_in_words(value)
    number = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{number}{'' if unit.startswith('/') else ' '}{unit}"


def _reach(history: History, now: float) -> Reach | None:
    """When the disk is full, from the shortest past that shows it beyond doubt."""
    for window_s in WINDOWS_S:
        past = Past.of(history.points(DISK, now - window_s, now, 300))
        fall = find_fall(past.times, past.values, now)
        if fall is not None:
            return _told(fall, now)
        if not past.times or past.times[0] > now - window_s / 2:
            return None
    return None


def _told(fall: Fall, now: float) -> Reach:
    latest_s = fall.latest_s
    around_s = fall.seconds - fall.earliest_s if latest_s is None else (latest_s - fall.earliest_s) / 2
    when = "Disk full now" if fall.seconds <= 0 else f"Disk full in {time_in_words(fall.seconds)} ± {time_in_words(around_s)}"
    speed = f"it fills by {size_in_words(-fall.per_s * 3600)} an hour"
    latest = None if latest_s is None else _at(now + latest_s)
    return Reach(0.0, _at(now + fall.seconds), _at(now + fall.earliest_s), latest, f"{when}: {speed}.")


def _memory_bytes(services: Services) -> float:
    sample = services.samples.latest()
    return float("inf") if sample is None or sample.memory_total_bytes is None else float(sample.memory_total_bytes)


def _at(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
