"""`/metrics` of a real server: exactly what the clients counted, with three workers of which one is killed."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from dashapp.monitoring.metrics_folder import VARIABLE
from tests.conftest import DATA
from tests.server.running import GUNICORN, Server, running
from tests.waiting import wait_until

CLIENTS, ROUNDS = 6, 10
# Name of a series, then its labels' values in the order of their names -> its value.
Counted = Counter[tuple[str, ...]]


@pytest.mark.slow
def test_it_is_what_the_clients_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with running(GUNICORN, tmp_path, workers="3", sample_s="60") as server:
        row = deployed_row(server)
        (folder,) = tmp_path.glob("dashapp-metrics-*")
        before = scraped(server)
        counted = load(server, row)
        kill_one(server, folder)
        counted += load(server, row)
        after = scraped(server)
    counted["dashapp_http_requests_total", "GET", "/metrics", "200"] += 1  # the first scrape, as it was counted after its answer
    series = {key for key in (*after, *counted) if key[0].endswith("_total")}
    assert {key: after[key] - before[key] for key in series} == {key: counted[key] for key in series}
    assert by_route(after, "dashapp_http_request_duration_seconds_count") == by_route(after, "dashapp_http_requests_total")
    assert after["dashapp_http_requests_in_flight",] == 1  # the one that reads it
    assert after["dashapp_live_model_version",] == 1
    assert not folder.exists()


def deployed_row(server: Server) -> dict[str, Any]:
    dataset = server.upload(DATA / "iris.csv")
    run = server.wait_for_run(server.train(dataset["id"], budget_s=2)["id"])
    server.post(f"/api/models/{run['model_id']}/deploy")
    wait_until(lambda: all(requests.get(f"{server.url}/api/schema", timeout=10).ok for _ in range(30)))
    row: dict[str, Any] = server.get("/api/schema")["examples"][0]
    return row


def kill_one(server: Server, folder: Path) -> None:
    """Kill a worker, and wait for the one in its place: it has made its files once it has its application."""
    parent = psutil.Process(server.process.pid)
    parent.children()[1].kill()
    wait_until(lambda: len(list(folder.glob("counter_*.db"))) == 4, timeout_s=60)


def load(server: Server, row: dict[str, Any]) -> Counted:
    """What the clients counted, each with a connection of its own."""
    counted: list[Counted] = []
    clients = [threading.Thread(target=lambda: counted.append(one_client(server.url, row))) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert len(counted) == CLIENTS
    return sum(counted, Counter())


def one_client(url: str, row: dict[str, Any]) -> Counted:
    counted: Counted = Counter()
    first = next(iter(row))
    kinds: tuple[tuple[str, str, Any, str], ...] = (
        ("POST", "/api/predict", row, "/api/predict"),
        ("POST", "/api/predict", {"rows": [row, row, {**row, first: None}]}, "/api/predict"),
        ("POST", "/api/predict", {**row, "unheard of": 1}, "/api/predict"),
        ("POST", "/api/predict", {**row, first: "no number"}, "/api/predict"),
        ("GET", "/api/predict", None, "other"),
        ("GET", "/api/events?after=0", None, "/api/events"),
        ("GET", "/api/models/none", None, "/api/models/<model_id>"),
        ("GET", "/api/nothing/here", None, "other"),
        ("PUT", "/nothing", {}, "other"),
        ("GET", "/train", None, "/<path:path>"),
    )
    with requests.Session() as session:
        for method, path, body, route in kinds * ROUNDS:
            answer = session.request(method, url + path, json=body, timeout=30)
            counted["dashapp_http_requests_total", method, route, str(answer.status_code)] += 1
            if path == "/api/predict" and answer.ok:
                predictions = answer.json()["predictions"]
                counted["dashapp_predictions_total", "json", "1"] += len(predictions)
                for warning in (warning for each in predictions for warning in each["warnings"]):
                    counted["dashapp_prediction_warnings_total", warning["code"]] += 1
    return counted


def scraped(server: Server) -> Counted:
    document = requests.get(f"{server.url}/metrics", timeout=30).text
    found: Counted = Counter()
    for family in text_string_to_metric_families(document):
        for each in family.samples:
            if not each.name.endswith("_bucket"):
                found[each.name, *each.labels.values()] += each.value  # type: ignore[assignment]
    return found


def by_route(found: Counted, name: str) -> Counted:
    """The series of this name, added up by method and route."""
    total: Counted = Counter()
    for (each, *labels), value in found.items():
        if each == name:
            total[labels[0], labels[1]] += value
    return total
