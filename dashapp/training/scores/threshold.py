"""From which probability on the rarer of two classes is called, where calling the likelier would hardly ever call it.

Tuned for F1 of the rarer class. Balanced accuracy would put the threshold near the class's share: at one positive in a hundred a
hundred false alarms cost no more than a single miss, and nobody looks at a list like that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.training.result import Threshold
from dashapp.training.scores import measures
from dashapp.training.scores.measures import FloatArray

IMBALANCED = 0.35
"""Below this share of the rarer class. Above it the best threshold lies so near to 0.5 that the rows seldom show a gain."""

FEWEST_RARER = 10
MEASURE = "F1"

_FOLDS, _RESAMPLES, _STEPS = 5, 200, 100
_SEED = 0
# Against 0.5 a threshold that does not help does little harm, and one left out costs much; against calling every row it is otherwise.
_LIKELY, _SURE = 0.8, 0.95


def tuned(y: NDArray[Any], output: FloatArray, labels: Sequence[str]) -> Threshold | None:
    """The threshold for two classes that are imbalanced in `y`, from outputs for rows that the models had not seen; None where they
    are not, where the rarer class has too few rows, and where the gain over 0.5 may be noise.

    `after` is cross-fitted, so that it does not flatter: each row is called with the threshold that was tuned on the other folds.
    """
    rarer = measures.rarer(y)
    is_rarer, given = y == rarer, output[:, rarer]
    if is_rarer.sum() < FEWEST_RARER or is_rarer.mean() >= IMBALANCED:
        return None
    plain, fitted = given >= 0.5, _cross_fitted(is_rarer, given)
    if not _is_beyond_noise(is_rarer, plain, fitted):
        return None
    return Threshold(labels[rarer], _best(is_rarer, given), MEASURE, *(round(_f1(is_rarer, calls), 4) for calls in (plain, fitted)))


def _cross_fitted(is_rarer: NDArray[np.bool_], given: FloatArray) -> NDArray[np.bool_]:
    """What is called when each fold's threshold comes from the others; both classes are dealt out evenly."""
    shuffled = np.random.default_rng(_SEED).permutation(len(given))
    fold = np.empty(len(given), dtype=np.intp)
    fold[shuffled[np.argsort(is_rarer[shuffled], kind="stable")]] = np.arange(len(given)) % _FOLDS
    calls = np.zeros(len(given), dtype=bool)
    for each in range(_FOLDS):
        here = fold == each
        calls[here] = given[here] >= _best(is_rarer[~here], given[~here])
    return calls


def _best(is_rarer: NDArray[np.bool_], given: FloatArray) -> float:
    """The median of the best thresholds of resampled rows, which depends less on single rows than the best of all; to 4 digits.

    Rows between two steps are counted together, so the work does not grow with the rows.
    """
    steps = _steps(is_rarer, given)
    at = np.searchsorted(steps, given, "right")
    cells = np.concatenate([np.bincount(at[of], minlength=len(steps) + 1) for of in (is_rarer, ~is_rarer)])
    drawn = np.random.default_rng(_SEED).multinomial(len(given), cells / len(given), size=_RESAMPLES)
    positives, others = drawn[:, : len(steps) + 1], drawn[:, len(steps) + 1 :]
    found, alarms = (np.cumsum(part[:, ::-1], axis=1)[:, ::-1][:, 1:] for part in (positives, others))
    f1 = 2 * found / np.maximum(found + alarms + positives.sum(axis=1, keepdims=True), 1)
    return float(f"{np.quantile(steps[f1.argmax(axis=1)], 0.5, method='nearest'):.4g}")


def _steps(is_rarer: NDArray[np.bool_], given: FloatArray) -> FloatArray:
    """Thresholds worth a try, rising: half-way between neighbouring quantiles of either class."""
    shares = np.linspace(0, 1, _STEPS + 1)
    seen = np.unique(np.concatenate([np.quantile(given[of], shares) for of in (is_rarer, ~is_rarer)]))
    return (seen[1:] + seen[:-1]) / 2 if len(seen) > 1 else seen


def _is_beyond_noise(is_rarer: NDArray[np.bool_], plain: NDArray[np.bool_], fitted: NDArray[np.bool_]) -> bool:
    """Whether F1 is above that at 0.5 in 4 of 5 resamples of the rows, and above that of calling every row, which is the best that a
    model that knows nothing can do, in 19 of 20. A row is one of eight kinds, so that the counts of these suffice."""
    kinds = np.bincount(4 * is_rarer + 2 * plain + fitted, minlength=8)
    drawn = np.random.default_rng(_SEED).multinomial(len(plain), kinds / len(plain), size=1_000).astype(np.float64)
    of = np.arange(8)
    rarer = drawn[:, of >= 4].sum(axis=1)
    before, after, everything = (
        2 * drawn[:, (of >= 4) & calls].sum(axis=1) / np.maximum(rarer + drawn[:, calls].sum(axis=1), 1)
        for calls in (of & 2 > 0, of & 1 > 0, of >= 0)
    )
    return float((after > before).mean()) >= _LIKELY and float((after > everything).mean()) >= _SURE


def _f1(is_rarer: NDArray[np.bool_], calls: NDArray[np.bool_]) -> float:
    return float(2 * (calls & is_rarer).sum() / max(int(calls.sum() + is_rarer.sum()), 1))
