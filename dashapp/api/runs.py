"""`/api/plan` and `/api/runs`"""

from __future__ import annotations

from dataclasses import asdict, field
from typing import Annotated, Any

from flask import Blueprint
from pydantic import ConfigDict, StrictBool, StrictFloat, TypeAdapter, WithJsonSchema
from pydantic.dataclasses import dataclass

from dashapp.api.body import object_of
from dashapp.application.documents import plan_document, run_document
from dashapp.application.planning import LONGEST_BUDGET_S, SHORTEST_BUDGET_S, plan_for
from dashapp.application.services import Services
from dashapp.application.training import cancel_training, start_training
from dashapp.datasets.dataset import Task

BUDGET = {"type": "number", "minimum": SHORTEST_BUDGET_S, "maximum": LONGEST_BUDGET_S}


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class RunRequest:
    dataset_id: str
    target: str | None = None
    task: Task | None = None
    budget_s: Annotated[StrictFloat, WithJsonSchema(BUDGET)] | None = None
    exclude: list[str] = field(default_factory=list)
    include: list[str] = field(default_factory=list)


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class CancelRequest:
    keep_best: StrictBool = False


RUN, CANCEL = TypeAdapter(RunRequest), TypeAdapter(CancelRequest)


def runs_blueprint(services: Services) -> Blueprint:
    routes = Blueprint("runs", __name__)

    def document(run_id: str) -> dict[str, Any]:
        return run_document(services.runs.get(run_id), services.runs.points(run_id), services.runs.resources(run_id))

    @routes.post("/plan")
    def plan() -> dict[str, Any]:
        return plan_document(plan_for(services, **asdict(object_of(RUN))))

    @routes.post("/runs")
    def start() -> tuple[dict[str, Any], int]:
        run = start_training(services, **asdict(object_of(RUN)))
        return document(run.id), 202

    @routes.get("/runs")
    def listed() -> dict[str, Any]:
        return {"runs": [run_document(run) for run in services.runs.all()], "total": services.runs.count()}

    @routes.get("/runs/<run_id>")
    def one(run_id: str) -> dict[str, Any]:
        return document(run_id)

    @routes.post("/runs/<run_id>/cancel")
    def cancel(run_id: str) -> tuple[dict[str, Any], int]:
        run = cancel_training(services, run_id, object_of(CANCEL).keep_best)
        return document(run.id), 202

    return routes
