"""Which rows are used, which choose the winner, and which are kept for the last word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashapp.datasets.dataset import Task
from dashapp.datasets.wording import count_of, quoted
from dashapp.errors import CannotTrain
from dashapp.training.run import SplitKind, SplitPlan, TrainingPlan
from dashapp.training.target import MIN_ROWS

FOLDS = 5
# With more rows than these one fold tells the candidates apart, and five would only take five times as long.
MOST_CROSS_VALIDATED = 20_000

Positions = NDArray[np.intp]
Mask = NDArray[np.bool_]
# Rows that are learned from and rows that are held back, before a class is looked at.
Parts = tuple[Positions, Positions]


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
    """Positions into the usable rows, ascending: `test` is touched by nothing but the last word; `learn` are all others, and each of
    `folds` parts them into rows that are learned from and rows that choose (by time: the rows after those are in neither).

    Not every row of `learn` is held back in some fold: the only row of a class never is. `how` is what was done, which is not what was
    planned where that would tell nothing.
    """

    learn: Positions
    test: Positions
    folds: tuple[tuple[Positions, Positions], ...]
    how: SplitPlan


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
    """Labels as text with NaN for missing; whole numbers without a decimal point. Infinite numbers are no labels."""
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype("str")
    column = column.where(np.isfinite(column.to_numpy(dtype=np.float64, na_value=np.nan)))
    present = column.dropna()
    is_whole = bool((present % 1 == 0).all())
    return column.map(lambda value: str(int(value)) if is_whole else repr(float(value)), na_action="ignore").astype("str")


def _dropped(rows: int, target: str) -> tuple[str, ...]:
    return (f"Dropped {rows:,} row{'s' if rows > 1 else ''} without a value in {target}",) if rows else ()


def _checked(answers: Answers, target: str) -> Answers:
    if len(answers.y) < MIN_ROWS:
        raise CannotTrain(f"Only {len(answers.y)} usable rows are left; add rows until there are at least {MIN_ROWS}.", column=target)
    # The least and the most tell it without sorting.
    if answers.y.min() == answers.y.max():
        raise CannotTrain(f'Only one value of "{target}" has enough rows; add rows of the others or choose another target.', column=target)
    return answers


def split_rows(answers: Answers, plan: TrainingPlan, column: NDArray[Any] | None = None) -> Split:
    """A fifth for the test, and of the rest five folds, or one where there are many rows.

    `column` are the values (`[n]`, of the usable rows) that `plan.split` names: dates to order the rows, or what belongs together. Every
    class has a row in `learn` and among the learned rows of every fold.
    """
    kind = SplitKind.RANDOM if column is None else plan.split.kind
    if kind is not SplitKind.RANDOM and column is not None:
        parts, folds = _by_time(column) if kind is SplitKind.TIME else _by_group(column, answers, plan.seed)
        found = _settled(answers, parts, folds, plan.split)
        if _can_judge(found, answers):
            return found
    how = plan.split if kind is SplitKind.RANDOM else SplitPlan(reason=_given_up(plan.split, answers))
    parts, folds = _at_random(answers, plan.seed)
    return _settled(answers, parts, folds, how)


def _given_up(planned: SplitPlan, answers: Answers) -> str:
    why = "would hold one class only" if answers.labels else "would hold too few rows"
    return f"Parted by {quoted(planned.column or '')} the test {why}, so a fifth of the rows, drawn at random, is kept for it."


def _with_lent(how: SplitPlan, rows: int) -> SplitPlan:
    """Says so where rows are learned from that lie among those of the test."""
    if how.kind is SplitKind.RANDOM or not rows:
        return how
    lent = f"{count_of(rows, 'row')} of that part {'is' if rows == 1 else 'are'} learned from all the same"
    return replace(how, reason=f"{how.reason} {lent}, as nothing else shows the same class.")


def _at_random(answers: Answers, seed: int) -> tuple[Parts, list[Parts]]:
    """In a classification the rows are ordered by class and taken at equal distances, so that every class keeps its share."""
    order = np.random.default_rng(seed).permutation(len(answers.y))
    if answers.labels:
        order = order[np.argsort(answers.y[order], kind="stable")]
    test, rest = _every_fifth(order, 2)
    return (rest, test), [_every_fifth(rest, number)[::-1] for number in _folds(len(rest))]


def _by_group(column: NDArray[Any], answers: Answers, seed: int) -> tuple[Parts, list[Parts]]:
    """Whole groups at equal distances, ordered by their mean answer; a row without a group is one of its own."""
    codes, names = pd.factorize(pd.Series(column), use_na_sentinel=True)
    alone = codes < 0
    codes = codes.astype(np.intp)
    codes[alone] = len(names) + np.arange(int(alone.sum()))
    sizes = np.bincount(codes)
    means = np.bincount(codes, weights=answers.y) / sizes
    order = np.random.default_rng(seed).permutation(len(sizes))
    order = order[np.argsort(means[order], kind="stable")]
    test, rest = _every_fifth(order, 2)

    def rows(groups: Positions) -> Positions:
        wanted = np.zeros(len(sizes), dtype=bool)
        wanted[groups] = True
        return np.flatnonzero(wanted[codes])

    learn = rows(rest)
    folds = [_every_fifth(rest, number)[::-1] for number in _folds(len(learn))]
    return (learn, rows(test)), [(rows(learned), rows(held)) for learned, held in folds]


def _by_time(column: NDArray[Any]) -> tuple[Parts, list[Parts]]:
    """The newest fifth is the test. Each fold learns from what is older than the rows that it holds back; a row without a date is the
    oldest."""
    times = column.astype("datetime64[us]").astype(np.int64)
    order = np.argsort(times, kind="stable")
    ordered = times[order]
    cut = _between(ordered, 0.8)
    ends = [_between(ordered[:cut], share) for share in (0.4, 0.6, 0.8)] + [cut]
    folds = [(order[:begin], order[begin:end]) for begin, end in pairwise(ends)]
    return (order[:cut], order[cut:]), folds if cut <= MOST_CROSS_VALIDATED else folds[-1:]


def _between(ordered: NDArray[np.int64], share: float) -> int:
    """The place nearest to this share of the rows where one value ends and another begins; rows of a long tie are parted."""
    cut = int(len(ordered) * share)
    ends = [int(np.searchsorted(ordered, ordered[cut], side)) for side in ("left", "right")]
    nearest = min(ends, key=lambda end: abs(end - cut))
    return nearest if abs(nearest - cut) <= 0.05 * len(ordered) else cut


def _folds(rows: int) -> range:
    return range(FOLDS) if rows <= MOST_CROSS_VALIDATED else range(1)


def _every_fifth(order: Positions, first: int) -> Parts:
    """The fifth that begins at `first`, and the others; at least one goes first, and one stays wherever there are two."""
    chosen = np.zeros(len(order), dtype=bool)
    chosen[min(first, len(order) - 1) :: FOLDS] = True
    return order[chosen], order[~chosen]


def _settled(answers: Answers, parts: Parts, folds: list[Parts], how: SplitPlan) -> Split:
    """Rows ascending, with a row of each class wherever is learned."""
    count = len(answers.y)
    test = _mask(parts[1], count)
    learn = _with_every_class(~test, np.ones(count, dtype=bool), answers)
    lent = int((test & learn).sum())
    test &= ~learn
    settled = []
    for learned, held in folds:
        fitted = _with_every_class(_mask(learned, count) & learn, learn, answers)
        judged = _mask(held, count) & learn & ~fitted
        if judged.any() and fitted.any():
            settled.append((np.flatnonzero(fitted), np.flatnonzero(judged)))
    return Split(np.flatnonzero(learn), np.flatnonzero(test), tuple(settled), _with_lent(how, lent))


def _mask(rows: Positions, count: int) -> Mask:
    mask = np.zeros(count, dtype=bool)
    mask[rows] = True
    return mask


def _with_every_class(learned: Mask, others: Mask, answers: Answers) -> Mask:
    """The learned rows, and of each class that has none there the first of the `others`."""
    classes = answers.classes
    if classes is None:
        return learned
    is_absent = np.bincount(classes[learned], minlength=len(answers.labels)) == 0
    if is_absent.any():
        rows = np.flatnonzero(others & is_absent[classes])
        learned[rows[np.unique(classes[rows], return_index=True)[1]]] = True
    return learned


def _can_judge(split: Split, answers: Answers) -> bool:
    """Whether the test holds more than one class, or in a regression more than a row or two, and there is a fold."""
    if not split.folds or len(split.test) < 2:
        return False
    return not answers.labels or len(np.unique(answers.y[split.test])) > 1


def thinned(rows: Positions, limit: int, seed: int, classes: NDArray[np.int64] | None = None) -> Positions:
    """About `limit` of the rows, in their order; one row of each class stays where `classes` (by position) are given."""
    if len(rows) <= limit:
        return rows
    chosen = np.random.default_rng(seed).choice(rows, limit, replace=False)
    if classes is not None:
        chosen = np.union1d(chosen, rows[np.unique(classes[rows], return_index=True)[1]])
    return np.sort(chosen)
