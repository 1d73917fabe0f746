"""The OpenAPI 3.1 document, put together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter

from dashapp import VERSION
from dashapp.api.openapi import alerts, datasets, drift, events, foresight, inference_v2, ledger, mlflow, models, monitor, predictions, runs
from dashapp.api.openapi.components import answer_schemas, error_responses, error_schemas, request_schemas
from dashapp.api.openapi.operation import JSON, Answer, Body, Operation, Parameter, Schema, ref
from dashapp.settings import Settings

SPECIFICATION = "3.1.0"
ROOMS = {
    "Data": datasets,
    "Training": runs,
    "Models": models,
    "Predictions": predictions,
    "Ledger": ledger,
    "In production": drift,
    "Monitoring": monitor,
    "Alerts": alerts,
    "Foresight": foresight,
    "Timeline": events,
    "Open Inference Protocol": inference_v2,
    "MLflow": mlflow,
}
"""By their tag. Each has `OPERATIONS` by method and path, and may have `SCHEMAS`."""

OPERATIONS: dict[str, Operation] = {key: each for room in ROOMS.values() for key, each in room.OPERATIONS.items()}
_TAGS = {key: tag for tag, room in ROOMS.items() for key in room.OPERATIONS}
_WORDS = (
    "Everything that the dashboard does. Errors are `application/problem+json`. Ids are strings, times are UTC. The live feed is a "
    "WebSocket at `/ws?after=<event id>`, which OpenAPI does not describe."
)


def fixed_document(settings: Settings) -> dict[str, Any]:
    """All but `predictions.live_schemas`, which change with each deployment."""
    bodies, of_requests = request_schemas(dict(_adapters()))
    paths: dict[str, dict[str, Any]] = {}
    for key, operation in OPERATIONS.items():
        method, path = key.split(" ")
        paths.setdefault(path, {})[method.lower()] = _operation(key, operation, bodies.get(key, {}))
    schemas = {**answer_schemas(), **of_requests, **error_schemas()}
    for room in ROOMS.values():
        schemas |= getattr(room, "SCHEMAS", {})
    return {
        "openapi": SPECIFICATION,
        "info": {"title": "dashapp", "version": VERSION, "description": _WORDS},
        "servers": [{"url": settings.url_prefix or "/"}],
        "security": [{"bearer": []}] if settings.token else [],
        "tags": [{"name": tag} for tag in ROOMS],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": error_responses(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "The value of `DASHAPP_TOKEN`, where one is set."}
            },
        },
    }


def with_schemas(document: Mapping[str, Any], schemas: Mapping[str, Schema]) -> dict[str, Any]:
    components = document["components"]
    return {**document, "components": {**components, "schemas": {**components["schemas"], **schemas}}}


def _adapters() -> Iterable[tuple[str, TypeAdapter[Any]]]:
    for key, operation in OPERATIONS.items():
        for schema in operation.body.content.values() if operation.body else ():
            if isinstance(schema, TypeAdapter):
                yield key, schema


def _operation(key: str, operation: Operation, typed: Schema) -> dict[str, Any]:
    error = f"#/components/responses/{operation.errors.value}"
    answers = {str(status): _answer(answer) for status, answer in operation.answers.items()}
    refused = {str(status): _refusal(operation, words) for status, words in operation.refusals.items()}
    found: dict[str, Any] = {
        "operationId": _name(key),
        "tags": [_TAGS[key]],
        "summary": operation.summary,
        "parameters": [*_in_path(key), *(_parameter(each) for each in operation.parameters)],
        "responses": {**answers, **refused, "default": {"$ref": error}},
    }
    if operation.description:
        found["description"] = operation.description
    if operation.body:
        found["requestBody"] = _body(operation.body, typed)
    if operation.is_open:
        found["security"] = []
    return found


def _name(key: str) -> str:
    """`GET /api/runs/{run_id}` is `get_api_runs_run_id`."""
    return "_".join(re.findall(r"\w+", key.lower()))


def _in_path(key: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for name in re.findall(r"{(\w+)}", key)
    ]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    found = {"name": parameter.name, "in": parameter.where, "description": parameter.description, "schema": parameter.schema}
    return {**found, "style": "form", "explode": True} if parameter.is_list else found


def _body(body: Body, typed: Schema) -> dict[str, Any]:
    """`typed` is the schema of the type that the route validates with."""
    content = {kind: {"schema": typed if isinstance(schema, TypeAdapter) else schema} for kind, schema in body.content.items()}
    found = {"required": body.is_required, "content": content}
    return {**found, "description": body.description} if body.description else found


def _answer(answer: Answer) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if answer.shape or answer.schema:
        content[JSON] = {"schema": answer.schema or ref(str(answer.shape))}
    content |= {kind: {"schema": schema} for kind, schema in answer.content.items()}
    found: dict[str, Any] = {"description": answer.description}
    if content:
        found["content"] = content
    if answer.headers:
        found["headers"] = {name: {"description": words, "schema": {"type": "string"}} for name, words in answer.headers.items()}
    return found


def _refusal(operation: Operation, words: str) -> dict[str, Any]:
    kind = "application/problem+json" if operation.errors.value == "Problem" else JSON
    return {"description": words, "content": {kind: {"schema": ref(operation.errors.value)}}}
