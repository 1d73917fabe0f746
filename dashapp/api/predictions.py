"""`/api/predict` and `/api/schema`: the hot path. Between request and answer: no database, no pandas, no lock, no log call."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from flask import Blueprint, Response, g, request

from dashapp.api.body import json_body, whole_body
from dashapp.application.predicting import Predicting
from dashapp.errors import InvalidRequest, InvalidRow, TooLarge
from dashapp.serving.answered import Source
from dashapp.serving.live import LivePredictor
from dashapp.serving.predictor import RowPrediction
from dashapp.serving.schema import example_row, json_schema
from dashapp.settings import Settings

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CSV_CHUNK = 500


def predictions_blueprint(predicting: Predicting, settings: Settings) -> Blueprint:
    routes = Blueprint("predictions", __name__)

    @routes.post("/predict")
    def predict() -> Response:
        live = predicting.live()
        request.max_content_length = settings.max_body_bytes
        with predicting.place():
            if request.mimetype == "text/csv":
                return _csv_answer(predicting, live)
            return _json_answer(predicting, live, settings.max_rows)

    @routes.get("/schema")
    def schema() -> dict[str, Any]:
        live = predicting.live()
        model = {"id": live.model_id, "version": live.version}
        inputs = live.predictor.inputs
        return json_schema(inputs, example_row(inputs)) | {"model": model}

    return routes


def _json_answer(predicting: Predicting, live: LivePredictor, max_rows: int) -> Response:
    started = time.perf_counter()
    rows = _rows(json_body())
    if len(rows) > max_rows:
        raise TooLarge(f"{len(rows):,} rows are more than the {max_rows:,} of one request; send CSV, or several requests.")
    parse_ms = (time.perf_counter() - started) * 1e3
    answered = predicting.answer(live, rows, Source.JSON)
    answer = {
        "model": {"id": live.model_id, "version": live.version},
        "predictions": [_document(prediction, id) for prediction, id in zip(answered.predictions, answered.prediction_ids(), strict=True)],
    }
    g.prediction = (len(rows), live.version)
    timing = f"parse;dur={parse_ms:.3f}, validate;dur={answered.validate_ms:.3f}, predict;dur={answered.predict_ms:.3f}"
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


def _document(prediction: RowPrediction, id: str) -> dict[str, Any]:
    document: dict[str, Any] = {"id": id, "prediction": prediction.prediction}
    if prediction.probabilities is not None:
        document["probabilities"] = prediction.probabilities
    if prediction.interval is not None:
        document["interval"] = prediction.interval
    document["warnings"] = prediction.warnings
    return document


def _csv_answer(predicting: Predicting, live: LivePredictor) -> Response:
    try:
        text = whole_body().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest("The CSV is not UTF-8; save it as UTF-8 and send it again.") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if not reader.fieldnames:
        raise InvalidRequest("The CSV is empty.", expected="a header and rows")
    written = io.StringIO()
    out = csv.writer(written)
    ends = ["low", "high"] if live.predictor.bands is not None else []
    out.writerow(["id", "prediction", *(_cell(f"probability {label}") for label in live.predictor.labels), *ends, "warnings"])
    count = 0
    try:
        for rows in _chunks(reader):
            answered = predicting.answer(live, rows, Source.CSV, first=count)
            for id, prediction in zip(answered.prediction_ids(), answered.predictions, strict=True):
                count += 1
                chances = prediction.probabilities or {}
                warnings = "; ".join(str(each["message"]) for each in prediction.warnings)
                out.writerow([id, _cell(prediction.prediction), *chances.values(), *(prediction.interval or ()), _cell(warnings)])
    except csv.Error as error:
        raise InvalidRequest(f"Line {reader.line_num} of the CSV cannot be read: {error}.", row=reader.line_num) from error
    if not count:
        raise InvalidRequest("The CSV has a header but no rows.", expected="at least one row")
    g.prediction = (count, live.version)
    version = {"X-Model-Version": str(live.version)}
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
