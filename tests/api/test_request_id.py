"""Every answer tells its request's id; the log and the problems of the server's own tell it too."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashapp.api.request_id import RequestIds, WithRequestId


@pytest.mark.parametrize("given", ["abc", "5c1d-77/=+ x", "x" * 128])
def test_a_sane_id_is_sent_back(client: FlaskClient, given: str) -> None:
    assert client.get("/api/status", headers={"X-Request-Id": given}).headers.getlist("X-Request-Id") == [given]


@pytest.mark.parametrize("given", ["", "x" * 129, "caf\xe9", "a\tb", "\x7f"])
def test_another_gets_one_of_ours(client: FlaskClient, given: str) -> None:
    answers = [client.get(path, headers={"X-Request-Id": given}).headers["X-Request-Id"] for path in ("/api/status", "/api/none")]
    assert len(set(answers)) == 2
    for answer in answers:
        assert answer != given and answer.isascii() and len(answer) < 40


def test_two_processes_give_no_id_twice() -> None:
    environs: list[dict[str, str]] = [{} for _ in range(6)]
    for ids, given in zip((RequestIds(), RequestIds()), (environs[:3], environs[3:]), strict=True):
        for environ in given:
            ids.give(environ)
    assert len({environ["dashapp.request_id"] for environ in environs}) == 6


def test_an_error_of_our_own_tells_the_id_in_the_log_and_in_the_answer(server: Flask, caplog: pytest.LogCaptureFixture) -> None:
    @server.get("/api/broken")
    def broken() -> str:
        raise RuntimeError("on purpose")

    caplog.handler.addFilter(WithRequestId())
    answer = server.test_client().get("/api/broken", headers={"X-Request-Id": "abc-1"})
    logging.getLogger("dashapp").warning("outside of a request")
    assert (answer.status_code, answer.json["request_id"], answer.headers["X-Request-Id"]) == (500, "abc-1", "abc-1")
    assert [record.request_id for record in caplog.records] == ["abc-1", None]
    assert "request abc-1" in caplog.records[0].getMessage()
    assert "request_id" not in server.test_client().get("/api/none").json
