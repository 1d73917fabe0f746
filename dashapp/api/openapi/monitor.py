"""Health and figures, described."""

from __future__ import annotations

from dashapp.api.openapi.operation import HTML, JSON, TEXT, Answer, Operation, Parameter, plural, whole_number
from dashapp.application.history import MOST_RUNS
from dashapp.monitoring.sample import UNITS
from dashapp.monitoring.trends import TIMEFRAMES_S

_EXPOSITION = {TEXT: {"type": "string"}, "application/openmetrics-text": {"type": "string"}}

OPERATIONS = {
    "GET /health": Operation("Is the process alive", {200: Answer("`ok`", content={TEXT: {"const": "ok"}})}, is_open=True),
    "GET /api/health": Operation(
        "The four services, probed now", {200: Answer("They work.", "Health"), 503: Answer("At least one of them fails.", "Health")}
    ),
    "GET /api/status": Operation("The install at a glance", {200: Answer("What is not known yet is null.", "Status")}),
    "GET /api/system/resources": Operation(
        "The machine: CPU, memory, storage, network, disks", {200: Answer("As sampled last.", "Resources")}
    ),
    "GET /api/processes": Operation(
        "The server's processes: web workers, trainers by run, others", {200: Answer("As looked at last.", "Processes")}
    ),
    "GET /api/history/training": Operation(
        "How long trainings took and what came of them",
        {200: Answer("Those that are over, newest first.", schema=plural("trainings", "Trained"))},
        parameters=(whole_number("limit", "runs to look at, the newest", 1, MOST_RUNS, 100),),
    ),
    "GET /api/history/predictions": Operation(
        "How each version did in production",
        {200: Answer("The newest version first; times are of its newest kept predictions.", schema=plural("versions", "MadeBy"))},
    ),
    "GET /api/trends": Operation(
        "How a metric went",
        {200: Answer("At most 500 points, oldest first; null is a gap.", "Trend")},
        parameters=(
            Parameter("metric", "which", {"enum": list(UNITS), "default": "cpu_usage"}),
            Parameter("timeframe", "how far back", {"enum": list(TIMEFRAMES_S), "default": "1h"}),
        ),
    ),
    "GET /metrics": Operation("Figures for Prometheus", {200: Answer("Of all workers.", content=_EXPOSITION)}),
    "GET /openapi.json": Operation("This document", {200: Answer("OpenAPI 3.1.", content={JSON: {"type": "object"}})}),
    "GET /api/docs": Operation("A page to read this document and try it", {200: Answer("A page.", content={HTML: {"type": "string"}})}),
}
