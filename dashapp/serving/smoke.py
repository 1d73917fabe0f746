"""A predictor tried out before it answers callers: its own check rows, the rows that callers send today, and how long one row takes."""

from __future__ import annotations

import math
import re
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from dashapp.datasets.wording import count_of
from dashapp.errors import InvalidRow
from dashapp.models.artifact_format import StoredModel
from dashapp.models.model import Check
from dashapp.serving.predictor import Predictor, RowPrediction

ANSWERS, SMOKE, ROWS, LATENCY = "answers", "smoke", "rows", "latency"
SMOKE_ROWS = 50
# An answer further than this from the one that was written down after the training is another answer.
SAME = 1e-6
# Slower is worse from so many times the live model's time on, and never below so many milliseconds.
TIMES_SLOWER, SLOW_MS = 3.0, 5.0
ROUNDS, LEAST_ROUNDS, MEASURED_S = 41, 5, 0.4

Row = Mapping[str, Any]


def answers_check(predictor: Predictor, stored: StoredModel) -> Check:
    """Whether the answers are those that the trained pipeline gave."""
    rows = count_of(len(stored.check_rows), "held-out row")
    if predictor.is_exact:
        return Check(ANSWERS, True, f"The compiled model gives the pipeline's own answers on {rows}, to 1e-9.")
    told = "The compiled form is not exact for this model, so the pipeline itself serves: right, but slower."
    try:
        given = predictor.outputs([values for values, _ in predictor.read_rows(stored.check_rows)])
        furthest = float(np.abs(given - stored.check_outputs).max(initial=0.0)) / max(
            1.0, float(np.abs(stored.check_outputs).max(initial=0))
        )
    except (InvalidRow, ValueError):
        furthest = math.inf
    if furthest <= SAME:
        return Check(ANSWERS, True, told, furthest)
    wrong = f"Its answers on {rows} differ from those written down after the training, by up to {furthest:.2g}."
    return Check(ANSWERS, False, f"{wrong} The libraries may have changed since; train it again.", furthest)


def smoke_check(predictor: Predictor, stored: StoredModel) -> Check:
    """Whether its own check rows get answers of the right shape. Not passed: it cannot serve."""
    rows = stored.check_rows[:SMOKE_ROWS]
    if not rows:
        return Check(SMOKE, True, "There are no check rows to predict.", 0.0)
    try:
        found = predictor.predict(rows)
    except InvalidRow as error:
        return Check(SMOKE, False, f"It does not answer a row of its own test: {error.message}")
    except Exception as error:  # an estimator's own failure, whatever it is
        return Check(SMOKE, False, f"It fails at a row of its own test: {type(error).__name__}: {error}")
    wrong = sum(not _is_answer(predictor, each) for each in found)
    if wrong or len(found) != len(rows):
        return Check(SMOKE, False, f"{wrong} of {count_of(len(rows), 'answer')} to its own test rows cannot be used.", float(wrong))
    return Check(SMOKE, True, f"It answers {count_of(len(rows), 'row')} of its own test as it should.", float(len(rows)))


def _is_answer(predictor: Predictor, found: RowPrediction) -> bool:
    if found.probabilities is None:
        return not predictor.labels and isinstance(found.prediction, float) and math.isfinite(found.prediction)
    shares = list(found.probabilities.values())
    return (
        found.prediction in predictor.labels and len(shares) == len(predictor.labels) and abs(sum(shares) - 1) < SAME and min(shares) >= 0
    )


def rows_check(predictor: Predictor, example: Row, recent: Sequence[Row], *, is_successor: bool) -> Check:
    """Whether what callers send today is still answered: the live model's example, and rows that it answered lately. A refused row fails
    the check where this model succeeds the live one (`is_successor`: it predicts the same thing); otherwise it is said."""
    refused = _refusals(predictor, recent)
    if refused:
        words = f"{len(refused):,} of the last {count_of(len(recent), 'row')} that callers sent would be refused: {refused[0]}"
        return Check(ROWS, not is_successor, words, float(len(refused)), is_notable=True)
    if errors := _refusals(predictor, [example]):
        return Check(ROWS, not is_successor, f"A row as the live model takes it would be refused: {errors[0]}", 1.0, is_notable=True)
    if not recent:
        return Check(ROWS, True, "A row as the live model takes it is answered; no caller's rows are kept yet to try.", 0.0)
    return Check(ROWS, True, f"The last {count_of(len(recent), 'row')} that callers sent to the live model are answered.", 0.0)


def _refusals(predictor: Predictor, rows: Sequence[Row]) -> list[str]:
    """Why rows are not answered, one sentence each. Tried together first, as a pipeline takes as long for one row as for many."""
    if not rows:
        return []
    try:
        predictor.answer_rows(predictor.read_rows(rows))
    except Exception as error:  # an estimator's own failure, whatever it is
        if len(rows) == 1:
            return [_without_number(error.message) if isinstance(error, InvalidRow) else f"{type(error).__name__}: {error}"]
        half = len(rows) // 2
        return [*_refusals(predictor, rows[:half]), *_refusals(predictor, rows[half:])]
    return []


def _without_number(message: str) -> str:
    """The rows are tried out of their requests, where they had other numbers."""
    return re.sub(r"^Row 0 ", "it ", message.removeprefix("Row 0: "))


def latency_check(mine: Predictor, row: Row, theirs: Predictor | None, their_row: Row) -> Check:
    """The time of one row, measured in turns with the live model, so that a busy machine slows both."""
    taken, beside = _timed(mine, row, theirs, their_row)
    if theirs is None:
        return Check(LATENCY, True, f"One row takes {_ms(taken)} (median, measured now).", taken)
    words = f"One row takes {_ms(taken)}, with the live model {_ms(beside)} (medians, measured in turns now)."
    if taken > TIMES_SLOWER * beside and taken > SLOW_MS:
        return Check(LATENCY, False, f"{words} That is {taken / beside:.0f} times as long.", taken)
    return Check(LATENCY, True, words, taken)


def _timed(mine: Predictor, row: Row, theirs: Predictor | None, their_row: Row) -> tuple[float, float]:
    """Median milliseconds of both; the first round of each warms up."""
    first: list[float] = []
    second: list[float] = []
    until = time.perf_counter() + MEASURED_S
    while len(first) <= LEAST_ROUNDS or (len(first) < ROUNDS and time.perf_counter() < until):
        first.append(_once(mine, row))
        if theirs is not None:
            second.append(_once(theirs, their_row))
    return statistics.median(first[1:]), statistics.median(second[1:]) if second else math.nan


def _once(predictor: Predictor, row: Row) -> float:
    began = time.perf_counter()
    with suppress(InvalidRow):
        predictor.predict([row])
    return (time.perf_counter() - began) * 1e3


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:.2f} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"
