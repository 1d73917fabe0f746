"""The journey's figures: `make bench`. Seconds from drop to first prediction; one-row predictions against a route that does nothing.

These machines are shared: quote the ratios, which are taken interleaved in one run.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import requests

from tests.server.running import GUNICORN, Server, running
from tests.waiting import wait_until

TELCO = Path(__file__).parent.parent / "tests" / "data" / "telco_churn.csv"
ROUNDS, CALLS = 5, 200


def main() -> None:
    with TemporaryDirectory() as directory, running(GUNICORN, Path(directory)) as server:
        row = journey(server)
        floor(server, row)


def journey(server: Server) -> dict[str, Any]:
    """Print how long each step takes; returns an example row."""
    started = time.perf_counter()
    dataset = server.upload(TELCO)
    uploaded = time.perf_counter()
    run = server.wait_for_run(server.train(dataset["id"], budget_s=15)["id"])
    trained = time.perf_counter()
    server.post(f"/api/models/{run['model_id']}/deploy")
    wait_until(lambda: requests.get(f"{server.url}/api/schema", timeout=5).ok, every_s=0.01)
    row: dict[str, Any] = server.get("/api/schema")["examples"][0]
    server.post("/api/predict", json={"rows": [row]})
    answered = time.perf_counter()
    print(f"telco_churn.csv ({dataset['rows']:,} rows) from drop to first prediction: {answered - started:.1f} s")
    print(f"  upload and profile {uploaded - started:.2f} s; training, budget 15 s, {trained - uploaded:.1f} s", end="; ")
    print(f"deployment and first prediction {answered - trained:.2f} s")
    scores = ", ".join(f"{name} {value:.3f} (guessing {run['baseline'][name]:.3f})" for name, value in run["metrics"].items())
    print(f"  {scores}")
    return row


def floor(server: Server, row: dict[str, Any]) -> None:
    """One connection, one row at a time, in turn with `/health`."""
    session = requests.Session()
    body = orjson.dumps({"rows": [row]})
    headers = {"Content-Type": "application/json"}
    ratios, predicted = [], []
    for _ in range(ROUNDS):
        ours = median_ms(lambda: session.post(f"{server.url}/api/predict", data=body, headers=headers, timeout=10))
        nothing = median_ms(lambda: session.get(f"{server.url}/health", timeout=10))
        ratios.append(ours / nothing)
        predicted.append(ours)
    print(f"one-row prediction, 1 connection: p50 {statistics.median(predicted):.2f} ms,", end=" ")
    print(f"{statistics.median(ratios):.2f} times a route that does nothing (medians of {ROUNDS} rounds)")


def median_ms(call: Callable[[], requests.Response]) -> float:
    taken = []
    for _ in range(CALLS):
        started = time.perf_counter()
        answer = call()
        taken.append((time.perf_counter() - started) * 1e3)
        assert answer.ok, answer.text
    return statistics.median(taken)


if __name__ == "__main__":
    main()
