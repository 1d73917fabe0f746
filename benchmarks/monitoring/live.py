"""The live feed of a real server: how long news take to the browser's socket, that none is lost, and what it costs to stand still.

`python -m benchmarks.monitoring.live [--seconds 20]`. Exit code 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import requests

from benchmarks.reference_model import deployed, reference_model
from benchmarks.serving.pages import open_pages
from dashapp.application.services import open_services
from dashapp.events.fact import EventType, Fact
from dashapp.settings import Settings
from tests.conftest import DATA
from tests.server.running import GUNICORN, Server, running

PAGES = 50
MOST_LAG_MS = 300.0
EVENTS = 10_000
ROWS_A_SECOND = 500
MOST_IDLE_CPU, MOST_IDLE_BYTES = 1.0, 3_000.0
SETTLED_S = 12.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement")
    seconds = parser.parse_args().seconds
    model = reference_model()
    body = orjson.dumps({"rows": [dict(model.check_rows[0])] * 10})
    with TemporaryDirectory() as directory:
        deployed(Path(directory) / "home", model)
        with running(GUNICORN, Path(directory)) as server:
            kept = [_idle(server, seconds), _samples(server, seconds), _busy(server, body, seconds), _all_of_them(server)]
    return int(not all(kept))


def _idle(server: Server, seconds: float) -> bool:
    time.sleep(SETTLED_S)
    with open_pages(server.url, server.home, 1, 0.001) as page:
        before = _cpu_s(server)
        began = time.monotonic()
        page.received = 0
        time.sleep(max(seconds, 30))
        took = time.monotonic() - began
        cpu, a_second = 100 * (_cpu_s(server) - before) / took, page.received / took
    first = _said("idle with one page open: CPU of all processes", cpu, MOST_IDLE_CPU, "% of a core")
    return _said("idle with one page open: the socket", a_second, MOST_IDLE_BYTES, "bytes a second") and first


def _samples(server: Server, seconds: float) -> bool:
    lags: list[float] = []
    with open_pages(server.url, server.home, PAGES, 0.001) as pages:
        pages.heard = lambda frame: lags.extend(_lags(frame, "metrics"))
        time.sleep(max(seconds, 30))
    return _said(f"sample to socket with {PAGES} pages, p99", _p99(lags), MOST_LAG_MS, f"ms ({len(lags)} frames)")


def _busy(server: Server, body: bytes, seconds: float) -> bool:
    """While a run trains and so many rows a second are predicted."""
    dataset = server.upload(DATA / "telco_churn.csv")
    lags: list[float] = []
    with _predicting(server, body), open_pages(server.url, server.home, 1, 10.0) as page:
        server.train(dataset["id"], budget_s=seconds + 10)
        time.sleep(4)
        page.heard = lambda frame: lags.extend(_lags(frame, "events"))
        time.sleep(seconds)
        page.heard = None
    return _said(
        "event to socket while a run trains and 500 rows a second are predicted, p99", _p99(lags), MOST_LAG_MS, f"ms ({len(lags)})"
    )


def _all_of_them(server: Server) -> bool:
    """Each page hears of every event once."""
    heard: list[int] = []
    with open_pages(server.url, server.home, 3, 0.001) as pages:
        pages.heard = lambda frame: heard.extend(event["id"] for event in _document(frame).get("events", []))
        services = open_services(Settings(home=server.home), migrate=False)
        try:
            began = services.log.last_id()
            for start in range(0, EVENTS, 20):
                with services.database.write() as transaction:
                    for number in range(start, start + 20):
                        services.log.append(transaction, Fact(EventType.USER_ACTION, f"Event {number}", data={"action": "benchmark"}))
            last = services.log.last_id()
            until = time.monotonic() + 20
            while heard.count(last) < len(pages.sockets) and time.monotonic() < until:
                time.sleep(0.2)
        finally:
            services.close()
    counts = dict.fromkeys(range(began + 1, last + 1), 0)
    for id in heard:
        if id in counts:
            counts[id] += 1
    wrong = sum(1 for count in counts.values() if count != 3)
    return _said(f"{len(counts):,} events to 3 pages: lost or told twice", wrong, 0, "")


@contextmanager
def _predicting(server: Server, body: bytes) -> Iterator[None]:
    over = threading.Event()

    def work() -> None:
        with requests.Session() as session:
            due = time.monotonic()
            while not over.wait(max(0.0, due - time.monotonic())):
                session.post(f"{server.url}/api/predict", data=body, timeout=30)
                due += 10 / ROWS_A_SECOND

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _document(frame: bytes) -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads(frame[frame.index(b"{") :])
    return document


def _lags(frame: bytes, of: str) -> list[float]:
    now = time.time()
    document = _document(frame)
    found = [document[of]] if of == "metrics" and of in document else document.get(of, [])
    return [(now - datetime.fromisoformat(each["at"]).timestamp()) * 1e3 for each in found if each["at"]]


def _cpu_s(server: Server) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in server.processes())


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98] if len(values) > 1 else float("inf")


def _said(name: str, figure: float, most: float, unit: str) -> bool:
    is_kept = figure <= most
    print(f"{name}: {figure:.4g} {unit} (at most {most:g}){'' if is_kept else '  NOT AS PROMISED'}", flush=True)
    return is_kept


if __name__ == "__main__":
    sys.exit(main())
