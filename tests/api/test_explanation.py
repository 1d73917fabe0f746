"""Why a registered model answers what it answers, for a row that a caller sends."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashapp.application.services import Services, open_services
from dashapp.factory import create_app
from dashapp.settings import Settings
from dashapp.training.result import Explanation
from tests.api.test_requests import is_problem

ROW = {"sepal_length": 5.9, "sepal_width": 3.0, "petal_length": 5.1, "petal_width": 1.8}


@pytest.fixture(scope="module")
def services(trained_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("explained")
    shutil.copytree(trained_home, folder / "home")
    with closing(open_services(Settings(home=folder / "home", cache=folder / "cache"))) as found:
        yield found


@pytest.fixture
def client(services: Services) -> Iterator[FlaskClient]:
    app = create_app(services.settings)
    yield app.server.test_client()
    app.server.extensions["dashapp"].services.close()


@pytest.fixture
def address(services: Services) -> str:
    return f"/api/models/{services.models.all()[-1].id}/explanation"


def explained(client: FlaskClient, address: str, row: Any) -> Any:
    return client.post(address, json={"row": row})


def test_a_row_is_explained_in_time(client: FlaskClient, address: str) -> None:
    began = time.monotonic()
    answer = explained(client, address, ROW)
    assert answer.status_code == 200 and time.monotonic() - began < 2
    found = answer.json
    assert found["of"] in ("setosa", "versicolor", "virginica") and 0 < found["score"] <= 1
    assert {each["column"]: each["value"] for each in found["contributions"]} == ROW
    assert math.isclose(found["start"] + sum(each["amount"] for each in found["contributions"]), found["score"], abs_tol=1e-9)


@pytest.mark.parametrize(
    ("body", "status", "column"),
    [
        ({}, 400, None),
        ({"row": [1]}, 400, None),
        ({"row": ROW, "surprise": 1}, 400, None),
        ({"row": {}}, 422, "sepal_length"),
        ({"row": {**ROW, "petal_width": "wide"}}, 422, "petal_width"),
        ({"row": {**ROW, "petal_width": 1e999}}, 400, None),
    ],
)
def test_what_cannot_be_explained_is_told(client: FlaskClient, address: str, body: Any, status: int, column: str | None) -> None:
    answer = client.post(address, json=body)
    assert is_problem(answer, status) and answer.json.get("column") == column


def test_an_unknown_model_is_a_404(client: FlaskClient) -> None:
    assert is_problem(explained(client, "/api/models/none/explanation", ROW), 404)


def test_a_damaged_model_is_a_409(client: FlaskClient, services: Services, address: str) -> None:
    model = services.models.all()[-1]
    path = services.models.folder(model.id) / model.artifact.file
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    assert is_problem(explained(client, address, ROW), 409)
    path.write_bytes(whole)
    assert explained(client, address, ROW).status_code == 200


def test_a_model_without_an_explanation_is_a_404(client: FlaskClient, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashapp.models.artifact_format.load_explanation", lambda path: Explanation())
    assert is_problem(explained(client, address, ROW), 404)
