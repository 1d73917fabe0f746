"""`/v2`: the Open Inference Protocol. Its errors are `{"error": ...}` (`problems.py`), and no Content-Type is asked for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request

from dashapp import VERSION
from dashapp.api.body import whole_body
from dashapp.api.encodings import compressed
from dashapp.application.predicting import Predicting
from dashapp.errors import InvalidRequest, ModelNotDeployed, NotFound
from dashapp.serving.answered import Source
from dashapp.serving.inference import MODEL_NAME, InferResponse, read_request, write_response
from dashapp.serving.inference_model import EXTENSIONS, PLATFORM, model_config, model_index, model_metadata
from dashapp.serving.live import LivePredictor
from dashapp.settings import Settings

HEADER_LENGTH = "Inference-Header-Content-Length"
NOT_HERE = "Models are not loaded or unloaded by this protocol; deploy one with POST /api/models/<id>/deploy."
NO_STATISTICS = "This protocol keeps no statistics here; GET /api/status and GET /api/trends do."


def inference_blueprint(predicting: Predicting, settings: Settings) -> Blueprint:
    routes = Blueprint("inference_v2", __name__)
    _describe_server(routes, predicting)
    _describe_model(routes, predicting)

    @routes.post("/models/<name>/infer")
    @routes.post("/models/<name>/versions/<version>/infer")
    def infer(name: str, version: str | None = None) -> Response:
        live = _asked_for(predicting, name, version)
        request.max_content_length = settings.max_body_bytes
        body = whole_body()
        with predicting.place:
            asked = read_request(body, _header_length(), live.predictor, settings.max_rows)
            answered = predicting.answer(live, asked.rows(), Source.V2)
            response = write_response(asked, live.predictor, answered)
        g.prediction = (len(answered.predictions), live.version)
        return _sent(response)

    return routes


def _describe_server(routes: Blueprint, predicting: Predicting) -> None:
    @routes.get("")
    @routes.get("/")
    def server() -> dict[str, Any]:
        return {"name": PLATFORM, "version": VERSION, "extensions": EXTENSIONS}

    @routes.get("/health/live")
    def is_live() -> dict[str, Any]:
        return {"live": True}

    @routes.get("/health/ready")
    def is_server_ready() -> dict[str, Any]:
        """409 while nothing is deployed: whoever asks takes any error for "no", and it is not a failure of the server."""
        predicting.live()
        return {"ready": True}

    @routes.get("/models")
    def models() -> dict[str, Any]:
        found = model_index(_live_or_none(predicting))
        return {"models": found, "total": len(found)}

    @routes.post("/repository/index")
    def index() -> list[dict[str, str]]:
        return model_index(_live_or_none(predicting))

    @routes.post("/repository/models/<name>/<any(load, unload):verb>")
    def refused_change(name: str, verb: str) -> Response:
        raise InvalidRequest(NOT_HERE)


def _describe_model(routes: Blueprint, predicting: Predicting) -> None:
    @routes.get("/models/<name>")
    @routes.get("/models/<name>/versions/<version>")
    def metadata(name: str, version: str | None = None) -> dict[str, Any]:
        return model_metadata(_asked_for(predicting, name, version))

    @routes.get("/models/<name>/ready")
    @routes.get("/models/<name>/versions/<version>/ready")
    def is_model_ready(name: str, version: str | None = None) -> dict[str, Any]:
        _asked_for(predicting, name, version)
        return {"name": name, "ready": True}

    @routes.get("/models/<name>/config")
    @routes.get("/models/<name>/versions/<version>/config")
    def config(name: str, version: str | None = None) -> dict[str, Any]:
        return model_config(_asked_for(predicting, name, version))

    @routes.get("/models/stats")
    @routes.get("/models/<name>/stats")
    @routes.get("/models/<name>/versions/<version>/stats")
    def refused_statistics(name: str = MODEL_NAME, version: str | None = None) -> Response:
        raise NotFound(NO_STATISTICS)


def _asked_for(predicting: Predicting, name: str, version: str | None) -> LivePredictor:
    """The live model, by its name and where it is given by its version. Raises `NotFound` or `ModelNotDeployed`."""
    if name != MODEL_NAME:
        raise NotFound(f"There is no model named {name[:80]}; the one that is live is named {MODEL_NAME}.")
    live = predicting.live()
    if version is not None and version != str(live.version):
        raise NotFound(f"Version {version[:80]} is not served; the one that is live is version {live.version}.")
    return live


def _live_or_none(predicting: Predicting) -> LivePredictor | None:
    try:
        return predicting.live()
    except ModelNotDeployed:
        return None


def _header_length() -> int | None:
    """How many bytes of the decompressed body are JSON; None where the caller does not say."""
    text = request.headers.get(HEADER_LENGTH)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise InvalidRequest(f"{HEADER_LENGTH} is {text[:80]!r}, but a number of bytes is expected.")
    return int(text)


def _sent(response: InferResponse) -> Response:
    """The length of the JSON is that of the plain body, whatever it is compressed with."""
    if response.binary is None:
        body, headers = compressed(response.header)
        return Response(body, 200, headers, content_type="application/json")
    body, headers = compressed(response.header + response.binary)
    return Response(body, 200, {**headers, HEADER_LENGTH: str(len(response.header))}, content_type="application/octet-stream")
