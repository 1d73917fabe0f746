"""What will come, what was unusual, what to do about it, and what was reached for the first time."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from dashapp.application.figures import figures_of
from dashapp.application.forecasting import Past, forecasts_of, in_unit
from dashapp.application.history import history_of
from dashapp.application.milestones import milestones, tell_milestones
from dashapp.application.services import Services
from dashapp.errors import InvalidRequest
from dashapp.monitoring.advice import advice_from
from dashapp.monitoring.anomalies import MOST, Span, find_anomalies, most_unusual, usual_of
from dashapp.monitoring.health import time_in_words
from dashapp.monitoring.history import History
from dashapp.monitoring.told import Advice, Anomaly, Forecast
from dashapp.monitoring.trends import TIMEFRAMES_S

__all__ = ["advice", "anomalies", "forecasts", "milestones", "tell_milestones"]

MINUTE_S, DAY_S = 60.0, 86400.0
USUAL_S, USUAL_PARTS = 28 * DAY_S, 2016
LATELY_S = 6 * 3600.0
WATCHED = {
    "cpu_usage": 10.0,
    "memory_usage": 5.0,
    "api_response_time_p95": 5.0,
    "error_rate": 2.0,
    "requests_per_minute": 10.0,
    "model_predictions_per_minute": 10.0,
    "database_latency_ms": 20.0,
}
"""The metrics whose anomalies are looked for, and the smallest distance from the usual that matters."""
WATCHED_AS = {
    "cpu_usage": "CPU",
    "memory_usage": "Memory",
    "api_response_time_p95": "The response time (95 % of requests)",
    "error_rate": "The error rate",
    "requests_per_minute": "Requests",
    "model_predictions_per_minute": "Predictions",
    "database_latency_ms": "The database's latency",
}


def forecasts(services: Services, now: float | None = None) -> tuple[Forecast, ...]:
    """Of disk, memory, latency, error rate and prediction volume; made anew every minute, as the roll-ups are."""
    end = time.time() if now is None else now
    return services.recent.get("forecasts", end // MINUTE_S, lambda: forecasts_of(services, end))


def anomalies(services: Services, timeframe: str, now: float | None = None) -> tuple[Anomaly, ...]:
    """Within one of `TIMEFRAMES_S`, oldest first. Raises `InvalidRequest`."""
    if timeframe not in TIMEFRAMES_S:
        known = list(TIMEFRAMES_S)
        raise InvalidRequest(f"There is no timeframe {timeframe!r}; choose one of {', '.join(known)}.", got=timeframe, expected=known)
    end = time.time() if now is None else now
    begin = end - TIMEFRAMES_S[timeframe]
    history = history_of(services)

    def find() -> tuple[Anomaly, ...]:
        found = [_anomaly(metric, span) for metric, least in WATCHED.items() for span in _spans(history, metric, least, begin, end)]
        newest_first = sorted(found, key=lambda each: each.since, reverse=True)[:MOST]
        return tuple(reversed(newest_first))

    return services.recent.get(f"anomalies {timeframe}", end // MINUTE_S, find)


def _spans(history: History, metric: str, least: float, begin: float, end: float) -> list[Span]:
    """By the hours of four weeks; and what was short, by the last hours beside that."""
    long = Past.of(history.points(metric, min(begin, end - USUAL_S), end, USUAL_PARTS))
    short = Past.of(history.points(metric, end - LATELY_S, end))
    offset_s = -time.timezone
    usual = usual_of(long.times, long.values, least, offset_s)
    lately = usual_of(short.times, short.values, least)
    of_hours = [] if usual is None else [usual]
    spans = find_anomalies(long.times, long.values, begin, of_hours)
    if lately is not None:
        spans += find_anomalies(short.times, short.values, begin, [lately, *of_hours])
    return most_unusual(spans)


def advice(services: Services, now: float | None = None) -> tuple[Advice, ...]:
    """What the figures of the last hour and week speak for."""
    end = time.time() if now is None else now
    return services.recent.get("advice", end // MINUTE_S, lambda: advice_from(figures_of(services, end)))


def _anomaly(metric: str, span: Span) -> Anomaly:
    words = f"{WATCHED_AS[metric]} was at {in_unit(metric, span.value)} for {time_in_words(max(span.until - span.since, 1))}"
    usual = f"usual at that time is {in_unit(metric, max(span.low, 0))} to {in_unit(metric, span.high)}"
    return Anomaly(metric, _at(span.since), _at(span.until), span.value, span.low, span.high, f"{words}; {usual}.")


def _at(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
