from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashapp.database.engine import Database
from dashapp.database.migrate import migrate
from dashapp.events import live
from dashapp.events.fact import Event, EventType, Fact
from dashapp.events.live import Tail
from dashapp.events.store import EventLog
from tests.waiting import wait_until


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    migrate(database)
    yield database
    database.close()


def append(database: Database, count: int = 1) -> None:
    with database.write() as transaction:
        for number in range(count):
            EventLog(database).append(transaction, Fact(EventType.USER_ACTION, f"fact {number}"))


def test_events_of_others_arrive_in_order_and_wake_who_waits(database: Database) -> None:
    seen: list[Event] = []
    tail = Tail(database, EventLog(database), seen.extend)
    tail.start()
    writer = threading.Thread(target=lambda: [append(database, 3) for _ in range(20)])
    writer.start()
    generation = tail.wait(0, timeout_s=10)
    assert generation > 0
    writer.join()
    wait_until(lambda: len(seen) == 60)
    tail.stop()
    assert [event.id for event in seen] == list(range(1, 61))


def test_an_event_that_cannot_be_handled_does_not_end_the_tail(database: Database) -> None:
    calls: list[int] = []

    def fail_once(events: object) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("the first time fails")

    tail = Tail(database, EventLog(database), fail_once)
    tail.start()
    wait_until(lambda: len(calls) >= 2)
    append(database)
    wait_until(lambda: tail.last_id == 1)
    tail.stop()


def test_stopping_wakes_who_waits(database: Database) -> None:
    tail = Tail(database, EventLog(database), lambda _events: None)
    tail.start()
    waiting = threading.Thread(target=lambda: tail.wait(10**9, timeout_s=60))
    waiting.start()
    tail.stop()
    waiting.join(5)
    assert not waiting.is_alive()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 7), min_size=1, max_size=12), st.integers(0, 60), st.integers(1, 9))
def test_since_gives_every_event_once_whatever_the_ring_holds(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, batches: list[int], after: int, limit: int
) -> None:
    monkeypatch.setattr(live, "RING", 10)
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('ring') / 'test.db'}")
    migrate(database)
    append(database, 5)
    tail = Tail(database, EventLog(database), lambda _events: None)
    for count in batches:
        append(database, count)
        tail._advance()
    total = 5 + sum(batches)
    got: list[int] = []
    last = min(after, total)
    start = last
    while batch := tail.since(last, limit):
        got.extend(event.id for event in batch)
        last = got[-1]
    database.close()
    assert got == list(range(start + 1, total + 1))
