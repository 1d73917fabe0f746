"""What models learned from, in short, and the windows in which they were measured against it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, insert, select, update

from dashapp.database.engine import Database
from dashapp.database.tables import drift_references, drift_windows, models
from dashapp.monitoring.reference import Reference, read_reference, reference_document
from dashapp.monitoring.told import Drift

HOUR_S = 3600
KEPT_S = 90 * 86_400
MOST_REMEMBERED = 20
"""Columns of a window that are kept once it is not the newest any more: those that drift most."""

_DRIFT = TypeAdapter(Drift)


class DriftWindows:
    """The newest window of a model is always kept, and before it the last one of each hour of 90 days."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reference(self, model_id: str) -> Reference | None:
        query = select(drift_references.c.document).where(drift_references.c.model_id == model_id)
        with self._database.read() as connection:
            document = connection.execute(query).scalar_one_or_none()
        return None if document is None else read_reference(document)

    def keep_reference(self, transaction: Connection, model_id: str, reference: Reference) -> None:
        """Those of models that are gone go with it, and so do their windows."""
        for table in (drift_references, drift_windows):
            transaction.execute(delete(table).where(table.c.model_id.not_in(select(models.c.id)), table.c.model_id != model_id))
        transaction.execute(delete(drift_references).where(drift_references.c.model_id == model_id))
        transaction.execute(insert(drift_references).values(model_id=model_id, document=reference_document(reference)))

    def keep(self, transaction: Connection, drift: Drift, last: int, at: float) -> None:
        """`last` is the number of the newest prediction that was there then, `at` in epoch seconds."""
        document = {"last": last, "drift": _DRIFT.dump_python(drift, mode="json")}
        mine = drift_windows.c.model_id == drift.model_id
        transaction.execute(delete(drift_windows).where(mine, drift_windows.c.at >= at // HOUR_S * HOUR_S))
        before = transaction.execute(select(drift_windows).where(mine).order_by(drift_windows.c.at.desc()).limit(1)).one_or_none()
        if before is not None:
            shorter = {**before.document, "drift": _shortened(before.document["drift"])}
            transaction.execute(update(drift_windows).where(drift_windows.c.id == before.id).values(document=shorter))
        transaction.execute(insert(drift_windows).values(model_id=drift.model_id, at=at, document=document))
        newest = select(func.max(drift_windows.c.id)).group_by(drift_windows.c.model_id)
        transaction.execute(delete(drift_windows).where(drift_windows.c.at < at - KEPT_S, drift_windows.c.id.not_in(newest)))

    def measured_to(self, model_id: str) -> int | None:
        """The number of the newest prediction at the time of the newest window."""
        found = self._documents(model_id, 1)
        return int(found[0]["last"]) if found else None

    def newest(self, model_id: str, limit: int) -> list[Drift]:
        """The newest first; all but the newest of all have the columns that drift most."""
        return [_DRIFT.validate_python(document["drift"]) for document in self._documents(model_id, limit)]

    def _documents(self, model_id: str, limit: int) -> list[Any]:
        query = select(drift_windows.c.document).where(drift_windows.c.model_id == model_id)
        with self._database.read() as connection:
            return list(connection.execute(query.order_by(drift_windows.c.at.desc()).limit(limit)).scalars())


def _shortened(document: Any) -> Any:
    drift = _DRIFT.validate_python(document)
    if len(drift.columns) <= MOST_REMEMBERED:
        return document
    kept = {each.column for each in sorted(drift.columns, key=lambda each: -each.effect)[:MOST_REMEMBERED]}
    columns = tuple(each for each in drift.columns if each.column in kept)
    return _DRIFT.dump_python(replace(drift, columns=columns), mode="json")
