"""`/api/predictions`, `/api/feedback` and `/api/challenger` by HTTP."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashapp.application.process import WebProcess
from dashapp.application.services import Services
from dashapp.factory import create_app
from dashapp.settings import Settings
from tests.api.test_requests import is_problem
from tests.application.conftest import install
from tests.application.test_ledger import FLOWERS, SPECIES

__all__ = ["install"]


class Served:
    """The application with the first model live; the ledger is moved when asked to."""

    def __init__(self, settings: Settings) -> None:
        server = create_app(settings).server
        self.process: WebProcess = server.extensions["dashapp"]
        self.services: Services = self.process.services
        self.http: FlaskClient = server.test_client()
        self.second, self.first = (model.id for model in self.services.models.all())
        self.http.post(f"/api/models/{self.first}/deploy")
        self.process.live_model.refresh()

    def predict(self, *rows: Any) -> list[str]:
        self.process.ledger.start()
        answer = self.http.post("/api/predict", json={"rows": rows}).json
        self.process.ledger.stop()
        return [each["id"] for each in answer["predictions"]]


@pytest.fixture
def served(install: Services) -> Iterator[Served]:
    found = Served(install.settings)
    yield found
    found.services.close()


def test_the_ledger_is_listed_and_searched(served: Served) -> None:
    ids = served.predict(*FLOWERS, FLOWERS[0] | {"colour": "blue"})
    listed = served.http.get("/api/predictions").json
    assert (listed["total"], listed["kept"], listed["next_before"]) == (4, 4, None)
    assert [each["id"] for each in listed["predictions"]] == ids[::-1]
    newest = listed["predictions"][0]
    assert newest["at"].endswith("Z") and newest["inputs"]["colour"] == "blue" and newest["warnings"][0]["code"] == "unknown_column"
    assert served.http.get(f"/api/predictions/{ids[3]}").json == newest
    assert served.http.get("/api/predictions?with_warnings=true&version=1").json["predictions"] == [newest]
    assert served.http.get(f"/api/predictions?until={newest['at'][:4]}-01-01").json["predictions"] == []
    paged = served.http.get("/api/predictions?limit=1").json
    assert [each["id"] for each in served.http.get(f"/api/predictions?before={paged['next_before']}").json["predictions"]] == ids[2::-1]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "version=-1", "before=a", "since=noon", "until=9999-99-99", "until=", "with_warnings=2"]
)
def test_a_search_that_cannot_be_understood_is_refused(served: Served, query: str) -> None:
    assert is_problem(served.http.get(f"/api/predictions?{query}"), 400)


@pytest.mark.parametrize("text", ["%", "_", "\\", "'; DROP TABLE predictions;--", '"', "\x00", "é", "/"])
def test_any_text_may_be_searched_for(served: Served, text: str) -> None:
    (one,) = served.predict(FLOWERS[0] | {"note": f"before {text} after"})
    served.predict(FLOWERS[1])
    found = served.http.get("/api/predictions", query_string={"text": f"before {text}"}).json
    assert [each["id"] for each in found["predictions"]] == [one]


def test_late_truth_comes_alone_in_a_list_or_as_csv(served: Served) -> None:
    ids = served.predict(*FLOWERS)
    alone = served.http.post("/api/feedback", json={"prediction_id": ids[0], "actual": "setosa"})
    assert (alone.status_code, alone.json) == (200, {"recorded": 1, "unknown": []})
    several = [{"prediction_id": ids[1], "actual": "versicolor"}, {"prediction_id": "gone", "actual": "setosa"}]
    assert served.http.post("/api/feedback", json=several).json == {"recorded": 1, "unknown": ["gone"]}
    text = io.StringIO()
    csv.writer(text).writerows([("actual", "prediction_id", "note"), *((SPECIES[0], id, "x") for id in ids)])
    answer = served.http.post("/api/feedback", data="\ufeff" + text.getvalue(), content_type="text/csv")
    assert answer.json == {"recorded": 3, "unknown": []}
    (score,) = served.http.get("/api/feedback").json["scores"]
    assert (score["name"], score["n"], score["value"]) == ("accuracy", 3, pytest.approx(1 / 3))
    assert served.http.get(f"/api/predictions/{ids[1]}").json["actual"] == "setosa"


@pytest.mark.parametrize("body", ["x", "{}", "[1]", '{"prediction_id": 1, "actual": 2}', '{"prediction_id": "a", "actual": 1, "more": 1}'])
def test_feedback_of_another_shape_is_refused(served: Served, body: str) -> None:
    assert is_problem(served.http.post("/api/feedback", data=body, content_type="application/json"), 400)


@pytest.mark.parametrize("body", [b"", b"a,b\n1,2\n", b"\xff\xfe", b'prediction_id,actual\n"' + b"x" * 200_000])
def test_a_csv_of_feedback_that_cannot_be_read_is_refused(served: Served, body: bytes) -> None:
    assert is_problem(served.http.post("/api/feedback", data=body, content_type="text/csv"), 400)


def test_a_truth_that_does_not_fit_is_named(served: Served) -> None:
    (one,) = served.predict(FLOWERS[0])
    answer = served.http.post("/api/feedback", json={"prediction_id": one, "actual": "rose"})
    assert is_problem(answer, 422)
    assert (answer.json["got"], answer.json["prediction_id"]) == ("'rose'", one)
    short = served.http.post("/api/feedback", data=f"prediction_id,actual\n{one}\n", content_type="text/csv")
    assert is_problem(short, 422)


def test_the_last_predictions_are_replayed(served: Served) -> None:
    served.predict(*FLOWERS)
    again = served.http.post("/api/replay", json={"model_id": served.second, "last": 2}).json
    assert (again["version"], again["n"], again["refused"]) == (2, 2, 0)
    assert again["differences"][0]["kept"]["version"] == 1
    assert is_problem(served.http.post("/api/replay", json={"model_id": "nobody"}), 404)
    assert is_problem(served.http.post("/api/replay", json={"model_id": served.second, "last": 0}), 400)
    assert is_problem(served.http.post("/api/replay", json={}), 400)


def test_a_challenger_is_started_compared_and_ended(served: Served) -> None:
    assert served.http.get("/api/challenger").json == {"challenger": None, "comparison": None}
    assert is_problem(served.http.put("/api/challenger", json={"model_id": served.first}), 409)
    assert is_problem(served.http.put("/api/challenger", json={"model_id": "nobody"}), 404)
    assert is_problem(served.http.put("/api/challenger", json=[]), 400)
    started = served.http.put("/api/challenger", json={"model_id": served.second}).json
    assert (started["challenger"]["version"], started["comparison"]["n"]) == (2, 0)
    served.predict(*FLOWERS)
    beside = served.http.get("/api/challenger").json["comparison"]
    assert (beside["n"], beside["agreeing"], beside["live"]) == (3, 3, None)
    assert served.http.delete("/api/challenger").status_code == 204
    assert served.http.get("/api/challenger").json["challenger"] is None
