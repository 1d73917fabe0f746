"""Which candidates the validation rows cannot tell from the winner."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from dashapp.datasets.dataset import Task
from dashapp.training.scores import measures
from dashapp.training.scores.measures import FloatArray


def ties(task: Task, y: NDArray[Any], outputs: Mapping[str, FloatArray], winner: str) -> tuple[str, ...]:
    """The others, in their order, whose loss by row differs from the winner's by no more than noise: a paired t test at 95 %.

    `outputs` are of the same rows. One that holds a NaN or an infinity is no tie.
    """
    best = _losses(task, y, outputs[winner])
    return tuple(name for name, output in outputs.items() if name != winner and _is_tie(_losses(task, y, output) - best))


def _losses(task: Task, y: NDArray[Any], output: FloatArray) -> FloatArray:
    return measures.log_losses(y, output) if task.is_classification else (y - output) ** 2


def _is_tie(differences: FloatArray) -> bool:
    if not np.isfinite(differences).all():
        return False
    rows = len(differences)
    if rows < 2:
        return True
    noise = float(differences.std(ddof=1)) / math.sqrt(rows)
    return abs(float(differences.mean())) <= float(stats.t.ppf(0.975, rows - 1)) * noise
