"""`/api/predict` and `/api/schema`: the hot path. Between request and answer: no database, no pandas, no lock, no log call."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

import orjson
from flask import Blueprint, Response, g, request

from dashapp.api.body import json_body, whole_body
from dashapp.errors import InvalidRequest, InvalidRow, ModelNotDeployed, TooLarge
from dashapp.serving.live import LiveModel, LivePredictor
from dashapp.serving.predictor import RowPrediction
from dashapp.serving.schema import example_row, json_schema
from dashapp.settings import Settings

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CSV_CHUNK = 500
NOT_DEPLOYED = "No model is deployed. Train one and press 'Use This Model', or POST to /api/models/<id>/deploy."


def predictions_blueprint(live_model: LiveModel, settings: Settings) -> Blueprint:
    routes = Blueprint("predictions", __name__)

    def live() -> LivePredictor:
        predictor = live_model.current
        if predictor is None:
            raise ModelNotDeployed(NOT_DEPLOYED)
        return predictor

    @routes.post("/predict")
    def predict() -> Response:
        predictor = live()
        request.max_content_length = settings.max_body_bytes
        if request.mimetype == "text/csv":
            return _csv_answer(predictor)
        return _json_answer(predictor, settings.max_rows)

    @routes.get("/schema")
    def schema() -> dict[str, Any]:
        predictor = live()
        model = {"id": predictor.model_id, "version": predictor.version}
        inputs = predictor.predictor.inputs
        return json_schema(inputs, example_row(inputs)) | {"model": model}

    return routes


def _json_answer(predictor: LivePredictor, max_rows: int) -> Response:
    started = time.perf_counter()
    rows = _rows(json_body())
    if len(rows) > max_rows:
        raise TooLarge(f"{len(rows):,} rows are more than the {max_rows:,} of one request; send CSV, or several requests.")
    parsed = time.perf_counter()
    predictions = predictor.predictor.predict(rows)
    predicted = time.perf_counter()
    answer = {
        "model": {"id": predictor.model_id, "version": predictor.version},
        "predictions": [_document(prediction) for prediction in predictions],
    }
    g.prediction = (len(rows), predictor.version)
    timing = f"parse;dur={(parsed - started) * 1e3:.3f}, predict;dur={(predicted - parsed) * 1e3:.3f}"
    return Response(orjson.dumps(answer), 200, {"Server-Timing": timing}, content_type="application/json")


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
            raise InvalidRow(f"Row {number} is not an object of columns and values.", row=number, got=row, expected="an object")
    return rows


def _document(prediction: RowPrediction) -> dict[str, Any]:
    document: dict[str, Any] = {"id": uuid4().hex, "prediction": prediction.prediction}
    if prediction.probabilities is not None:
        document["probabilities"] = prediction.probabilities
    if prediction.interval is not None:
        document["interval"] = prediction.interval
    document["warnings"] = prediction.warnings
    return document


def _csv_answer(predictor: LivePredictor) -> Response:
    try:
        text = whole_body().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest("The CSV is not UTF-8; save it as UTF-8 and send it again.") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if not reader.fieldnames:
        raise InvalidRequest("The CSV is empty.", expected="a header and rows")
    written = io.StringIO()
    out = csv.writer(written)
    ends = ["low", "high"] if predictor.predictor.bands is not None else []
    out.writerow(["id", "prediction", *(_cell(f"probability {label}") for label in predictor.predictor.labels), *ends, "warnings"])
    count = 0
    try:
        for rows in _chunks(reader):
            for prediction in predictor.predictor.predict(rows, first=count):
                count += 1
                chances = prediction.probabilities or {}
                warnings = "; ".join(str(each["message"]) for each in prediction.warnings)
                out.writerow([uuid4().hex, _cell(prediction.prediction), *chances.values(), *(prediction.interval or ()), _cell(warnings)])
    except csv.Error as error:
        raise InvalidRequest(f"Line {reader.line_num} of the CSV cannot be read: {error}.", row=reader.line_num) from error
    if not count:
        raise InvalidRequest("The CSV has a header but no rows.", expected="at least one row")
    g.prediction = (count, predictor.version)
    version = {"X-Model-Version": str(predictor.version)}
    return Response(written.getvalue(), 200, version, content_type="text/csv; charset=utf-8")


def _chunks(reader: csv.DictReader[str]) -> Iterator[Sequence[Mapping[str, Any]]]:
    rows: list[Mapping[str, Any]] = []
    width = len(reader.fieldnames or ())
    for number, row in enumerate(reader):
        if None in row or None in row.values():
            raise InvalidRow(f"Row {number} (line {reader.line_num}) has not as many cells as the header.", row=number, expected=width)
        rows.append({name: value or None for name, value in row.items()})
        if len(rows) == CSV_CHUNK:
            yield rows
            rows = []
    if rows:
        yield rows


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
