"""Uploads to the real server: one that breaks off leaves nothing, and a gigabyte goes through with flat memory."""

from __future__ import annotations

import random
import socket
import threading
from pathlib import Path

import pytest
import requests

from tests.server.running import GUNICORN, Server, running
from tests.waiting import wait_until

GIGABYTE = 10**9
MOST_GROWTH = 300_000_000


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with running(GUNICORN, tmp_path, workers="1") as server:
        datasets = server.home / "datasets"
        with socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1]))) as caller:
            head = (
                "POST /api/datasets?name=half.csv HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 50000000\r\n\r\n"
            )
            caller.sendall(head.encode() + b"a,b\n" + b"1,2\n" * 500_000)
            wait_until(lambda: list(datasets.glob("*.part")))
        wait_until(lambda: not list(datasets.iterdir()))
        assert server.get("/api/datasets") == {"datasets": [], "total": 0}


@pytest.mark.slow
def test_a_gigabyte_goes_through_with_flat_memory(tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    rows = write_rows(file, GIGABYTE)
    with running(GUNICORN, tmp_path, workers="1") as server:
        small = tmp_path / "small.csv"
        write_rows(small, 100_000)
        server.upload(small)  # what is loaded once, such as pandas, is no growth
        with Peak(server) as memory, file.open("rb") as body:
            answer = requests.post(f"{server.url}/api/datasets?name=large.csv", data=body, timeout=300)
            assert (answer.status_code, answer.json()["state"]) == (202, "profiling")
            dataset = wait_until(lambda: ready(server, answer.json()["id"]), timeout_s=600, every_s=0.5)
            last = server.get(f"/api/datasets/{dataset['id']}/rows?offset={rows - 1}")["rows"]
        assert dataset["state"] == "ready", dataset["error"]
        assert (dataset["rows"], dataset["target"]["name"], len(last)) == (rows, "churn", 1)
        assert memory.growth < MOST_GROWTH


def ready(server: Server, dataset_id: str) -> dict[str, object] | None:
    dataset: dict[str, object] = server.get(f"/api/datasets/{dataset_id}")
    return None if dataset["state"] == "profiling" else dataset


def write_rows(file: Path, size: int) -> int:
    """A table of at least `size` bytes; returns how many rows it has."""
    random.seed(1)
    rows = 0
    with file.open("w") as out:
        out.write("customer,age,income,city,joined,balance,note,churn\n")
        while out.tell() < size:
            block = [
                f"{rows + at},{random.randint(18, 90)},{random.gauss(40_000, 9_000):.2f},{random.choice(CITIES)},"
                f"2024-{random.randint(1, 12):02}-{random.randint(1, 28):02},{random.random():.12f},{random.choice(NOTES)},"
                f"{random.choice(('yes', 'no'))}\n"
                for at in range(2_000)
            ]
            out.write("".join(block))
            rows += len(block)
    return rows


CITIES = ("Köln", "Oslo", "Lyon", "New York", "Tromsø", "Bari")
NOTES = ('"called, twice"', "", "asked for a refund", "moved", '"said ""no"""')


class Peak:
    """The most by which the resident memory of the server's processes grew while it watched (bytes)."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._before = self._memory()
        self.growth = 0

    def _memory(self) -> int:
        return sum(process.memory_info().rss for process in self._server.processes())

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.growth = max(self.growth, self._memory() - self._before)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()
