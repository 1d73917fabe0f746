"""The append-only log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from dashapp.database.engine import Database
from dashapp.database.tables import events
from dashapp.events.fact import Event, EventType, Fact


class EventLog:
    """Appending is atomic with the caller's transaction; ids only grow and become visible in their order; safe from many processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, transaction: Connection, fact: Fact, at: datetime | None = None) -> None:
        transaction.execute(
            insert(events).values(
                at=at or datetime.now(UTC),
                type=fact.type.value,
                subject=dict(fact.subject),
                message=fact.message,
                data=dict(fact.data),
            )
        )

    def since(self, after: int, limit: int = 500, types: Sequence[EventType] = ()) -> list[Event]:
        """The oldest `limit` events with an id above `after`, in order."""
        query = select(events).where(events.c.id > after).order_by(events.c.id).limit(limit)
        if types:
            query = query.where(events.c.type.in_([each.value for each in types]))
        with self._database.read() as connection:
            return [_event(row) for row in connection.execute(query)]

    def latest(self, limit: int, types: Sequence[EventType] = (), before: int | None = None) -> list[Event]:
        """The newest `limit` events (with an id below `before`), newest first."""
        query = select(events).order_by(events.c.id.desc()).limit(limit)
        if types:
            query = query.where(events.c.type.in_([each.value for each in types]))
        if before is not None:
            query = query.where(events.c.id < before)
        with self._database.read() as connection:
            return [_event(row) for row in connection.execute(query)]

    def last_id(self) -> int:
        """0 for an empty log."""
        with self._database.read() as connection:
            return connection.execute(select(func.max(events.c.id))).scalar_one() or 0

    def count(self, types: Sequence[EventType] = ()) -> int:
        query = select(func.count()).select_from(events)
        if types:
            query = query.where(events.c.type.in_([each.value for each in types]))
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()


def _event(row: Row[Any]) -> Event:
    return Event(row.id, row.at, EventType(row.type), row.subject, row.message, row.data)
