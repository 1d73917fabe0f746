"""`/v2`, described: the Open Inference Protocol."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dashapp.api.inference_v2 import HEADER_LENGTH
from dashapp.api.openapi.operation import JSON, Answer, Body, Errors, Operation, Parameter, Schema, ref

BINARY = "application/octet-stream"
NONE = {404: "There is no such model, or no such version of it.", 409: "No model is deployed."}
LIMITS = {413: "The body or the number of rows is past a limit.", 503: "Too many requests at the same time; see `Retry-After`."}

_TEXT = {"type": "string"}
_PARAMETERS = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}


def _object(required: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {**required, **more}, "required": list(required)}


def _list(items: Any, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


_SHAPE = _list({"type": "integer"}, minItems=1, maxItems=2)
_DESCRIBED = _object({"name": _TEXT, "datatype": _TEXT, "shape": _SHAPE}, parameters=_PARAMETERS)
_CONFIGURED = _object({"name": _TEXT, "data_type": _TEXT, "dims": _SHAPE})
_LISTED = _object({"name": _TEXT, "version": _TEXT, "state": _TEXT, "reason": _TEXT})

SCHEMAS: dict[str, Schema] = {
    "InferenceTensor": _object(
        {"name": _TEXT, "shape": _list({"type": "integer", "minimum": 0}, minItems=1, maxItems=2), "datatype": _TEXT},
        data=_list({"type": ["string", "number", "boolean", "null", "array"]}),
        parameters=_PARAMETERS,
    ),
    "InferenceRequest": {
        **_object(
            {"inputs": _list(ref("InferenceTensor"))},
            id={"type": ["string", "null"]},
            parameters={"type": ["object", "null"]},
            outputs=_list(_object({"name": {"enum": ["prediction", "probabilities"]}}, parameters=_PARAMETERS)),
        ),
        "description": "One input for each column, of shape `[rows, 1]` or `[rows]`: FP64 for numbers, BOOL for booleans, else BYTES.",
    },
    "InferenceResponse": _object(
        {"model_name": _TEXT, "model_version": _TEXT, "parameters": _PARAMETERS, "outputs": _list(ref("InferenceTensor"))}, id=_TEXT
    ),
}


def _read(summary: str, schema: Any, refusals: dict[int, str], words: str = "Yes.", *, is_open: bool = False) -> Operation:
    return Operation(summary, {200: Answer(words, schema=schema)}, refusals, errors=Errors.INFERENCE, is_open=is_open)


_OF_A_MODEL = {
    "GET /v2/models/{name}": _read(
        "Inputs and outputs",
        _object({"name": _TEXT, "versions": _list(_TEXT), "platform": _TEXT, "inputs": _list(_DESCRIBED), "outputs": _list(_DESCRIBED)}),
        NONE,
        "With datatype and shape; the order of the classes stands in the parameters of `probabilities`.",
    ),
    "GET /v2/models/{name}/ready": _read("Does the model answer", _object({"name": _TEXT, "ready": {"const": True}}), NONE),
    "GET /v2/models/{name}/config": _read(
        "The model's configuration",
        _object({"name": _TEXT, "input": _list(_CONFIGURED), "output": _list(_CONFIGURED)}),
        NONE,
        "As the model configuration extension has it.",
    ),
    "POST /v2/models/{name}/infer": Operation(
        "Predict tensors",
        {200: Answer("`prediction` and, for classes, `probabilities`.", "InferenceResponse", content={BINARY: {}})},
        {**NONE, **LIMITS, 422: "A value does not fit its column."},
        "Tensors are JSON, or bytes behind the JSON whose length the header gives. Bodies may be gzip or deflate.",
        (
            Parameter(
                HEADER_LENGTH, "bytes of the body that are JSON, where tensors follow it", {"type": "integer", "minimum": 0}, "header"
            ),
        ),
        Body({JSON: ref("InferenceRequest"), BINARY: {}}),
        Errors.INFERENCE,
    ),
}

OPERATIONS = {
    "GET /v2": _read(
        "The server and its extensions",
        _object({"name": _TEXT, "version": _TEXT, "extensions": _list(_TEXT)}),
        {},
        "As the protocol has it.",
    ),
    "GET /v2/health/live": _read("Is the process alive", _object({"live": {"const": True}}), {}, is_open=True),
    "GET /v2/health/ready": _read("Is a model deployed", _object({"ready": {"const": True}}), {409: "No model is deployed."}, is_open=True),
    "GET /v2/models": _read("What is live", _object({"models": _list(_LISTED), "total": {"type": "integer"}}), {}, "One model or none."),
    "POST /v2/repository/index": _read("What is live, as Triton's clients ask", _list(_LISTED), {}, "One model or none."),
    **_OF_A_MODEL,
    **{
        key.replace("{name}", "{name}/versions/{version}"): replace(each, summary=f"{each.summary}, of the live version")
        for key, each in _OF_A_MODEL.items()
    },
}
