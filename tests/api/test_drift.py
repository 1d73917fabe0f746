"""`/api/drift` and `/api/performance` by HTTP."""

from __future__ import annotations

import time

from flask.testing import FlaskClient

from dashapp.application.drift import measure_drift
from tests.api.openapi.test_document import Checked
from tests.api.test_ledger import Served, served
from tests.api.test_requests import is_problem
from tests.application.conftest import install
from tests.application.test_ledger import FLOWERS

__all__ = ["install", "served"]


def test_where_there_is_no_drift_a_sentence_says_why(client: FlaskClient) -> None:
    answer = client.get("/api/drift")
    assert (answer.status_code, answer.json["drift"]) == (200, None) and answer.json["words"].startswith("No model is live")
    assert is_problem(client.get("/api/drift?model_id=none"), 404)
    assert client.get("/api/performance").json == {"versions": [], "total": 0}


def test_the_newest_window_is_answered_as_the_document_says(served: Served) -> None:
    ask = Checked(served.http.application).ask
    waiting = ask("GET /api/drift", 200, {"model_id": ""})
    assert waiting["drift"] is None and "has not been measured" in waiting["words"]
    served.predict(*FLOWERS * 30)
    assert measure_drift(served.services, time.time()) is not None
    found = ask("GET /api/drift", 200)
    assert found == ask("GET /api/drift", 200, {"model_id": served.first})
    assert found["drift"]["rows"] == 90 and found["words"] == found["drift"]["words"] and found["drift"]["since"].endswith("Z")
    assert len(found["drift"]["columns"]) == 4 and {each["kind"] for each in found["drift"]["columns"]} == {"number"}
    assert ask("GET /api/drift", 200, {"model_id": served.second})["drift"] is None
    ask("GET /api/drift", 404, {"model_id": "none"})


def test_the_performance_of_versions_is_answered_as_the_document_says(served: Served) -> None:
    ids = served.predict(*FLOWERS)
    served.http.post("/api/feedback", json={"prediction_id": ids[0], "actual": "setosa"})
    found = Checked(served.http.application).ask("GET /api/performance", 200)
    (only,) = found["versions"]
    assert (found["total"], only["predictions"], only["is_live"], only["score"]["n"]) == (1, 3, True, 1)
