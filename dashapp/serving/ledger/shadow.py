"""The challenger at work: it answers the rows that the live model has answered, off the hot path, and never hurts their keeping."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from dashapp.errors import DashappError
from dashapp.models.store import Models
from dashapp.serving.ledger.comparing import answers_of
from dashapp.serving.ledger.entry import Entry
from dashapp.serving.ledger.kept import Challenger
from dashapp.serving.ledger.store.challengers import Challengers
from dashapp.serving.live import Predictors
from dashapp.serving.predictor import Predictor, RowPrediction

TOGETHER = 200
"""Rows that the challenger is asked at once."""

PATIENCE_S = 0.3
"""So long it may take for the rows of one batch; the rest of them has no answer of it."""

_log = logging.getLogger(__name__)


class Shadow:
    """One per process, used by the ledger's thread alone."""

    def __init__(self, challengers: Challengers, models: Models, predictors: Predictors) -> None:
        self._challengers, self._models, self._predictors = challengers, models, predictors
        self._of: Challenger | None = None
        self._predictor: Predictor | None = None
        self._has_failed = False

    def refresh(self) -> None:
        """Follow the table: load the challenger, or let go of the one that was."""
        current = self._challengers.current()
        if current == self._of:
            return
        self._of, self._predictor, self._has_failed = current, None, False
        if current is None:
            return
        try:
            self._predictor = self._predictors.get(self._models.get(current.model_id)).predictor
        except DashappError as error:
            _log.error("version %s cannot challenge: %s", current.version, error.message)

    def answers(self, entries: Sequence[Entry]) -> tuple[int | None, list[RowPrediction | None]]:
        """Its version, and its answer to each row; None for a row that does not fit it, was not asked for, or that it is the author of."""
        answers: list[RowPrediction | None] = [None] * len(entries)
        predictor, challenger = self._predictor, self._of
        if predictor is None or challenger is None:
            return None, answers
        asked = [place for place, entry in enumerate(entries) if entry.model_id != challenger.model_id]
        asked = [place for place in asked if entries[place].at >= challenger.started_at.timestamp()]
        give_up_at = time.monotonic() + PATIENCE_S
        try:
            for start in range(0, len(asked), TOGETHER):
                part = asked[start : start + TOGETHER]
                for place, answer in zip(part, answers_of(predictor, [entries[place].inputs for place in part]), strict=True):
                    answers[place] = answer
                if time.monotonic() > give_up_at:
                    break
        except Exception:
            if not self._has_failed:
                _log.exception("version %s fails as the challenger; predictions are kept without its answers", challenger.version)
            self._has_failed = True
        return challenger.version, answers
