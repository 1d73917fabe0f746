"""Which model challenges the live one: at most one at a time."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select, update

from dashapp.database.engine import Database
from dashapp.database.tables import challengers, deployments, models, predictions
from dashapp.models.model import ModelVersion
from dashapp.serving.ledger.kept import Challenger, KeptPrediction
from dashapp.serving.ledger.store.rows import KEPT_COLUMNS, kept_prediction

MOST_LOOKED_AT = 100_000
"""The newest predictions, among which those with an answer of the challenger are looked for."""


class Challengers:
    """A challenge ends when it is ended, when its model is deployed or deleted, or when the next one starts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self) -> Challenger | None:
        newest = select(challengers).order_by(challengers.c.id.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(newest).one_or_none()
            if row is None or row.ended_at is not None:
                return None
            started_at = datetime.fromtimestamp(row.started_at, UTC)
            deployed = select(deployments.c.id).where(deployments.c.model_id == row.model_id, deployments.c.at >= started_at).limit(1)
            exists = connection.execute(select(models.c.id).where(models.c.id == row.model_id)).one_or_none() is not None
            if not exists or connection.execute(deployed).one_or_none() is not None:
                return None
        return Challenger(row.model_id, row.version, started_at)

    def start(self, transaction: Connection, model: ModelVersion, at: datetime) -> Challenger:
        self.end(transaction, at)
        transaction.execute(insert(challengers).values(model_id=model.id, version=model.version, started_at=at.timestamp()))
        return Challenger(model.id, model.version, at)

    def end(self, transaction: Connection, at: datetime) -> None:
        transaction.execute(update(challengers).where(challengers.c.ended_at.is_(None)).values(ended_at=at.timestamp()))

    def answered(self, challenger: Challenger, live_id: str, limit: int) -> list[KeptPrediction]:
        """The newest predictions of the live model since the challenge began that the challenger answered too."""
        began = challenger.started_at.timestamp()
        newest = select(func.max(predictions.c.number)).scalar_subquery()
        query = KEPT_COLUMNS.where(
            predictions.c.number > newest - MOST_LOOKED_AT,
            predictions.c.at >= began,
            predictions.c.model_id == live_id,
            predictions.c.challenger_version == challenger.version,
        )
        with self._database.read() as connection:
            return [kept_prediction(row) for row in connection.execute(query.order_by(predictions.c.number.desc()).limit(limit))]
