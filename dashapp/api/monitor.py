"""`/api/health`, `/api/status`, `/api/system/resources`, `/api/processes`, `/api/trends` and `/api/history/...`"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from dashapp.api.body import whole_number
from dashapp.application.history import MOST_RUNS, history_of, prediction_history, training_history
from dashapp.application.overview import health, processes, resources, status
from dashapp.application.process import WebProcess
from dashapp.monitoring.trends import get_trends


def monitor_blueprint(process: WebProcess) -> Blueprint:
    routes = Blueprint("monitor", __name__)
    services = process.services

    @routes.get("/health")
    def whole_health() -> tuple[dict[str, Any], int]:
        document = health(services)
        return document, 200 if document["ready"] else 503

    @routes.get("/status")
    def whole_status() -> dict[str, Any]:
        return status(services)

    @routes.get("/system/resources")
    def system_resources() -> dict[str, Any]:
        return resources(services)

    @routes.get("/processes")
    def process_tree() -> dict[str, Any]:
        return processes(services)

    @routes.get("/history/training")
    def trained() -> dict[str, Any]:
        found = training_history(services, whole_number("limit", 100, 1, MOST_RUNS))
        return {"trainings": found, "total": len(found)}

    @routes.get("/history/predictions")
    def predicted() -> dict[str, Any]:
        found = prediction_history(services)
        return {"versions": found, "total": len(found)}

    @routes.get("/trends")
    def trends() -> dict[str, Any]:
        metric, timeframe = request.args.get("metric", "cpu_usage"), request.args.get("timeframe", "1h")
        return {"metric": metric, "timeframe": timeframe, "points": get_trends(history_of(services), metric, timeframe)}

    return routes
