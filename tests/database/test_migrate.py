from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from dashapp.database.engine import Database
from dashapp.database.migrate import migrate
from dashapp.database.tables import metadata


def test_the_migrations_make_what_the_tables_say(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    migrate(database)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    migrate(database)
    migrate(database)


def test_processes_that_start_together_all_find_it_ready(tmp_path: Path) -> None:
    imports = "import sys; from dashapp.database.engine import Database; from dashapp.database.migrate import migrate"
    code = f"{imports}; migrate(Database(sys.argv[1]))"
    url = f"sqlite:///{tmp_path / 'together.db'}"
    starts = [subprocess.Popen([sys.executable, "-c", code, url], stderr=subprocess.PIPE) for _ in range(4)]
    assert [(each.wait(60), each.stderr.read() if each.stderr else b"") for each in starts] == [(0, b"")] * 4
