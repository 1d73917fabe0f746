"""A database with the schema: SQLite on a real file, and PostgreSQL too where TEST_POSTGRESQL_URL names a server (any database of it)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from dashapp.database.engine import Database
from dashapp.database.migrate import migrate
from dashapp.events.store import EventLog
from dashapp.models.store import Deployments, Models
from dashapp.monitoring.sampler import Sources
from dashapp.monitoring.store import RequestCounts, Samples
from dashapp.training.store import Runs

POSTGRESQL = os.environ.get("TEST_POSTGRESQL_URL", "")


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRESQL else [])])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'test.db'}")
        migrate(opened)
        yield opened
        opened.close()
        return
    name = f"test_{uuid4().hex}"
    server = create_engine(make_url(POSTGRESQL).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    opened = Database(server.url.set(database=name).render_as_string(hide_password=False))
    migrate(opened)
    yield opened
    opened.close()
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    server.dispose()


@pytest.fixture
def log(database: Database) -> EventLog:
    return EventLog(database)


@pytest.fixture
def samples(database: Database) -> Samples:
    return Samples(database)


@pytest.fixture
def counts(database: Database) -> RequestCounts:
    return RequestCounts(database)


@pytest.fixture
def sources(database: Database, counts: RequestCounts, tmp_path: Path) -> Sources:
    """All that a sampler looks at, with an interval so short that tests need not wait."""
    return Sources(
        database=database,
        samples=Samples(database, sample_s=0.05),
        counts=counts,
        runs=Runs(database),
        models=Models(database, tmp_path / "models"),
        deployments=Deployments(database),
        home=tmp_path,
        started_at=0.0,
    )


@pytest.fixture
def quiet(sources: Sources) -> Sources:
    return replace(sources, samples=Samples(sources.database, sample_s=600.0))
