from __future__ import annotations

import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashapp.application.services import Services
from dashapp.monitoring.alert_rules import RULES, Finding
from dashapp.monitoring.told import Alert, Cause, Link, LinkKind, Severity
from tests.api.openapi.test_document import Checked

CAUSE = Cause("The trainer holds it", ("3 GB",), (Link(LinkKind.RUN, "r1", "Training of y on x.csv"),))


def services_of(server: Flask) -> Services:
    found: Services = server.extensions["dashapp"].services
    return found


def raise_one(server: Flask, about: str = "here", rule: str = "memory_high") -> Alert:
    services = services_of(server)
    with services.database.write() as transaction:
        finding = Finding(rule, about, True, "Memory in use is at 92 % (limit 90 %)", 92.0, 90.0)
        alert = services.alerts.add(transaction, finding, Severity.WARNING, CAUSE, time.time())
    assert alert is not None
    return alert


def resolve(server: Flask, alert: Alert) -> None:
    services = services_of(server)
    with services.database.write() as transaction:
        assert services.alerts.resolve(transaction, alert, "Memory in use is back at 50 %", time.time())


def test_real_answers_are_as_the_document_says(server: Flask) -> None:
    ask = Checked(server).ask
    assert ask("GET /api/alerts", 200) == {"alerts": [], "total": 0}
    first, second = raise_one(server), raise_one(server, "there")
    resolve(server, first)
    ask("GET /api/alerts", 200)
    ask("GET /api/alerts/{alert_id}", 200, alert_id=first.id)
    ask("GET /api/alerts/{alert_id}", 404, alert_id="none")
    ask("POST /api/alerts/{alert_id}/acknowledge", 200, alert_id=second.id, json={"by": "ann"})
    ask("POST /api/alerts/{alert_id}/acknowledge", 200, alert_id=second.id)
    ask("POST /api/alerts/{alert_id}/acknowledge", 409, alert_id=first.id)
    ask("GET /api/alert-rules", 200)
    ask("PUT /api/alert-rules/{rule}/mute", 200, rule="memory_high", json={"seconds": 60, "by": "ann"})
    ask("GET /api/alert-rules", 200)
    ask("GET /api/alerts/{alert_id}", 200, alert_id=second.id)
    ask("DELETE /api/alert-rules/{rule}/mute", 204, rule="memory_high")
    ask("PUT /api/alert-rules/{rule}/mute", 404, rule="none", json={"seconds": 60})


def test_an_alert_is_told_with_its_cause(server: Flask, client: FlaskClient) -> None:
    alert = raise_one(server)
    (document,) = client.get("/api/alerts?state=standing").json["alerts"]
    assert (document["id"], document["severity"], document["is_standing"]) == (alert.id, "warning", True)
    assert document["cause"]["links"] == [{"kind": "run", "id": "r1", "words": "Training of y on x.csv"}]
    assert document["raised_at"].endswith("Z") and document["resolved_at"] is None


def test_the_list_goes_by_state_and_page(server: Flask, client: FlaskClient) -> None:
    found = [raise_one(server, str(number)) for number in range(4)]
    resolve(server, found[1])
    abouts = lambda query: [each["about"] for each in client.get(f"/api/alerts?{query}").json["alerts"]]  # noqa: E731
    assert abouts("") == ["3", "2", "1", "0"]
    assert abouts("state=resolved") == ["1"] and client.get("/api/alerts?state=resolved").json["total"] == 1
    assert abouts("limit=2") == ["3", "2"] and abouts(f"limit=2&before={found[2].id}") == ["1", "0"]


@pytest.mark.parametrize("query", ["state=none", "limit=0", "limit=501", "before=x", "before=-1"])
def test_a_query_that_makes_no_sense_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/alerts?{query}").status_code == 400


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("memory_high", {}),
        ("memory_high", {"seconds": "60"}),
        ("memory_high", {"seconds": True}),
        ("memory_high", {"seconds": 0}),
        ("memory_high", {"seconds": 1e300}),
        ("memory_high", {"seconds": 60, "more": 1}),
        ("memory_high", {"seconds": 60, "by": "x" * 101}),
        ("memory_high", [60]),
    ],
)
def test_a_mute_that_makes_no_sense_is_refused(client: FlaskClient, rule: str, body: Any) -> None:
    answer = client.put(f"/api/alert-rules/{rule}/mute", json=body)
    assert answer.status_code == 400 and answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("seconds", [5e-324, 0.5, 60, 30 * 86400])
def test_a_mute_may_be_as_short_as_it_likes(client: FlaskClient, seconds: float) -> None:
    assert client.put("/api/alert-rules/drift/mute", json={"seconds": seconds}).status_code == 200


def test_a_muted_rule_says_so(server: Flask, client: FlaskClient) -> None:
    alert = raise_one(server)
    assert client.put("/api/alert-rules/memory_high/mute", json={"seconds": 60, "by": "ann"}).json["muted_by"] == "ann"
    rules = {each["name"]: each for each in client.get("/api/alert-rules").json["rules"]}
    assert list(rules) == list(RULES) and rules["memory_high"]["muted_until"] == client.get(f"/api/alerts/{alert.id}").json["muted_until"]
    assert client.delete("/api/alert-rules/memory_high/mute").status_code == 204
    assert client.get(f"/api/alerts/{alert.id}").json["muted_until"] is None
