"""A column of the sample in numbers, and how well it tells another one on rows held out.

A score here costs about a millisecond: it looks a value up among the even rows and checks the odd ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashapp.datasets.dataset import ColumnKind

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Signal:
    """One column. `codes` numbers its values in ascending order (of words: as they come), a missing value being the last level.

    `floats` are the values of numbers and dates (NaN: missing), None for words.
    """

    name: str
    kind: ColumnKind
    codes: Codes
    levels: int
    is_missing: Mask
    floats: Floats | None = None

    def at(self, rows: Mask) -> Signal:
        """The same column on some of its rows, its values numbered anew."""
        floats = None if self.floats is None else self.floats[rows]
        return _coded(self.name, self.kind, self.codes[rows], self.is_missing[rows], floats)


def signal_of(series: pd.Series[Any], kind: ColumnKind) -> Signal:
    name = str(series.name)
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        is_missing = series.isna().to_numpy()
        floats = series.to_numpy("datetime64[s]").astype(np.float64)
        floats[is_missing] = np.nan
    elif pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
        floats = series.to_numpy(np.float64)
        is_missing = np.isnan(floats)
    else:
        codes, _ = pd.factorize(series)
        return _coded(name, kind, codes.astype(np.int64), codes < 0, None)
    _, codes = np.unique(floats, return_inverse=True)
    return _coded(name, kind, codes.astype(np.int64), is_missing, floats)


def _coded(name: str, kind: ColumnKind, codes: Codes, is_missing: Mask, floats: Floats | None) -> Signal:
    top = int(codes.max(initial=0)) + 1
    _, again = _renumber(np.where(is_missing, top, codes), top + 1)
    return Signal(name, kind, again, int(again.max(initial=-1)) + 1, is_missing, floats)


def _renumber(codes: Codes, size: int) -> tuple[int, Codes]:
    is_used = np.bincount(codes, minlength=size) > 0
    places = np.cumsum(is_used) - 1
    return int(is_used.sum()), places[codes].astype(np.int64)


def spread_rows(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most so many rows, evenly over the table. Not one in so many: a table often repeats in step."""
    if len(table) <= most:
        return table
    return table.iloc[np.unique(np.linspace(0, len(table) - 1, most).astype(np.int64))]


def halves(rows: int) -> tuple[Mask, Mask]:
    """The rows to learn from and the rows to check, in a fixed shuffle: tables are often sorted or paired."""
    is_learned = np.zeros(rows, dtype=bool)
    is_learned[np.random.default_rng(0).permutation(rows)[: rows // 2]] = True
    return is_learned, ~is_learned


def class_score(signal: Signal, classes: Codes, number: int) -> float:
    """Balanced accuracy of `signal` alone for `classes` (codes below `number`), on the rows held out."""
    learned, held = halves(len(classes))
    told = _nearest(signal, classes, learned, held) if _is_fine(signal) else _commonest(signal, classes, number, learned, held)
    truth = classes[held]
    hits = np.bincount(truth[told == truth], minlength=number)
    totals = np.bincount(truth, minlength=number)
    present = totals > 0
    return float(np.mean(hits[present] / totals[present])) if present.any() else 0.0


def number_score(signal: Signal, values: Floats) -> float:
    """R² of `signal` alone for `values`, on the rows held out; 0 where it is worse than the mean."""
    learned, held = halves(len(values))
    middle = float(values[learned].mean())
    sums = np.bincount(signal.codes[learned], weights=values[learned], minlength=signal.levels)
    counts = np.bincount(signal.codes[learned], minlength=signal.levels)
    means = np.divide(sums, counts, out=np.full(signal.levels, middle), where=counts > 0)
    told = means[signal.codes[held]]
    if _is_fine(signal) and signal.floats is not None:
        known = learned & ~signal.is_missing
        order = np.argsort(signal.floats[known], kind="stable")
        x = signal.floats[known][order]
        asked = held & ~signal.is_missing
        if len(x):
            told[~signal.is_missing[held]] = np.interp(signal.floats[asked], x, means[signal.codes[known][order]])
    return r_squared(values[held], told)


def r_squared(truth: Floats, told: Floats) -> float:
    spread = float(np.var(truth))
    return max(0.0, 1.0 - float(np.mean((truth - told) ** 2)) / spread) if spread > 0 else 0.0


def first_rows(table: pd.DataFrame, chosen: Mask | Codes, most: int = 20) -> tuple[int, ...]:
    """The numbers of the first rows chosen (a mask, or places)."""
    places = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
    return tuple(int(number) for number in table.index[places[:most]])


def _is_fine(signal: Signal) -> bool:
    """More values than can be learned one by one."""
    return signal.floats is not None and signal.levels > max(20, len(signal.codes) // 20)


def _commonest(signal: Signal, classes: Codes, number: int, learned: Mask, held: Mask) -> Codes:
    counts = np.bincount(signal.codes[learned] * number + classes[learned], minlength=signal.levels * number)
    answers = counts.reshape(signal.levels, number).argmax(axis=1)
    seen = np.bincount(signal.codes[learned], minlength=signal.levels) > 0
    answers[~seen] = np.bincount(classes[learned], minlength=number).argmax()
    told: Codes = answers[signal.codes[held]]
    return told


def _nearest(signal: Signal, classes: Codes, learned: Mask, held: Mask) -> Codes:
    """The class of the value next to it; missing values together are one neighbour."""
    assert signal.floats is not None
    known = learned & ~signal.is_missing
    order = np.argsort(signal.floats[known], kind="stable")
    x, classes_by_x = signal.floats[known][order], classes[known][order]
    told = np.full(int(held.sum()), int(np.bincount(classes[learned & signal.is_missing], minlength=1).argmax()))
    asked = signal.floats[held]
    places = np.clip(np.searchsorted(x, asked), 1, max(len(x) - 1, 1))
    if len(x) > 1:
        left = np.abs(asked - x[places - 1]) <= np.abs(x[places] - asked)
        nearest = classes_by_x[np.where(left, places - 1, places)]
        told = np.where(signal.is_missing[held], told, nearest)
    return told


def present_codes(signals: Sequence[Signal]) -> Mask:
    """The rows in which none of the columns is missing."""
    mask = np.ones(len(signals[0].codes), dtype=bool)
    for signal in signals:
        mask &= ~signal.is_missing
    return mask
