from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashapp.database.engine import Database
from dashapp.database.migrate import migrate


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    migrate(database)
    yield database
    database.close()
