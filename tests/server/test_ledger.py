"""What was acknowledged is kept: under load, by two workers, one of which is killed."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest
import requests

from tests.conftest import DATA
from tests.server.running import GUNICORN, Server, running
from tests.waiting import wait_until

CLIENTS = 4
KILL_AFTER = 400


class Clients:
    """Send single rows, and now and then several, until they are told to stop; remember what was acknowledged."""

    def __init__(self, url: str, row: dict[str, Any]) -> None:
        self.url, self.row = url, row
        self.ids: list[str] = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._send) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _send(self) -> None:
        session = requests.Session()
        number = 0
        while not self.over.is_set():
            number += 1
            rows = [self.row] * (5 if number % 10 == 0 else 1)
            try:
                answer = session.post(f"{self.url}/api/predict", json={"rows": rows}, timeout=30)
                document = orjson.loads(answer.content)
            except (requests.RequestException, orjson.JSONDecodeError):  # the worker was killed in the middle of it
                session = requests.Session()
                continue
            self.ids += [each["id"] for each in document.get("predictions", ())]

    def stop(self) -> list[str]:
        self.over.set()
        for thread in self.threads:
            thread.join()
        return self.ids


def deploy(server: Server) -> dict[str, Any]:
    """An example row, once every worker answers."""
    dataset = server.upload(DATA / "iris.csv")
    run = server.wait_for_run(server.train(dataset["id"], budget_s=2)["id"])
    server.post(f"/api/models/{run['model_id']}/deploy")
    wait_until(lambda: all(requests.get(f"{server.url}/api/schema", timeout=10).ok for _ in range(30)))
    row: dict[str, Any] = server.get("/api/schema")["examples"][0]
    return row


def kept_ids(server: Server) -> list[str]:
    found: list[str] = []
    before = ""
    while True:
        page = server.get(f"/api/predictions?limit=1000{before}")
        found += [each["id"] for each in page["predictions"]]
        if page["next_before"] is None:
            return found
        before = f"&before={page['next_before']}"


@pytest.mark.slow
def test_no_acknowledged_prediction_is_missing_after_a_worker_was_killed(tmp_path: Path) -> None:
    with running(GUNICORN, tmp_path, workers="2") as server:
        clients = Clients(server.url, deploy(server))
        workers = psutil.Process(server.process.pid).children()
        for worker in workers:
            goal = len(clients.ids) + KILL_AFTER
            wait_until(lambda goal=goal: len(clients.ids) > goal, timeout_s=60)
            os.kill(worker.pid, signal.SIGKILL)
        goal = len(clients.ids) + KILL_AFTER
        wait_until(lambda: len(clients.ids) > goal, timeout_s=60)
        acknowledged = clients.stop()
        wait_until(lambda: set(acknowledged) <= set(kept_ids(server)), timeout_s=30, every_s=1.0)
        kept = kept_ids(server)
        # A request that was written down and whose worker died before the answer was out is kept too: at most one a client and kill.
        assert len(set(kept)) == len(kept) and len(acknowledged) <= len(kept) <= len(acknowledged) + 5 * CLIENTS * len(workers)
        page = server.get("/api/predictions?limit=1")
        assert page["total"] == page["kept"] == len(kept)
    with running(GUNICORN, tmp_path, workers="2") as server:
        wait_until(lambda: sum(path.stat().st_size for path in (server.home / "ledger").glob("*.spool")) == 0)
        page = server.get("/api/predictions?limit=1")
        assert page["total"] == page["kept"] == len(kept)


@pytest.mark.slow
def test_feedback_right_after_a_prediction_is_known_to_every_worker(tmp_path: Path) -> None:
    with running(GUNICORN, tmp_path, workers="2") as server:
        row = deploy(server)
        for _ in range(5):
            answer = server.post("/api/predict", json=row)["predictions"][0]
            truth = {"prediction_id": answer["id"], "actual": answer["prediction"]}
            assert server.post("/api/feedback", json=truth) == {"recorded": 1, "unknown": []}
            assert server.get(f"/api/predictions/{answer['id']}")["actual"] == answer["prediction"]
        (score,) = server.get("/api/feedback")["scores"]
        assert (score["n"], score["value"]) == (5, 1.0)


@pytest.mark.slow
def test_every_worker_asks_the_challenger_within_a_second_or_so(tmp_path: Path) -> None:
    with running(GUNICORN, tmp_path, workers="2") as server:
        row = deploy(server)
        dataset = server.get("/api/datasets")["datasets"][0]
        run = server.wait_for_run(server.train(dataset["id"], budget_s=2, exclude=["sepal_length"])["id"])
        requests.put(f"{server.url}/api/challenger", json={"model_id": run["model_id"]}, timeout=30).raise_for_status()
        for _ in range(60):
            server.post("/api/predict", json=row)
        comparison = wait_until(lambda: (found := server.get("/api/challenger")["comparison"])["n"] == 60 and found)
        assert comparison["version"] == 2 and comparison["agreeing"] <= 60
