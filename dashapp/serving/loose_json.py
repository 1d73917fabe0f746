"""JSON as the inference protocols' clients write it: with a bare `NaN` or `Infinity` where the standard has none."""

from __future__ import annotations

import re
from typing import Any

import orjson

from dashapp.errors import InvalidRequest

# A whole text, so that nothing within it is found; one without an end goes to the end of the body, and is read only once.
_TEXT_OR_BARE = re.compile(rb'"(?:[^"\\]|\\.)*+"?|-?NaN|-?Infinity', re.DOTALL)


def parse_loosely(body: bytes) -> Any:
    """A bare `NaN` gives None, a missing value; a bare `Infinity` gives its name, which no column of numbers takes.
    Raises `InvalidRequest`."""
    try:
        return _parsed(body)
    except InvalidRequest:
        if b"NaN" not in body and b"Infinity" not in body:
            raise
        return _parsed(_TEXT_OR_BARE.sub(_standard, body))


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The body is not valid JSON: {error}.", expected="a JSON object") from error


def _standard(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if text.startswith(b'"'):
        return text
    return b"null" if text.endswith(b"NaN") else b'"%s"' % text
