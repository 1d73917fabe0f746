"""`/api/plan` and `/api/runs`, described."""

from __future__ import annotations

from dashapp.api.openapi.operation import JSON, Answer, Body, Operation, plural
from dashapp.api.runs import CANCEL, RUN

REFUSED = {
    404: "There is no such dataset.",
    409: "It is still being read, or could not be read.",
    422: "The table cannot be trained on as asked; `column` names the one that is in the way.",
}

OPERATIONS = {
    "POST /api/plan": Operation(
        "What a training would do", {200: Answer("Nothing is started.", "TrainingPlan")}, REFUSED, body=Body({JSON: RUN})
    ),
    "POST /api/runs": Operation(
        "Start a training",
        {202: Answer("It is queued, and starts when there is room.", "RunWithCurves")},
        REFUSED,
        "Without a `target` the proposed one is taken. GET the run until `ended_at` is set, or follow `WS /ws`.",
        body=Body({JSON: RUN}),
    ),
    "GET /api/runs": Operation("All runs", {200: Answer("Newest first, without curves.", schema=plural("runs", "Run"))}),
    "GET /api/runs/{run_id}": Operation(
        "One run", {200: Answer("With its curves so far.", "RunWithCurves")}, {404: "There is no such run."}
    ),
    "POST /api/runs/{run_id}/cancel": Operation(
        "Cancel a run",
        {202: Answer("It stops as soon as it can; with `keep_best` the best model so far is kept.", "RunWithCurves")},
        {404: "There is no such run.", 409: "It is over already."},
        body=Body({JSON: CANCEL}, is_required=False),
    ),
}
