"""Which rows are learned from, which choose the winner, and which are kept for the last word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashapp.datasets.dataset import Task
from dashapp.errors import CannotTrain
from dashapp.training.plan import MIN_ROWS

Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Answers:
    """The target of the usable rows. `y` `[n]` holds codes into `labels` (int64) or, in a regression, values (float64); `kept` are
    the positions of these rows in the table, `messages` what was dropped and why."""

    y: NDArray[np.int64] | NDArray[np.float64]
    labels: tuple[str, ...]
    kept: Positions
    messages: tuple[str, ...]

    @property
    def classes(self) -> NDArray[np.int64] | None:
        """`y` in a classification."""
        return self.y.astype(np.int64) if self.labels else None


@dataclass(frozen=True, slots=True)
class Split:
    """Positions into the usable rows; the three do not overlap."""

    train: Positions
    validation: Positions
    test: Positions


def read_answers(column: pd.Series, task: Task) -> Answers:
    """Drop rows without a target and classes of a single row; labels are as written, sorted. Raises `CannotTrain`."""
    if task is Task.REGRESSION:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        kept = np.flatnonzero(np.isfinite(values))
        return _checked(Answers(values[kept], (), kept, _dropped(len(values) - len(kept), str(column.name))), str(column.name))
    written = _as_written(column)
    counts = written.value_counts()
    single = sorted(str(label) for label in counts.index[counts == 1])
    labels = sorted(str(label) for label in counts.index[counts > 1])
    codes = pd.Index(labels, dtype="str").get_indexer(pd.Index(written)).astype(np.int64)
    kept = np.flatnonzero(codes >= 0)
    messages = _dropped(int(written.isna().sum()), str(column.name))
    if single:
        messages += (f"Dropped {len(single)} class{'es' if len(single) > 1 else ''} with a single row: {', '.join(single[:5])}",)
    return _checked(Answers(codes[kept], tuple(labels), kept, messages), str(column.name))


def _as_written(column: pd.Series) -> pd.Series:
    """Labels as text with NaN for missing; whole numbers without a decimal point."""
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype("str")
    present = column.dropna()
    is_whole = bool((present % 1 == 0).all())
    return column.map(lambda value: str(int(value)) if is_whole else repr(float(value)), na_action="ignore").astype("str")


def _dropped(rows: int, target: str) -> tuple[str, ...]:
    return (f"Dropped {rows:,} row{'s' if rows > 1 else ''} without a value in {target}",) if rows else ()


def _checked(answers: Answers, target: str) -> Answers:
    if len(answers.y) < MIN_ROWS:
        raise CannotTrain(f"Only {len(answers.y)} usable rows are left; add rows until there are at least {MIN_ROWS}.", column=target)
    if len(np.unique(answers.y)) < 2:
        raise CannotTrain(f'Only one value of "{target}" has enough rows; add rows of the others or choose another target.', column=target)
    return answers


def split_rows(answers: Answers, seed: int) -> Split:
    """A fifth for the test, a fifth of the rest for validation, in a classification with every class in proportion.

    Rows are ordered by class and taken at equal distances; the first row of each class always stays in `train`, so that every label
    is learned however rare it is.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(len(answers.y))
    reserved = np.empty(0, dtype=np.intp)
    if answers.labels:
        order = order[np.argsort(answers.y[order], kind="stable")]
        first = np.searchsorted(answers.y[order], np.arange(len(answers.labels)))
        reserved, order = order[first], np.delete(order, first)
    test, rest = _every_fifth(order)
    validation, train = _every_fifth(rest)
    return Split(np.sort(np.concatenate([reserved, train])), np.sort(validation), np.sort(test))


def _every_fifth(order: Positions) -> tuple[Positions, Positions]:
    """At least one row goes first, and one stays wherever there are two."""
    chosen = np.zeros(len(order), dtype=bool)
    chosen[min(2, len(order) - 1) :: 5] = True
    return order[chosen], order[~chosen]


def thinned(rows: Positions, limit: int, seed: int, classes: NDArray[np.int64] | None = None) -> Positions:
    """About `limit` of the rows, in their order; one row of each class stays where `classes` (by position) are given."""
    if len(rows) <= limit:
        return rows
    chosen = np.random.default_rng(seed).choice(rows, limit, replace=False)
    if classes is not None:
        chosen = np.union1d(chosen, rows[np.unique(classes[rows], return_index=True)[1]])
    return np.sort(chosen)
