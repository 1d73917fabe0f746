"""Bring a database to the newest schema at start."""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config

from dashapp.database.engine import Database

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database, revision: str = "head") -> None:
    """Apply the migrations that are missing, in one transaction; processes that start together queue for it."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
