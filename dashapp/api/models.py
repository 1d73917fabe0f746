"""`/api/models` and `/api/deployments`"""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from pydantic import ConfigDict, StrictBool, StrictStr, TypeAdapter
from pydantic.dataclasses import dataclass

from dashapp.api.body import object_of
from dashapp.application.deployment import delete_model, deploy_model, gate, live_model, roll_back
from dashapp.application.documents import (
    deployment_document,
    explanation_document,
    gate_document,
    model_document,
    reasons_document,
)
from dashapp.application.explaining import existing_explanation, row_explanation
from dashapp.application.services import Services
from dashapp.errors import InvalidRequest
from dashapp.models.model import ModelVersion


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ExplainRequest:
    row: dict[str, Any]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class RollBackRequest:
    """`by` is who the caller says to be: kept as said, and proved by nothing."""

    by: StrictStr = ""
    reason: StrictStr = ""


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class DeployRequest(RollBackRequest):
    anyway: StrictBool = False


EXPLAIN, DEPLOY, ROLL_BACK = TypeAdapter(ExplainRequest), TypeAdapter(DeployRequest), TypeAdapter(RollBackRequest)
_API, _DASHBOARD = "API", "dashboard"


def models_blueprint(services: Services) -> Blueprint:
    routes = Blueprint("models", __name__)

    def document(model: ModelVersion, live: ModelVersion | None) -> dict[str, Any]:
        if live is not None and model.id == live.id:
            return model_document(model, "live")
        return model_document(model, "ready" if services.models.is_intact(model) else "damaged")

    @routes.get("/models")
    def listed() -> dict[str, Any]:
        live = live_model(services)
        documents = [document(model, live) for model in services.models.all()]
        return {"models": documents, "total": len(documents)}

    @routes.get("/models/<model_id>")
    def one(model_id: str) -> dict[str, Any]:
        return document(services.models.get(model_id), live_model(services))

    @routes.get("/models/<model_id>/explanation")
    def explanation(model_id: str) -> dict[str, Any]:
        return explanation_document(existing_explanation(services, model_id))

    @routes.post("/models/<model_id>/explanation")
    def explain(model_id: str) -> dict[str, Any]:
        return reasons_document(row_explanation(services, model_id, object_of(EXPLAIN).row))

    @routes.delete("/models/<model_id>")
    def delete(model_id: str) -> tuple[str, int]:
        delete_model(services, model_id)
        return "", 204

    @routes.post("/models/<model_id>/deploy")
    def deploy(model_id: str) -> dict[str, Any]:
        asked = object_of(DEPLOY)
        return deployment_document(deploy_model(services, model_id, by=_who(asked), reason=asked.reason, anyway=asked.anyway))

    @routes.get("/models/<model_id>/gate")
    def checks(model_id: str) -> dict[str, Any]:
        return gate_document(gate(services, model_id))

    @routes.post("/deployments/rollback")
    def rollback() -> dict[str, Any]:
        asked = object_of(ROLL_BACK)
        return deployment_document(roll_back(services, by=_who(asked), reason=asked.reason))

    @routes.get("/deployments")
    def deployments() -> dict[str, Any]:
        documents = [deployment_document(each) for each in services.deployments.all()]
        return {"deployments": documents, "total": len(documents)}

    return routes


def _who(asked: RollBackRequest) -> str:
    """Raises `InvalidRequest` for the name by which the dashboard's own deployments are known."""
    if asked.by.strip().casefold() == _DASHBOARD:
        raise InvalidRequest(
            f'by is "{asked.by}", which marks what was pressed on the page; send another name or none.', field="by", got=asked.by
        )
    return asked.by.strip() or _API
