"""`/api/predictions`, `/api/feedback` and `/api/challenger`, described."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from dashapp.api.ledger import ChallengerRequest, ReplayRequest, Truth
from dashapp.api.openapi.operation import CSV, JSON, Answer, Body, Operation, Parameter, plural, ref, text, whole_number
from dashapp.application.ledger import MOST_PAGE

NONE = {404: "There is no such model."}
UNFIT = {422: "The truth does not fit the task of its prediction."}

_FLAG = {"enum": ["true", "false"]}
_TIME = {"type": "string", "format": "date-time"}


def _members(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


OPERATIONS = {
    "GET /api/predictions": Operation(
        "Search the ledger",
        {
            200: Answer(
                "Newest first: `kept` of the `total` that were made; `next_before` asks for the next page.",
                schema=plural(
                    "predictions",
                    "KeptPrediction",
                    kept={"type": "integer", "minimum": 0},
                    next_before={"type": ["integer", "null"]},
                ),
            )
        },
        parameters=(
            text("text", "looked for in the id, the inputs and the answer"),
            whole_number("version", "of the model", 1, 2**62),
            text("prediction", "the answer"),
            Parameter("with_warnings", "only those with a warning", _FLAG),
            Parameter("with_actual", "only those whose truth is known", _FLAG),
            Parameter("since", "from this time on", _TIME),
            Parameter("until", "up to this time", _TIME),
            whole_number("before", "`next_before` of the page before", 0, 2**62),
            whole_number("limit", "predictions at most", 1, MOST_PAGE, 50),
        ),
    ),
    "GET /api/predictions/{prediction_id}": Operation(
        "One prediction", {200: Answer("With its inputs.", "KeptPrediction")}, {404: "It is not, or no longer, in the ledger."}
    ),
    "POST /api/replay": Operation(
        "Answer the last predictions with another version",
        {200: Answer("The largest differences first.", "Replayed")},
        {**NONE, 409: "The model's file is damaged."},
        body=Body({JSON: TypeAdapter(ReplayRequest)}),
    ),
    "POST /api/feedback": Operation(
        "Say what was true",
        {200: Answer("`unknown` are ids that are not in the ledger.", schema=_members(
            recorded={"type": "integer", "minimum": 0}, unknown={"type": "array", "items": {"type": "string"}}
        ))},
        UNFIT,
        body=Body({JSON: TypeAdapter(Truth | list[Truth]), CSV: {"type": "string", "examples": ["prediction_id,actual\nabc,yes\n"]}}),
    ),
    "GET /api/feedback": Operation(
        "How each version does", {200: Answer("Newest first.", schema=_members(scores={"type": "array", "items": ref("LiveScore")}))}
    ),
    "GET /api/challenger": Operation("The challenger", {200: Answer("Null where there is none.", "Challenging")}),
    "PUT /api/challenger": Operation(
        "Let a model challenge the live one",
        {200: Answer("It gets the same rows from now on; its answers are kept and never sent.", "Challenging")},
        {**NONE, 409: "It is live itself, or it cannot serve."},
        body=Body({JSON: TypeAdapter(ChallengerRequest)}),
    ),
    "DELETE /api/challenger": Operation("End the challenge", {204: Answer("Nobody challenges.")}),
}  # fmt: skip
