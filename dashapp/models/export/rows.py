"""Which rows of the table were learned from and which were the test, found again from the record as the training found them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashapp.models.export.exported import Parts
from dashapp.training.result import Record
from dashapp.training.run import TrainingPlan
from dashapp.training.split import Positions, read_answers, split_rows, thinned


def columns_needed(plan: TrainingPlan) -> list[str] | None:
    """The columns of the table that decide on the split; None means all of them."""
    if plan.drop_duplicates:
        return None
    return [plan.target] + ([plan.split.column] if plan.split.column is not None and plan.split.column != plan.target else [])


def parts_of(record: Record, table: pd.DataFrame, test_rows: int) -> Parts:
    """Positions in `table`, which has `columns_needed` at least. Of very many test rows `test_rows` were measured."""
    plan = record.plan
    unique = np.flatnonzero(~table.duplicated().to_numpy()) if plan.drop_duplicates else np.arange(len(table))
    answers = read_answers(table[plan.target].iloc[unique], plan.task)
    rows = unique[answers.kept]
    column = None if plan.split.column is None else table[plan.split.column].iloc[rows].to_numpy()
    split = split_rows(answers, plan, column)

    def used(positions: Positions) -> Positions:
        return positions if record.most_rows is None else thinned(positions, record.most_rows, plan.seed, answers.classes)

    test = thinned(split.test, test_rows, plan.seed)
    return Parts(rows[used(split.learn)], rows[test], rows[used(np.arange(len(rows)))])
