"""What is wrong, or at least worth knowing, with a table before anything is trained on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Finding, TargetProposal, Task
from dashapp.datasets.wording import count_of, quoted

FEW_ROWS = 50
HIGH_CARDINALITY = 50
MANY_CLASSES = 30
MANY_MISSING = 0.3
RARE_CLASS_ROWS = 5
IMBALANCE_SHARE = 0.05
LEAK_CORRELATION = 0.99999
_SAMPLE_ROWS = 200_000  # for the search for duplicates and leaks, which costs several passes

_KIND_SENTENCES = {
    ColumnKind.IDENTIFIER: ("identifier", "has a different value in (nearly) every row, like a name or number of it"),
    ColumnKind.TEXT: ("free_text", "holds free text"),
}


def judge_quality(sample: pd.DataFrame, described: Sequence[ColumnProfile], target: TargetProposal, rows: int) -> list[Finding]:
    """Findings on the table, on each column, and on the target proposed, in this order.

    `sample` holds rows of the typed table spread over all of it, each under its number from 1; `rows` is how many the table has.
    """
    found = [*_judge_table(sample, rows)]
    for column in described:
        found.extend(_judge_column(column, rows))
    by_name = {column.name: column for column in described}
    if target.name is not None:
        found.extend(_judge_target(by_name[target.name], target, rows))
        found.extend(_find_leaks(sample, described, by_name[target.name]))
    else:
        found.append(Finding("no_target", None, target.reason))
    return found


def _judge_table(sample: pd.DataFrame, rows: int) -> Iterator[Finding]:
    if rows < FEW_ROWS:
        hint = " Is the table transposed?" if len(sample.columns) > 10 * rows and rows > 1 else ""
        yield Finding("too_few_rows", None, f"The table has {count_of(rows, 'row')}; that is too few for a model to be trusted.{hint}")
    duplicates = int(sample[:_SAMPLE_ROWS].duplicated().sum())
    if duplicates:
        share = duplicates / len(sample[:_SAMPLE_ROWS])
        what = "the score would be flattered, since the same rows are learned and tested" if share > 0.1 else "they repeat an earlier row"
        yield Finding("duplicate_rows", None, f"{count_of(duplicates, 'duplicate row')} ({share:.1%}): {what}.")


def _judge_column(column: ColumnProfile, rows: int) -> Iterator[Finding]:
    name = quoted(column.name)
    if column.unique == 0:
        yield Finding("all_missing", column.name, f"{name} has no value at all.")
    elif column.kind is ColumnKind.CONSTANT and rows > 1:
        yield Finding("constant", column.name, f"{name} has the same value in every row that has one; nothing can be learned from it.")
    elif column.kind in _KIND_SENTENCES:
        code, what = _KIND_SENTENCES[column.kind]
        yield Finding(code, column.name, f"{name} {what}.")
    elif column.kind is ColumnKind.CATEGORY and column.unique > HIGH_CARDINALITY:
        yield Finding("high_cardinality", column.name, f"{name} has {column.unique:,} different labels, many of them rare.")
    if column.unique and column.missing > MANY_MISSING * rows:
        yield Finding("many_missing", column.name, f"{name} is missing in {column.missing / rows:.0%} of the rows.")


def _judge_target(column: ColumnProfile, target: TargetProposal, rows: int) -> Iterator[Finding]:
    name, code_column = quoted(column.name), column.name
    if column.missing:
        message = f"{name} is missing in {count_of(column.missing, 'row')}; they cannot be used for training."
        yield Finding("target_missing", code_column, message)
    if target.task is Task.REGRESSION or column.smallest_class is None:
        return
    present = rows - column.missing
    if column.unique > MANY_CLASSES:
        sentence = f"{name} has {column.unique:,} classes on {count_of(present, 'row')}; most are too rare."
        yield Finding("many_classes", code_column, sentence)
    rarest = min(column.top, key=lambda value: value.count)
    if column.smallest_class < RARE_CLASS_ROWS:
        label = f" ({quoted(rarest.value)})" if rarest.count == column.smallest_class and len(column.top) == column.unique else ""
        sentence = f"The rarest class{label} of {name} has {count_of(column.smallest_class, 'row')}: too few to learn and to test it."
        yield Finding("rare_class", code_column, sentence)
    if column.unique <= MANY_CLASSES and column.smallest_class < IMBALANCE_SHARE * present:
        commonest, share = quoted(column.top[0].value), column.top[0].count / present
        sentence = f"The classes of {name} are unbalanced: always saying {commonest} is right in {share:.2%} of the rows."
        yield Finding("imbalance", code_column, sentence)


def _find_leaks(sample: pd.DataFrame, described: Sequence[ColumnProfile], target: ColumnProfile) -> Iterator[Finding]:
    """Columns that are the target in other words: they make a perfect score that means nothing."""
    table = sample[:_SAMPLE_ROWS]
    for column in described:
        if column is target or column.kind in (ColumnKind.CONSTANT, ColumnKind.IDENTIFIER, ColumnKind.TEXT):
            continue
        if _is_rescaled(table, target, column) or _is_renamed(table, target, column):
            sentence = f"{quoted(column.name)} tells {quoted(target.name)} exactly; leave it out if it is not known beforehand."
            yield Finding("leak", column.name, sentence)


def _is_rescaled(table: pd.DataFrame, target: ColumnProfile, column: ColumnProfile) -> bool:
    if not (target.kind.is_numeric and column.kind.is_numeric):
        return False
    x, y = table[target.name].to_numpy(float), table[column.name].to_numpy(float)
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both], y[both]
    if len(x) < 10 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return False
    with np.errstate(all="ignore"):
        return bool(abs(np.corrcoef(x, y)[0, 1]) > LEAK_CORRELATION)


def _is_renamed(table: pd.DataFrame, target: ColumnProfile, column: ColumnProfile) -> bool:
    """One value of the column for each of the target, and the other way round."""
    if target.unique != column.unique or target.unique > 1_000 or table[target.name].count() < 10 * target.unique:
        return False
    return len(table[[target.name, column.name]].dropna().drop_duplicates()) == target.unique
