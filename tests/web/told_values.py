"""What the monitor tells, invented: alerts with causes, forecasts, anomalies, advice, milestones, drift, versions, marks, a history."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dashapp.application.performance import VersionPerformance
from dashapp.application.timeline import Marker
from dashapp.monitoring.history import Point
from dashapp.monitoring.told import (
    Advice,
    Alert,
    Anomaly,
    Cause,
    ColumnDrift,
    Drift,
    Forecast,
    ForecastPoint,
    Link,
    LinkKind,
    Milestone,
    Reach,
    Severity,
)
from dashapp.serving.ledger.kept import LiveScore
from tests.web.pages_values import AT

RUN_LINK = Link(LinkKind.RUN, "run1", "Run run1")
CAUSE = Cause(
    "The training of churn.csv uses 6.1 GB of the 7.8 GB.",
    ("Memory rose by 5.9 GB within a minute of the start of the run.", "No other process uses more than 0.4 GB."),
    (RUN_LINK, Link(LinkKind.PAGE, "/activity", "Activity")),
)


def an_alert(**changes: Any) -> Alert:
    values: dict[str, Any] = {
        "id": "a1", "rule": "memory_usage", "about": "here", "severity": Severity.WARNING, "raised_at": AT,
        "value": 93.4, "threshold": 90.0,
        "message": "Memory in use: 93.4 % (limit 90 %)", "cause": CAUSE,
    }  # fmt: skip
    return Alert(**(values | changes))


def a_forecast(now: datetime = AT, **changes: Any) -> Forecast:
    """Storage grows by one percent an hour from 70 %, told each ten minutes for two days."""
    ahead = [timedelta(minutes=10 * step) for step in range(1, 289)]
    points = tuple(
        ForecastPoint(now + wait, 70 + hours - hours / 5, 70 + hours, 70 + hours + hours / 5)
        for wait in ahead
        for hours in [wait.total_seconds() / 3600]
    )
    limit = now + timedelta(hours=30)
    reach = Reach(100.0, limit, limit - timedelta(hours=5), limit + timedelta(hours=7), "Disk full in 30 h ± 6 h.")
    values: dict[str, Any] = {
        "metric": "storage_usage", "unit": "%", "points": points, "coverage": 0.78, "words": "Disk full in 30 h ± 6 h.", "reach": reach,
    }  # fmt: skip
    return Forecast(**(values | changes))


def an_anomaly(since: datetime = AT, **changes: Any) -> Anomaly:
    values: dict[str, Any] = {
        "metric": "cpu_usage", "since": since, "until": since + timedelta(minutes=10), "value": 97.0, "low": 5.0, "high": 30.0,
        "words": "CPU was at 97 %, where 5 to 30 % is usual at this hour.",
    }  # fmt: skip
    return Anomaly(**(values | changes))


def an_advice(**changes: Any) -> Advice:
    values: dict[str, Any] = {
        "code": "more_workers", "words": "Let more workers answer: both are busy most of the time.", "setting": "DASHAPP_WORKERS",
        "evidence": ("Both workers used more than 90 % of a core in 41 of the last 60 minutes.", "The machine has 8 cores, 5 rest."),
    }  # fmt: skip
    return Advice(**(values | changes))


def a_milestone(at: datetime = AT, **changes: Any) -> Milestone:
    values: dict[str, Any] = {"name": "first_deployment", "at": at, "message": "The first model is in use.", "links": (RUN_LINK,)}
    return Milestone(**(values | changes))


def a_column(name: str = "age", **changes: Any) -> ColumnDrift:
    values: dict[str, Any] = {
        "column": name, "kind": "number", "effect": 0.42, "low": 0.35, "high": 0.49, "is_drifting": True, "missing_share": 0.02,
        "training_missing_share": 0.01, "unseen_share": 0.0, "out_of_range_share": 0.125,
        "words": "Its values are higher than in the training.",
    }  # fmt: skip
    return ColumnDrift(**(values | changes))


def calm_column(name: str) -> ColumnDrift:
    return a_column(name, effect=0.03, low=0.0, high=0.06, is_drifting=False, out_of_range_share=0.0, words="As in the training.")


def a_drift(now: datetime = AT, **changes: Any) -> Drift:
    values: dict[str, Any] = {
        "model_id": "model1", "version": 1, "since": now - timedelta(days=1), "until": now, "rows": 4210, "is_enough": True,
        "columns": (calm_column("city"), a_column()),
        "prediction": a_column("prediction", effect=0.1, low=0.05, high=0.15, is_drifting=False),
        "words": "age has drifted: what the model is asked is not what it learned from.",
    }  # fmt: skip
    return Drift(**(values | changes))


def a_version(version: int = 1, **changes: Any) -> VersionPerformance:
    values: dict[str, Any] = {
        "version": version, "model_id": f"model{version}", "name": "churn", "is_live": False, "predictions": 12345, "warnings_rate": 0.02,
        "mean_ms": 1.25, "p95_ms": 3.5, "timed": 1000, "score": None,
    }  # fmt: skip
    return VersionPerformance(**(values | changes))


def a_score(version: int = 3) -> LiveScore:
    return LiveScore(version, "accuracy", 0.912, 0.88, 0.94, 210, 0.9)


def a_marker(at: datetime = AT, kind: str = "training", words: str = "Training of churn.csv began", link: Link | None = RUN_LINK) -> Marker:
    return Marker(at, kind, words, link)


def points_of(*means: float | None, start: datetime = AT, step_s: float = 60.0, width: float = 0.0) -> list[Point]:
    """One point each `step_s`; `width` is how far low and high are from the mean."""
    found = []
    for place, mean in enumerate(means):
        low, high = (None, None) if mean is None or not width else (mean - width, mean + width)
        found.append(Point(start.timestamp() + step_s * place, low, mean, high))
    return found


@dataclass(frozen=True, slots=True)
class InventedHistory:
    """A quiet machine with a busy hour in each six, and a gap."""

    most: int = 360

    def points(self, metric: str, start: float, end: float, most: int = 500) -> list[Point]:
        number, step = min(self.most, most), (end - start) / min(self.most, most)
        return [self._point(metric, place / number, start + place * step) for place in range(number)]

    def _point(self, metric: str, way: float, at: float) -> Point:
        if 0.55 < way < 0.6:
            return Point(at, None, None, None)
        busy = 1.0 if 0.2 < way < 0.35 or way > 0.92 else 0.0
        wave = math.sin(40 * way) + 0.5 * math.sin(173 * way)
        middle, size, load = _SHAPES.get(metric, (1.0, 0.2, 1.0))
        mean = max(middle + size * wave + load * busy, 0.0)
        if metric == "storage_usage":
            mean = 60 + 10 * way
        return Point(at, max(mean - 1.5 * size, 0), mean, mean + 2 * size)


_SHAPES = {
    "cpu_usage": (12.0, 3.0, 55.0),
    "memory_usage": (41.0, 1.0, 35.0),
    "api_response_time": (3.0, 0.4, 2.0),
    "api_response_time_p50": (1.4, 0.2, 1.0),
    "api_response_time_p95": (4.2, 0.6, 6.0),
    "api_response_time_p99": (9.0, 1.5, 14.0),
    "model_predictions_per_minute": (320.0, 60.0, 900.0),
    "error_rate": (0.0, 0.1, 2.2),
    "network_received_bytes_per_s": (42e3, 9e3, 3e5),
    "network_sent_bytes_per_s": (60e3, 9e3, 4e5),
}


def now_to_the_second() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
