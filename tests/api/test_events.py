"""`/api/events`: its filters, its two directions, and what it does not understand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashapp.application.services import Services
from dashapp.events.fact import EventType, Fact

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def log(server: Flask) -> Services:
    services: Services = server.extensions["dashapp"].services
    with services.database.write() as transaction:
        for number, fact in enumerate(
            [
                Fact(EventType.USER_ACTION, "iris.csv was uploaded", {"dataset": "d1"}),
                Fact(EventType.TRAINING_STARTED, "Training of species started", {"run": "r1", "dataset": "d1"}),
                Fact(EventType.PREDICTION_MADE, "2 predictions", data={"count": 2, "versions": {"1": 2}}),
                Fact(EventType.PREDICTION_MADE, "3 predictions", data={"count": 3, "versions": {"1": 3}}),
                Fact(EventType.SYSTEM_ALERT, "Memory is short", {"alert": "1"}),
            ]
        ):
            services.log.append(transaction, fact, START + timedelta(seconds=number))
    return services


def ids(client: FlaskClient, **query: Any) -> list[int]:
    answer = client.get("/api/events", query_string=query)
    assert answer.status_code == 200, answer.text
    return [event["id"] for event in answer.json["events"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"after": 3}, [4, 5]),
        ({"after": 3, "limit": 1}, [4]),
        ({"before": 3}, [2, 1]),
        ({"before": "newest", "limit": 2}, [5, 4]),
        ({"after": 1, "before": 4}, [2, 3]),
        ({"type": ["user_action", "system_alert"]}, [1, 5]),
        ({"text": "MEMORY"}, [5]),
        ({"subject": "dataset:d1"}, [1, 2]),
        ({"subject": "run:r1", "before": "newest"}, [2]),
        ({"since": "2026-01-01T00:00:03Z"}, [4, 5]),
        ({"until": "2026-01-01T00:00:01", "before": "newest"}, [2, 1]),
        ({"text": "", "subject": "", "since": "", "until": "", "before": "", "merged": ""}, [1, 2, 3, 4, 5]),
        ({"before": "newest", "merged": "true"}, [5, 4, 2, 1]),
    ],
)
def test_each_filter_and_direction(client: FlaskClient, log: Services, query: dict[str, Any], expected: list[int]) -> None:
    assert ids(client, **query) == expected


def test_pages_lead_to_the_end(client: FlaskClient, log: Services) -> None:
    first = client.get("/api/events?before=newest&limit=3").json
    assert (first["next_before"], first["next_after"], first["total"]) == (3, None, 5)
    assert client.get(f"/api/events?before={first['next_before']}&limit=3").json["next_before"] is None
    assert client.get("/api/events?after=1&limit=2").json["next_after"] == 3
    assert client.get("/api/events?type=user_action").json["total"] == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "none"),
        ("before", "x"),
        ("before", "-1"),
        ("subject", "run"),
        ("subject", "run:"),
        ("subject", "colour:blue"),
        ("since", "noon"),
        ("until", "9999-99-99"),
        ("merged", "1"),
        ("text", "x" * 501),
        ("subject", "run:" + "x" * 501),
        ("limit", "5001"),
    ],
)
def test_what_is_not_understood_is_named(client: FlaskClient, name: str, value: str) -> None:
    answer = client.get("/api/events", query_string={name: value})
    assert (answer.status_code, answer.content_type, answer.json["field"]) == (400, "application/problem+json", name)


@pytest.mark.parametrize("text", ["%", "_", "'", '"', "\\", "<b>", "model", "\U0001f600", "' OR 1=1 --"])
def test_any_text_may_be_looked_for(client: FlaskClient, log: Services, text: str) -> None:
    assert ids(client, text=text, before="newest") == []


def test_a_sign_that_cannot_be_kept_is_left_out(client: FlaskClient, log: Services) -> None:
    assert ids(client, text="mem\x00ory") == [5]
