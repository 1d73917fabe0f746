from __future__ import annotations

import json
from http import HTTPStatus

import pytest
from gunicorn.http import errors

from dashapp.errors import TooSlow
from dashapp.front.refusal import refusal, refusal_of


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidHeader("X"), 400),
        (errors.UnsupportedTransferCoding("tea"), 400),
        (errors.LimitRequestLine(9000, 8190), 414),
        (errors.LimitRequestHeaders("too many"), 431),
        (errors.ExpectationFailed("tea"), 417),
        (TooSlow("Too slow."), 408),
    ],
)
def test_what_the_client_did_is_answered_with_a_problem_document(error: Exception, status: int) -> None:
    head, _, body = (refusal_of(error) or b"").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"Connection: close" in head
    assert b"Content-Length: %d" % len(body) in head
    assert json.loads(body)["status"] == status


@pytest.mark.parametrize("error", [ValueError("x"), errors.InvalidResponseHeader("X"), errors.ConfigurationProblem("x")])
def test_what_the_server_did_is_not(error: Exception) -> None:
    assert refusal_of(error) is None


def test_who_finds_no_place_is_told_when_to_come_back() -> None:
    assert b"\r\nRetry-After: 1\r\n" in refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Busy.")
    assert b"Retry-After" not in refusal(HTTPStatus.BAD_REQUEST, "Bad.")
