"""The Activity page without a browser: what the address asks for, and what the browser is told to draw."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from dashapp.application.services import Services, open_services
from dashapp.events.fact import EventType, Fact
from dashapp.settings import Settings
from dashapp.web import activity_view as view
from dashapp.web.activity_query import ActivityQuery, query_of
from dashapp.web.pages import activity
from tests.web.pages_values import ids_in, links_in, text_of

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
EVERYTHING = ActivityQuery((EventType.USER_ACTION, EventType.SYSTEM_ALERT), 'a & "b" <i>', "run:r/1", "24h", "2026-03-01", 17)


@pytest.mark.parametrize("query", [ActivityQuery(), EVERYTHING, ActivityQuery(text="%+&="), ActivityQuery(types=tuple(EventType))])
def test_the_address_keeps_what_was_asked_for(query: ActivityQuery) -> None:
    address = query.address("/activity")
    assert query_of(**dict(parse_qsl(address.removeprefix("/activity").removeprefix("?")))) == query


@pytest.mark.parametrize(
    "address",
    [
        {"type": "no such type"},
        {"before": "x"},
        {"before": "٣"},
        {"before": "9" * 40},
        {"subject": "run:"},
        {"subject": "colour:blue"},
        {"window": "2y"},
        {"day": "tomorrow"},
        {"other": "x"},
    ],
)
def test_what_makes_no_sense_asks_for_nothing(address: dict[str, str]) -> None:
    assert query_of(**address) == ActivityQuery()


def test_the_browser_is_told_what_to_ask_for() -> None:
    found = EVERYTHING.for_browser(NOW, 99)
    assert (found["types"], found["since"], found["before"]) == (["user_action", "system_alert"], "2026-11-22T09:00:00.000Z", 17)
    assert (found["isLive"], found["isNarrowed"], found["lastId"]) == (False, True, 99)
    assert ActivityQuery(day="2026-03-01").for_browser(NOW, 0)["isLive"] is False
    assert ActivityQuery().for_browser(NOW, 0)["isLive"] is True


def part(page: Any, id: str) -> Any:
    return next(each for each in page._traverse() if getattr(each, "id", None) == id)


def test_the_page_offers_the_filters_and_shows_what_is_chosen(services: Services) -> None:
    with services.database.write() as transaction:
        services.log.append(transaction, Fact(EventType.USER_ACTION, "a file came"))
    page = activity.layout(services, type="user_action,system_alert", text="<b>", subject="run:r1")
    assert part(page, view.TYPES).value == ["user_action", "system_alert"]
    assert [each["value"] for each in part(page, view.TYPES).options] == [each.value for each in EventType]
    assert part(page, view.TEXT).value == "<b>"
    assert part(page, view.SUBJECT).value == "=run:r1"  # it is not there any more, and can be chosen all the same
    assert part(page, view.QUERY).data["lastId"] == 1
    ids = ids_in(page)
    assert len(ids) == len(set(ids))
    assert "live" in text_of(page)


@pytest.fixture
def install(trained_home: Path, tmp_path: Path) -> Iterator[Services]:
    shutil.copytree(trained_home, tmp_path / "home")
    with closing(open_services(Settings(home=tmp_path / "home", cache=tmp_path / "cache"))) as services:
        yield services


def test_what_there_is_can_be_chosen_as_the_subject(install: Services) -> None:
    offered = dict(activity.subjects(install))
    model, run = install.models.all()[0], install.runs.all()[0]
    assert offered[f"model:{model.id}"].startswith(f"Version {model.version}")
    assert run.dataset_name in offered[f"run:{run.id}"]
    assert f"dataset:{run.dataset_id}" in offered


def test_a_page_of_the_past_leads_back_to_the_newest() -> None:
    page = activity.render_activity(EVERYTHING, [], 99, "/ml")
    back = next(each for each in links_in(page) if "window=24h" in each)
    assert back.startswith("/ml/activity?") and "before" not in back and "day" not in back
    assert "/ml/activity" in links_in(page)
