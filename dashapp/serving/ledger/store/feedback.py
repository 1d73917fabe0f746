"""Late truth: what turned out to be right about kept predictions, one word each, the newest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from dashapp.database.engine import Database
from dashapp.database.tables import feedback, predictions
from dashapp.serving.ledger.store.predictions import upsert

_IS_NUMBER = predictions.c.answer.contains('"probabilities":null')

MOST_JUDGED = 50_000
"""Judged predictions of a model that are looked at, the newest."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A kept prediction and its truth, both as they are written; `share` as in `KeptPrediction`."""

    prediction: str
    actual: str
    share: float
    is_number: bool


class Feedback:
    """Safe from many processes; a second truth for the same prediction takes the place of the first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, transaction: Connection, truths: Mapping[str, str], at: float) -> None:
        """`truths` by the id of the prediction, written as the prediction itself would be."""
        query = upsert(self._database, feedback)
        newest = {"actual": query.excluded.actual, "at": query.excluded.at}
        rows = [{"prediction_id": id, "actual": actual, "at": at} for id, actual in truths.items()]
        if rows:
            transaction.execute(query.on_conflict_do_update(index_elements=["prediction_id"], set_=newest), rows)

    def models(self) -> list[tuple[str, int]]:
        """The ids and versions of the models whose predictions have been judged, newest version first."""
        joined = select(predictions.c.model_id, predictions.c.version).join(feedback, feedback.c.prediction_id == predictions.c.id)
        with self._database.read() as connection:
            found = {(row.model_id, row.version) for row in connection.execute(joined.distinct())}
        return sorted(found, key=lambda each: each[1], reverse=True)

    def judged(self, model_id: str) -> list[Judged]:
        """The newest `MOST_JUDGED` of a model."""
        query = select(predictions.c.prediction, feedback.c.actual, predictions.c.share, _IS_NUMBER)
        query = query.join(feedback, feedback.c.prediction_id == predictions.c.id).where(predictions.c.model_id == model_id)
        query = query.order_by(feedback.c.at.desc()).limit(MOST_JUDGED)
        with self._database.read() as connection:
            return [Judged(row[0], row[1], row[2], bool(row[3])) for row in connection.execute(query)]
