"""Bodies of every bad kind to every route that takes one: 4xx with a document that says what is wrong, and never a 5xx."""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from functools import cache
from typing import Any

import pytest
from flask import Flask

from tests.conftest import DATA

ROUTES = ["/api/predict", "/api/runs", "/invocations", "/v2/models/default/infer"]


@cache
def json_files() -> dict[str, bytes]:
    with zipfile.ZipFile(DATA / "json_test_suite.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def routes_with_a_body(server: Flask) -> list[tuple[str, str]]:
    """All but the one that takes a file, and those that take nothing."""
    names = {
        "dataset_id": "d1",
        "run_id": "r1",
        "model_id": "m1",
        "prediction_id": "p1",
        "alert_id": "1",
        "rule": "memory_high",
        "name": "default",
        "version": "2",
    }
    document = server.test_client().get("/openapi.json").json
    return [
        (method.upper(), path.format(**names))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "requestBody" in operation and path != "/api/datasets"
    ]


def is_error(answer: Any, *statuses: int) -> bool:
    """Each protocol's own shape, with a sentence in it."""
    document = answer.get_json(force=True, silent=True) or {}
    sentence = document.get("detail") or document.get("message") or document.get("error")
    return bool(answer.status_code in statuses and sentence)


def test_the_suite_has_all_of_its_files() -> None:
    names = list(json_files())
    assert [sum(name.startswith(kind) for name in names) for kind in "yni"] == [95, 188, 35]


@pytest.mark.parametrize("path", ROUTES)
def test_no_file_of_the_json_test_suite_makes_a_5xx_or_is_taken_for_a_request(live_server: Flask, path: str) -> None:
    client = live_server.test_client()
    for name, body in json_files().items():
        answer = client.post(path, data=body, content_type="application/json")
        expected = (400,) if name.startswith("n_") else (400, 404, 422)
        assert is_error(answer, *expected), (name, answer.status_code, answer.text)


def compressed_too_far() -> bytes:
    return gzip.compress(b" " * 20_000_000, mtime=0)


BODIES = {
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a huge integer": b'{"a":' + b"9" * 5_000 + b"}",
    "a number past all": b"[1e999]",
    "a bare word": b"NaN",
    "only NUL": b"\x00",
    "NUL in a text": b'{"a":"\x00"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-16 without a mark": '{"a": 1}'.encode("utf-16-le"),
    "Latin-1": '{"a": "é"}'.encode("latin-1"),
    "a lone surrogate": b'{"a": "\\ud800"}',
    "two values": b"{}{}",
    "a list": b"[]",
    "a list of lists": b"[[[]]]",
    "a text": b'"words"',
    "a number": b"5",
    "null": b"null",
    "a table": b"a,b\n1,2\n",
    "a form": b"a=1&b=2",
}


@pytest.mark.parametrize("kind", BODIES)
def test_a_bad_body_is_told_everywhere(live_server: Flask, kind: str) -> None:
    client = live_server.test_client()
    for method, path in routes_with_a_body(live_server):
        if (path, kind) == ("/api/feedback", "a list"):
            continue  # nothing to say is no mistake
        answer = client.open(path, method=method, data=BODIES[kind], content_type="application/json")
        assert is_error(answer, 400, 404, 422), (method, path, answer.status_code, answer.text)


@pytest.mark.parametrize("path", ROUTES)
def test_what_was_sent_is_not_told_back_at_any_length(live_server: Flask, path: str) -> None:
    for row in ("[" * 500 + "]" * 500, '"' + "x" * 1_000_000 + '"'):
        answer = live_server.test_client().post(path, data=f"[{row}]")
        assert is_error(answer, 400, 422) and len(answer.data) < 200_000


@pytest.mark.parametrize("path", ROUTES)
def test_an_empty_body_is_told(live_server: Flask, path: str) -> None:
    assert is_error(live_server.test_client().post(path, data=b""), 400)


@pytest.mark.parametrize("path", ["/api/predict", "/api/runs"])
@pytest.mark.parametrize(
    ("kind", "words"),
    [("UTF-16", "UTF-8"), ("Latin-1", "UTF-8"), ("deep lists", "depth"), ("a form", "JSON"), ("two values", "JSON"), ("only NUL", "JSON")],
)
def test_the_sentence_names_what_is_wrong(live_server: Flask, path: str, kind: str, words: str) -> None:
    answer = live_server.test_client().post(path, data=BODIES[kind])
    assert answer.status_code == 400 and words in answer.json["detail"]


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("gzip", gzip.compress(b"{", mtime=0), 400),
        ("gzip", b"{}", 400),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-3], 400),
        ("gzip", gzip.compress(b"{}", mtime=0) + b"more", 400),
        ("deflate", b"\x78\x9c", 400),
        ("br", b"{}", 415),
        ("gzip, gzip", b"{}", 415),
        ("gzip", compressed_too_far(), 413),
    ],
)
def test_a_body_that_is_not_as_its_encoding_says_is_told(live_server: Flask, encoding: str, body: bytes, status: int) -> None:
    client = live_server.test_client()
    for method, path in routes_with_a_body(live_server):
        answer = client.open(path, method=method, data=body, headers={"Content-Encoding": encoding})
        assert is_error(answer, status), (method, path, answer.status_code, answer.text)


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("X-GZIP", gzip.compress), ("deflate", zlib.compress)])
def test_a_compressed_row_is_predicted(live_server: Flask, encoding: str, compress: Any) -> None:
    client = live_server.test_client()
    rows = client.get("/openapi.json").json["components"]["schemas"]["Rows"]["examples"][0]
    answer = client.post("/api/predict", data=compress(json.dumps(rows).encode()), headers={"Content-Encoding": encoding})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/api/datasets", "/api/predict"])
def test_a_file_is_not_decompressed(live_server: Flask, path: str) -> None:
    sent = gzip.compress(b"a,b\n1,2\n", mtime=0)
    answer = live_server.test_client().post(path, data=sent, headers={"Content-Encoding": "gzip"}, content_type="text/csv")
    assert is_error(answer, 415)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", "multipart/form-data; boundary=", "ä/ö", ""])
def test_a_foreign_content_type_makes_no_5xx(live_server: Flask, kind: str) -> None:
    client = live_server.test_client()
    for method, path in [*routes_with_a_body(live_server), ("POST", "/api/datasets")]:
        answer = client.open(path, method=method, data=b"<a/>", headers={"Content-Type": kind})
        assert is_error(answer, 400, 404, 415, 422), (method, path, answer.status_code, answer.text)
