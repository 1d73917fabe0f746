"""The schemas that operations refer to, made of types; and what errors look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from dashapp.api.openapi.operation import JSON, Errors, Schema, ref
from dashapp.api.openapi.shapes import SHAPES

TEMPLATE = "#/components/schemas/{model}"
_SENTENCE = {"type": "string", "minLength": 1}


def answer_schemas() -> dict[str, Schema]:
    """Each of `SHAPES` and what it is made of. An answer has all of its members and no others."""
    keys = [(name, "serialization", TypeAdapter(kind)) for name, kind in SHAPES.items()]
    found, shared = TypeAdapter.json_schemas(keys, ref_template=TEMPLATE)  # type: ignore[arg-type]
    named = {name: schema for (name, _), schema in found.items() if schema != ref(str(name))}
    return {str(name): _exact(schema) for name, schema in {**shared.get("$defs", {}), **named}.items()}


def request_schemas(adapters: Mapping[str, TypeAdapter[Any]]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The schema of what each route validates with, by its key; and the components that these refer to."""
    keys = [(key, "validation", each) for key, each in adapters.items()]
    found, shared = TypeAdapter.json_schemas(keys, ref_template=TEMPLATE)  # type: ignore[arg-type]
    bodies = {str(key): _plain(schema) for (key, _), schema in found.items()}
    return bodies, {name: _plain(schema) for name, schema in shared.get("$defs", {}).items()}


def _exact(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_exact(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _exact(each) for name, each in _plain(schema).items()}
    if "properties" in found and found.get("type") == "object":
        found |= {"required": list(found["properties"]), "additionalProperties": False}
    return found


def _plain(schema: Any) -> Any:
    """Without the titles that only repeat names, and without defaults of null."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: {member: _plain(each) for member, each in value.items()} if name == "properties" else _plain(value)
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str)) and not (name == "default" and value is None)
    }


def error_schemas() -> dict[str, Schema]:
    return {
        "Problem": {
            "description": "What went wrong (RFC 9457); `detail` is one sentence that a person can act on. Members that name the place "
            "are there where they apply.",
            "type": "object",
            "properties": {
                "type": {"type": "string", "format": "uri-reference"},
                "title": _SENTENCE,
                "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "detail": _SENTENCE,
                "field": {"type": "string", "description": "the member of the body, or the parameter"},
                "column": {"type": ["string", "null"]},
                "row": {"type": "integer", "description": "from 0 in a body of rows"},
                "got": {"description": "what was sent"},
                "expected": {"description": "what would do"},
                "example": {"description": "a value that would do"},
                "checks": {"type": "array", "items": ref("GateCheck")},
            },
            "required": ["type", "title", "status", "detail"],
            "additionalProperties": True,
        },
        "InferenceError": {"type": "object", "properties": {"error": _SENTENCE}, "required": ["error"], "additionalProperties": False},
        "MlflowError": {
            "type": "object",
            "properties": {"error_code": _SENTENCE, "message": _SENTENCE},
            "required": ["error_code", "message"],
            "additionalProperties": False,
        },
    }


def error_responses() -> dict[str, Schema]:
    kinds = {Errors.PROBLEM: "application/problem+json", Errors.INFERENCE: JSON, Errors.MLFLOW: JSON}
    return {
        each.value: {"description": "It cannot be done; the sentence says why.", "content": {kind: {"schema": ref(each.value)}}}
        for each, kind in kinds.items()
    }
