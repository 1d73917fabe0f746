"""A plan before the button, and the tables that cannot be trained on: a sentence that names the column, and nothing is left behind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.test_requests import is_problem, upload
from tests.conftest import DATA


def table(header: str, *rows: str) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def classes(*labels: str) -> bytes:
    return table("x,z,y", *(f"{number},{number * 7 % 13},{label}" for number, label in enumerate(labels)))


def wide(columns: int) -> bytes:
    cells = np.random.default_rng(0).integers(0, 99, (40, columns))
    cells[:, 0] = cells[:, 1] > 50
    return table(",".join(f"c{number}" for number in range(columns)), *(",".join(map(str, row)) for row in cells.tolist()))


BAD = {
    "one class": (classes(*["same"] * 40), {"target": "y"}, "y"),
    "all targets missing": (classes(*[""] * 40), {"target": "y"}, "y"),
    "five rows": (classes("a", "b", "a", "b", "a"), {"target": "y"}, "y"),
    "few targets": (classes(*["a", "b"] * 3, *[""] * 40), {"target": "y"}, "y"),
    "each row a class of its own": (classes(*(f"name {n * n}" for n in range(40))), {"target": "y", "task": "multiclass"}, "y"),
    "text in a regression": (classes(*["red", "green"] * 20), {"target": "y", "task": "regression"}, "y"),
    "three classes called binary": (classes(*["a", "b", "c"] * 20), {"target": "y", "task": "binary"}, "y"),
    "only the target": (table("x,y", *(f"same,{number % 2}" for number in range(40))), {"target": "y"}, "y"),
    "an unknown target": (classes(*["a", "b"] * 20), {"target": 'a "quoted" 🙂'}, 'a "quoted" 🙂'),
    "an unknown column left out": (classes(*["a", "b"] * 20), {"target": "y", "exclude": ["gone"]}, "gone"),
    "an unknown column put back": (classes(*["a", "b"] * 20), {"target": "y", "include": ["gone"]}, "gone"),
    "the target left out": (classes(*["a", "b"] * 20), {"target": "y", "exclude": ["y"]}, "y"),
    "every column left out": (classes(*["a", "b"] * 20), {"target": "y", "exclude": ["x", "z"]}, "y"),
}

# What looks bad and can be learned from all the same.
GOOD = {
    "a class with one member": (classes(*["a", "b"] * 20, "c"), {"target": "y"}),
    "infinities": (table("x,z,y", *(f"{'inf' if n % 5 == 0 else n},-inf,{n % 2}" for n in range(60))), {"target": "y"}),
    "some targets missing": (classes(*["a", "b", ""] * 20), {"target": "y"}),
    "60 columns": (wide(60), {"target": "c0"}),
}


@pytest.mark.parametrize("path", ["/api/plan", "/api/runs"])
@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_trained_on_is_told_with_its_column_before_the_start(
    server: Flask, client: FlaskClient, path: str, name: str
) -> None:
    data, request, column = BAD[name]
    answer = client.post(path, json={"dataset_id": upload(client, data).json["id"], **request})
    assert is_problem(answer, 422), answer.json
    assert column in answer.json["detail"]
    assert answer.json["column"] == column
    assert client.get("/api/runs").json["total"] == client.get("/api/models").json["total"] == 0
    assert list(server.extensions["dashapp"].services.models.directory.iterdir()) == []


@pytest.mark.parametrize("name", GOOD)
def test_what_only_looks_bad_is_planned(client: FlaskClient, name: str) -> None:
    data, request = GOOD[name]
    plan = client.post("/api/plan", json={"dataset_id": upload(client, data).json["id"], **request})
    assert plan.status_code == 200, plan.json
    assert plan.json["features"]


def test_a_table_with_more_columns_than_can_be_read_is_refused(client: FlaskClient) -> None:
    answer = upload(client, wide(5_001))
    assert is_problem(answer, 422)
    assert "5,000" in answer.json["detail"]


@pytest.mark.slow
def test_as_many_columns_as_can_be_read_are_planned(client: FlaskClient) -> None:
    plan = client.post("/api/plan", json={"dataset_id": upload(client, wide(5_000)).json["id"], "target": "c0"})
    assert plan.status_code == 200, plan.json
    assert len(plan.json["features"]) + len(plan.json["left_out"]) == 4_999


def test_a_plan_says_what_a_run_would_do_and_starts_nothing(client: FlaskClient) -> None:
    dataset = upload(client, (DATA / "titanic.csv").read_bytes(), "titanic.csv").json
    request = {"dataset_id": dataset["id"], "target": "Survived", "budget_s": 30, "exclude": [dataset["columns"][0]["name"]]}
    plan = client.post("/api/plan", json=request).json
    assert (plan["target"], plan["task"], plan["budget_s"]) == ("Survived", "binary", 30)
    assert {"features", "candidates", "treatments", "left_out", "split", "estimate", "notes", "most_rows"} <= set(plan)
    assert all(candidate["name"] and candidate["reason"] for candidate in plan["candidates"])
    assert client.get("/api/runs").json["total"] == 0
    run = client.post("/api/runs", json=request).json
    assert [out["column"] for out in run["left_out"]] == [out["column"] for out in plan["left_out"]]
    assert (run["curves"], run["curves_after"], run["resources"], run["resources_after"]) == ([], 0, [], 0)


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"dataset_id": "none"}, 404), ({"dataset_id": "none", "surprise": 1}, 400), ([1], 400)],
)
def test_a_bad_request_for_a_plan_is_told(client: FlaskClient, body: Any, status: int) -> None:
    assert is_problem(client.post("/api/plan", json=body), status)


def test_the_explanation_of_an_unknown_model_is_a_404(client: FlaskClient) -> None:
    assert is_problem(client.get("/api/models/none/explanation"), 404)
