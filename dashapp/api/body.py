"""Reading what a request carries."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, BinaryIO, TypeVar, cast

import orjson
from flask import request
from gunicorn.http.errors import ParseException
from pydantic import TypeAdapter, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from dashapp.api.encodings import decoded
from dashapp.errors import InvalidRequest, TooLarge

T = TypeVar("T")

# What the servers raise in the middle of reading a body: gunicorn its own parse errors, werkzeug a connection error.
BROKEN_BODY = (OSError, ParseException)
CUT_OFF = "The body ended too early or is badly framed; send it again."


def whole_body() -> bytes:
    """The bytes of the body, decompressed. Raises `InvalidRequest` where they end too early or are badly framed, `TooLarge` past the
    limit of this request, and `UnsupportedMediaType` for an encoding that is not known here."""
    try:
        data = request.get_data()
    except BROKEN_BODY as error:
        raise InvalidRequest(CUT_OFF) from error
    limit = request.max_content_length
    if request.content_length is None and limit is not None and len(data) >= limit:  # werkzeug cuts a body that tells no length
        raise TooLarge(f"The body is larger than the {limit:,} bytes that are taken; send it in parts.")
    encoding = request.environ.get("HTTP_CONTENT_ENCODING")
    return decoded(data, encoding, limit) if encoding else data


def plain_stream() -> BinaryIO:
    """The body as it comes in; raises `UnsupportedMediaType` for a compressed one."""
    if request.environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in ("", "identity"):
        raise UnsupportedMediaType("This body is kept as it is sent; send it without Content-Encoding.")
    return cast(BinaryIO, request.stream)


def json_body() -> Any:
    """The parsed body; raises `InvalidRequest` where it is not JSON."""
    return _parsed(whole_body())


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(_why(body, error), expected="a JSON object") from error


def _why(body: bytes, error: orjson.JSONDecodeError) -> str:
    if not body:
        return "The body is empty; send JSON."
    try:
        body.decode()
    except UnicodeDecodeError as wrong:
        return f"The body is not UTF-8 (byte {wrong.start}); JSON is sent in UTF-8."
    return f"The body is not valid JSON: {error}."


def object_of(adapter: TypeAdapter[T]) -> T:
    """The body as the value that `adapter` describes; an empty body counts as `{}`. Raises `InvalidRequest` that names the field."""
    sent = whole_body()
    return valid(adapter, _parsed(sent) if sent else {})


def valid(adapter: TypeAdapter[T], body: Any) -> T:
    """Raises `InvalidRequest` that names the field."""
    try:
        return adapter.validate_python(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the body"
        raise InvalidRequest(f"{field}: {first['msg']}.", field=field, got=first["input"]) from error


def whole_number(name: str, default: int, low: int, high: int) -> int:
    """A query parameter; raises `InvalidRequest` that names it."""
    text = request.args.get(name)
    if not text:
        return default
    # int() would read "1_0" and the digits of every script, and give up at thousands of them.
    value = int(text) if re.fullmatch("-?[0-9]{1,20}", text) else low - 1
    if not low <= value <= high:
        raise InvalidRequest(f"{name} must be a whole number from {low} to {high}.", field=name, got=text)
    return value


def moment(name: str) -> datetime | None:
    """A query parameter; a time without a zone is UTC. Raises `InvalidRequest` that names it."""
    text = request.args.get(name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidRequest(f"{name} must be a time as ISO 8601 writes it, such as 2026-11-23T09:00:00Z.", field=name, got=text) from None
