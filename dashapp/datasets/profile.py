"""Typed columns -> what is known of the table: a profile of each column, the findings and the proposed target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from dashapp.datasets.columns.typed_column import TypedColumn
from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Dialect, Finding, Profile
from dashapp.datasets.quality.judge import judge_quality
from dashapp.datasets.target.propose import propose_target

IN_ORDER = 0.99  # the rank correlation of dates with their rows from which on they are in order
_FEWEST_DATES = 10


def profile(columns: Sequence[TypedColumn], sample: pd.DataFrame, rows: int, dialect: Dialect, findings: Sequence[Finding]) -> Profile:
    """Propose a target and judge the quality by the sample. `findings` are those of reading the text; they come first."""
    described = tuple(_with_order(column.profile, sample) for column in columns)
    target = propose_target(described, sample)
    of_columns = [finding for column in columns for finding in column.findings]
    judged = judge_quality(sample, described, target, rows)
    return Profile(rows, described, target, (*findings, *of_columns, *judged), dialect)


def _with_order(column: ColumnProfile, sample: pd.DataFrame) -> ColumnProfile:
    """The sample's rows are in the order of the file."""
    if column.kind is not ColumnKind.DATETIME:
        return column
    dates = sample[column.name].dropna()
    if len(dates) < _FEWEST_DATES or dates.nunique() < 2:
        return column
    ranks = dates.rank().to_numpy()
    return replace(column, is_ordered=bool(abs(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1]) >= IN_ORDER))
