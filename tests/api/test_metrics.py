"""`/metrics` through the test client: who may read it, its content type, what a request leaves in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from dashapp.factory import create_app
from dashapp.settings import Settings


@pytest.fixture
def guarded(settings: Settings) -> Iterator[FlaskClient]:
    server = create_app(replace(settings, token="a-long-token", url_prefix="/ml")).server
    yield server.test_client()
    server.extensions["dashapp"].services.close()


def test_it_speaks_prometheus(client: FlaskClient) -> None:
    assert client.get("/api/status").status_code == 200
    assert client.get("/api/nothing").status_code == 404
    answer = client.get("/metrics")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    counted = {tuple(each.labels.values()): each.value for each in families["dashapp_http_requests"].samples if each.name.endswith("total")}
    assert counted == {("GET", "/api/status", "200"): 1.0, ("GET", "other", "404"): 1.0}
    assert all(family.documentation for family in families.values())
    assert [each.value for each in families["dashapp_live_model_version"].samples] == [0.0]
    assert [each.value for each in families["dashapp_http_requests_in_flight"].samples] == [1.0]


def test_it_asks_for_the_token(guarded: FlaskClient) -> None:
    assert guarded.get("/ml/metrics").status_code == 401
    answer = guarded.get("/ml/metrics", headers={"Authorization": "Bearer a-long-token"})
    assert 'dashapp_http_requests_total{method="GET",route="/metrics",status="401"} 1.0' in answer.text


def test_it_is_only_read(client: FlaskClient) -> None:
    assert client.post("/metrics").status_code == 405
