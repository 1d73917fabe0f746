from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dashapp.database.engine import Database
from dashapp.database.migrate import migrate
from dashapp.database.tables import events
from dashapp.events.fact import EventType, Fact
from dashapp.events.store import EventLog


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    migrate(database)
    return database


def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as transaction:
        EventLog(database).append(transaction, Fact(EventType.USER_ACTION, "never"))
        raise RuntimeError
    assert EventLog(database).count() == 0


def test_many_threads_write_and_no_id_is_missing(database: Database) -> None:
    log = EventLog(database)

    def write() -> None:
        for _ in range(25):
            with database.write() as transaction:
                log.append(transaction, Fact(EventType.USER_ACTION, "one"))

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.id for event in log.since(0, limit=1000)] == list(range(1, 201))


def test_a_reader_sees_one_moment_while_a_writer_writes(database: Database) -> None:
    with database.read() as reader:
        before = reader.execute(select(func.count()).select_from(events)).scalar_one()
        with database.write() as writer:
            EventLog(database).append(writer, Fact(EventType.USER_ACTION, "new"))
        assert reader.execute(select(func.count()).select_from(events)).scalar_one() == before
    assert EventLog(database).count() == before + 1


def test_ids_are_never_given_twice(database: Database) -> None:
    with database.write() as transaction:
        EventLog(database).append(transaction, Fact(EventType.USER_ACTION, "first"))
    with database.write() as transaction:
        transaction.execute(events.delete())
    with database.write() as transaction:
        EventLog(database).append(transaction, Fact(EventType.USER_ACTION, "second"))
    assert [event.id for event in EventLog(database).since(0)] == [2]
