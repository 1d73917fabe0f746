"""All routes of the contract, put together."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import MapAdapter

from dashapp.api.alerts import alerts_blueprint
from dashapp.api.datasets import datasets_blueprint
from dashapp.api.drift import drift_blueprint
from dashapp.api.events import events_blueprint
from dashapp.api.export import export_blueprint
from dashapp.api.foresight import foresight_blueprint
from dashapp.api.inference_v2 import inference_blueprint
from dashapp.api.ledger import ledger_blueprint
from dashapp.api.metrics import register_metrics
from dashapp.api.mlflow import mlflow_blueprint
from dashapp.api.models import models_blueprint
from dashapp.api.monitor import monitor_blueprint
from dashapp.api.openapi.routes import register_documentation
from dashapp.api.predictions import predictions_blueprint
from dashapp.api.report import report_blueprint
from dashapp.api.runs import runs_blueprint
from dashapp.api.socket import register_socket
from dashapp.application.process import WebProcess
from dashapp.settings import Settings

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
NOT_BUILT = ("/ping", "/version", "/invocations", "/v2/<path:rest>", "/api")

MACHINE_PATHS = ("/api", "/health", "/ping", "/version", "/invocations", "/metrics", "/openapi.json", "/v2")
NOTHING = ("nothing_here", "not_built", "None")


class _InOrder(DefaultJSONProvider):
    """Members stay in the order in which they were put together: a schema's columns are in that of the file."""

    sort_keys = False


def register_routes(server: Flask, process: WebProcess, settings: Settings) -> None:
    services = process.services
    server.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    server.json = _InOrder(server)
    api = Blueprint("api", __name__)
    for part in (
        datasets_blueprint(services),
        runs_blueprint(services),
        models_blueprint(services),
        export_blueprint(services),
        predictions_blueprint(process.predicting, settings),
        ledger_blueprint(services),
        drift_blueprint(services),
        monitor_blueprint(process),
        alerts_blueprint(services),
        foresight_blueprint(services),
        events_blueprint(services),
        report_blueprint(services),
    ):
        api.register_blueprint(part)

    @api.route("/", methods=METHODS)
    @api.route("/<path:unknown>", methods=METHODS)
    def nothing_here(unknown: str = "") -> Response:
        raise _not_here(server)

    @server.get(f"{settings.url_prefix}/health")
    def alive() -> Response:
        return Response("ok", content_type="text/plain")

    server.register_blueprint(inference_blueprint(process.predicting, settings), url_prefix=f"{settings.url_prefix}/v2")
    server.register_blueprint(mlflow_blueprint(process.predicting, settings), url_prefix=settings.url_prefix or None)
    register_documentation(server, process.predicting, settings)

    def not_built(rest: str = "") -> Response:
        raise _not_here(server)

    for path in NOT_BUILT:  # Dash would answer them with its page, which a probe takes for good news
        server.add_url_rule(f"{settings.url_prefix}{path}", view_func=not_built, methods=METHODS)
    server.register_blueprint(api, url_prefix=f"{settings.url_prefix}/api")
    register_metrics(server, process.metrics, settings.url_prefix)
    register_socket(server, process, settings.url_prefix)
    _register_options(server, settings.url_prefix)


def _register_options(server: Flask, url_prefix: str) -> None:
    """OPTIONS names the methods that are answered; Flask would name those that the routes for "nothing here" take too."""

    @server.before_request
    def options() -> Response | None:
        path = request.path.removeprefix(url_prefix)
        if request.method != "OPTIONS" or not path.startswith(MACHINE_PATHS):
            return None
        allowed = _allowed(server)
        if not allowed:
            raise NotFound(f"There is nothing at {request.path}.")
        return Response(status=204, headers={"Allow": ", ".join([*allowed, "OPTIONS"])})


def _allowed(server: Flask) -> list[str]:
    adapter = server.url_map.bind_to_environ(request.environ)
    return [method for method in METHODS if not str(_endpoint(adapter, method)).endswith(NOTHING)]


def _not_here(server: Flask) -> HTTPException:
    """405 where another method would be answered, else 404."""
    allowed = _allowed(server)
    if allowed:
        return MethodNotAllowed(allowed, f"{request.path} does not take {request.method}, but {', '.join(allowed)}.")
    return NotFound(f"There is nothing at {request.path}.")


def _endpoint(adapter: MapAdapter, method: str) -> str | None:
    try:
        return str(adapter.match(method=method)[0])
    except HTTPException:
        return None
