"""Whether what a model is asked, and what it answers, is still like its training: plain values in, a verdict in words out.

A column drifts where even the lower end of its distance's interval is more than matters. The intervals of all columns hold together,
so that more columns make no more false alarms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import numpy as np

from dashapp.datasets.dataset import ColumnKind
from dashapp.monitoring.distance import Distance, FloatArray, Sizes, effective_rows, of_labels, of_new_labels, of_ranges
from dashapp.monitoring.drift_words import Range, Seen, in_words, summary
from dashapp.monitoring.reference import GROUPS, ColumnReference, Labels, Ordered, Reference, group_of, interleaved, sizes_of
from dashapp.monitoring.told import ColumnDrift, Drift
from dashapp.training.run import InputColumn

LEAST_EFFECT = 0.1
"""What matters: one row in ten is another, as after a shift of a quarter of a standard deviation. Weekdays and seasons do less."""

LEAST_ROWS = 50
"""With fewer even a column that has nothing in common with its training can hardly be told from chance."""

RISK = 0.05
"""That one interval of a window or more misses the truth."""

ROWS_A_LABEL = 25.0
"""A label of which fewer rows are expected is counted with others."""

THESE_DAYS_S = 92 * 86_400.0


@dataclass(frozen=True, slots=True)
class Window:
    """Kept predictions of a version as they were read for it: `values` by column, `answers` as the reference has them (the probability
    of the second class, the class, or the value), and how many predictions each row stands for."""

    values: Sequence[Sequence[Any]]
    answers: Sequence[Any]
    weights: FloatArray
    since: datetime
    until: datetime


Measured = tuple[Distance, Seen]
_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")


def measured(model_id: str, version: int, inputs: Sequence[InputColumn], reference: Reference, window: Window) -> Drift:
    """Of a window with at least one row; `reference` is that of the same inputs."""
    rows = len(window.weights)
    live = effective_rows(window.weights)
    if live < LEAST_ROWS:
        words = summary((), rows, reference.words, least=LEAST_ROWS)
        return Drift(model_id, version, window.since, window.until, rows, (), None, False, words)
    risk = RISK / (2 * (len(inputs) + 1))
    weights = window.weights / window.weights.sum()
    columns = tuple(
        column_drift(column, known, values, weights, Sizes(live, known.rows, risk), window.until)
        for column, known, values in zip(inputs, reference.columns, window.values, strict=True)
    )
    said = [prediction_drift(known, window.answers, weights, Sizes(live, known.rows, risk)) for known in reference.predictions]
    prediction = min(said, key=lambda each: (each.low, each.effect), default=None)  # like one of the two is like the training
    found = (*columns, *([] if prediction is None else [prediction]))
    words = summary(found, rows, reference.words, least=LEAST_ROWS)
    return Drift(model_id, version, window.since, window.until, rows, columns, prediction, True, words)


def column_drift(
    column: InputColumn, known: ColumnReference, values: Sequence[Any], weights: FloatArray, sizes: Sizes, until: datetime
) -> ColumnDrift:
    """`weights` add up to 1."""
    if known.labels is not None:
        return _told(known, *_of_labels(known.labels, frozenset(column.labels), values, weights, sizes))
    assert known.ordered is not None
    held = sizes_of(values, column.kind)
    distance, seen = _of_values(known.ordered, held, weights, sizes)
    seen = replace(seen, outside=_outside(column, known.ordered, held, weights))
    return _told(known, distance, seen, is_excused=_is_time_passing(column, known, seen, until))


def prediction_drift(known: ColumnReference, answers: Sequence[Any], weights: FloatArray, sizes: Sizes) -> ColumnDrift:
    if known.labels is not None:
        return _told(known, *_of_labels(known.labels, frozenset(answers), answers, weights, sizes))
    assert known.ordered is not None
    return _told(known, *_of_values(known.ordered, sizes_of(answers, ColumnKind.NUMBER), weights, sizes))


def _told(known: ColumnReference, distance: Distance, seen: Seen, *, is_excused: bool = False) -> ColumnDrift:
    return ColumnDrift(
        column=known.name,
        kind=known.kind,
        effect=round(distance.effect, 4),
        low=round(distance.low, 4),
        high=round(distance.high, 4),
        is_drifting=distance.low > LEAST_EFFECT and not is_excused,
        missing_share=_rounded(seen.missing),
        training_missing_share=_rounded(known.missing_share),
        unseen_share=_rounded(seen.new),
        out_of_range_share=_rounded(seen.outside),
        words=in_words(known.name, known.kind, distance, seen, known.missing_share, least=LEAST_EFFECT, is_excused=is_excused),
    )


def _rounded(share: float) -> float:
    return min(1.0, round(share, 6))


def _of_values(known: Ordered, held: FloatArray, weights: FloatArray, sizes: Sizes) -> Measured:
    is_missing = np.isnan(held)
    order = np.argsort(held[~is_missing], kind="stable")
    present, each = held[~is_missing][order], weights[~is_missing][order]
    missing = float(weights[is_missing].sum())
    points, before = np.array(known.points, dtype=np.float64), np.concatenate([[0.0], each.cumsum()])
    below, upto = (before[np.searchsorted(present, points, side=side)] for side in _SIDES)
    live, training = missing + np.concatenate([[0.0], interleaved(below, upto)]), known.shares
    distance, ends = of_ranges(live, training, sizes)
    median = _median(points, np.diff(known.upto, prepend=0).astype(np.float64))
    middle = 0 if median is None else 2 * int(np.searchsorted(points, median)) + 2
    moved = abs(float((live - live[0])[middle] - (training - training[0])[middle]))
    seen = Seen(
        missing=missing,
        median=_median(present, each),
        training_median=median,
        is_moved=moved >= distance.effect / 2,
        between=_between(known, live, ends),
    )
    return distance, seen


def _of_labels(known: Labels, trained: frozenset[Any], values: Sequence[Any], weights: FloatArray, sizes: Sizes) -> Measured:
    shares: dict[Any, float] = {}
    for value, weight in zip(values, weights.tolist(), strict=True):
        shares[value] = shares.get(value, 0.0) + weight
    missing = shares.pop(None, 0.0)
    new = {label: share for label, share in shares.items() if label not in trained}
    before = {label: count / known.rows for label, count in known.counts.items()}
    distance = of_labels(*_cells(known, before, shares, missing, sizes), sizes)
    unseen = of_new_labels(sum(new.values()), known.single / known.rows, sizes)
    moved = {label: round(shares.get(label, 0.0) - before.get(label, 0.0), 9) for label in {**before, **shares}}
    changed = max(moved, key=lambda label: (abs(moved[label]), moved[label], label), default=None)
    seen = Seen(
        missing=missing,
        new=sum(new.values()),
        new_label=max(new, key=lambda label: (new[label], label), default=None),
        label=changed,
        label_shares=(shares.get(changed, 0.0), before.get(changed or "", 0.0)),
    )
    return max(distance, unseen, key=lambda each: (each.low, each.effect)), seen


def _cells(
    known: Labels, before: Mapping[str, float], shares: Mapping[Any, float], missing: float, sizes: Sizes
) -> tuple[FloatArray, FloatArray]:
    """The live and the training's shares: a cell for what is missing, one for each label that is common enough to be told from noise,
    and the others in groups that are."""
    least = ROWS_A_LABEL / sizes.both
    own = {label: place for place, label in enumerate((label for label, share in before.items() if share >= least), 1)}
    rare = np.array(known.others, dtype=np.float64) / known.rows
    for label, share in before.items():
        if label not in own:
            rare[group_of(label)] += share
    groups = GROUPS
    while groups > 1 and rare.sum() / groups < least:
        groups //= 2
    first = 1 + len(own)
    live, training = np.zeros(first + groups), np.zeros(first + groups)
    live[0], training[0] = missing, known.missing / known.rows
    for label, place in own.items():
        training[place] = before[label]
    training[first:] = rare.reshape(-1, groups).sum(axis=0)
    for label, share in shares.items():
        live[own[label] if label in own else first + group_of(label) % groups] += share
    return live, training


def _outside(column: InputColumn, known: Ordered, held: FloatArray, weights: FloatArray) -> float:
    """The share of rows with a number or a date beyond those of the training."""
    if column.kind is ColumnKind.TEXT or not known.points:
        return 0.0
    low = known.points[0] if column.minimum is None else column.minimum
    high = known.points[-1] if column.maximum is None else column.maximum
    return float(weights[(held < low) | (held > high)].sum())


def _is_time_passing(column: InputColumn, known: ColumnReference, seen: Seen, until: datetime) -> bool:
    """Dates of these days, later than those of the training: so they always will be, and that needs no alarm."""
    if column.kind is not ColumnKind.DATETIME or seen.median is None or seen.training_median is None:
        return False
    is_near = abs(seen.median - until.timestamp()) < THESE_DAYS_S
    return is_near and seen.median > seen.training_median and abs(seen.missing - known.missing_share) < LEAST_EFFECT


def _median(ascending: FloatArray, weights: FloatArray) -> float | None:
    upto = weights.cumsum()
    return float(ascending[min(int(np.searchsorted(upto, upto[-1] / 2)), len(upto) - 1)]) if len(upto) else None


def _between(known: Ordered, live: FloatArray, ends: tuple[int, int]) -> Range:
    """The values between two places among the shares: place 0 is what is missing, an odd one lies just below a point, an even one on it."""
    low, high = ends
    mine, theirs = (np.concatenate([[0.0], shares]) for shares in (live, known.shares))
    return Range(
        low=known.points[(low - 1) // 2] if low > 0 else None,
        high=known.points[(high - 1) // 2] if high > 0 else None,
        has_low=low % 2 == 1,
        has_high=high % 2 == 0,
        live=float(mine[high + 1] - mine[low + 1]),
        training=float(theirs[high + 1] - theirs[low + 1]),
    )
