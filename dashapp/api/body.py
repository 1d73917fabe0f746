"""Reading what a request carries."""

from __future__ import annotations

from typing import Any, TypeVar

import orjson
from flask import request
from pydantic import TypeAdapter, ValidationError

from dashapp.errors import InvalidRequest

T = TypeVar("T")


def json_body() -> Any:
    """The parsed body; raises `InvalidRequest` where it is not JSON."""
    try:
        return orjson.loads(request.get_data(cache=False))
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The body is not valid JSON: {error}.", expected="a JSON object") from error


def object_of(adapter: TypeAdapter[T]) -> T:
    """The body as the value that `adapter` describes; an empty body counts as `{}`. Raises `InvalidRequest` that names the field."""
    body = json_body() if request.content_length != 0 and request.get_data() else {}
    try:
        return adapter.validate_python(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the body"
        raise InvalidRequest(f"{field}: {first['msg']}.", field=field, got=first["input"]) from error


def whole_number(name: str, default: int, low: int, high: int) -> int:
    """A query parameter; raises `InvalidRequest` that names it."""
    text = request.args.get(name)
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise InvalidRequest(f"{name} must be a whole number from {low} to {high}.", field=name, got=text)
    return value
