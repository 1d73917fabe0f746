"""`/health`, `/api/health`, `/api/status`, `/api/system/resources`, `/api/trends` and `/api/events`"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request

from dashapp.api.body import whole_number
from dashapp.application.documents import event_document
from dashapp.application.overview import health, resources, status
from dashapp.application.process import WebProcess
from dashapp.errors import InvalidRequest
from dashapp.events.fact import EventType
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

    @routes.get("/trends")
    def trends() -> dict[str, Any]:
        metric, timeframe = request.args.get("metric", "cpu_usage"), request.args.get("timeframe", "1h")
        return {"metric": metric, "timeframe": timeframe, "points": get_trends(services.samples, metric, timeframe)}

    @routes.get("/events")
    def events() -> dict[str, Any]:
        types = _types()
        found = services.log.since(whole_number("after", 0, 0, 2**62), whole_number("limit", 500, 1, 5000), types)
        return {"events": [event_document(event) for event in found], "total": services.log.count(types)}

    return routes


def _types() -> Sequence[EventType]:
    try:
        return [EventType(name) for name in request.args.getlist("type") if name]
    except ValueError as error:
        raise InvalidRequest(f"{error}.", field="type", expected=[each.value for each in EventType]) from error
