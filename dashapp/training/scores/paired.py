"""Two models on the same test rows: by how much one is better, with the 95 % interval of the difference.

Rows that are hard for both cancel out, so that a paired difference is known far better than either score. Each score is taken apart
into what each row adds to it; the noise is that of the rows' differences, within the classes where the score is one of classes. For
the area under ROC this is the paired test of DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from dashapp.datasets.dataset import Task
from dashapp.training.scores.measures import FloatArray

FEWEST_ROWS = 10
# A class of fewer rows than these is taken to vary at least as much as all rows do.
FEW_OF_A_CLASS = 5
_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Paired:
    """ROC AUC, balanced accuracy or R² of `mine` and `theirs`; `difference` is mine less theirs, `low` to `high` its interval."""

    mine: float
    theirs: float
    difference: float
    low: float
    high: float
    rows: int

    @property
    def is_worse(self) -> bool:
        return self.high < 0

    @property
    def is_better(self) -> bool:
        return self.low > 0


# Values near 1e308 make squares infinite; such a difference is not known.
@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def paired(task: Task, truth: FloatArray, mine: FloatArray, theirs: FloatArray) -> Paired | None:
    """What `HeldOut.said` holds of both, row by row; None where the rows are too few (or of one class only) to say anything."""
    if len(truth) < FEWEST_ROWS:
        return None
    if task is Task.BINARY:
        return _areas(truth == 1, mine, theirs)
    return _recalls(truth, mine, theirs) if task is Task.MULTICLASS else _explained(truth, mine, theirs)


def _areas(is_positive: NDArray[np.bool_], mine: FloatArray, theirs: FloatArray) -> Paired | None:
    if min(is_positive.sum(), (~is_positive).sum()) < 2:
        return None
    above, below = zip(*(_places(is_positive, said) for said in (mine, theirs)), strict=True)
    parts = [above[0] - above[1], below[0] - below[1]]
    noise = sum(float(part.var(ddof=1)) / len(part) for part in parts)
    return _paired(float(above[0].mean()), float(above[1].mean()), noise, min(len(part) for part in parts), len(mine))


def _places(is_positive: NDArray[np.bool_], said: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For each positive row the share of the others that are ranked below it, for each other row that of the positives above it."""
    positives, others = np.sort(said[is_positive]), np.sort(said[~is_positive])
    above = (np.searchsorted(others, said[is_positive], "left") + np.searchsorted(others, said[is_positive], "right")) / (2 * len(others))
    below = (np.searchsorted(positives, said[~is_positive], "left") + np.searchsorted(positives, said[~is_positive], "right")) / (
        2 * len(positives)
    )
    return above, 1 - below


def _recalls(truth: FloatArray, mine: FloatArray, theirs: FloatArray) -> Paired:
    right = [(said == truth).astype(np.float64) for said in (mine, theirs)]
    difference = right[0] - right[1]
    of_class = [truth == code for code in np.unique(truth)]
    overall = float(difference.var(ddof=1))
    noise = sum(_variance(difference[rows], overall) / rows.sum() for rows in of_class) / len(of_class) ** 2
    recall = [_mean([float(each[rows].mean()) for rows in of_class]) for each in right]
    return _paired(recall[0], recall[1], noise, len(truth), len(truth))


def _variance(differences: FloatArray, overall: float) -> float:
    if len(differences) < FEW_OF_A_CLASS:
        return max(overall, float(differences.var()))
    return float(differences.var(ddof=1))


def _explained(truth: FloatArray, mine: FloatArray, theirs: FloatArray) -> Paired | None:
    scale = float(np.abs(truth - truth.mean()).max()) or 1.0
    spread = ((truth - truth.mean()) / scale) ** 2
    errors = [((truth - said) / scale) ** 2 for said in (mine, theirs)]
    whole = float(spread.mean())
    found = [1 - float(each.mean()) / whole if whole > 0 else math.nan for each in errors]
    if not np.isfinite(found).all():
        return None
    added = (errors[1] - errors[0] - (found[0] - found[1]) * spread) / whole
    return _paired(found[0], found[1], float(added.var(ddof=1)) / len(truth), len(truth), len(truth))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _paired(mine: float, theirs: float, noise: float, known: int, rows: int) -> Paired:
    """`noise` is the variance of the difference, told from `known` rows."""
    reach = -float(stats.t.ppf(_TAIL, known - 1)) * math.sqrt(noise)
    difference = mine - theirs
    return Paired(mine, theirs, difference, difference - reach, difference + reach, rows)
