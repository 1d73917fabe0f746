"""The usable rows of a table: what goes in, what is to be answered, and who may see which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashapp.datasets.wording import count_of
from dashapp.training.features import input_frame, preprocessing_steps
from dashapp.training.progress import Reporter
from dashapp.training.run import SplitPlan, Stage, TrainingPlan
from dashapp.training.split import Answers, Positions, read_answers, split_rows, thinned

# More rows than these tell no more about a model, and cost time that learning could have.
MOST_VALIDATION_ROWS = 12_000
MOST_TEST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Material:
    """`frame` `[n, inputs]` and its answers, `places` their positions in the table as it came; `learn` and `test` are positions into them,
    and each of `folds` parts `learn` into rows that a trial learns from and rows that judge it (of very many, a part). `how` says how the
    rows were parted in the end."""

    frame: pd.DataFrame
    answers: Answers
    places: Positions
    learn: Positions
    test: Positions
    folds: tuple[tuple[Positions, Positions], ...]
    how: SplitPlan
    frame_bytes: int = 0

    def rows(self, positions: Positions) -> pd.DataFrame:
        """Positions ascend; all rows are the frame itself."""
        return self.frame if len(positions) == len(self.frame) else self.frame.iloc[positions]


def prepared(table: pd.DataFrame, plan: TrainingPlan, reporter: Reporter) -> Material:
    """Drop what cannot be used and part the rows, and say so. Raises `CannotTrain`."""
    reporter.begin(Stage.PREPROCESSING, f"Reading the target {plan.target}")
    dropped: tuple[str, ...] = ()
    places = np.arange(len(table))
    if plan.drop_duplicates:
        places = np.flatnonzero(~table.duplicated())
        dropped = (f"Left out {count_of(len(table) - len(places), 'duplicate row')}",)
        table = table.iloc[places].reset_index(drop=True)
    answers = read_answers(table[plan.target], plan.task)
    frame = input_frame(table if len(answers.kept) == len(table) else table.iloc[answers.kept], plan.features)
    split = split_rows(answers, plan, _split_column(table, plan, answers))
    sizes = f"Learning from {len(split.learn):,} rows, keeping {len(split.test):,} for the test"
    notes = () if split.how == plan.split else (split.how.reason,)
    messages = (*dropped, *answers.messages, *notes, sizes, *preprocessing_steps(frame, plan.features))
    for number, message in enumerate(messages, 1):
        reporter.say(message, number / len(messages))
    folds = tuple(
        (learnable(learned, plan, answers), thinned(judging, MOST_VALIDATION_ROWS, plan.seed)) for learned, judging in split.folds
    )
    test = thinned(split.test, MOST_TEST_ROWS, plan.seed)
    frame_bytes = int(frame.memory_usage(deep=True).sum())
    return Material(frame, answers, places[answers.kept], split.learn, test, folds, split.how, frame_bytes)


def learnable(rows: Positions, plan: TrainingPlan, answers: Answers) -> Positions:
    """As many of the rows as fit into the memory."""
    return rows if plan.most_rows is None else thinned(rows, plan.most_rows, plan.seed, answers.classes)


def _split_column(table: pd.DataFrame, plan: TrainingPlan, answers: Answers) -> NDArray[Any] | None:
    return None if plan.split.column is None else table[plan.split.column].iloc[answers.kept].to_numpy()
