"""What callers do wrong is told to them as a problem document, and leaves nothing behind."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.conftest import DATA


def is_problem(answer: Any, status: int) -> bool:
    return bool(answer.status_code == status and answer.content_type == "application/problem+json" and answer.json["detail"])


def upload(client: FlaskClient, data: bytes, name: str = "x.csv") -> Any:
    return client.post("/api/datasets", query_string={"name": name}, data=data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n\n\n", "empty"),
        (b"a,b,c\n", "no rows"),
        (b"a\n1\n2\n3\n", "column"),
        (b"<html><body><table></table></body></html>", "HTML"),
        (b'[{"a": 1}, {"a": 2}]', "JSON"),
        (bytes(range(256)) * 100, "binary"),
    ],
)
def test_a_file_that_is_no_table_is_refused_and_leaves_nothing(server: Flask, client: FlaskClient, data: bytes, words: str) -> None:
    answer = upload(client, data)
    assert is_problem(answer, 422)
    assert words.lower() in answer.json["detail"].lower()
    assert client.get("/api/datasets").json == {"datasets": [], "total": 0}
    directory = server.extensions["dashapp"].services.datasets.directory
    assert list(directory.iterdir()) == []


def test_a_target_with_one_class_is_read_but_not_trained_on(client: FlaskClient) -> None:
    rows = "".join(f"{i},{i % 7},same\n" for i in range(50))
    dataset = upload(client, b"x,y,label\n" + rows.encode()).json
    answer = client.post("/api/runs", json={"dataset_id": dataset["id"], "target": "label"})
    assert is_problem(answer, 422)
    assert answer.json["column"] == "label"
    assert client.get("/api/runs").json["total"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"dataset_id": 5}, 400),
        ({"dataset_id": "none"}, 404),
        ({"dataset_id": "none", "task": "guess"}, 400),
        ({"dataset_id": "none", "surprise": 1}, 400),
        ([1, 2], 400),
    ],
)
def test_a_bad_request_for_a_run_is_told(client: FlaskClient, body: Any, status: int) -> None:
    assert is_problem(client.post("/api/runs", json=body), status)


@pytest.mark.parametrize("path", ["/api/plan", "/api/runs"])
@pytest.mark.parametrize("budget", [0, -1, 1e9, True, False, "60", [60]])
def test_a_bad_budget_is_told(client: FlaskClient, path: str, budget: Any) -> None:
    dataset = upload(client, (DATA / "iris.csv").read_bytes()).json
    assert is_problem(client.post(path, json={"dataset_id": dataset["id"], "budget_s": budget}), 400)
    assert client.get("/api/runs").json["total"] == 0


@pytest.mark.parametrize("keep_best", [1, 0, "yes", "false"])
def test_to_keep_the_best_is_true_or_false_and_nothing_like_it(client: FlaskClient, keep_best: Any) -> None:
    answer = client.post("/api/runs/none/cancel", json={"keep_best": keep_best})
    assert is_problem(answer, 400) and answer.json["field"] == "keep_best"


@pytest.mark.parametrize("value", ["true", "1_0", "+5", "٥", " 5", "5.0", "9" * 5_000])
@pytest.mark.parametrize("name", ["after", "limit"])
def test_a_number_in_a_query_is_digits(client: FlaskClient, name: str, value: str) -> None:
    answer = client.get("/api/events", query_string={name: value})
    assert is_problem(answer, 400) and answer.json["field"] == name


def test_unknown_columns_are_named(client: FlaskClient) -> None:
    dataset = upload(client, (DATA / "iris.csv").read_bytes()).json
    answer = client.post("/api/runs", json={"dataset_id": dataset["id"], "target": "colour"})
    assert is_problem(answer, 422)
    assert answer.json["column"] == "colour"


@pytest.mark.parametrize("path", ["/api/datasets/none", "/api/runs/none", "/api/models/none", "/api/nothing", "/api/datasets/none/rows"])
def test_what_is_not_there_is_a_404(client: FlaskClient, path: str) -> None:
    assert is_problem(client.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/api/predict", "POST"), ("PUT", "/api/status", "GET"), ("PUT", "/api/datasets/x", "GET, PATCH, DELETE")],
)
def test_the_wrong_method_is_told_the_right_ones(client: FlaskClient, method: str, path: str, allowed: str) -> None:
    answer = client.open(path, method=method)
    assert is_problem(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) == set(allowed.split(", "))


@pytest.mark.parametrize("path", ["/api", "/api/", "/_dash-component-suites/dash/no.js"])
def test_what_is_not_served_never_answers_with_a_page(client: FlaskClient, path: str) -> None:
    assert is_problem(client.get(path), 404)


@pytest.mark.parametrize("body", [{}, [], {"output": 5}, None])
def test_a_callback_request_of_no_known_shape_is_a_400(client: FlaskClient, body: Any) -> None:
    assert is_problem(client.post("/_dash-update-component", json=body), 400)


@pytest.mark.parametrize("after", ["abc", "-1", "1e3"])
def test_a_bad_place_in_the_log_is_told_before_the_socket_opens(client: FlaskClient, after: str) -> None:
    assert is_problem(client.get(f"/ws?after={after}"), 400)
    assert is_problem(client.get(f"/api/events?after={after}"), 400)


def test_an_empty_parameter_counts_as_none(client: FlaskClient) -> None:
    assert client.get("/api/events?after=&limit=&type=").status_code == 200


def test_nothing_deployed_is_a_409_that_says_how(client: FlaskClient) -> None:
    answer = client.post("/api/predict", json={"rows": [{}]})
    assert is_problem(answer, 409)
    assert "Use This Model" in answer.json["detail"]
    assert is_problem(client.post("/api/deployments/rollback"), 409)
    assert client.get("/api/health").status_code == 200


def test_a_dataset_is_listed_previewed_and_deleted(server: Flask, client: FlaskClient) -> None:
    dataset = upload(client, (DATA / "iris.csv").read_bytes(), "../../etc/iris.csv").json
    assert dataset["name"] == "iris.csv"
    page = client.get(f"/api/datasets/{dataset['id']}/rows?offset=148&limit=50").json
    assert (len(page["rows"]), page["total"]) == (2, 150)
    assert client.delete(f"/api/datasets/{dataset['id']}").status_code == 204
    assert client.get(f"/api/datasets/{dataset['id']}").status_code == 404
    assert list(server.extensions["dashapp"].services.datasets.directory.iterdir()) == []


def test_a_file_can_come_as_a_form(client: FlaskClient) -> None:
    form = {"file": (io.BytesIO((DATA / "iris.csv").read_bytes()), "iris.csv")}
    answer = client.post("/api/datasets", data=form, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["rows"]) == (201, 150)
    assert is_problem(client.post("/api/datasets", data={"other": "x"}, content_type="multipart/form-data"), 400)


def test_the_upload_limit_holds(server: Flask, client: FlaskClient) -> None:
    from dataclasses import replace

    from dashapp.factory import create_app

    small = create_app(replace(server.extensions["dashapp"].services.settings, max_upload_bytes=1000)).server
    answer = upload(small.test_client(), b"a,b\n" + b"1,2\n" * 1000)
    assert is_problem(answer, 413)
    small.extensions["dashapp"].services.close()


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from(["/api/predict", "/api/runs", "/api/datasets", "/api/models/x/deploy"]))
def test_no_body_ever_makes_a_5xx(client: FlaskClient, body: bytes, path: str) -> None:
    assert client.post(path, data=body, content_type="application/json").status_code < 500
