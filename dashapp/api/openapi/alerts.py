"""`/api/alerts` and `/api/alert-rules`, described."""

from __future__ import annotations

from dashapp.api.alerts import ACKNOWLEDGE, MOST_ALERTS, MUTE, STATES
from dashapp.api.openapi.operation import JSON, Answer, Body, Operation, Parameter, plural, whole_number

NONE = {404: "There is no such alert."}
NO_RULE = {404: "There is no such rule."}

OPERATIONS = {
    "GET /api/alerts": Operation(
        "Alerts that stand and that were",
        {200: Answer("Newest first; `total` counts all of this state.", schema=plural("alerts", "Alert"))},
        parameters=(
            Parameter("state", "only these; all without", {"enum": list(STATES)}),
            whole_number("before", "the id before which to begin", 0, 2**62),
            whole_number("limit", "alerts at most", 1, MOST_ALERTS, 50),
        ),
    ),
    "GET /api/alerts/{alert_id}": Operation("One alert", {200: Answer("With what became of its messages.", "AlertWithDeliveries")}, NONE),
    "POST /api/alerts/{alert_id}/acknowledge": Operation(
        "Say that somebody sees to it",
        {200: Answer("The alert; who was first stays.", "Alert")},
        {**NONE, 409: "It is over."},
        body=Body({JSON: ACKNOWLEDGE}, is_required=False),
    ),
    "GET /api/alert-rules": Operation("What is looked at", {200: Answer("All rules.", schema=plural("rules", "AlertRule"))}),
    "PUT /api/alert-rules/{rule}/mute": Operation(
        "Send nothing about a rule for a while", {200: Answer("The rule.", "AlertRule")}, NO_RULE, body=Body({JSON: MUTE})
    ),
    "DELETE /api/alert-rules/{rule}/mute": Operation("Send again", {204: Answer("What waited and still stands is sent.")}, NO_RULE),
}
