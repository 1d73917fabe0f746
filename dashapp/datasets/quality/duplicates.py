"""Rows that repeat an earlier one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashapp.datasets.dataset import ColumnProfile, Finding, Remedy, Severity
from dashapp.datasets.target.signals import Mask, first_rows
from dashapp.datasets.wording import count_of, looked_at

MANY = 0.05  # of the rows; more flatter the score, since the same row is learned from and tested


def repeated_rows(table: pd.DataFrame, columns: Sequence[ColumnProfile]) -> Mask:
    """A mask of the rows that are equal to an earlier one. Looks at the columns with most values first and stops once all rows differ."""
    alive = np.arange(len(table))
    keys = np.zeros(len(table), dtype=np.int64)
    for column in sorted(columns, key=lambda column: -column.unique):
        codes = pd.factorize(table[column.name].iloc[alive] if len(alive) < len(table) else table[column.name])[0].astype(np.int64) + 1
        keys = pd.factorize(keys * (len(table) + 1) + codes)[0]
        is_shared = np.bincount(keys, minlength=1)[keys] > 1
        alive, keys = alive[is_shared], keys[is_shared]
        if len(alive) == 0:
            break
    repeated = np.zeros(len(table), dtype=bool)
    repeated[alive[pd.Series(keys).duplicated().to_numpy()]] = True
    return repeated


def judge_duplicates(sample: pd.DataFrame, columns: Sequence[ColumnProfile], rows: int) -> list[Finding]:
    repeated = repeated_rows(sample, columns)
    count = int(repeated.sum())
    if not count:
        return []
    share = count / len(sample)
    is_crowded = _combinations(columns) < rows
    is_serious = share > MANY and not is_crowded
    if is_crowded:
        what = "with so few different values, equal rows are to be expected"
    elif is_serious:
        what = "the score would be flattered, since the same rows are learned and tested"
    else:
        what = "they repeat an earlier row" if count > 1 else "it repeats an earlier row"
    message = f"{count_of(count, 'duplicate row')}{looked_at(len(sample), rows)} ({share:.1%}): {what}."
    severity = Severity.WARN if is_serious else Severity.NOTE
    remedy = Remedy("Keep one row of each", {"drop_duplicates": True})
    return [Finding("duplicate_rows", None, message, severity, first_rows(sample, repeated), count, (remedy,))]


def _combinations(columns: Sequence[ColumnProfile]) -> float:
    product = 1.0
    for column in columns:
        product *= max(column.unique, 1)
    return product
