"""The routes of the history answer before anything was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from dashapp.factory import create_app
from dashapp.monitoring.sample import PERCENTILES
from dashapp.monitoring.trends import TIMEFRAMES_S
from dashapp.settings import Settings


@pytest.fixture
def client(settings: Settings) -> Iterator[FlaskClient]:
    server = create_app(settings).server
    yield server.test_client()
    server.extensions["dashapp"].services.close()


@pytest.mark.parametrize(
    ("path", "name"),
    [("/api/processes", "processes"), ("/api/history/training", "trainings"), ("/api/history/predictions", "versions")],
)
def test_there_is_nothing_yet(client: FlaskClient, path: str, name: str) -> None:
    answer = client.get(path).get_json()
    assert (answer[name], answer["total"]) == ([], 0)


@pytest.mark.parametrize("timeframe", TIMEFRAMES_S)
@pytest.mark.parametrize("metric", ["cpu_usage", *PERCENTILES])
def test_every_timeframe_is_answered(client: FlaskClient, metric: str, timeframe: str) -> None:
    answer = client.get("/api/trends", query_string={"metric": metric, "timeframe": timeframe})
    assert (answer.status_code, answer.get_json()["points"]) == (200, [])


def test_a_failed_request_is_kept_with_its_route_and_client(client: FlaskClient) -> None:
    process = client.application.extensions["dashapp"]
    assert client.get("/api/runs/none").status_code == 404
    process.meter.flush(7.0)
    (failure,) = process.services.requests.failures(0, 7.0)
    assert (failure.status, failure.route, failure.client, failure.count) == (404, "/api/runs/<run_id>", "127.0.0.1", 1)


def test_metrics_tell_open_pages(client: FlaskClient) -> None:
    process = client.application.extensions["dashapp"]
    with process.sockets:
        assert process.metrics.open_sockets() == 1
        assert "dashapp_websocket_clients 1.0" in client.get("/metrics").text
    assert process.metrics.open_sockets() == 0
