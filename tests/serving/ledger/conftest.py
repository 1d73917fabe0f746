"""A ledger whose rounds the test makes itself, over a database of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from dashapp.database.engine import Database
from dashapp.models.store import Models
from dashapp.serving.answered import Answered, Source
from dashapp.serving.ledger.kept import KeptPrediction, Search
from dashapp.serving.ledger.ledger import Ledger
from dashapp.serving.ledger.purge import Purge
from dashapp.serving.ledger.shadow import Shadow
from dashapp.serving.ledger.store.challengers import Challengers
from dashapp.serving.ledger.store.predictions import Predictions
from dashapp.serving.ledger.writer import Writer
from dashapp.serving.live import Predictors
from dashapp.serving.predictor import RowPrediction
from tests.monitoring.conftest import database

__all__ = ["database"]

NOON = 1_790_000_000.0


def answered(*rows: Any, at: float = NOON, version: int = 1, predictions: Sequence[RowPrediction] = ()) -> Answered:
    said = list(predictions) or [RowPrediction("yes", {"yes": 0.75, "no": 0.25}, []) for _ in rows]
    return Answered(uuid4().hex, at, f"model-{version}", version, Source.JSON, list(rows), said, 0.5, 1.0)


@dataclass
class Kept:
    """An install's ledger; `process()` is another web process with its own."""

    database: Database
    directory: Path
    opened: list[Ledger] = field(default_factory=list)

    @property
    def predictions(self) -> Predictions:
        return Predictions(self.database)

    def process(self, days: int = 36_500, most_bytes: int = 10**9, interval_s: float = 3600.0) -> Ledger:
        models = Models(self.database, self.directory / "models")
        shadow = Shadow(Challengers(self.database), models, Predictors(models))
        purge = Purge(self.database, self.predictions, days, most_bytes)
        ledger = Ledger(self.directory / "ledger", Writer(self.database, self.predictions, shadow), shadow, purge, interval_s)
        ledger.start()
        self.opened.append(ledger)
        return ledger

    def all(self) -> list[KeptPrediction]:
        """Oldest first."""
        return list(self.predictions.search(Search(limit=1000)).predictions[::-1])

    def counts(self) -> tuple[int, int]:
        found = self.predictions.search(Search(limit=1))
        return found.made, found.kept

    def spools(self) -> list[Path]:
        return sorted((self.directory / "ledger").iterdir())


@pytest.fixture
def kept(database: Database, tmp_path: Path) -> Iterator[Kept]:
    found = Kept(database, tmp_path)
    yield found
    for ledger in found.opened:
        ledger.stop()
