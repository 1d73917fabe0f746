"""Errors as `application/problem+json` (RFC 9457); on the routes of the two inference protocols in their own shapes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

import orjson
from flask import Flask, Response, current_app, request
from gunicorn.http.errors import ParseException
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.response import Response as AnyResponse

from dashapp import errors
from dashapp.api.body import CUT_OFF
from dashapp.api.request_id import request_id

STATUSES: dict[type[errors.DashappError], HTTPStatus] = {
    errors.UnreadableCsv: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.CannotTrain: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidRow: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidRequest: HTTPStatus.BAD_REQUEST,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.TooSlow: HTTPStatus.REQUEST_TIMEOUT,
    errors.Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.DiskFull: HTTPStatus.INSUFFICIENT_STORAGE,
}

RETRY_AFTER_S = "1"
LONGEST_MEMBER = 100_000

MLFLOW_CODES = {
    HTTPStatus.UNAUTHORIZED: "UNAUTHENTICATED",
    HTTPStatus.FORBIDDEN: "PERMISSION_DENIED",
    HTTPStatus.NOT_FOUND: "ENDPOINT_NOT_FOUND",
    HTTPStatus.CONFLICT: "RESOURCE_CONFLICT",
    HTTPStatus.UNPROCESSABLE_ENTITY: "INVALID_PARAMETER_VALUE",
    HTTPStatus.SERVICE_UNAVAILABLE: "TEMPORARILY_UNAVAILABLE",
}

_log = logging.getLogger(__name__)


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None, members: Mapping[str, object] | None = None) -> Response:
    own = _protocol_error(status, detail)
    if own is not None:
        return Response(orjson.dumps(own), status, headers, content_type="application/json")
    told = {name: _told(value) for name, value in (members or {}).items()}
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and (asked := request_id()):
        told["request_id"] = asked
    document = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **told}
    return Response(orjson.dumps(document), status, headers, content_type="application/problem+json")


def _told(value: object) -> object:
    """A member of the document. What a caller sent may be long, or nested deeper than can be written again."""
    try:
        text = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY, default=str)
    except orjson.JSONEncodeError:
        return "a value that is nested too deeply to be shown"
    return orjson.Fragment(text) if len(text) <= LONGEST_MEMBER else f"{text[:LONGEST_MEMBER].decode(errors='ignore')}…"


def _protocol_error(status: int, detail: str) -> dict[str, str] | None:
    """What the Open Inference Protocol or MLflow's would answer; None where the path is of neither."""
    match request.path.removeprefix(current_app.config.get("URL_PREFIX", "")).split("/", 2)[1:2]:
        case ["v2"]:
            return {"error": detail}
        case ["invocations" | "ping" | "version"]:
            return {
                "error_code": MLFLOW_CODES.get(HTTPStatus(status), "BAD_REQUEST" if status < 500 else "INTERNAL_ERROR"),
                "message": detail,
            }
    return None


def register_problems(server: Flask, url_prefix: str = "") -> None:
    server.config["URL_PREFIX"] = url_prefix
    server.register_error_handler(errors.DashappError, _of_project)
    server.register_error_handler(HTTPException, _of_http)
    server.register_error_handler(ParseException, _of_framing)
    server.register_error_handler(DataError, _of_database)
    server.register_error_handler(Exception, _unexpected)


def _of_project(error: errors.DashappError) -> Response:
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), HTTPStatus.INTERNAL_SERVER_ERROR)
    headers = {"Retry-After": RETRY_AFTER_S} if isinstance(error, errors.Overloaded) else None
    return problem(status, error.message, headers, error.details)


def _of_http(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < 400:
        return error.get_response()  # a redirect, say
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return problem(error.code, error.description or HTTPStatus(error.code).phrase, headers)


def _of_database(_error: DataError) -> Response:
    """PostgreSQL keeps no text with a NUL in it, so that nothing has such a name either."""
    return problem(400, "A value holds a sign that cannot be kept, such as NUL; leave it out.")


def _of_framing(_error: ParseException) -> Response:
    """What gunicorn raises in the middle of a body, wherever that is read."""
    return problem(HTTPStatus.BAD_REQUEST, CUT_OFF)


def _unexpected(error: Exception) -> Response:
    _log.exception("%s %s failed (request %s)", request.method, request.path, request_id(), exc_info=error)
    return problem(500, "The server met an error of its own; its log says more. Nothing that was kept is lost.")
