"""The values of this room: an operation of the API, what it takes and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

Schema = Mapping[str, Any]

JSON, CSV, HTML, ZIP, TEXT = "application/json", "text/csv", "text/html", "application/zip", "text/plain"


class Errors(StrEnum):
    """The shape of an operation's errors; the value is the name of their response among the components."""

    PROBLEM = "Problem"
    INFERENCE = "InferenceError"
    MLFLOW = "MlflowError"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One in the query, or a header."""

    name: str
    description: str
    schema: Schema
    where: str = "query"
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """`content` gives the schema of each media type; a type stands for what it validates."""

    content: Mapping[str, Schema | TypeAdapter[Any]]
    is_required: bool = True
    description: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`shape` names a schema among the components; `content` are answers of other media types."""

    description: str
    shape: str | None = None
    schema: Schema | None = None
    content: Mapping[str, Schema] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """`refusals` are the errors that are worth a sentence of their own, by status; others may come and have the same shape."""

    summary: str
    answers: Mapping[int, Answer]
    refusals: Mapping[int, str] = field(default_factory=dict)
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    errors: Errors = Errors.PROBLEM
    is_open: bool = False


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def plural(name: str, shape: str, **more: Schema) -> dict[str, Any]:
    """`{"<name>": [...], "total": n}`, as every list answers."""
    members = {name: {"type": "array", "items": ref(shape)}, "total": {"type": "integer", "minimum": 0}, **more}
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def whole_number(name: str, description: str, low: int, high: int, default: int | None = None) -> Parameter:
    """An empty one counts as none."""
    schema = {"type": ["integer", "string"], "minimum": low, "maximum": high, "maxLength": 0}
    return Parameter(name, description, schema if default is None else {**schema, "default": default})


def text(name: str, description: str) -> Parameter:
    return Parameter(name, description, {"type": "string"})
