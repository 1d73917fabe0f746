"""All routes of the contract, put together."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import NotFound

from dashapp.api.datasets import datasets_blueprint
from dashapp.api.models import models_blueprint
from dashapp.api.monitor import monitor_blueprint
from dashapp.api.predictions import predictions_blueprint
from dashapp.api.runs import runs_blueprint
from dashapp.api.socket import register_socket
from dashapp.application.process import WebProcess
from dashapp.settings import Settings


def register_routes(server: Flask, process: WebProcess, settings: Settings) -> None:
    services = process.services
    server.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    api = Blueprint("api", __name__)
    for part in (
        datasets_blueprint(services),
        runs_blueprint(services),
        models_blueprint(services),
        predictions_blueprint(process.live_model, settings),
        monitor_blueprint(process),
    ):
        api.register_blueprint(part)

    @api.route("/<path:unknown>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def nothing_here(unknown: str) -> Response:
        raise NotFound(f"There is nothing at {request.path}.")

    @server.get(f"{settings.url_prefix}/health")
    def alive() -> Response:
        return Response("ok", content_type="text/plain")

    server.register_blueprint(api, url_prefix=f"{settings.url_prefix}/api")
    register_socket(server, process, settings.url_prefix)
