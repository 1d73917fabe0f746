"""The append-only log."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Text, cast, delete, func, insert, or_, select, update

from dashapp.database.engine import Database
from dashapp.database.tables import events
from dashapp.events.fact import Event, EventSearch, EventType, Fact, FoundEvents

PATIENCE_S = 0.06
"""After so long a search answers with what it has found; the next page goes on where it stopped."""

WINDOW = 5_000
"""Ids that the first query of a search looks at; a quick one makes the next twice as large."""

_QUICK_S = PATIENCE_S / 8
_MOST_PARAMETERS = 1_000
_MAY_BE_ID = re.compile(r"(?=.*[0-9])[0-9A-Za-z_-]{6,}")


class EventLog:
    """Appending is atomic with the caller's transaction; ids only grow and become visible in their order; safe from many processes.

    Times grow with the ids, but for a clock that was set back. Old facts may be merged into one of them or deleted (`rewrite`, `remove`);
    an id is never given twice.
    """

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
        with self._database.read() as connection:
            return _select(connection, types, [events.c.id > after], limit, newest_first=False)

    def latest(self, limit: int, types: Sequence[EventType] = (), before: int | None = None) -> list[Event]:
        """The newest `limit` events (with an id below `before`), newest first."""
        below = [] if before is None else [events.c.id < before]
        with self._database.read() as connection:
            return _select(connection, types, below, limit, newest_first=True)

    def search(self, search: EventSearch) -> FoundEvents:
        with self._database.read() as connection:
            low, high = self._bounds(connection, search)
            found, next_id = self._page(connection, search, low, high)
        return FoundEvents(tuple(found), next_id)

    def _bounds(self, connection: Connection, search: EventSearch) -> tuple[int, int]:
        """The least id that may be found, and one above the greatest; of a time, those of the events that the clock puts at its ends."""
        low, high = search.after + 1, self._last_id(connection) + 1
        if search.before is not None:
            high = min(high, search.before)
        if search.since is not None:
            first = select(events.c.id).where(events.c.at >= search.since).order_by(events.c.at, events.c.id).limit(1)
            low = max(low, connection.execute(first).scalar_one_or_none() or high)
        if search.until is not None:
            last = select(events.c.id).where(events.c.at <= search.until).order_by(events.c.at.desc(), events.c.id.desc()).limit(1)
            high = min(high, (connection.execute(last).scalar_one_or_none() or 0) + 1)
        return max(low, self._first_id(connection)), high

    def _page(self, connection: Connection, search: EventSearch, low: int, high: int) -> tuple[list[Event], int | None]:
        """What is wanted from `low` up to, without, `high`. Without text or subject the indexes find it; else it is looked for in windows
        of ids."""
        wanted = self._conditions(search)
        window = WINDOW if search.text or search.subject else max(high - low, 1)
        found: list[Event] = []
        begun_at = now = time.monotonic()
        while low < high and len(found) < search.limit and (now - begun_at < PATIENCE_S):
            bottom, top = (max(low, high - window), high) if search.newest_first else (low, min(high, low + window))
            within = [events.c.id >= bottom, events.c.id < top, *wanted]
            found += _select(connection, search.types, within, search.limit - len(found), newest_first=search.newest_first)
            if len(found) >= search.limit:
                bottom, top = found[-1].id, found[-1].id + 1
            low, high = (low, bottom) if search.newest_first else (top, high)
            took_s = time.monotonic() - now
            now += took_s
            window *= 2 if took_s < _QUICK_S else 1
        if low >= high:
            return found, None
        return found, high if search.newest_first else low - 1

    def _conditions(self, search: EventSearch) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if search.since is not None:
            found.append(events.c.at >= search.since)
        if search.until is not None:
            found.append(events.c.at <= search.until)
        if search.subject is not None:
            kind, name = (sound(part) for part in search.subject)
            found += [self._contains(cast(events.c.subject, Text), f'"{name}"'), events.c.subject[kind].as_string() == name]
        if search.text:
            text = sound(search.text)
            said = self._contains(events.c.message, text)
            found.append(or_(said, self._contains(cast(events.c.subject, Text), text)) if _MAY_BE_ID.fullmatch(text) else said)
        return found

    def _contains(self, column: ColumnElement[str], text: str) -> ColumnElement[bool]:
        """Without case, which SQLite's LIKE does by itself; to ask it for lower case first takes twice as long."""
        pattern = "%" + text.replace("/", "//").replace("%", "/%").replace("_", "/_") + "%"
        return column.like(pattern, escape="/") if self._database.is_sqlite else column.ilike(pattern, escape="/")

    def last_id(self) -> int:
        """0 for an empty log."""
        with self._database.read() as connection:
            return self._last_id(connection)

    def _last_id(self, connection: Connection) -> int:
        return connection.execute(select(func.max(events.c.id))).scalar_one() or 0

    def _first_id(self, connection: Connection) -> int:
        return connection.execute(select(func.min(events.c.id))).scalar_one() or 0

    def first(self) -> Event | None:
        """The oldest that is kept."""
        return next(iter(self.since(0, 1)), None)

    def count(self, types: Sequence[EventType] = ()) -> int:
        query = select(func.count()).select_from(events)
        if types:
            query = query.where(events.c.type.in_([each.value for each in types]))
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def between(
        self, type: EventType, start: datetime, end: datetime, limit: int | None = None, transaction: Connection | None = None
    ) -> list[Event]:
        """Those of a type from `start` up to, without, `end`, oldest first."""
        # Not the plain column, as SQLite would then read all of that type by its index, and sort them.
        of_type = events.c.type + "" == type.value
        query = select(events).where(of_type, events.c.at >= start, events.c.at < end)
        with self._database.read(within=transaction) as connection:
            return [_event(row) for row in connection.execute(query.order_by(events.c.at, events.c.id).limit(limit))]

    def oldest_without(self, mark: str, type: EventType, before: datetime) -> datetime | None:
        """When the oldest of a type was told that is older than `before` and does not have the JSON text `mark` in its data."""
        unmarked = cast(events.c.data, Text).not_like(f"%{mark}%")
        query = select(events.c.at).where(events.c.type == type.value, events.c.at < before, unmarked).order_by(events.c.id).limit(1)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def rewrite(self, transaction: Connection, changed: Sequence[Event]) -> None:
        """Give these ids another message and other data; for the merging of old facts alone."""
        for event in changed:
            query = update(events).where(events.c.id == event.id).values(message=event.message, data=dict(event.data))
            transaction.execute(query)

    def remove(self, transaction: Connection, ids: Sequence[int]) -> None:
        for start in range(0, len(ids), _MOST_PARAMETERS):
            transaction.execute(delete(events).where(events.c.id.in_(ids[start : start + _MOST_PARAMETERS])))

    def purge(self, transaction: Connection, before: datetime, limit: int) -> int:
        """Delete at most `limit` of those that were told before; returns how many."""
        oldest = select(events.c.id).where(events.c.at < before).order_by(events.c.at).limit(limit)
        return transaction.execute(delete(events).where(events.c.id.in_(oldest))).rowcount


def _select(
    connection: Connection, types: Sequence[EventType], where: Sequence[ColumnElement[bool]], limit: int, *, newest_first: bool
) -> list[Event]:
    """With one query for each type, so that an index finds them in their order however rare they are."""
    query = select(events).where(*where).order_by(events.c.id.desc() if newest_first else events.c.id).limit(limit)
    queries = [query.where(events.c.type == each.value) for each in dict.fromkeys(types)] or [query]
    found = [_event(row) for each in queries for row in connection.execute(each)]
    return found if len(queries) == 1 else sorted(found, key=lambda event: event.id, reverse=newest_first)[:limit]


def sound(text: str) -> str:
    """No half of a surrogate pair, which no database takes, and no NUL, which PostgreSQL does not."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _event(row: Row[Any]) -> Event:
    return Event(row.id, row.at, EventType(row.type), row.subject, row.message, row.data)
