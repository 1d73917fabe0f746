"""`/api/forecasts`, `/api/anomalies`, `/api/advice` and `/api/milestones`"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from dashapp.application.documents import told_document
from dashapp.application.foresight import advice, anomalies, forecasts, milestones
from dashapp.application.services import Services


def foresight_blueprint(services: Services) -> Blueprint:
    routes = Blueprint("foresight", __name__)

    @routes.get("/forecasts")
    def all_forecasts() -> dict[str, Any]:
        return _listed("forecasts", forecasts(services))

    @routes.get("/anomalies")
    def all_anomalies() -> dict[str, Any]:
        return _listed("anomalies", anomalies(services, request.args.get("timeframe", "24h")))

    @routes.get("/advice")
    def all_advice() -> dict[str, Any]:
        return _listed("advice", advice(services))

    @routes.get("/milestones")
    def all_milestones() -> dict[str, Any]:
        return _listed("milestones", milestones(services))

    return routes


def _listed(name: str, found: tuple[Any, ...]) -> dict[str, Any]:
    return {name: [told_document(each) for each in found], "total": len(found)}
