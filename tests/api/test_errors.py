"""Every error of every route of the API is a problem document with the members of the contract."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashapp.api.openapi.document import OPERATIONS
from dashapp.api.routes import METHODS

NAMES = {
    "dataset_id": "none",
    "run_id": "none",
    "model_id": "none",
    "prediction_id": "none",
    "name": "none",
    "alert_id": "none",
    "rule": "none",
}
KEYS = [key for key in OPERATIONS if " /api/" in key]
PATHS = sorted({key.split(" ")[1] for key in KEYS})


def methods_at(path: str) -> set[str]:
    """Of all routes that match, as "replay" could be an id too."""
    patterns = {key: re.sub("{[^}]+}", "[^/]+", key.split(" ")[1]) for key in KEYS}
    return {key.split(" ")[0] for key, pattern in patterns.items() if re.fullmatch(pattern, path.format(**NAMES))}


def is_problem(answer: Any) -> bool:
    document = answer.json
    return bool(
        answer.content_type == "application/problem+json"
        and document["status"] == answer.status_code
        and document["type"] == "about:blank"
        and document["title"]
        and document["detail"].endswith((".", "!"))
    )


@pytest.mark.parametrize("path", PATHS)
def test_a_method_that_is_not_taken_is_a_405_that_allows_the_others(client: FlaskClient, path: str) -> None:
    taken = methods_at(path)
    for method in set(METHODS) - taken:
        answer = client.open(path.format(**NAMES), method=method)
        assert answer.status_code == 405 and is_problem(answer), (method, answer.text)
        assert set(answer.headers["Allow"].split(", ")) == taken


@pytest.mark.parametrize("path", PATHS)
def test_options_allows_what_is_described(client: FlaskClient, path: str) -> None:
    taken = methods_at(path)
    answer = client.options(path.format(**NAMES))
    assert answer.status_code == 204 and set(answer.headers["Allow"].split(", ")) == taken | {"OPTIONS"}


@pytest.mark.parametrize("path", ["/api", "/api/nothing", "/api/models/x/nothing", "/v2/nothing"])
def test_options_of_nothing_is_a_404(client: FlaskClient, path: str) -> None:
    assert client.options(path).status_code == 404


@pytest.mark.parametrize("key", [key for key in KEYS if "{" in key])
def test_what_is_not_there_is_a_problem(client: FlaskClient, key: str) -> None:
    method, path = key.split(" ")
    answer = client.open(path.format(**NAMES), method=method, json=_a_body(key))
    assert answer.status_code == 404 and is_problem(answer), answer.text


def _a_body(key: str) -> Any:
    if method_takes_nothing(key):
        return None
    return {"row": {}} if key.endswith("/explanation") else {}


def method_takes_nothing(key: str) -> bool:
    return OPERATIONS[key].body is None


@pytest.mark.parametrize("key", [key for key in KEYS if OPERATIONS[key].body])
def test_a_body_that_is_no_json_is_a_problem(live_server: Flask, key: str) -> None:
    method, path = key.split(" ")
    answer = live_server.test_client().open(path.format(**NAMES), method=method, data=b"{", content_type="application/json")
    assert 400 <= answer.status_code < 500 and is_problem(answer), answer.text


@pytest.mark.parametrize("key", [key for key in KEYS if any("minimum" in each.schema for each in OPERATIONS[key].parameters)])
def test_a_parameter_that_is_no_number_is_a_problem_that_names_it(live_server: Flask, key: str) -> None:
    client = live_server.test_client()
    path = key.split(" ")[1].format(**{**NAMES, "dataset_id": client.get("/api/datasets").json["datasets"][0]["id"]})
    for parameter in OPERATIONS[key].parameters:
        if "minimum" in parameter.schema:
            answer = client.get(path, query_string={parameter.name: "x"})
            assert answer.status_code == 400 and is_problem(answer) and answer.json["field"] == parameter.name
