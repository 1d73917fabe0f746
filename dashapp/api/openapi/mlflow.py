"""`/invocations`, `/ping` and `/version`, described: MLflow's scoring protocol."""

from __future__ import annotations

from typing import Any

from dashapp.api.openapi.operation import CSV, JSON, TEXT, Answer, Body, Errors, Operation, Schema, ref
from dashapp.serving.scoring import FORMS, METHODS

_RECORDS = {"type": "array", "items": {"type": "object"}}
_TABLE: dict[str, Any] = {"type": "array", "items": {"type": "array"}}

SCHEMAS: dict[str, Schema] = {
    "Scoring": {
        "description": f"Exactly one of {', '.join(FORMS)}.",
        "type": "object",
        "properties": {
            "dataframe_split": {
                "type": "object",
                "properties": {"columns": {"type": "array", "items": {"type": "string"}}, "data": _TABLE},
                "required": ["columns", "data"],
            },
            "dataframe_records": _RECORDS,
            "instances": {"type": ["array", "object"]},
            "inputs": {"type": ["array", "object"]},
            "params": {"type": ["object", "null"], "properties": {"predict_method": {"enum": list(METHODS)}}},
        },
        "oneOf": [{"required": [form]} for form in FORMS],
    },
    "Scored": {
        "type": "object",
        "properties": {
            "predictions": {"type": "array"},
            "labels": {"type": "array", "items": {"type": "string"}, "description": "with `predict_proba`: the order of the probabilities"},
            "warnings": {"type": "array"},
        },
        "required": ["predictions"],
        "additionalProperties": False,
    },
}

OPERATIONS = {
    "POST /invocations": Operation(
        "Predict rows",
        {
            200: Answer(
                "One prediction for each row.",
                "Scored",
                headers={
                    "X-Model-Version": "the version that answered",
                    "X-Prediction-Id": "of several rows the n-th is `<id>-<n>`, from 0",
                },
            )
        },
        {
            409: "No model is deployed.",
            413: "The body or the number of rows is past a limit.",
            415: "It is neither JSON nor CSV.",
            422: "A value does not fit its column.",
            503: "Too many requests at the same time; see `Retry-After`.",
        },
        body=Body({JSON: ref("Scoring"), CSV: ref("CsvRows")}),
        errors=Errors.MLFLOW,
    ),
    "GET /ping": Operation("Is the process alive", {200: Answer("Yes.", content={JSON: {}})}, errors=Errors.MLFLOW, is_open=True),
    "GET /version": Operation(
        "The product's version", {200: Answer("Such as 0.1.0.", content={TEXT: {"type": "string"}})}, errors=Errors.MLFLOW
    ),
}
