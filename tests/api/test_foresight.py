from __future__ import annotations

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize(("path", "total"), [("forecasts", 5), ("anomalies", 0), ("milestones", 0)])
def test_lists_of_a_fresh_install(client: FlaskClient, path: str, total: int) -> None:
    document = client.get(f"/api/{path}").json
    assert document["total"] == len(document[path]) == total


def test_advice_is_a_list_with_evidence(client: FlaskClient) -> None:
    document = client.get("/api/advice").json
    assert all(each["evidence"] and each["words"] for each in document["advice"])
    assert document["total"] == len(document["advice"])


def test_an_unknown_timeframe_is_refused(client: FlaskClient) -> None:
    answer = client.get("/api/anomalies?timeframe=soon")
    assert answer.status_code == 400 and "'soon'" in answer.json["detail"]
