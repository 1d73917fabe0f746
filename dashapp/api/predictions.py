"""`/api/predict` and `/api/schema`: the hot path. Between request and answer: no database, no pandas, no lock, no log call."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import orjson
from flask import Blueprint, Response, g, request

from dashapp.api.body import json_body
from dashapp.api.predict_csv import csv_answer
from dashapp.application.predicting import Predicting
from dashapp.errors import InvalidRequest, InvalidRow, TooLarge
from dashapp.serving.answered import Source
from dashapp.serving.live import LivePredictor
from dashapp.serving.predictor import RowPrediction
from dashapp.serving.rows import numbered, shown
from dashapp.serving.schema import example_row, json_schema
from dashapp.settings import Settings
from dashapp.training.result import RowReasons


def predictions_blueprint(predicting: Predicting, settings: Settings) -> Blueprint:
    routes = Blueprint("predictions", __name__)

    @routes.post("/predict")
    def predict() -> Response:
        live = predicting.live()
        if _is_csv():
            request.max_content_length = settings.max_upload_bytes
            if _is_explained({}):
                raise InvalidRequest("Rows are explained in JSON only; send some of them as JSON.", field="explain")
            return csv_answer(predicting, live, settings)
        request.max_content_length = settings.max_body_bytes
        with predicting.place:
            return _json_answer(predicting, live, settings.max_rows)

    @routes.get("/schema")
    def schema() -> dict[str, Any]:
        live = predicting.live()
        model = {"id": live.model_id, "version": live.version}
        inputs = live.predictor.inputs
        return json_schema(inputs, example_row(inputs), labels=live.predictor.labels) | {"model": model}

    return routes


def _is_csv() -> bool:
    # To take a header apart costs as much as to read a row.
    return "csv" in request.environ.get("CONTENT_TYPE", "").lower() and request.mimetype == "text/csv"


def _json_answer(predicting: Predicting, live: LivePredictor, max_rows: int) -> Response:
    started = time.perf_counter()
    body = json_body()
    rows = _rows(body)
    if len(rows) > max_rows:
        raise TooLarge(f"{len(rows):,} rows are more than the {max_rows:,} of one request; send CSV, or several requests.")
    is_explained = _is_explained(body)
    parse_ms = (time.perf_counter() - started) * 1e3
    timing = ""
    reasons: list[RowReasons] = []
    if is_explained:
        began = time.perf_counter()
        reasons = predicting.explain(live, rows)
        timing = f", explain;dur={(time.perf_counter() - began) * 1e3:.3f}"
    answered = predicting.answer(live, rows, Source.JSON)
    documents = [_document(prediction, id) for prediction, id in zip(answered.predictions, answered.prediction_ids(), strict=True)]
    for document, each in zip(documents, reasons, strict=False):
        document["explanation"] = _explanation(each)
    answer = {"model": {"id": live.model_id, "version": live.version}, "predictions": documents}
    g.prediction = (len(rows), live.version)
    timing = f"parse;dur={parse_ms:.3f}, validate;dur={answered.validate_ms:.3f}, predict;dur={answered.predict_ms:.3f}{timing}"
    return Response(orjson.dumps(answer), 200, {"Server-Timing": timing}, content_type="application/json")


def _is_explained(body: Any) -> bool:
    """`?explain=true`, or `explain` beside `rows`."""
    asked = request.args.get("explain") if request.query_string else None
    if asked is not None:
        if asked.lower() not in ("true", "1", "false", "0"):
            raise InvalidRequest("explain must be true or false.", field="explain", got=asked[:80], expected="true or false")
        return asked.lower() in ("true", "1")
    told = body.get("explain", False) if isinstance(body, dict) and isinstance(body.get("rows"), list) else False
    if not isinstance(told, bool):
        raise InvalidRequest("explain must be true or false.", field="explain", got=shown(told), expected="true or false")
    return told


def _rows(body: Any) -> list[Mapping[str, Any]]:
    """The rows of `{"rows": [...]}`, of a bare list, or of one bare object."""
    rows = body
    if isinstance(body, dict):
        rows = body["rows"] if isinstance(body.get("rows"), list) else [body]
    if not isinstance(rows, list):
        raise InvalidRequest("The body must be an object with rows, or one row.", expected='{"rows": [{"column": "value"}]}')
    if not rows:
        raise InvalidRequest("There are no rows to predict.", field="rows")
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise InvalidRow(
                f"{numbered(number)} is not an object of columns and values.", row=number, got=shown(row), expected="an object"
            )
    return rows


def _document(prediction: RowPrediction, id: str) -> dict[str, Any]:
    document: dict[str, Any] = {"id": id, "prediction": prediction.prediction}
    if prediction.probabilities is not None:
        document["probabilities"] = prediction.probabilities
    if prediction.interval is not None:
        document["interval"] = prediction.interval
    document["warnings"] = prediction.warnings
    return document


def _explanation(reasons: RowReasons) -> dict[str, Any]:
    """`baseline` plus all contributions is `score`: the probability of `of`, or the predicted value."""
    return {
        "of": reasons.of,
        "baseline": reasons.start,
        "score": reasons.score,
        "contributions": [{"column": each.column, "value": each.value, "contribution": each.amount} for each in reasons.contributions],
    }
