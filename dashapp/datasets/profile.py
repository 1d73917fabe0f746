"""Typed columns -> what is known of the table: a profile of each column, the findings and the proposed target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Dialect, Finding, Profile, ValueCount
from dashapp.datasets.kinds import TypedColumn
from dashapp.datasets.propose import propose_target
from dashapp.datasets.quality import judge_quality

MAX_TOP = 20
_MAX_COUNTED_CLASSES = 1_000


def profile(columns: Sequence[TypedColumn], dialect: Dialect, findings: Sequence[Finding] = ()) -> Profile:
    """Describe every column, propose a target and judge the quality. `findings` are those of reading the text; they come first."""
    described = tuple(profile_column(column) for column in columns)
    table = pd.DataFrame({column.name: column.series for column in columns}, copy=False)
    table.index = pd.RangeIndex(1, len(table) + 1)
    target = propose_target(described, table)
    of_columns = [finding for column in columns for finding in column.findings]
    judged = judge_quality(table, described, target, len(table))
    return Profile(columns[0].cells.rows, described, target, (*findings, *of_columns, *judged), dialect)


def profile_column(column: TypedColumn) -> ColumnProfile:
    cells = column.cells
    commonest = np.argsort(-cells.counts, kind="stable")[:MAX_TOP].tolist()
    low, high, mean = _range(column)
    is_long = column.kind.is_numeric and cells.unique > MAX_TOP
    top = () if is_long else tuple(ValueCount(cells.values[place].as_py(), int(cells.counts[place])) for place in commonest)
    return ColumnProfile(
        name=column.name,
        kind=column.kind,
        missing=cells.missing,
        unique=_unique(column),
        example=cells.values[commonest[0]].as_py() if commonest else None,
        top=top,
        smallest_class=int(cells.counts.min()) if 0 < cells.unique <= _MAX_COUNTED_CLASSES else None,
        minimum=low,
        maximum=high,
        mean=mean,
    )


def _unique(column: TypedColumn) -> int:
    """Numbers by their value ("1" and "1.0" are one), everything else as written."""
    if column.numbers is None:
        return column.cells.unique
    return len(np.unique(column.numbers[~np.isnan(column.numbers)]))


def _range(column: TypedColumn) -> tuple[float, float, float] | tuple[None, None, None]:
    if column.numbers is None or column.kind is ColumnKind.CONSTANT:
        return None, None, None
    numbers = column.numbers
    mean = float(np.nansum(numbers / np.count_nonzero(~np.isnan(numbers))))  # divided first: the sum may overflow
    return float(np.nanmin(numbers)), float(np.nanmax(numbers)), mean
