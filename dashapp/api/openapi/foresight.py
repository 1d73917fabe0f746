"""`/api/forecasts`, `/api/anomalies`, `/api/advice` and `/api/milestones`, described."""

from __future__ import annotations

from dashapp.api.openapi.operation import Answer, Operation, Parameter, plural
from dashapp.monitoring.trends import TIMEFRAMES_S

OPERATIONS = {
    "GET /api/forecasts": Operation(
        "What will come", {200: Answer("Bands that hold the truth four times out of five.", schema=plural("forecasts", "Forecast"))}
    ),
    "GET /api/anomalies": Operation(
        "What was unusual",
        {200: Answer("Oldest first.", schema=plural("anomalies", "Anomaly"))},
        parameters=(Parameter("timeframe", "how far back", {"enum": list(TIMEFRAMES_S), "default": "24h"}),),
    ),
    "GET /api/advice": Operation("What to do", {200: Answer("Each with its evidence.", schema=plural("advice", "Advice"))}),
    "GET /api/milestones": Operation("What was reached", {200: Answer("Newest first.", schema=plural("milestones", "Milestone"))}),
}
