"""Searching the log: every filter, every page, whatever the text holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashapp.database.engine import Database
from dashapp.events import store
from dashapp.events.fact import EventSearch, EventType, Fact
from dashapp.events.store import EventLog

START = datetime(2026, 1, 1, tzinfo=UTC)
NASTY = '<b>"50%_off"</b> \\ 😀 שלום \x00 \ud800'


def told(log: EventLog, database: Database, *facts: Fact, every_s: float = 60) -> None:
    with database.write() as transaction:
        for number, fact in enumerate(facts):
            log.append(transaction, fact, START + timedelta(seconds=number * every_s))


def pages(log: EventLog, search: EventSearch) -> Iterator[list[int]]:
    """The ids of each page until the end."""
    for _ in range(200):
        found = log.search(search)
        yield [event.id for event in found.events]
        if found.next_id is None:
            return
        search = replace(search, before=found.next_id) if search.newest_first else replace(search, after=found.next_id)
    raise AssertionError("there is no end")


def ids(pages: Iterable[list[int]]) -> list[int]:
    return [id for page in pages for id in page]


FACTS = (
    Fact(EventType.USER_ACTION, "iris.csv was uploaded", {"dataset": "da7a5e7001"}),
    Fact(EventType.TRAINING_STARTED, "Training of species on iris.csv started", {"run": "r1", "dataset": "da7a5e7001"}),
    Fact(EventType.PREDICTION_MADE, "5 predictions by version 1", data={"count": 5}),
    Fact(EventType.MODEL_DEPLOYED, "Version 1 is live", {"model": "r1"}),
    Fact(EventType.SYSTEM_ALERT, "Memory is short: 50%_off", {"host": "h", "run": "r2", "alert": "7"}),
    Fact(EventType.USER_ACTION, "50 percent off"),
)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        (EventSearch(), [6, 5, 4, 3, 2, 1]),
        (EventSearch(newest_first=False), [1, 2, 3, 4, 5, 6]),
        (EventSearch(types=(EventType.USER_ACTION,)), [6, 1]),
        (EventSearch(types=(EventType.MODEL_DEPLOYED, EventType.USER_ACTION, EventType.USER_ACTION)), [6, 4, 1]),
        (EventSearch(text="IRIS.CSV"), [2, 1]),
        (EventSearch(text="50%_off"), [5]),
        (EventSearch(text="%"), [5]),
        (EventSearch(text="A5E7001"), [2, 1]),
        (EventSearch(text="iris", types=(EventType.TRAINING_STARTED,)), [2]),
        (EventSearch(subject=("run", "r1")), [2]),
        (EventSearch(subject=("model", "r1")), [4]),
        (EventSearch(subject=("alert", "7")), [5]),
        (EventSearch(subject=("run", "r")), []),
        (EventSearch(subject=("run", "%")), []),
        (EventSearch(since=START + timedelta(minutes=2)), [6, 5, 4, 3]),
        (EventSearch(until=START + timedelta(minutes=2)), [3, 2, 1]),
        (EventSearch(since=START + timedelta(minutes=1), until=START + timedelta(minutes=2), text="predictions"), [3]),
        (EventSearch(since=START + timedelta(days=1)), []),
        (EventSearch(until=START - timedelta(days=1)), []),
        (EventSearch(after=2, before=5), [4, 3]),
        (EventSearch(after=2, before=5, newest_first=False), [3, 4]),
        (EventSearch(after=9), []),
        (EventSearch(before=2**62), [6, 5, 4, 3, 2, 1]),
    ],
)
def test_each_filter_finds_its_events(database: Database, search: EventSearch, expected: list[int]) -> None:
    log = EventLog(database)
    told(log, database, *FACTS)
    assert ids(pages(log, search)) == expected
    for limit in (1, 2):
        assert ids(pages(log, replace(search, limit=limit))) == expected


def test_an_empty_log_has_an_end(database: Database) -> None:
    assert list(pages(EventLog(database), EventSearch(text="x"))) == [[]]
    assert EventLog(database).first() is None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=20))
def test_any_text_is_looked_for_as_it_is(database: Database, text: str) -> None:
    log = EventLog(database)
    if log.count() == 0:
        told(log, database, Fact(EventType.USER_ACTION, store.sound(NASTY)))
    found = log.search(EventSearch(text=text)).events
    plain = store.sound(text)
    if plain.isascii():
        assert bool(found) == (plain.lower() in store.sound(NASTY).lower())


def test_a_search_goes_on_where_its_patience_ended(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no patience each page looks at one window, and may be empty; nothing is lost or told twice."""
    log = EventLog(database)
    told(log, database, *(Fact(EventType.USER_ACTION, "needle" if number % 7 == 0 else "hay") for number in range(40)))
    monkeypatch.setattr(store, "WINDOW", 3)
    monkeypatch.setattr(store, "PATIENCE_S", 1e-9)
    monkeypatch.setattr(store, "_QUICK_S", -1.0)
    found = list(pages(log, EventSearch(text="needle")))
    assert [] in found
    assert ids(found) == [36, 29, 22, 15, 8, 1]
    assert ids(pages(log, EventSearch(text="needle", newest_first=False))) == [1, 8, 15, 22, 29, 36]


def test_rare_types_are_found_among_many(database: Database) -> None:
    log = EventLog(database)
    told(log, database, *(Fact(EventType.SYSTEM_ALERT if number in (3, 900) else EventType.PREDICTION_MADE, "x") for number in range(1000)))
    rare = EventSearch(types=(EventType.SYSTEM_ALERT, EventType.MODEL_DEPLOYED), limit=10)
    assert [event.id for event in log.search(rare).events] == [901, 4]
    assert [event.id for event in log.since(0, 10, [EventType.SYSTEM_ALERT, EventType.MODEL_DEPLOYED])] == [4, 901]
    assert [event.id for event in log.latest(1, [EventType.SYSTEM_ALERT, EventType.PREDICTION_MADE])] == [1000]
