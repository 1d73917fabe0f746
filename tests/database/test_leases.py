from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from sqlalchemy import update

from dashapp.database.engine import Database
from dashapp.database.leases import Lease
from dashapp.database.migrate import migrate
from dashapp.database.tables import leases


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    migrate(database)
    return database


def test_one_holder_at_a_time(database: Database) -> None:
    first, second = Lease(database, "role"), Lease(database, "role")
    assert first.hold()
    assert first.hold()
    assert not second.hold()


def test_a_released_lease_is_free(database: Database) -> None:
    first, second = Lease(database, "role"), Lease(database, "role")
    assert first.hold()
    first.release()
    assert second.hold()
    assert not first.hold()


def test_roles_are_independent(database: Database) -> None:
    assert Lease(database, "one").hold()
    assert Lease(database, "other").hold()


def test_the_lease_of_a_dead_process_is_taken_at_once(database: Database) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    first, second = Lease(database, "role"), Lease(database, "role")
    assert first.hold()
    with database.write() as transaction:
        transaction.execute(update(leases).values(pid=gone.pid))
    assert second.hold()


def test_an_expired_lease_is_taken(database: Database) -> None:
    first, second = Lease(database, "role", seconds=-1), Lease(database, "role")
    assert first.hold()
    assert second.hold()
