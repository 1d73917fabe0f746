"""Test rows with known truths, models that can be computed by hand, and a clock that only predictions move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.training.features import FloatArray
from dashapp.training.run import InputColumn
from dashapp.training.why.seen import Seen
from dashapp.training.why.watch import Watch

Predict = Callable[[pd.DataFrame], FloatArray]


class Clock:
    """Stands still but for what predictions take: `call_s` each and `row_s` a row."""

    def __init__(self, call_s: float = 0.0, row_s: float = 0.0) -> None:
        self.now, self.call_s, self.row_s, self.rows = 0.0, call_s, row_s, 0

    def __call__(self) -> float:
        return self.now

    def timing(self, predict: Predict) -> Predict:
        def timed(frame: pd.DataFrame) -> FloatArray:
            self.now += self.call_s + self.row_s * len(frame)
            self.rows += len(frame)
            return predict(frame)

        return timed


def numbers(rows: int, columns: int, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame({f"x{at}": random.normal(size=rows) for at in range(columns)})


def columns_of_numbers(frame: pd.DataFrame) -> tuple[InputColumn, ...]:
    return tuple(InputColumn(str(name), ColumnKind.NUMBER) for name in frame.columns)


def seen(
    frame: pd.DataFrame, y: NDArray[Any], predict: Predict, *, labels: tuple[str, ...] = (), inputs: tuple[InputColumn, ...] = ()
) -> Seen:
    task = {0: Task.REGRESSION, 2: Task.BINARY}.get(len(labels), Task.MULTICLASS)
    return Seen(task, labels, inputs or columns_of_numbers(frame), None, frame, y, predict(frame), np.arange(len(y)))


def watching(predict: Predict, seen: Seen, seconds: float = 1e6, clock: Callable[[], float] | None = None) -> Watch:
    watch = Watch(predict, len(seen.inputs), seconds, clock or Clock(), lambda message, share: None)
    watch.measure(seen.frame)
    return watch


def two_classes(chance: FloatArray) -> FloatArray:
    """Probabilities `[n, 2]` from that of the second class."""
    return np.column_stack([1 - chance, chance])


def logistic(values: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-values)))
