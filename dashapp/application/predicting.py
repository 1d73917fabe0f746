"""The verb "predict": every protocol and the dashboard answer rows through here, and whoever wants to know hears of it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dashapp.errors import InvalidRequest, ModelNotDeployed, NotFound, Overloaded, TooLarge
from dashapp.serving.answered import Answered, Source
from dashapp.serving.live import LiveModel, LivePredictor
from dashapp.serving.reasons import reasons_of
from dashapp.training.result import RowReasons

NOT_DEPLOYED = "No model is deployed. Train one and press 'Use This Model', or POST to /api/models/<id>/deploy."
BUSY = "This server answers as many prediction requests as it may at the same time; send this one again in a moment."

NO_BACKGROUND = "Version {version} was kept without rows to explain others against; train again to get them."
RANDOM_BITS = 80
MOST_EXPLAINED = 20

Listener = Callable[[Answered], None]
"""Hears of each answer before it is sent: must be quick, and must not raise."""


class Place:
    """One of so many; to enter raises `Overloaded` at once where all are taken. Safe from many threads."""

    def __init__(self, places: int) -> None:
        self._free = threading.BoundedSemaphore(places)

    def __enter__(self) -> None:
        if not self._free.acquire(blocking=False):
            raise Overloaded(BUSY)

    def __exit__(self, *_error: object) -> None:
        self._free.release()


class Predicting:
    """One per web process; safe from many threads. At most `most_at_once` requests are in `place` at a time."""

    def __init__(self, live_model: LiveModel, most_at_once: int, listeners: Sequence[Listener] = ()) -> None:
        self._live_model = live_model
        # A place among the requests that are answered now.
        self.place = Place(most_at_once)
        self._listeners = tuple(listeners)

    def live(self) -> LivePredictor:
        """Raises `ModelNotDeployed`."""
        predictor = self._live_model.current
        if predictor is None:
            raise ModelNotDeployed(NOT_DEPLOYED)
        return predictor

    def answer(self, live: LivePredictor, rows: Sequence[Mapping[str, Any]], source: Source, first: int = 0) -> Answered:
        """`first` is the number of `rows[0]` in its request, for errors. Raises `InvalidRequest`, or `InvalidRow` for the first row that
        does not fit; then no row counts as predicted."""
        if not rows:
            raise InvalidRequest("There are no rows to predict.", field="rows")
        began = time.perf_counter()
        read = live.predictor.read_rows(rows, first)
        checked = time.perf_counter()
        predictions = live.predictor.answer_rows(read, first)
        done = time.perf_counter()
        at = time.time()
        answered = Answered(
            _id_at(at),
            at,
            live.model_id,
            live.version,
            source,
            rows,
            predictions,
            (checked - began) * 1e3,
            (done - checked) * 1e3,
        )
        for listener in self._listeners:
            listener(answered)
        return answered

    def explain(self, live: LivePredictor, rows: Sequence[Mapping[str, Any]]) -> list[RowReasons]:
        """What each column adds to each row's score, at most `MOST_EXPLAINED` rows at a time. Raises `TooLarge`, `InvalidRow`, `NotFound`
        where the model has no rows that others could be told apart from, or `ModelDamaged`."""
        if len(rows) > MOST_EXPLAINED:
            raise TooLarge(
                f"At most {MOST_EXPLAINED} rows can be explained in one request, not {len(rows):,}; send fewer, or without explain."
            )
        explanation = live.predictor.explanation()
        if not explanation.background:
            raise NotFound(NO_BACKGROUND.format(version=live.version))
        return [reasons_of(live.predictor, explanation, live.predictor.task, row) for row in rows]


def _id_at(at: float) -> str:
    """Milliseconds and chance: ids grow with time, so that the ledger's index of them grows at its end."""
    # Every process has its own chance, a forked one too; ids are no secrets, and the kernel's would take ten times as long.
    return f"{int(at * 1e3):012x}{random.getrandbits(RANDOM_BITS):020x}"
