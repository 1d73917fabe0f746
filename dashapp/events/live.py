"""The tail of the log: one thread per process that notices what others committed and wakes whoever waits for it."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType

from dashapp.database.engine import Database
from dashapp.events.fact import Event
from dashapp.events.store import EventLog

POLL_S = 0.05
RING = 2000

_log = logging.getLogger(__name__)


class Tail:
    """Calls `on_change(new_events)` after each commit of any process (the list may be empty), then wakes the waiting clients.

    `generation` grows with each change. The newest `RING` events are kept in memory, so that many clients cost no query.
    """

    def __init__(self, database: Database, log: EventLog, on_change: Callable[[Sequence[Event]], None]) -> None:
        self._database, self._event_log, self._on_change = database, log, on_change
        self._ring: deque[Event] = deque(maxlen=RING)
        self._lag_ms: float | None = None
        self._start_id = self._last_id = log.last_id()
        self._condition = threading.Condition()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="tail", daemon=True)
        self.generation = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.end()
        self._thread.join()

    def end(self) -> None:
        """Let clients and the thread finish; waits for nobody."""
        self._over.set()
        with self._condition:
            self._condition.notify_all()

    @property
    def last_id(self) -> int:
        """The id of the newest event that this process has seen."""
        return self._last_id

    def take_lag_ms(self) -> float | None:
        """The longest time from an event to its being noticed here since this was asked last; None where there was no event."""
        taken, self._lag_ms = self._lag_ms, None
        return taken

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def wait(self, generation: int, timeout_s: float) -> int:
        """Block until there is news after `generation`, or the time is up, or the tail ends; returns the newest generation."""
        with self._condition:
            self._condition.wait_for(lambda: self.generation > generation or self.is_over, timeout_s)
            return self.generation

    def since(self, after: int, limit: int = 500) -> list[Event]:
        """The oldest `limit` events after that id, from memory where it reaches back so far."""
        ring = list(self._ring)
        first = ring[0].id if ring else self._last_id + 1
        if after >= self._start_id and after >= first - 1:
            return [event for event in ring if event.id > after][:limit]
        return self._event_log.since(after, limit)

    def _follow(self) -> None:
        with ChangeCounter(self._database) as counter:
            seen: object = None
            while not self._over.wait(POLL_S):
                try:
                    now = counter.read()
                    if now != seen:
                        self._advance()
                        seen = now
                except Exception:
                    _log.exception("the tail of the log will try again")

    def _advance(self) -> None:
        events = self._event_log.since(self._last_id, RING)
        if events:
            lag_ms = 1000 * (datetime.now(UTC) - events[0].at).total_seconds()
            self._lag_ms = max(lag_ms, self._lag_ms or 0.0)
        self._on_change(events)
        with self._condition:
            self._ring.extend(events)
            if events:
                self._last_id = events[-1].id
            self.generation += 1
            self._condition.notify_all()


class ChangeCounter:
    """A value that differs after each commit of another connection: SQLite's `data_version`, PostgreSQL's place in its log."""

    def __init__(self, database: Database) -> None:
        self._database, self._is_sqlite = database, database.is_sqlite
        self._query = "PRAGMA data_version" if database.is_sqlite else "SELECT pg_current_wal_lsn()"

    def __enter__(self) -> ChangeCounter:
        self._connection = self._database.engine.raw_connection()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    def read(self) -> object:
        if self._is_sqlite:  # no transaction, and past what the pool puts around a connection: this is asked twenty times a second
            return self._connection.driver_connection.execute(self._query).fetchone()[0]  # type: ignore[union-attr]
        cursor = self._connection.cursor()
        try:
            return cursor.execute(self._query).fetchone()[0]
        finally:
            cursor.close()
            self._connection.rollback()  # inside a transaction the value would stand still
