from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from dashapp.application.services import open_services
from dashapp.database.engine import Database
from dashapp.database.migrate import migrate
from dashapp.database.tables import metadata
from dashapp.settings import Settings
from tests.conftest import DATA


def test_the_migrations_make_what_the_tables_say(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    migrate(database)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_database_of_the_first_version_is_upgraded_at_start_and_keeps_what_is_in_it(settings: Settings) -> None:
    """`database-0001.sql` is a dump of what the first version wrote: one dataset, one run with curves, one deployed model."""
    settings.home.mkdir()
    with closing(sqlite3.connect(settings.home / "dashapp.db")) as old:
        old.executescript((DATA / "database-0001.sql").read_text())
        before = dict(old.execute("SELECT 'events', count(*) FROM events UNION SELECT 'curves', count(*) FROM curves"))
    services = open_services(settings)
    with services.database.read() as connection:
        context = MigrationContext.configure(connection)
        assert (context.get_current_revision(), compare_metadata(context, metadata)) == ("0005", [])
    run = services.runs.all()[0]
    assert [dataset.id for dataset in services.datasets.all()] == [run.dataset_id]
    assert {"events": services.log.count(), "curves": len(services.runs.points(run.id))} == before
    assert services.deployments.newest_models() == [run.model_id] == [model.id for model in services.models.all()]
    services.close()


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
