"""Slow clients cost the honest ones nothing: more of them than there are threads, and predictions still come in time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import orjson
import pytest
import requests

from tests.conftest import DATA
from tests.server.attackers import SENT, slow_clients
from tests.server.honest import ask
from tests.server.raw import connect, receive, status
from tests.server.running import GUNICORN, Server, running
from tests.server.test_switching import example

THREADS = 8
CONNECTIONS = 60
MOST_P99_MS = 500
ROW = b'{"rows": [{"a": 1}]}'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    command = (*GUNICORN, "--worker-connections", str(CONNECTIONS))
    with running(command, tmp_path_factory.mktemp("slow"), workers="1", threads=str(THREADS), max_body_bytes="2000000") as server:
        yield server


def port(server: Server) -> int:
    return int(server.url.rsplit(":", 1)[1])


@pytest.mark.parametrize("kind", ["heads", "bodies", "uploads"])
def test_predictions_are_answered_beside_twice_as_many_slow_clients_as_threads(server: Server, kind: str) -> None:
    with slow_clients(port(server), kind, 2 * THREADS, every_s=0.05):
        seen = ask(port(server), "/api/predict", ROW, seconds=0.8)
    assert seen.failures == []
    assert seen.p99_ms() < MOST_P99_MS


def test_slow_uploads_leave_threads_for_everything_else(server: Server) -> None:
    with slow_clients(port(server), "uploads", 2 * THREADS):
        assert all(requests.get(f"{server.url}{path}", timeout=5).ok for path in ("/", "/api/status", "/api/datasets"))


def test_a_small_file_goes_up_beside_slow_clients(server: Server) -> None:
    with slow_clients(port(server), "bodies", 2 * THREADS):
        assert server.upload(DATA / "iris.csv")["rows"] == 150


def test_kept_connections_cost_no_thread(server: Server) -> None:
    with ExitStack() as open_connections:
        for _ in range(4 * THREADS):
            client = open_connections.enter_context(connect(port(server)))
            client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert status(receive(client, until=b"\r\n\r\nok")) == 200
        assert requests.get(f"{server.url}/health", timeout=5).ok


def test_clients_that_do_not_read_their_answer_cost_no_thread(server: Server) -> None:
    with slow_clients(port(server), "readers", 2 * THREADS):
        assert all(requests.get(f"{server.url}{path}", timeout=5).ok for path in ("/health", "/api/status", "/api/datasets"))


def test_a_slow_reader_gets_its_whole_answer(server: Server) -> None:
    whole = requests.get(f"{server.url}/assets/vendor/plotly-basic.min.js", timeout=10).content
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port(server)))
        client.sendall(b"GET /assets/vendor/plotly-basic.min.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert requests.get(f"{server.url}/health", timeout=5).ok
        assert receive(client, timeout_s=20).endswith(whole)


def test_past_the_most_connections_slow_ones_make_room_for_honest_ones(server: Server) -> None:
    with slow_clients(port(server), "nothing", 2 * CONNECTIONS):
        seen = ask(port(server), "/api/predict", ROW, seconds=1)
    assert seen.failures == []
    assert seen.p99_ms() < MOST_P99_MS


@pytest.mark.parametrize("body", [b"a" * 3_000_000, b"a" * 20_000_000, [b"a" * 100_000] * 30], ids=["3 MB", "20 MB", "chunks"])
def test_a_body_past_its_limit_is_refused_with_413_and_the_answer_arrives(server: Server, body: bytes | list[bytes]) -> None:
    answer = requests.post(f"{server.url}/api/plan", data=body if isinstance(body, bytes) else iter(body), timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for kind in SENT if kind != "readers"])  # their first second is 512 answers of a megabyte
def test_one_row_predictions_with_the_settings_as_they_come(deployed: Server, kind: str) -> None:
    body = orjson.dumps({"rows": [example(deployed)]})
    with slow_clients(port(deployed), kind, 2 * 2 * 128):
        seen = ask(port(deployed), "/api/predict", body, seconds=15)
    assert seen.failures == []
    assert seen.p99_ms() < MOST_P99_MS


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(GUNICORN, tmp_path_factory.mktemp("deployed")) as server:
        run = server.wait_for_run(server.train(server.upload(DATA / "iris.csv")["id"], budget_s=3)["id"])
        server.post(f"/api/models/{run['model_id']}/deploy")
        yield server


@pytest.mark.slow
def test_more_predictions_at_once_than_are_allowed_are_refused_at_once_and_told_to_come_back(tmp_path: Path) -> None:
    with running(GUNICORN, tmp_path, workers="1", max_concurrent_predictions="1") as server:
        run = server.wait_for_run(server.train(server.upload(DATA / "iris.csv")["id"], budget_s=3)["id"])
        server.post(f"/api/models/{run['model_id']}/deploy")
        row = example(server)
        bodies = [orjson.dumps({"rows": [row] * 2_000})] * 12
        for headers, body in (({"Content-Type": "application/json"}, bodies[0]), ({"Content-Type": "text/csv"}, csv_of(row, 20_000))):
            answers = send_at_once(server, body, headers, 12)
            assert {answer.status_code for answer in answers} == {200, 503}
            assert all(answer.headers["Retry-After"] for answer in answers if answer.status_code == 503)


def csv_of(row: dict[str, object], rows: int) -> bytes:
    return (",".join(row) + "\n" + (",".join(map(str, row.values())) + "\n") * rows).encode()


def send_at_once(server: Server, body: bytes, headers: dict[str, str], count: int) -> list[requests.Response]:
    answers: list[requests.Response] = []
    start = threading.Barrier(count)

    def send() -> None:
        start.wait()
        answers.append(requests.post(f"{server.url}/api/predict", data=body, headers=headers, timeout=30))

    threads = [threading.Thread(target=send) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
