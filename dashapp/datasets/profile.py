"""Typed columns -> what is known of the table: a profile of each column, the findings and the proposed target."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashapp.datasets.columns.kinds import TypedColumn
from dashapp.datasets.dataset import Dialect, Finding, Profile
from dashapp.datasets.quality.judge import judge_quality
from dashapp.datasets.target.propose import propose_target


def profile(columns: Sequence[TypedColumn], sample: pd.DataFrame, rows: int, dialect: Dialect, findings: Sequence[Finding]) -> Profile:
    """Propose a target and judge the quality by the sample. `findings` are those of reading the text; they come first."""
    described = tuple(column.profile for column in columns)
    target = propose_target(described, sample)
    of_columns = [finding for column in columns for finding in column.findings]
    judged = judge_quality(sample, described, target, rows)
    return Profile(rows, described, target, (*findings, *of_columns, *judged), dialect)
