"""`/api/predict` and `/api/schema`, described; with the columns of the live model where there is one."""

from __future__ import annotations

from typing import Any

from dashapp.api.openapi.operation import CSV, JSON, Answer, Body, Operation, Parameter, Schema, ref
from dashapp.serving.live import LivePredictor
from dashapp.serving.schema import example_row, json_schema

NOT_DEPLOYED = {409: "No model is deployed."}
LIMITS = {413: "The body or the number of rows is past a limit.", 503: "Too many requests at the same time; see `Retry-After`."}

_PREDICTION = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "what feedback refers to"},
        "prediction": {"type": ["string", "number"], "description": "the label as it is written in the CSV file, or the value"},
        "probabilities": {
            "type": "object",
            "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
            "description": "of a classification: by label, always in the same order",
        },
        "interval": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2, "description": "of a regression"},
        "warnings": {"type": "array", "items": ref("RowWarning")},
        "explanation": ref("PredictionReasons"),
    },
    "required": ["id", "prediction", "warnings"],
    "additionalProperties": False,
}
_CONTRIBUTION = {
    "type": "object",
    "properties": {
        "column": {"type": "string"},
        "value": {"type": ["string", "number", "boolean", "null"]},
        "contribution": {"type": "number"},
    },
    "required": ["column", "value", "contribution"],
    "additionalProperties": False,
}
_REASONS = {
    "description": "Where `explain` asks for it: `baseline` plus all contributions is `score`.",
    "type": "object",
    "properties": {
        "of": {"type": ["string", "null"], "description": "the label whose probability `score` is; null in a regression"},
        "baseline": {"type": "number"},
        "score": {"type": "number"},
        "contributions": {"type": "array", "items": _CONTRIBUTION},
    },
    "required": ["of", "baseline", "score", "contributions"],
    "additionalProperties": False,
}

SCHEMAS: dict[str, Schema] = {
    "Prediction": _PREDICTION,
    "PredictionReasons": _REASONS,
    "Predictions": {
        "type": "object",
        "properties": {"model": ref("ModelName"), "predictions": {"type": "array", "items": ref("Prediction")}},
        "required": ["model", "predictions"],
        "additionalProperties": False,
    },
    "RowSchema": {
        "description": "JSON Schema (draft 2020-12) of a row, with an example.",
        "type": "object",
        "properties": {
            "$schema": {"type": "string"},
            "type": {"const": "object"},
            "properties": {"type": "object"},
            "examples": {"type": "array", "items": {"type": "object"}},
            "model": ref("ModelName"),
        },
        "required": ["$schema", "type", "properties", "examples", "model"],
    },
}

OPERATIONS = {
    "POST /api/predict": Operation(
        "Predict rows",
        {
            200: Answer(
                "One prediction for each row, in their order.",
                "Predictions",
                content={CSV: {"type": "string"}},
                headers={"Server-Timing": "milliseconds of JSON: parse, validate, predict"},
            )
        },
        {**NOT_DEPLOYED, **LIMITS, 422: "A value does not fit its column; `row`, `column`, `got`, `expected` and `example` say how."},
        "CSV in gives CSV out, streamed; no number of rows is too many for it.",
        (Parameter("explain", "reasons beside each prediction, in JSON; for a few rows only", {"enum": ["true", "false", "1", "0"]}),),
        body=Body({JSON: ref("Rows"), CSV: ref("CsvRows")}),
    ),
    "GET /api/schema": Operation("The live model's input", {200: Answer("A JSON Schema.", "RowSchema")}, NOT_DEPLOYED),
}


def live_schemas(live: LivePredictor | None, most_rows: int) -> dict[str, Schema]:
    """What `/api/predict` takes at this moment."""
    row = _row(live)
    return {"Row": row, "Rows": _rows(row, most_rows), "CsvRows": _csv(row)}


def _row(live: LivePredictor | None) -> dict[str, Any]:
    if live is None:
        return {"type": "object", "description": "A value for each column of the live model; at this moment none is deployed."}
    inputs = live.predictor.inputs
    words = (
        f"A row for version {live.version}. A column may be left out, which gives a warning, but not more than half of them; columns of "
        "other names are ignored with a warning."
    )
    found = json_schema(inputs, example_row(inputs), "")
    return {**{name: each for name, each in found.items() if name not in ("$schema", "title")}, "description": words}


def _rows(row: Schema, most_rows: int) -> dict[str, Any]:
    many = {"type": "array", "items": ref("Row"), "minItems": 1, "maxItems": most_rows}
    wrapped = {
        "type": "object",
        "properties": {"rows": many, "explain": {"type": "boolean", "default": False}},
        "required": ["rows"],
        "additionalProperties": False,
    }
    found: dict[str, Any] = {
        "description": "Rows as a member of an object, as a list, or one by itself.",
        "anyOf": [wrapped, many, ref("Row")],
    }
    examples = row.get("examples")
    return {**found, "examples": [{"rows": examples}]} if examples else found


def _csv(row: Schema) -> dict[str, Any]:
    words = "With a header; commas and UTF-8 are always understood. Cells that are empty are missing values."
    found = {"type": "string", "description": words}
    example = row.get("examples", [{}])[0]
    cells = ["" if value is None else str(value) for value in example.values()]
    lines = [",".join(example), ",".join(cells)]
    return found if not example or '"' in "".join(lines) else {**found, "examples": ["\n".join([*lines, ""])]}
