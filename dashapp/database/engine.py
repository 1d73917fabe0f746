"""The engine and its two kinds of transaction: `read()` and `write()`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

_WRITERS_LOCK = 0x64617368  # the advisory lock that serialises writers under PostgreSQL

SPARE_PAGES = 500
MOST_PAGES_BACK = 5_000
"""Pages of 4 kB that one call gives back: others wait for it."""


class Database:
    """A database reached from many threads and processes.

    `write()` transactions run one after another (SQLite has one writer; PostgreSQL takes an advisory lock), so that ids
    become visible in the order in which they were given.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else create_engine(url, json_serializer=_dumps, json_deserializer=orjson.loads)

    @contextmanager
    def read(self, within: Connection | None = None) -> Iterator[Connection]:
        """A transaction that sees one moment and changes nothing, or the one that is given."""
        if within is not None:
            yield within
            return
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may change things; committed at the end of the block, undone where it raises."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.execution_options(is_writer=True)
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS_LOCK})
                yield connection

    def give_back_space(self) -> None:
        """Make the file smaller by a part of what is free in it; what is soon needed again stays. Only SQLite has to be told."""
        if not self.is_sqlite:
            return
        with closing(self.engine.raw_connection()) as connection:
            driver: Any = connection.driver_connection
            free = driver.execute("PRAGMA freelist_count").fetchone()[0]
            if free > SPARE_PAGES:
                # `execute` would stop after the first page, as there is no row to fetch.
                driver.executescript(f"PRAGMA incremental_vacuum({min(free - SPARE_PAGES, MOST_PAGES_BACK)})")

    def size_bytes(self) -> int:
        """What the database takes on its disk, without what waits to be written into it."""
        size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        with self.read() as connection:
            return int(connection.execute(text(size if self.is_sqlite else "SELECT pg_database_size(current_database())")).scalar_one())

    def close(self) -> None:
        self.engine.dispose()


def _dumps(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _sqlite_engine(url: str) -> Engine:
    file = make_url(url).database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        connect_args={"timeout": 30},
        pool_size=8,
        max_overflow=-1,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions behind our back
        # It has to be said before there is anything in the file; said later it would be a write, and to no avail.
        is_new = not connection.execute("PRAGMA page_count").fetchone()[0]
        first = ("auto_vacuum=INCREMENTAL",) if is_new else ()
        for pragma in ("busy_timeout=30000", *first, "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that turns into a writer fails at once when another one writes; an immediate one waits.
        is_writer = connection.get_execution_options().get("is_writer", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")

    return engine
