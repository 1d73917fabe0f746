"""Alerts on the page: what each says and offers, the calm line where none stands, and what the buttons do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from dash.development.base_component import Component

from dashapp.application.services import Services
from dashapp.errors import Conflict
from dashapp.monitoring.told import Alert, Cause, Link, LinkKind, Severity
from dashapp.web import alerting, alerts_view, monitor_view
from dashapp.web.linked import address
from tests.web.pages_values import AT, NASTY, ids_in, links_in, text_of
from tests.web.told_values import an_alert

OVER = an_alert(id="over", resolved_at=AT + timedelta(minutes=5), resolved_message="back to 61 %")


def actions_in(tree: Any) -> list[str]:
    parts = [each.to_plotly_json()["props"] for each in tree._traverse() if isinstance(each, Component)]
    return [part["data-alert-action"] for part in parts if "data-alert-action" in part]


def test_an_alert_says_what_since_when_and_because_of_what() -> None:
    item = alerts_view.alert_item(an_alert(message=NASTY), None, "/ml")
    words = text_of(item)
    for part in (
        "Warning",
        NASTY,
        "Since 2026-11-23 12:00 UTC",
        "Probable cause: The training of churn.csv",
        "Evidence",
        "within a minute",
    ):
        assert part in words
    assert links_in(item) == ["/ml/?run=run1", "/ml/activity"]
    assert actions_in(item) == ["acknowledge", "mute", "mute"]


def test_what_was_done_is_said_and_not_offered_again() -> None:
    item = alerts_view.alert_item(an_alert(acknowledged_at=AT, acknowledged_by=NASTY), AT + timedelta(hours=1), "")
    assert f"acknowledged by {NASTY}" in text_of(item)
    assert "no messages until 2026-11-23 13:00 UTC" in text_of(item)
    assert actions_in(item) == ["unmute"]


def test_an_alert_that_is_over_says_for_how_long_it_stood_and_offers_nothing() -> None:
    item = alerts_view.alert_item(OVER, None, "")
    assert "over after 5 min: back to 61 %" in text_of(item)
    assert actions_in(item) == []


def test_where_nothing_stands_one_calm_line_names_the_last() -> None:
    assert "there was none so far" in text_of(alerts_view.alerts_part([], 0, None, {}, ""))
    calm = text_of(alerts_view.alerts_part([], 0, OVER, {}, ""))
    assert "No alert stands. The last one ended 2026-11-23 12:05 UTC : Memory in use" in calm


def test_ten_thousand_alerts_are_counted_and_not_all_drawn() -> None:
    many = [an_alert(id=f"a{each}") for each in range(200)]
    part = alerts_view.alerts_part(many, 10_000, None, {}, "")
    assert "10,000 standing" in text_of(part)
    assert "9,950 more stand" in text_of(part)
    ids = ids_in(part)
    assert len(ids) == len(set(ids))
    assert sum("alert-a" in each and each.startswith("alert-") for each in ids) == alerts_view.SHOWN


def test_the_gravest_come_first() -> None:
    part = alerts_view.alerts_part([an_alert(id="a"), an_alert(id="b", severity=Severity.CRITICAL)], 2, None, {}, "")
    assert [each for each in ids_in(part) if each.startswith("alert-")] == ["alert-b", "alert-a"]


def test_the_headline_names_the_gravest_and_how_many_more() -> None:
    warning, critical = an_alert(raised_at=AT + timedelta(hours=1)), an_alert(severity=Severity.CRITICAL, message="The disk is full")
    assert monitor_view.worst_alert([]) is None
    assert monitor_view.worst_alert([warning, critical]) == {"words": "The disk is full (and 1 more)", "kind": "bad"}
    assert monitor_view.worst_alert([warning]) == {"words": warning.message, "kind": "warn"}


@pytest.mark.parametrize(
    ("link", "path"),
    [
        (Link(LinkKind.RUN, "r 1/2", ""), "/ml/?run=r%201%2F2"),
        (Link(LinkKind.MODEL, "m1", ""), "/ml/models/m1"),
        (Link(LinkKind.DATASET, "d1", ""), "/ml/?dataset=d1"),
        (Link(LinkKind.ALERT, "a1", ""), "/ml/monitor?alert=a1"),
        (Link(LinkKind.PAGE, "/try", ""), "/ml/try"),
    ],
)
def test_links_lead_under_the_prefix(link: Link, path: str) -> None:
    assert address(link, "/ml") == path


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> list[Alert]:
    """Two that are over, and one that stands."""
    known = [an_alert(id="now", cause=Cause(NASTY)), OVER, replace(OVER, id="older")]

    def alerts(_services: Services, *, is_standing: bool | None = None, before: int | None = None, limit: int = 50) -> list[Alert]:
        return [each for each in known if is_standing is None or each.is_standing is is_standing][:limit]

    monkeypatch.setattr(alerting, "alerts", alerts)
    monkeypatch.setattr(alerting, "count_alerts", lambda _services, is_standing: len(alerts(_services, is_standing=is_standing)))
    return known


def part_of(services: Services, marked: str) -> str:
    return text_of(alerting.part(services, alerting.told(services), marked))


def test_a_link_to_an_alert_that_is_over_unfolds_the_past(services: Services, three: list[Alert]) -> None:
    assert "2 alerts are over" in part_of(services, "")
    assert "over after" not in part_of(services, "")
    assert "over after" in part_of(services, "older")
    assert "over after" not in part_of(services, "nobody's")
    assert "over after" not in part_of(services, "now")


def test_the_page_knows_what_stands_and_what_was_last(services: Services, three: list[Alert]) -> None:
    told = alerting.told(services)
    assert (told.standing, told.total, told.last, told.over) == (three[:1], 1, three[1], 2)
    assert told.worst is not None


def test_a_press_is_done_and_a_refusal_is_raised(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[Any, ...]] = []

    def note(name: str) -> Callable[..., None]:
        return lambda _services, *given: done.append((name, *given))

    for name in ("acknowledge", "mute", "unmute"):
        monkeypatch.setattr(alerting, name, note(name))
    for pressed in (
        {"action": "acknowledge", "alert": "a1", "rule": "memory_usage"},
        {"action": "mute", "alert": "a1", "rule": "memory_usage", "seconds": 3600},
        {"action": "unmute", "rule": "memory_usage"},
        {"action": "nonsense"},
    ):
        alerting.press(services, pressed)
    assert done == [("acknowledge", "a1", "dashboard"), ("mute", "memory_usage", 3600.0, "dashboard"), ("unmute", "memory_usage")]

    def refuse(*_given: Any) -> None:
        raise Conflict("It is over.")

    monkeypatch.setattr(alerting, "acknowledge", refuse)
    with pytest.raises(Conflict):
        alerting.press(services, {"action": "acknowledge", "alert": "a1"})
