"""Health, figures and the log, described."""

from __future__ import annotations

from dashapp.api.openapi.operation import HTML, JSON, TEXT, Answer, Operation, Parameter, plural, whole_number
from dashapp.events.fact import EventType
from dashapp.monitoring.sample import UNITS
from dashapp.monitoring.trends import TIMEFRAMES_S

_EVENT_TYPES = {"type": "array", "items": {"enum": [each.value for each in EventType]}}
_EXPOSITION = {TEXT: {"type": "string"}, "application/openmetrics-text": {"type": "string"}}

OPERATIONS = {
    "GET /health": Operation("Is the process alive", {200: Answer("`ok`", content={TEXT: {"const": "ok"}})}, is_open=True),
    "GET /api/health": Operation(
        "The four services, probed now", {200: Answer("They work.", "Health"), 503: Answer("At least one of them fails.", "Health")}
    ),
    "GET /api/status": Operation("The install at a glance", {200: Answer("What is not known yet is null.", "Status")}),
    "GET /api/system/resources": Operation("CPU, memory, storage and network", {200: Answer("As sampled last.", "Resources")}),
    "GET /api/trends": Operation(
        "How a metric went",
        {200: Answer("At most about 500 points, oldest first; null is a gap.", "Trend")},
        parameters=(
            Parameter("metric", "which", {"enum": list(UNITS), "default": "cpu_usage"}),
            Parameter("timeframe", "how far back", {"enum": list(TIMEFRAMES_S), "default": "1h"}),
        ),
    ),
    "GET /api/events": Operation(
        "The log",
        {200: Answer("Oldest first; `total` counts all of these types.", schema=plural("events", "Event"))},
        parameters=(
            whole_number("after", "the id after which to begin", 0, 2**62, 0),
            whole_number("limit", "events at most", 1, 5000, 500),
            Parameter("type", "only these types", _EVENT_TYPES, is_list=True),
        ),
    ),
    "GET /metrics": Operation("Figures for Prometheus", {200: Answer("Of all workers.", content=_EXPOSITION)}),
    "GET /openapi.json": Operation("This document", {200: Answer("OpenAPI 3.1.", content={JSON: {"type": "object"}})}),
    "GET /api/docs": Operation("A page to read this document and try it", {200: Answer("A page.", content={HTML: {"type": "string"}})}),
}
