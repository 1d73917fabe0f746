"""The test rows as every part of the explanation sees them: columns, truth, what was predicted, and the loss of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashapp.datasets.dataset import Task
from dashapp.training.features import FloatArray
from dashapp.training.result import Threshold
from dashapp.training.run import InputColumn
from dashapp.training.scores.measures import Codes, called, log_losses
from dashapp.training.why.mixing import Positions


@dataclass(frozen=True, slots=True)
class Seen:
    """`y` holds codes into `labels`, or values; `output` probabilities `[n, classes]`, or values `[n]`; `rows` positions in the table."""

    task: Task
    labels: tuple[str, ...]
    inputs: tuple[InputColumn, ...]
    threshold: Threshold | None
    frame: pd.DataFrame
    y: NDArray[Any]
    output: FloatArray
    rows: NDArray[Any]

    def __len__(self) -> int:
        return len(self.y)

    def at(self, positions: Positions) -> Seen:
        return replace(
            self, frame=self.frame.iloc[positions], y=self.y[positions], output=self.output[positions], rows=self.rows[positions]
        )

    @property
    def losses(self) -> FloatArray:
        return row_losses(self.task, self.y, self.output)

    @property
    def called(self) -> Codes:
        return called(self.labels, self.output, self.threshold)


def row_losses(task: Task, y: NDArray[Any], output: FloatArray) -> FloatArray:
    """-ln of the truth's probability, or the squared error; `[n]`, infinite where the square is too large for a float."""
    if task.is_classification:
        return log_losses(y.astype(np.intp), output)
    with np.errstate(over="ignore"):
        squares: FloatArray = (y - output) ** 2
    return squares


def drawn(count: int, most: int, seed: int) -> Positions:
    """At most so many of `count` positions, at random, in their order."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, most, replace=False))
