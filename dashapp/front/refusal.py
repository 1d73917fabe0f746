"""Answers that never reach the application, as the same problem documents (RFC 9457) that it gives."""

from __future__ import annotations

import json
from http import HTTPStatus

from gunicorn.http import errors

from dashapp.errors import TooSlow

STATUSES = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
}
RETRY_AFTER_S = 1


def refusal(status: HTTPStatus, detail: str) -> bytes:
    """A whole answer, after which the connection is closed."""
    body = json.dumps({"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}).encode()
    retry = f"Retry-After: {RETRY_AFTER_S}\r\n" if status is HTTPStatus.SERVICE_UNAVAILABLE else ""
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}{retry}Connection: close\r\n\r\n".encode() + body


def refusal_of(error: Exception) -> bytes | None:
    """The answer to a request that gunicorn's parser refuses; None where the error is not the client's."""
    if isinstance(error, TooSlow):
        return refusal(HTTPStatus.REQUEST_TIMEOUT, error.message)
    if not isinstance(error, errors.ParseException) or isinstance(
        error, errors.ConfigurationProblem | errors.InvalidResponseHeader | errors.InvalidResponseHeaderName
    ):
        return None
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), HTTPStatus.BAD_REQUEST)
    return refusal(status, f"This is not a request as HTTP wants it: {error}.")
