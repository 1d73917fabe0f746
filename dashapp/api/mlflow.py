"""`/invocations`, `/ping` and `/version`: MLflow's scoring protocol. Its errors are `{"error_code", "message"}` (`problems.py`)."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import UnsupportedMediaType

from dashapp import VERSION
from dashapp.api.body import whole_body
from dashapp.application.predicting import Predicting
from dashapp.errors import InvalidRequest
from dashapp.serving.answered import Source
from dashapp.serving.predictor import Predictor
from dashapp.serving.scoring import Scoring, read_csv, read_json, scored
from dashapp.settings import Settings


def mlflow_blueprint(predicting: Predicting, settings: Settings) -> Blueprint:
    routes = Blueprint("mlflow", __name__)

    @routes.get("/ping")
    def ping() -> Response:
        """As `/health`: the server answers, whether a model is deployed or not."""
        return Response("{}\n", content_type="application/json")

    @routes.get("/version")
    def version() -> Response:
        return Response(VERSION, content_type="text/plain")

    @routes.post("/invocations")
    def invocations() -> Response:
        live = predicting.live()
        request.max_content_length = settings.max_body_bytes
        is_csv = _is_csv()
        body = whole_body()
        with predicting.place:
            scoring = _read(body, is_csv, live.predictor, settings.max_rows)
            answered = predicting.answer(live, scoring.rows, Source.MLFLOW)
            document = orjson.dumps(scored(scoring, live.predictor.labels, answered))
        g.prediction = (len(answered.predictions), live.version)
        headers = {"X-Model-Version": str(live.version), "X-Prediction-Id": answered.id}
        return Response(document, 200, headers, content_type="application/json")

    return routes


def _is_csv() -> bool:
    """Raises `UnsupportedMediaType` for what is neither JSON nor CSV in UTF-8; a body of no type is taken for JSON."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in ("", "application/json", "text/csv") or charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("Send application/json or text/csv, in UTF-8.")
    return request.mimetype == "text/csv"


def _read(body: bytes, is_csv: bool, predictor: Predictor, most_rows: int) -> Scoring:
    columns = [column.name for column in predictor.inputs]
    scoring = read_csv(body, columns, most_rows) if is_csv else read_json(body, columns, most_rows)
    if scoring.method == "predict_proba" and not predictor.labels:
        raise InvalidRequest("The live model predicts numbers and has no probabilities; leave predict_method out.")
    return scoring
