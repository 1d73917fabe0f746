from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashapp.monitoring.alert_message import LONGEST_TITLE, address_of_alerts, message_of
from dashapp.monitoring.alert_outbox import Due
from dashapp.monitoring.alert_watch import Action
from dashapp.monitoring.told import Alert, Cause, Severity
from dashapp.settings import Settings

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
RAISED = Alert(
    "7",
    "memory_high",
    "here",
    Severity.WARNING,
    "Memory in use is at 92 %",
    AT,
    cause=Cause("The trainer holds 3.1 GB", ("it began at 9",)),
)
OVER = replace(RAISED, resolved_at=AT + timedelta(minutes=5), resolved_message="Memory in use is back at 50 %")
LINK = "https://ml.example.org/monitor?alert="


def due(action: Action, is_over: bool = False) -> Due:
    return Due(1, "7", action, "first", 1, is_over)


def test_raised_says_what_since_when_because_of_what_and_where_to_look() -> None:
    message = message_of(RAISED, due(Action.RAISED), LINK)
    assert (message.title, message.kind) == ("Warning: Memory in use is at 92 %", "warning")
    assert message.body.splitlines() == [
        "Memory in use is at 92 %.",
        "Since 2026-11-23 09:00:00 UTC.",
        "Probable cause: The trainer holds 3.1 GB.",
        "- it began at 9",
        f"{LINK}7",
    ]


def test_over_says_how_long_it_lasted() -> None:
    message = message_of(OVER, due(Action.RESOLVED), LINK)
    assert (message.title, message.kind) == ("Over: Memory in use is at 92 %", "success")
    assert message.body.splitlines() == [
        "Memory in use is back at 50 %.",
        "It lasted 5 min, from 2026-11-23 09:00:00 UTC to 2026-11-23 09:05:00 UTC.",
        f"{LINK}7",
    ]


def test_one_message_tells_both() -> None:
    body = message_of(OVER, due(Action.RAISED, is_over=True), LINK).body
    assert body.startswith("Memory in use is at 92 %.\nMemory in use is back at 50 %.\nIt lasted 5 min")
    assert "Probable cause" in body


@pytest.mark.parametrize(("severity", "kind"), [(Severity.WARNING, "warning"), (Severity.CRITICAL, "failure")])
def test_the_kind_is_that_of_the_severity(severity: Severity, kind: str) -> None:
    assert message_of(replace(RAISED, severity=severity), due(Action.RAISED), LINK).kind == kind


def test_a_strangers_name_stays_on_its_line_and_a_long_one_is_cut() -> None:
    message = message_of(replace(RAISED, message="Training of\r\nBcc: x on " + "y" * 5000), due(Action.RAISED), LINK)
    assert "\n" not in message.title and len(message.title) == LONGEST_TITLE
    assert max(map(len, message.body.splitlines())) <= 1001


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        (Settings(), "http://127.0.0.1:8050/monitor?alert="),
        (Settings(host="::1"), "http://[::1]:8050/monitor?alert="),
        (Settings(public_url="https://ml.example.org", url_prefix="/ml"), "https://ml.example.org/ml/monitor?alert="),
    ],
)
def test_the_link_leads_to_where_people_open_the_dashboard(settings: Settings, address: str) -> None:
    assert address_of_alerts(settings) == address
