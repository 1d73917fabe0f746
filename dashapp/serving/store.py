"""The last rows that callers sent to a version, as they are kept: what another version must go on answering."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import select

from dashapp.database.engine import Database
from dashapp.database.tables import predictions


def recent_rows(database: Database, version: int, most: int) -> list[dict[str, Any]]:
    """Newest first."""
    query = select(predictions.c.inputs).where(predictions.c.version == version).order_by(predictions.c.number.desc()).limit(most)
    with database.read() as connection:
        rows = [orjson.loads(inputs) for inputs in connection.execute(query).scalars()]
    return [row for row in rows if isinstance(row, dict)]
