"""Why the model says what it says of one row: Shapley values against background rows.

Lundberg and Lee 2017 (the values), Štrumbelj and Kononenko 2014 (sampling of orders), Mitchell et al. 2022 (an order and its reverse).
A chain walks from a background row to the explained one, column by column in a random order; what the score gains at a step belongs
to the column of that step, so that the steps of each chain, and so the contributions, add up exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashapp.datasets.dataset import Task
from dashapp.training.features import FloatArray, records
from dashapp.training.result import Contribution, RowReasons, Threshold
from dashapp.training.run import InputColumn
from dashapp.training.scores.measures import called
from dashapp.training.why.mixing import Columns, Positions, Predict, columns_of, predict_mixed, rows_at_once
from dashapp.training.why.seen import drawn

MOST_COLUMNS = 40
EVALUATIONS = 2_000
_TRIED_ROWS = 2
_BLOCK = 500
_MOST_ROUNDS = 8


def evaluations_needed(columns: int) -> int:
    """The fewest that give reasons worth showing: ten chains."""
    tried = 2 * _TRIED_ROWS * columns if columns > MOST_COLUMNS else 0
    return tried + 50 + 10 * min(columns, MOST_COLUMNS)


def row_reasons(
    predict: Predict,
    background: pd.DataFrame,
    row: pd.DataFrame,
    inputs: Sequence[InputColumn],
    task: Task,
    labels: tuple[str, ...],
    seed: int,
    *,
    evaluations: int = EVALUATIONS,
    threshold: Threshold | None = None,
) -> RowReasons:
    """The reasons for the one row of `row`: of the probability of the class that it is called, or of the value.

    `start` plus the contributions is `score` to rounding. About `evaluations` rows are predicted, in few calls. Where more than
    `MOST_COLUMNS` columns differ from the background, only those take part that change the score when they are swapped alone, the
    strongest first; the others keep this row's values in the background too and contribute 0. Contributions: largest first.
    """
    names = [column.name for column in inputs]
    pool = pd.concat([row[names], background[names]], ignore_index=True)
    first = predict(pool.iloc[:1])
    code = int(called(labels, first, threshold)[0]) if task.is_classification else None
    walk = _Walk(predict, columns_of(pool), names, len(pool), code)
    active = walk.strongest() if len(pool) > 1 else np.empty(0, dtype=np.intp)
    tried = 2 * _TRIED_ROWS * len(inputs) if len(inputs) > MOST_COLUMNS else 0
    start, score, amounts = walk.contributions(active, evaluations - tried - 2 * len(pool), seed)
    values = records(row, inputs)[0]
    found = [Contribution(column.name, values[column.name], float(amount)) for column, amount in zip(inputs, amounts, strict=True)]
    found.sort(key=lambda each: -abs(each.amount))
    return RowReasons(start, score, None if code is None else labels[code], tuple(found))


@dataclass(frozen=True, slots=True)
class _Walk:
    """`columns` of `rows` hold the explained row first, then the background; `code` is the class whose probability is the score."""

    predict: Predict
    columns: Columns
    names: Sequence[str]
    rows: int
    code: int | None

    def scores(self, take: Positions, own: dict[str, Positions]) -> FloatArray:
        output = np.asarray(predict_mixed(self.predict, self.columns, take, own, rows_at_once(len(self.names))), dtype=np.float64)
        return np.nan_to_num(output if self.code is None else output[:, self.code])

    def differing(self) -> NDArray[np.bool_]:
        """`[background, columns]`: where a background row has another value than the explained one."""
        return np.column_stack([_differs(self.columns[name]) for name in self.names])

    def strongest(self) -> Positions:
        """The columns that take part: all that differ, or of many those that change the score alone."""
        differing = self.differing()
        columns = np.flatnonzero(differing.any(axis=0))
        if len(columns) <= MOST_COLUMNS:
            return columns
        alone = self.scores(np.arange(self.rows), {})
        blocks = np.array_split(columns, len(columns) // _BLOCK + 1)
        strength = np.concatenate([self._strength(block, differing[:, block], alone) for block in blocks])
        order = np.argsort(-strength, kind="stable")[:MOST_COLUMNS]
        return np.sort(columns[order[strength[order] > 0]])

    def _strength(self, columns: Positions, differing: NDArray[np.bool_], before: FloatArray) -> FloatArray:
        """How much each of the columns changes the score (`before`, of each row) at most when it is swapped alone, in the explained row
        or in a background row."""
        strength = np.zeros(len(columns))
        for turn in range(_TRIED_ROWS):
            others = np.array([1 + _nth(where, turn) for where in differing.T])
            into_row = self._alone(columns, np.zeros_like(others), others)
            into_background = self._alone(columns, others, np.zeros_like(others))
            strength = np.maximum(strength, np.maximum(np.abs(into_row - before[0]), np.abs(into_background - before[others])))
        return strength

    def _alone(self, columns: Positions, take: Positions, swapped: Positions) -> FloatArray:
        """The score of each row of `take` where one column, the one at its place in `columns`, comes from `swapped` instead."""
        places = np.arange(len(columns))
        own = {self.names[column]: np.where(places == at, swapped, take) for at, column in enumerate(columns)}
        return self.scores(take, own)

    def contributions(self, active: Positions, evaluations: int, seed: int) -> tuple[float, float, FloatArray]:
        """(start, score, amount by column)."""
        amounts = np.zeros(len(self.names))
        if not len(active):
            score = float(self.scores(np.zeros(1, dtype=np.intp), {})[0])
            return score, score, amounts
        orders, others = _chains(self.rows - 1, len(active), evaluations, seed)
        # The step at which a column of a chain changes; before it, its value is the background row's.
        changes_at = np.argsort(orders, axis=1)
        steps = np.arange(len(active) + 1)
        is_changed = changes_at[:, None, :] < steps[None, :, None]
        taken = np.where(is_changed, 0, 1 + others[:, None, None]).reshape(-1, len(active))
        own = {self.names[column]: taken[:, at] for at, column in enumerate(active)}
        # All chains end in the row itself, and those of one background row begin alike: each such row is predicted once.
        different, place = np.unique(taken, axis=0, return_index=True, return_inverse=True)[1:]
        own = {name: positions[different] for name, positions in own.items()}
        scores = self.scores(np.zeros(len(different), dtype=np.intp), own)[place.reshape(len(orders), -1)]
        np.add.at(amounts, active[orders], np.diff(scores, axis=1) / len(orders))
        return float(scores[:, 0].mean()), float(scores[0, -1]), amounts


def _differs(values: Any) -> NDArray[np.bool_]:
    codes, _ = pd.factorize(values)
    return np.asarray(codes[1:] != codes[0])


def _nth(is_true: NDArray[np.bool_], turn: int) -> int:
    """The place of one of the true ones, another for each turn where there are several."""
    places = np.flatnonzero(is_true)
    return int(places[(turn * len(places)) // _TRIED_ROWS])


def _chains(background: int, columns: int, evaluations: int, seed: int) -> tuple[Positions, Positions]:
    """(orders `[chains, columns]`, background row of each chain). Every other order is the reverse of the one before. All background
    rows are used equally often; where not even one chain for each can be afforded, some of them are, at equal distances."""
    affordable = max(2, evaluations // max(1, columns - 1))
    rounds = min(_MOST_ROUNDS, affordable // max(1, background))
    if rounds == 0:
        rows = np.linspace(0, background - 1, affordable).round().astype(np.intp)
    elif rounds == 1:
        rows = np.arange(background)
    else:
        rows = np.repeat(np.tile(np.arange(background), rounds // 2), 2)
    random = np.random.default_rng(seed)
    forward = random.permuted(np.tile(np.arange(columns), ((len(rows) + 1) // 2, 1)), axis=1)
    orders = np.stack([forward, forward[:, ::-1]], axis=1).reshape(-1, columns)[: len(rows)]
    return orders, rows


def draw_background(frame: pd.DataFrame, predict: Predict, rows: int, seed: int, most: int = 40) -> pd.DataFrame:
    """At most so many rows of the frame, at equal distances in the order of what is predicted for `rows` of them, so that their mean
    prediction is near that of all."""
    sample = frame.iloc[drawn(len(frame), max(most, rows), seed)]
    if len(sample) <= most:
        return sample.reset_index(drop=True)
    output = np.nan_to_num(predict(sample))
    order = np.argsort(output, kind="stable") if output.ndim == 1 else np.lexsort((output.max(axis=1), output.argmax(axis=1)))
    middles = ((np.arange(most) + 0.5) * len(order) / most).astype(np.intp)
    return sample.iloc[order[middles]].reset_index(drop=True)
