"""Deployments over HTTP: the gate, what a caller may say, and the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashapp.application.services import Services, open_services
from dashapp.datasets.dataset import Task
from dashapp.factory import create_app
from dashapp.settings import Settings
from tests.api.test_requests import is_problem
from tests.application.test_gate import GOOD, POOR, kept, told
from tests.serving.blends import a_blend


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Version 1 and a poor version 2; nothing is deployed."""
    home = tmp_path_factory.mktemp("deployments")
    opened = open_services(Settings(home=home / "home", cache=home / "cache"))
    trained = a_blend(Task.BINARY, "linear")
    kept(opened, 1, replace(trained, held_out=told(GOOD)))
    kept(opened, 2, replace(trained, held_out=told(POOR)))
    yield opened
    opened.close()


@pytest.fixture
def client(services: Services) -> Iterator[FlaskClient]:
    app = create_app(services.settings)
    yield app.server.test_client()
    app.server.extensions["dashapp"].services.close()


def test_deploy_compare_insist_and_go_back(client: FlaskClient) -> None:
    first = client.post("/api/models/model1/deploy").json
    assert (first["version"], first["by"], first["reason"], first["replaced"]) == (1, "API", "", None)
    found = client.get("/api/models/model2/gate").json
    assert (found["is_worse"], found["can_serve"], found["against"]) == (True, True, 1)
    assert [check["name"] for check in found["checks"]] == ["file", "answers", "smoke", "schema", "rows", "latency", "score"]
    assert set(found["checks"][0]) == {"name", "passed", "words", "figure", "is_notable"}
    refused = client.post("/api/models/model2/deploy", json={"reason": "a try"})
    assert is_problem(refused, 409) and "lower" in refused.json["detail"]
    assert [check["name"] for check in refused.json["checks"] if not check["passed"]] == ["score"]
    assert client.get("/api/deployments").json["total"] == 1
    done = client.post("/api/models/model2/deploy", json={"anyway": True, "reason": "the columns are gone", "by": "nightly job"}).json
    assert (done["version"], done["by"], done["reason"], done["replaced"]) == (2, "nightly job", "the columns are gone", 1)
    back = client.post("/api/deployments/rollback", json={"reason": "complaints"}).json
    assert (back["version"], back["action"], back["by"], back["replaced"], back["reason"]) == (1, "rollback", "API", 2, "complaints")
    ledger = client.get("/api/deployments").json["deployments"]
    assert ledger == [back, done, first]
    assert client.post("/api/models/model1/deploy", json={}).json == back


@pytest.mark.parametrize("address", ["/api/models/model1/deploy", "/api/deployments/rollback"])
@pytest.mark.parametrize(
    "body",
    [{"by": 3}, {"reason": None}, {"reason": "x" * 501}, {"by": "x" * 101}, {"by": " Dashboard"}, {"who": "me"}, [], 7, "yes"],
    ids=str,
)
def test_what_cannot_be_kept_is_refused(client: FlaskClient, address: str, body: Any) -> None:
    before = client.get("/api/deployments").json["total"]
    assert is_problem(client.post(address, json=body), 400)
    assert client.get("/api/deployments").json["total"] == before


def test_anyway_is_true_or_false_and_nothing_like_it(client: FlaskClient) -> None:
    for value in ("true", 1, None):
        assert is_problem(client.post("/api/models/model2/deploy", json={"anyway": value}), 400)


def test_a_model_that_is_not_there_is_404(client: FlaskClient) -> None:
    assert is_problem(client.get("/api/models/nobody/gate"), 404)
    assert is_problem(client.post("/api/models/nobody/deploy", json={"anyway": True}), 404)
