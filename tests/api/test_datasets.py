"""How a file is read can be changed by PATCH, its quality is reported, and a large one is answered before it is read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from dashapp.application import datasets as uploads
from tests.waiting import wait_until

ROWS = [f"{i},{i % 5 + 1},{'yes' if i % 3 else 'no'}" for i in range(60)]
CSV = "\n".join(["amount,<b>stars</b>,churn", *ROWS]).encode()


@pytest.fixture
def dataset_id(client: FlaskClient) -> str:
    return str(client.post("/api/datasets", query_string={"name": "a <b>.csv"}, data=CSV).json["id"])


def test_a_decision_is_kept_and_shown(client: FlaskClient, dataset_id: str) -> None:
    answer = client.patch(f"/api/datasets/{dataset_id}", json={"columns": {"amount": {"use": False}}, "drop_duplicates": True})
    assert answer.status_code == 200
    assert client.get(f"/api/datasets/{dataset_id}").json == answer.json
    assert answer.json["reading"]["drop_duplicates"] is True
    assert answer.json["reading"]["columns"]["amount"]["use"] is False
    run = client.post("/api/runs", json={"dataset_id": dataset_id}).json
    assert {"column": "amount", "reason": "you left it out"} in run["left_out"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"colour": 1}, 400),
        ([1], 400),
        ({"columns": {"nothing": {"use": False}}}, 422),
        ({"encoding": "klingon"}, 422),
        ({"delimiter": "§"}, 422),
        ({"encoding": "utf-16"}, 422),
    ],
)
def test_a_decision_that_cannot_be_followed_changes_nothing(client: FlaskClient, dataset_id: str, body: object, status: int) -> None:
    before = client.get(f"/api/datasets/{dataset_id}").json
    answer = client.patch(f"/api/datasets/{dataset_id}", json=body)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert client.get(f"/api/datasets/{dataset_id}").json == before


def test_every_check_has_a_verdict_and_a_sentence(client: FlaskClient, dataset_id: str) -> None:
    checks = client.get(f"/api/datasets/{dataset_id}").json["checks"]
    assert len(checks) > 10
    assert {check["verdict"] for check in checks} <= {"pass", "warn", "fail"}
    assert all(check["sentence"].endswith(".") and check["title"] for check in checks)


def test_the_report_is_one_file_that_shows_names_and_does_not_run_them(client: FlaskClient, dataset_id: str) -> None:
    answer = client.get(f"/api/datasets/{dataset_id}/report")
    assert answer.mimetype == "text/html"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "&lt;b&gt;stars&lt;/b&gt;" in answer.text and "<b>stars</b>" not in answer.text
    assert "<script" not in answer.text and "src=" not in answer.text
    assert client.get("/api/datasets/none/report").status_code == 404


@pytest.fixture
def every_file_is_large(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(uploads, "WAITED_FOR_BYTES", 0)
    yield


def test_a_large_file_is_answered_before_it_is_read(client: FlaskClient, every_file_is_large: None) -> None:
    answer = client.post("/api/datasets?name=large.csv", data=CSV)
    assert (answer.status_code, answer.json["state"], answer.json["rows"]) == (202, "profiling", 0)
    address = f"/api/datasets/{answer.json['id']}"
    wait_until(lambda: client.get(address).json["state"] == "ready")
    assert client.get(address).json["rows"] == 60
    assert client.get(f"{address}/rows").json["total"] == 60
    again = client.post("/api/datasets?name=large.csv", data=CSV)
    assert (again.status_code, again.json["id"]) == (200, answer.json["id"])


def test_a_large_file_that_is_no_table_fails_with_a_sentence(client: FlaskClient, every_file_is_large: None) -> None:
    answer = client.post("/api/datasets?name=large.csv", data=b"<html><body>no table</body></html>")
    address = f"/api/datasets/{answer.json['id']}"
    wait_until(lambda: client.get(address).json["state"] == "failed")
    assert "HTML" in client.get(address).json["error"]
    assert client.get(f"{address}/rows").status_code == 409
    assert client.post("/api/runs", json={"dataset_id": answer.json["id"]}).status_code == 409
    assert client.delete(address).status_code == 204
