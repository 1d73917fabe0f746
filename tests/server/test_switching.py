"""Deployments alternate under load: no request fails, and each answer names the version that is live."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

from tests.conftest import DATA
from tests.server.running import GUNICORN, Server, running
from tests.waiting import wait_until

RATE = 200
CLIENTS = 8
SWITCHES = 10
SWITCH_S = 1.0


@dataclass
class Answers:
    """`(sent_at, status, version)` of each request of the load, in monotonic seconds."""

    seen: list[tuple[float, int, int]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def send(url: str, body: bytes, number: int, answers: Answers) -> None:
    """One client's share of `RATE` requests a second, on a schedule of its own."""
    session = requests.Session()
    due = time.monotonic() + number / RATE
    while not answers.over.wait(max(due - time.monotonic(), 0)):
        sent_at = time.monotonic()
        answer = session.post(f"{url}/api/predict", data=body, headers={"Content-Type": "application/json"}, timeout=10)
        version = answer.json()["model"]["version"] if answer.ok else 0
        answers.seen.append((sent_at, answer.status_code, version))
        due += CLIENTS / RATE


def two_models(server: Server) -> list[str]:
    dataset = server.upload(DATA / "telco_churn.csv")
    first = server.wait_for_run(server.train(dataset["id"], budget_s=3)["id"])
    second = server.wait_for_run(server.train(dataset["id"], budget_s=3, exclude=["gender"])["id"])
    return [first["model_id"], second["model_id"]]


def example(server: Server) -> dict[str, Any]:
    """A row, once every worker has loaded the first model: before that, 409 is the right answer."""
    wait_until(lambda: all(requests.get(f"{server.url}/api/schema", timeout=10).ok for _ in range(30)))
    row: dict[str, Any] = server.get("/api/schema")["examples"][0]
    return row


@pytest.mark.slow
def test_two_models_alternate_under_load(tmp_path: Path) -> None:
    with running(GUNICORN, tmp_path, workers="2") as server:
        models = two_models(server)
        server.post(f"/api/models/{models[0]}/deploy")
        body = orjson.dumps({"rows": [example(server)]})
        answers = Answers()
        clients = [threading.Thread(target=send, args=(server.url, body, number, answers)) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        switched = []
        for number in range(SWITCHES):
            deployment = server.post(f"/api/models/{models[(number + 1) % 2]}/deploy", json={"anyway": True})
            switched.append((time.monotonic(), deployment["version"]))
            threading.Event().wait(SWITCH_S + 0.5)
        answers.over.set()
        for client in clients:
            client.join()
    assert {status for _, status, _ in answers.seen} == {200}
    duration = answers.seen[-1][0] - answers.seen[0][0]
    assert len(answers.seen) / duration > 0.9 * RATE
    for number, (at, version) in enumerate(switched):
        until = switched[number + 1][0] - 0.05 if number + 1 < SWITCHES else at + SWITCH_S + 0.4
        settled = {found for sent_at, _, found in answers.seen if at + SWITCH_S < sent_at < until}
        assert settled == {version}, f"switch {number}"
