"""Counters for Prometheus: bounded labels, apps that do not collide, files that outlive their process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from dashapp.monitoring import metrics_folder
from dashapp.monitoring.metrics import Metrics

REQUESTS, SECONDS = "dashapp_http_requests_total", "dashapp_http_request_duration_seconds_count"


def samples(metrics: Metrics, name: str) -> dict[tuple[str, ...], float]:
    document = metrics.exposition("")[0].decode()
    families = text_string_to_metric_families(document)
    return {tuple(each.labels.values()): each.value for family in families for each in family.samples if each.name == name}


@pytest.mark.parametrize(
    ("method", "rule", "label"),
    [
        ("GET", "/ml/api/runs/<run_id>", ("GET", "/api/runs/<run_id>", "200")),
        ("GET", "/ml/", ("GET", "/", "200")),
        ("GET", "", ("GET", "other", "200")),
        ("POST", "/ml/api/<path:unknown>", ("POST", "other", "200")),
        ("BREW", "/ml/metrics", ("other", "/metrics", "200")),
    ],
)
def test_a_route_is_its_template(method: str, rule: str, label: tuple[str, ...]) -> None:
    metrics = Metrics("/ml")
    metrics.begin_request()
    metrics.end_request(method, rule, 200, 0.002)
    assert samples(metrics, REQUESTS) == {label: 1.0}
    assert samples(metrics, SECONDS) == {label[:2]: 1.0}


def test_what_strangers_send_makes_no_new_series() -> None:
    metrics = Metrics()
    for number in range(100):
        metrics.begin_request()
        metrics.end_request(f"METHOD{number}", "", 404, 0.001)
    assert samples(metrics, REQUESTS) == {("other", "other", "404"): 100.0}
    assert samples(metrics, "dashapp_http_requests_in_flight") == {(): 0.0}


def test_two_apps_in_one_process_count_apart() -> None:
    first, second = Metrics(), Metrics()
    first.count_predictions(3, "json", 2, ["unseen", "unseen", "missing"])
    assert samples(first, "dashapp_predictions_total") == {("json", "3"): 2.0}
    assert samples(first, "dashapp_prediction_warnings_total") == {("unseen",): 2.0, ("missing",): 1.0}
    assert samples(second, "dashapp_predictions_total") == {}


def test_a_reading_is_read_when_asked_and_left_out_where_nothing_is_known() -> None:
    metrics, known = Metrics(), [1.0]
    metrics.add_reading("dashapp_live_model_version", "The version.", lambda: known[0] if known else None)
    assert samples(metrics, "dashapp_live_model_version") == {(): 1.0}
    known[0] = 2.0
    assert samples(metrics, "dashapp_live_model_version") == {(): 2.0}
    known.clear()
    assert samples(metrics, "dashapp_live_model_version") == {}


def test_whoever_asks_for_openmetrics_gets_it() -> None:
    metrics = Metrics()
    metrics.begin_request()
    document, content_type = metrics.exposition("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert {family.name for family in openmetrics(document.decode())} >= {"dashapp_http_requests_in_flight"}


COUNT = """
import os, sys
from dashapp.monitoring.metrics import Metrics
metrics = Metrics()
metrics.begin_request(); metrics.end_request("GET", "/a", 200, 0.002); metrics.begin_request()
metrics.count_predictions(1, "json", 5, ["unseen"])
if sys.argv[1:]:
    from dashapp.monitoring.metrics_folder import forget_process
    forget_process(int(sys.argv[1]))
    print(metrics.exposition("")[0].decode())
else:
    print(os.getpid(), flush=True)
    os.kill(os.getpid(), 9)
"""


def test_what_a_killed_process_counted_stays_and_what_it_had_in_flight_goes(tmp_path: Path) -> None:
    """The value class is chosen when the library is imported, hence processes of their own."""
    environment = os.environ | {metrics_folder.VARIABLE: str(tmp_path)}
    killed = subprocess.run([sys.executable, "-c", COUNT], env=environment, capture_output=True, text=True)
    told = subprocess.run([sys.executable, "-c", COUNT, killed.stdout.strip()], env=environment, capture_output=True, text=True, check=True)
    found = {each.name: each.value for family in text_string_to_metric_families(told.stdout) for each in family.samples}
    assert killed.returncode == -9
    assert (found[REQUESTS], found[SECONDS], found["dashapp_http_requests_in_flight"]) == (2.0, 2.0, 1.0)
    assert (found["dashapp_predictions_total"], found["dashapp_prediction_warnings_total"]) == (10.0, 2.0)


def test_each_server_has_a_fresh_folder_and_a_reload_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(metrics_folder.VARIABLE, str(tmp_path))
    metrics_folder.make_folder()
    mine = Path(os.environ[metrics_folder.VARIABLE])
    metrics_folder.make_folder()
    assert Path(os.environ[metrics_folder.VARIABLE]) == mine and mine.parent == tmp_path
    metrics_folder.remove_folder()
    assert not mine.exists() and tmp_path.exists()


def test_the_server_that_takes_over_has_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "dashapp-metrics-1-abc"
    old.mkdir()
    monkeypatch.setenv(metrics_folder.VARIABLE, str(old))
    metrics_folder.make_folder()
    assert Path(os.environ[metrics_folder.VARIABLE]).parent == tmp_path
    metrics_folder.remove_folder()
    assert old.exists()
