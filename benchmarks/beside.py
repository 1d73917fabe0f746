"""What a training costs those who predict: p99 of one-row predictions at rest and during a training, in turn, in one run.

Requests go out on a schedule, 25 a second over two connections, and are timed from the moment when they were due: a server that
stalls cannot hide it by keeping the client from asking.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import requests

from tests.conftest import DATA
from tests.server.running import GUNICORN, Server, running
from tests.server.trainers import start_long_run, trainer_of
from tests.waiting import wait_until

ROUNDS, SECONDS = 3, 20
RATE, CONNECTIONS = 25, 2
MOST = 2.0


def main() -> int:
    with TemporaryDirectory() as directory, running(GUNICORN, Path(directory)) as server:
        body = _deployed(server)
        _latencies(server, body, 3)  # warm
        rest, beside = [], []
        for number in range(1, ROUNDS + 1):
            rest.append(_latencies(server, body, SECONDS))
            run_id = start_long_run(server)
            started = sum(trainer_of(server).cpu_times()[:2])
            beside.append(_latencies(server, body, SECONDS))
            used = sum(trainer_of(server).cpu_times()[:2]) - started
            server.post(f"/api/runs/{run_id}/cancel")
            server.wait_for_run(run_id)
            _print(number, rest[-1], beside[-1], used / SECONDS)
    ratio = statistics.median(_p99(during) / _p99(before) for before, during in zip(rest, beside, strict=True))
    print(f"p99 during a training is {ratio:.2f} times that at rest (median of {ROUNDS} rounds; at most {MOST:.0f} is the aim)")
    return int(ratio > MOST)


def _print(number: int, rest: list[float], beside: list[float], cores: float) -> None:
    print(f"round {number}: p50 {_p50(rest):.2f} -> {_p50(beside):.2f} ms, p99 {_p99(rest):.2f} -> {_p99(beside):.2f} ms", end="; ")
    print(f"the trainer had {cores:.2f} cores", flush=True)


def _deployed(server: Server) -> bytes:
    """The body of a one-row prediction, once every worker has the model."""
    dataset = server.upload(DATA / "telco_churn.csv")
    run = server.wait_for_run(server.train(dataset["id"], budget_s=10)["id"])
    server.post(f"/api/models/{run['model_id']}/deploy")
    wait_until(lambda: all(requests.get(f"{server.url}/api/schema", timeout=10).ok for _ in range(30)))
    return orjson.dumps({"rows": [server.get("/api/schema")["examples"][0]]})


def _latencies(server: Server, body: bytes, seconds: float) -> list[float]:
    """Milliseconds of each request, from when it was due."""
    found: list[float] = []

    def send(number: int) -> None:
        session = requests.Session()
        began = time.perf_counter() + number / RATE
        for turn in range(int(seconds * RATE / CONNECTIONS)):
            due = began + turn * CONNECTIONS / RATE
            time.sleep(max(0.0, due - time.perf_counter()))
            answer = session.post(f"{server.url}/api/predict", data=body, headers={"Content-Type": "application/json"}, timeout=30)
            assert answer.ok, answer.text
            found.append((time.perf_counter() - due) * 1e3)

    clients = [threading.Thread(target=send, args=(number,)) for number in range(CONNECTIONS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return found


def _p50(latencies: list[float]) -> float:
    return statistics.median(latencies)


def _p99(latencies: list[float]) -> float:
    return statistics.quantiles(latencies, n=100)[98]


if __name__ == "__main__":
    sys.exit(main())
