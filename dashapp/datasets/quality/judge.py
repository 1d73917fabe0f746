"""What is wrong, or at least worth knowing, with a table before anything is trained on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Finding, Remedy, Severity, TargetProposal, Task
from dashapp.datasets.quality.duplicates import judge_duplicates
from dashapp.datasets.quality.leaks import find_leaks
from dashapp.datasets.quality.outliers import judge_numbers
from dashapp.datasets.target.propose import MOST_CLASSES, would_be_first
from dashapp.datasets.target.row_numbers import is_row_number
from dashapp.datasets.target.signals import first_rows
from dashapp.datasets.wording import count_of, listed, looked_at, quoted

TOO_FEW_ROWS = 10
FEW_ROWS = 50
HIGH_CARDINALITY = 50
TOO_MANY_LABELS = 1_000
MANY_CLASSES = 30
MANY_MISSING = 0.3
NEARLY_EMPTY_ROW = 0.5
NEARLY_CONSTANT = 0.99
MIN_ROWS_FOR_NEARLY = 50
RARE_CLASS_ROWS = 5
IMBALANCE_SHARE = 0.05
STRONG_IMBALANCE = 0.95
NEARLY_SORTED = 0.95
MAX_SAID_ONE_BY_ONE = 10

_KIND_SENTENCES = {
    ColumnKind.IDENTIFIER: ("identifier", "has a different value in (nearly) every row, like a name or number of it"),
    ColumnKind.TEXT: ("free_text", "holds free text"),
}


def judge_quality(sample: pd.DataFrame, described: Sequence[ColumnProfile], target: TargetProposal, rows: int) -> list[Finding]:
    """Findings on the table, on each column, and on the target proposed, in this order.

    `sample` holds rows of the typed table spread over all of it, each under its number from 1; `rows` is how many the table has.
    """
    found = [*_judge_table(sample, described, target, rows)]
    for column in described:
        found.extend(_judge_column(sample, column, described, target, rows))
    by_name = {column.name: column for column in described}
    if target.name is None:
        found.append(Finding("no_target", None, target.reason, Severity.FAIL))
        return found
    found.extend(_judge_target(sample, by_name[target.name], target, rows))
    if target.task is not None:
        found.extend(find_leaks(sample, described, target.name, target.task))
    return found


def _judge_table(sample: pd.DataFrame, described: Sequence[ColumnProfile], target: TargetProposal, rows: int) -> Iterator[Finding]:
    if rows < FEW_ROWS:
        hint = " Is the table transposed?" if len(sample.columns) > 10 * rows and rows > 1 else ""
        what = "too few to learn anything" if rows < TOO_FEW_ROWS else "too few for a model to be trusted"
        severity = Severity.FAIL if rows < TOO_FEW_ROWS else Severity.WARN
        yield Finding("too_few_rows", None, f"The table has {count_of(rows, 'row')}; that is {what}.{hint}", severity)
    yield from judge_duplicates(sample, described, rows)
    yield from _judge_missing(sample, described, target, rows)


def _judge_missing(sample: pd.DataFrame, described: Sequence[ColumnProfile], target: TargetProposal, rows: int) -> Iterator[Finding]:
    """Columns with some values missing, and rows with next to none."""
    inputs = [column for column in described if column.name != target.name and column.unique]
    some = [column for column in inputs if 0 < column.missing <= MANY_MISSING * rows]
    if len(some) > MAX_SAID_ONE_BY_ONE:
        most = sorted(some, key=lambda column: -column.missing)
        sentence = f"{len(some)} columns have missing values, most of all {listed(column.name for column in most[:3])}."
        yield Finding("missing_values", None, sentence, Severity.NOTE)
    else:
        for column in some:
            share = "" if column.missing < 0.001 * rows else f" ({column.missing / rows:.1%})"
            sentence = f"{quoted(column.name)} is missing in {count_of(column.missing, 'row')}{share}."
            where = first_rows(sample, sample[column.name].isna().to_numpy())
            yield Finding("missing_values", column.name, sentence, Severity.NOTE, where, column.missing)
    if len(described) < 5 or not some:
        return
    blank = [sample[column.name].isna().to_numpy() for column in described if 0 < column.missing < rows]
    usual = len(described) - sum(column.unique == 0 for column in described)
    empty = np.sum(blank, axis=0) > NEARLY_EMPTY_ROW * usual
    if empty.any() and empty.mean() <= 0.2:
        count, looked = int(empty.sum()), looked_at(len(sample), rows)
        verb = "has" if count == 1 else "have"
        sentence = f"{count_of(count, 'row')} {verb} hardly any value{looked}: most of the columns are blank."
        yield Finding("missing_values", None, sentence, Severity.NOTE, first_rows(sample, empty), count)


def _judge_column(
    sample: pd.DataFrame, column: ColumnProfile, described: Sequence[ColumnProfile], target: TargetProposal, rows: int
) -> Iterator[Finding]:
    is_target = column.name == target.name
    if column.unique < 2 and rows > 1 and would_be_first(column, described, target):
        yield _hopeless_target(column)
    elif column.unique == 0:
        yield Finding("all_missing", column.name, f"{quoted(column.name)} has no value at all.")
    elif column.kind is ColumnKind.CONSTANT:
        if rows > 1:
            sentence = f"{quoted(column.name)} has the same value in every row that has one; nothing can be learned from it."
            yield Finding("constant", column.name, sentence)
    elif not is_target:
        yield from _judge_values(sample, column, rows)
    if column.unique and column.missing > MANY_MISSING * rows and not is_target:
        where = first_rows(sample, sample[column.name].isna().to_numpy())
        sentence = f"{quoted(column.name)} is missing in {column.missing / rows:.0%} of the rows."
        yield Finding("many_missing", column.name, sentence, Severity.WARN, where, column.missing, (_leave_out(column),))
    if column.kind.is_numeric and column.name in sample.columns:
        yield from judge_numbers(sample, column, rows, is_target=is_target)
    if column.kind is ColumnKind.DATETIME:
        yield from _judge_order(sample, column, rows)


def _judge_values(sample: pd.DataFrame, column: ColumnProfile, rows: int) -> Iterator[Finding]:
    """Too many different values to be learned from, or too few."""
    name = quoted(column.name)
    if column.kind in _KIND_SENTENCES:
        code, what = _KIND_SENTENCES[column.kind]
        yield Finding(code, column.name, f"{name} {what}; it is not learned from.", Severity.NOTE)
    elif is_row_number(column, rows, sample):
        sentence = f"{name} is another whole number in every row, like a number of the row; it is left out of the training."
        yield Finding("identifier", column.name, sentence, remedies=(Remedy("Use it anyway", {"columns": {column.name: {"use": True}}}),))
    elif column.kind is ColumnKind.CATEGORY and column.unique > HIGH_CARDINALITY:
        severity = Severity.WARN if column.unique > TOO_MANY_LABELS else Severity.NOTE
        sentence = f"{name} has {column.unique:,} different labels, many of them rare."
        yield Finding("high_cardinality", column.name, sentence, severity, remedies=(_leave_out(column),))
    elif (share := _commonest_share(sample, column, rows)) >= NEARLY_CONSTANT and rows >= MIN_ROWS_FOR_NEARLY:
        sentence = f"{name} has the same value in {np.floor(share * 1_000) / 10:.1f}% of the rows; little can be learned from it."
        yield Finding("near_constant", column.name, sentence, Severity.NOTE, remedies=(_leave_out(column),))


def _commonest_share(sample: pd.DataFrame, column: ColumnProfile, rows: int) -> float:
    """Of all rows with a value; numbers with too many values to be listed are looked up in the sample."""
    present = rows - column.missing
    if column.top:
        return max(value.count for value in column.top) / max(present, 1)
    if column.unique > 0.2 * present or not column.kind.is_numeric:
        return 0.0
    values = sample[column.name].to_numpy(np.float64)
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return 0.0
    return float(np.mean(known == np.median(known)))  # what nearly all have is in the middle


def _judge_order(sample: pd.DataFrame, column: ColumnProfile, rows: int) -> Iterator[Finding]:
    """Dates that are sorted but for a few; a table in no order at all is none of that."""
    times = sample[column.name].dropna()
    steps = np.diff(times.to_numpy("datetime64[s]").astype(np.int64))
    if len(steps) < 20 or not steps.any():
        return
    is_falling = (steps < 0).sum() > (steps > 0).sum()
    wrong = steps > 0 if is_falling else steps < 0
    # Steps back over most of the time are the starts of groups, each sorted for itself.
    is_grouped = wrong.any() and np.median(np.abs(steps[wrong])) > 0.3 * int(np.abs(steps).max(initial=0)) and wrong.sum() > 2
    if wrong.any() and wrong.mean() <= 1 - NEARLY_SORTED and not is_grouped:
        order = "newest first" if is_falling else "oldest first"
        count = int(wrong.sum())
        which = "1 row is" if count == 1 else f"{count:,} rows are"
        sentence = f"The rows are sorted by {quoted(column.name)}, {order}, but {which} out of order{looked_at(len(sample), rows)}."
        places = np.flatnonzero(wrong) + 1
        where = tuple(int(number) for number in times.index[places[:20]])
        yield Finding("unordered_dates", column.name, sentence, Severity.WARN, where, count)


def _hopeless_target(column: ColumnProfile) -> Finding:
    name = quoted(column.name)
    if column.unique == 0:
        sentence = f"{name} is named like a target but is empty in every row; fill it in, or choose another target."
        return Finding("target_missing", column.name, sentence, Severity.FAIL)
    sentence = f"{name} is named like a target but has one value only, so there is nothing to tell apart; choose another target."
    return Finding("constant", column.name, sentence, Severity.FAIL)


def _judge_target(sample: pd.DataFrame, column: ColumnProfile, target: TargetProposal, rows: int) -> Iterator[Finding]:
    name, present = quoted(column.name), rows - column.missing
    if column.missing:
        sentence = f"{name} is missing in {count_of(column.missing, 'row')}; they cannot be used for training."
        severity = Severity.FAIL if present < TOO_FEW_ROWS else Severity.WARN if column.missing > 0.01 * rows else Severity.NOTE
        where = first_rows(sample, sample[column.name].isna().to_numpy())
        yield Finding("target_missing", column.name, sentence, severity, where, column.missing)
    if target.task is Task.REGRESSION or column.smallest_class is None or not column.top:
        return
    if column.unique > MANY_CLASSES:
        sentence = f"{name} has {column.unique:,} classes on {count_of(present, 'row')}; "
        if column.unique > MOST_CLASSES:
            what = f"at most {MOST_CLASSES} can be learned, so choose another target."
            yield Finding("many_classes", column.name, sentence + what, Severity.FAIL)
        else:
            yield Finding("many_classes", column.name, sentence + "most are too rare.")
    if column.smallest_class < RARE_CLASS_ROWS:
        yield _rare_class(sample, column)
    share = column.top[0].count / present
    if column.unique <= MANY_CLASSES and column.smallest_class < IMBALANCE_SHARE * present:
        sentence = f"The classes of {name} are unbalanced: always saying {quoted(column.top[0].value)} is right in {share:.2%} of the rows."
        yield Finding("imbalance", column.name, sentence, Severity.WARN if share >= STRONG_IMBALANCE else Severity.NOTE)


def _rare_class(sample: pd.DataFrame, column: ColumnProfile) -> Finding:
    rarest = min(column.top, key=lambda value: value.count)
    is_listed = rarest.count == column.smallest_class and len(column.top) == column.unique
    label = f" ({quoted(rarest.value)})" if is_listed else ""
    smallest = column.smallest_class or 0
    sentence = f"The rarest class{label} of {quoted(column.name)} has {count_of(smallest, 'row')}: too few to learn and to test it."
    where: tuple[int, ...] = ()
    if is_listed and not column.kind.is_numeric:
        where = first_rows(sample, (sample[column.name] == rarest.value).fillna(False).to_numpy(bool))
    return Finding("rare_class", column.name, sentence, Severity.WARN, where, smallest)


def _leave_out(column: ColumnProfile) -> Remedy:
    return Remedy("Leave it out", {"columns": {column.name: {"use": False}}})
