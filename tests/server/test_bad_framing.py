"""Requests that are no requests, over a raw socket to the real server: a 4xx or a clean close, and every thread free afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.server.raw import exchange, problem, status
from tests.server.running import GUNICORN, Server, running

HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
THREADS = 8


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(GUNICORN, tmp_path_factory.mktemp("framing"), workers="1", threads=str(THREADS), patience_s="1") as server:
        yield server


def post(*headers: str, path: str = "/api/runs") -> bytes:
    return "\r\n".join((f"POST {path} HTTP/1.1", "Host: localhost", *headers, "", "")).encode("latin-1")


def get(*headers: str, version: str = "HTTP/1.1") -> bytes:
    return "\r\n".join((f"GET /health {version}", "Host: localhost", *headers, "", "")).encode("latin-1")


REFUSED: dict[str, tuple[bytes, int]] = {
    "a length that is no number": (post("Content-Length: five") + b"12345", 400),
    "a negative length": (post("Content-Length: -5") + b"12345", 400),
    "a length with a sign": (post("Content-Length: +5") + b"12345", 400),
    "two lengths": (post("Content-Length: 5", "Content-Length: 6") + b"12345", 400),
    "two lengths in one": (post("Content-Length: 5, 6") + b"12345", 400),
    "a length beyond all bounds": (post("Content-Length: " + "9" * 40) + b"12345", 413),
    "a length and chunks": (post("Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n" + HEALTH, 400),
    "chunks twice": (post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked") + b"0\r\n\r\n", 400),
    "chunks, then another coding": (post("Transfer-Encoding: chunked, identity") + b"0\r\n\r\n", 400),
    "an unknown coding": (post("Transfer-Encoding: xchunked") + b"0\r\n\r\n", 400),
    "a blank before the colon": (post("Transfer-Encoding : chunked") + b"0\r\n\r\n", 400),
    "chunks in HTTP/1.0": (post("Transfer-Encoding: chunked").replace(b"1.1", b"1.0") + b"0\r\n\r\n", 400),
    "a chunk size that is no number": (post("Transfer-Encoding: chunked") + b"xyz\r\n", 400),
    "a negative chunk size": (post("Transfer-Encoding: chunked") + b"-1\r\n", 400),
    "a chunk size with a prefix": (post("Transfer-Encoding: chunked") + b"0x2\r\n{}\r\n0\r\n\r\n", 400),
    "a chunk that is longer than it says": (post("Transfer-Encoding: chunked") + b"1\r\n{}\r\n0\r\n\r\n", 400),
    "a chunk for a page's callback": (post("Transfer-Encoding: chunked", path="/_dash-update-component") + b"q\r\n", 400),
    "a forbidden trailer": (post("Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n", 400),
    "a header of 100 kB": (get("X: " + "a" * 100_000), 431),
    "a header of 10 kB": (get("X: " + "a" * 10_000), 431),
    "2,000 headers": (get(*(f"X{number}: 1" for number in range(2000))), 431),
    "a request line of 100 kB": (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
    "a request line of 10 kB": (b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "a NUL in a header": (get("X: a\0b"), 400),
    "a NUL in a name": (get("X\0: a"), 400),
    "a NUL in the path": (b"GET /he\0alth HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "a letter beyond ASCII in a name": (get("X-Größe: 1"), 400),
    "a letter beyond ASCII in the path": ("GET /größe HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(), 400),
    "a header without a colon": (get("nonsense"), 400),
    "a folded header": (get("X: a", " b"), 400),
    "two hosts": (get("Host: localhost"), 400),
    "a bare CR in a header": (get("X: a\rY: b"), 400),
    "line feeds alone": (b"GET /health HTTP/1.1\nHost: localhost\n\n", 400),
    "HTTP/2's preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "HTTP/0.9": (b"GET /health\r\n\r\n", 400),
    "HTTP/3.0": (get(version="HTTP/3.0"), 400),
    "a version of its own": (get(version="HTTP/1.1.1"), 400),
    "a small method": (b"get /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x8a\n" * 40, 400),
    "an expectation nobody has": (get("Expect: tea"), 417),
    "nothing but line ends": (b"\r\n\r\n\r\n\r\n", 400),
}


@pytest.mark.parametrize(("sent", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_request_is_refused_with_a_problem_document_and_a_close(server: Server, sent: bytes, expected: int) -> None:
    answer = exchange(port(server), sent)
    assert status(answer) == expected
    assert answer.count(b"Content-Type:") == 1, "what follows a bad request is no request"
    assert problem(answer)["detail"]


CUT_OFF = {
    "nothing at all": b"",
    "half a request line": b"GET /hea",
    "half a head": get()[:-3],
    "half a body": post("Content-Length: 50") + b"{",
    "half a chunk": post("Transfer-Encoding: chunked") + b"5\r\n{",
    "no last chunk": post("Transfer-Encoding: chunked") + b"2\r\n{}\r\n",
    "half a large body": post("Content-Length: 9000000") + b"{" * 5_000,
    "half a large upload": post("Content-Length: 9000000", path="/api/datasets?name=a.csv") + b"a,b\n" * 5_000,
}


@pytest.mark.parametrize("sent", CUT_OFF.values(), ids=CUT_OFF)
def test_what_ends_too_early_is_refused_or_closed_and_does_nothing(server: Server, sent: bytes) -> None:
    answer = exchange(port(server), sent, ends=True)
    assert status(answer) in (0, 400)
    assert server.get("/api/datasets")["total"] == server.get("/api/runs")["total"] == 0


TOO_SLOW = {
    "half a head": get()[:-3],
    "half a body": post("Content-Length: 50") + b"{",
    "half a chunk": post("Transfer-Encoding: chunked") + b"5\r\n{",
    "half a large upload": post("Content-Length: 9000000", path="/api/datasets?name=a.csv") + b"a,b\n" * 5_000,
    "half a large body": post("Content-Length: 9000000", path="/api/plan") + b"{" * 5_000,
}


@pytest.mark.parametrize("sent", TOO_SLOW.values(), ids=TOO_SLOW)
def test_what_does_not_go_on_is_given_up(server: Server, sent: bytes) -> None:
    answer = exchange(port(server), sent)
    assert (status(answer), problem(answer)["title"]) == (408, "Request Timeout")


def test_requests_sent_in_one_go_are_answered_in_their_order(server: Server) -> None:
    paths = ["/health", "/api/status", "/api/nowhere", "/health", "/api/runs"]
    bodies = [b"", b"", b"{}", b"", b""]
    sent = b"".join(
        f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        for path, body in zip(paths, bodies, strict=True)
    )
    last = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = exchange(port(server), sent * 3 + last)
    statuses = [int(part[2:5]) for part in answer.split(b"HTTP/1.")[1:]]
    assert statuses == [200, 200, 404, 200, 200] * 3 + [200]


def test_a_caller_that_waits_for_100_is_told_to_go_on_once(server: Server) -> None:
    answer = exchange(port(server), post("Content-Length: 2", "Expect: 100-continue"), until=b"100 Continue\r\n\r\n")
    assert answer == b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "stays_open"),
    [
        (get(), True),
        (get("Connection: close"), False),
        (get(version="HTTP/1.0"), False),
        (get("Connection: keep-alive", version="HTTP/1.0"), True),
    ],
)
def test_a_connection_stays_open_as_its_client_asks(server: Server, sent: bytes, stays_open: bool) -> None:
    answer = exchange(port(server), sent, until=b"\r\n\r\nok" if stays_open else b"")
    assert (status(answer), b"Connection: keep-alive" in answer) == (200, stays_open)


def test_every_thread_is_free_afterwards(server: Server) -> None:
    assert all(requests.get(f"{server.url}/api/status", timeout=2).ok for _ in range(2 * THREADS))
    log = server.log.read_text()
    assert "Traceback" not in log, log[-3000:]


def port(server: Server) -> int:
    return int(server.url.rsplit(":", 1)[1])
