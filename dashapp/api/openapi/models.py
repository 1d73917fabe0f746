"""`/api/models` and `/api/deployments`, described."""

from __future__ import annotations

from dashapp.api.models import DEPLOY, EXPLAIN, ROLL_BACK
from dashapp.api.openapi.operation import JSON, ZIP, Answer, Body, Operation, plural

NONE = {404: "There is no such model."}
DAMAGED = {409: "Its file is missing or damaged."}

OPERATIONS = {
    "GET /api/models": Operation("All models", {200: Answer("Newest first.", schema=plural("models", "Model"))}),
    "GET /api/models/{model_id}": Operation("One model", {200: Answer("With its scores, inputs and origin.", "Model")}, NONE),
    "DELETE /api/models/{model_id}": Operation("Delete a model", {204: Answer("Gone.")}, {**NONE, 409: "It is live."}),
    "GET /api/models/{model_id}/explanation": Operation(
        "Why it says what it says",
        {200: Answer("Measured on the test rows.", "Explanation")},
        {404: "There is no such model, or no explanation of it."},
    ),
    "POST /api/models/{model_id}/explanation": Operation(
        "Why it says this of one row",
        {200: Answer("`start` and all `contributions` add up to `score`.", "RowReasons")},
        {**NONE, 409: "Its file is damaged, or it has no rows to explain against.", 422: "The row does not fit the model."},
        body=Body({JSON: EXPLAIN}),
    ),
    "GET /api/models/{model_id}/export": Operation(
        "The model with its training as code", {200: Answer("A zip.", content={ZIP: {}})}, {**NONE, **DAMAGED}
    ),
    "GET /api/models/{model_id}/gate": Operation(
        "What the gate would say", {200: Answer("All checks beside the live model; nothing is deployed.", "Gate")}, NONE
    ),
    "POST /api/models/{model_id}/deploy": Operation(
        "Use this model",
        {200: Answer("It is live.", "Deployment")},
        {**NONE, 409: "It cannot serve, or it is worse than what is live: `checks` say how, and `anyway` deploys what is only worse."},
        body=Body({JSON: DEPLOY}, is_required=False),
    ),
    "POST /api/deployments/rollback": Operation(
        "Go one step back",
        {200: Answer("The model before is live again.", "Deployment")},
        {409: "There is nothing to go back to."},
        body=Body({JSON: ROLL_BACK}, is_required=False),
    ),
    "GET /api/deployments": Operation("What was live when", {200: Answer("Newest first.", schema=plural("deployments", "Deployment"))}),
}
