"""What the race asks of a kind of model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from dashapp.datasets.dataset import Task
from dashapp.training.features import FloatArray
from dashapp.training.result import Setting

# Told between two trees which share of a fit is done; true where it should end there.
IsOver = Callable[[float], bool]


@dataclass(frozen=True, slots=True)
class Rows:
    """Encoded rows of the race: `x` `[n, width]` is learned with `y` `[n]` (codes 0 to `classes` - 1, or values where `classes` is 0);
    outputs are wanted for `sample` (rows of `x`, for the training loss) and for `validation`. `size` is n."""

    x: Any
    y: NDArray[Any]
    sample: Any
    validation: Any
    classes: int
    size: int


@dataclass(frozen=True, slots=True)
class Step:
    """An iteration: outputs for `Rows.sample` and `Rows.validation`, and the setting that a fit needs to get exactly here; `learned_s` is
    how long learning took since the step before, without the outputs."""

    iteration: int
    sample: FloatArray
    validation: FloatArray
    setting: Setting
    learned_s: float


class Family(Protocol):
    """`patience` is how many steps in a row may fail to improve before a trial ends; `fixed_rows` is how many rows cost as much as what
    a step costs whatever their number."""

    @property
    def name(self) -> str: ...

    @property
    def patience(self) -> int: ...

    @property
    def fixed_rows(self) -> int: ...

    def settings(self, rows: int, classes: int) -> tuple[Setting, ...]:
        """What to try on so many rows, the most promising first."""

    def words(self, setting: Setting) -> str:
        """The setting as the screen says it."""

    def effort(self, setting: Setting) -> float:
        """How long a trial takes, in trials of the family's default."""

    def features(self, setting: Setting) -> ColumnTransformer:
        """The unfitted preprocessing."""

    def encoding(self, setting: Setting) -> str:
        """Settings with the same have the same preprocessing."""

    def held(self, rows: Rows) -> Rows:
        """The rows in the form that `race` takes, so that several settings can share them."""

    def race(self, rows: Rows, setting: Setting) -> Iterator[Step]:
        """Learns step by step; the caller stops it by asking no more."""

    def scaled(self, setting: Setting, rows_ratio: float) -> Setting:
        """The setting that the race ended at, for a fit on `rows_ratio` times as many rows."""

    def trees(self, setting: Setting, classes: int) -> int:
        """How many trees a row passes in the fitted model."""

    def fitted(self, x: pd.DataFrame, y: NDArray[Any], setting: Setting, is_over: IsOver) -> tuple[Pipeline, Setting]:
        """`features`, then `model`, fitted. A model that grows stops growing once `is_over`; the setting says where it did."""


def output_of(task: Task, estimator: Any, x: Any) -> FloatArray:
    """Probabilities `[n, classes]`, or values `[n]` in a regression."""
    return np.asarray(estimator.predict_proba(x) if task.is_classification else estimator.predict(x), dtype=np.float64)


def padded(output: FloatArray, seen: NDArray[Any], classes: int) -> FloatArray:
    """Probabilities of the classes that were `seen` -> of all of them."""
    if not classes or output.shape[1] == classes:
        return output
    full = np.zeros((len(output), classes))
    full[:, seen.astype(np.intp)] = output
    return full
