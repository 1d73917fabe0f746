"""Keeps the ledger within its bounds: what is too old goes, and the oldest where it is too large. One process of the install does it."""

from __future__ import annotations

from dashapp.database.engine import Database
from dashapp.database.leases import Lease
from dashapp.serving.ledger.store.predictions import Predictions

DAY_S = 86_400.0
AT_ONCE = 1_000
"""Predictions that one transaction deletes; others may write in between."""

ROUNDS = 20


class Purge:
    """Used by the ledger's thread alone. With no days nothing is kept, and what was kept goes."""

    def __init__(self, database: Database, predictions: Predictions, days: int, most_bytes: int) -> None:
        self._database, self._predictions, self._days, self._most_bytes = database, predictions, days, most_bytes
        self._lease = Lease(database, "ledger", seconds=30.0)

    @property
    def keeps_any(self) -> bool:
        return self._days > 0

    def stop(self) -> None:
        """Leave the role to another process."""
        self._lease.release()

    def round(self, now: float) -> None:
        """Delete what is past the bounds, as much as a second allows."""
        if not self._lease.hold():
            return
        before = now - self._days * DAY_S
        for _ in range(ROUNDS):
            oldest, size = self._predictions.oldest(), self._predictions.kept_bytes()
            if oldest is None or (oldest >= before and size <= self._most_bytes):
                return
            with self._database.write() as transaction:
                if oldest < before:
                    self._predictions.purge_older(transaction, before, AT_ONCE)
                else:
                    self._predictions.purge_oldest(transaction, size - self._most_bytes, AT_ONCE)
