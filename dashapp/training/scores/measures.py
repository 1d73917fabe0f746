"""The figures of a task, each of one array of answers against the truth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.datasets.dataset import Task
from dashapp.training.result import Threshold

FloatArray = NDArray[np.float64]
Codes = NDArray[np.intp]

SMALLEST = float(np.finfo(np.float64).eps)
"""Where a probability of 0 is cut, so that a certain and wrong answer costs 36 nats and not infinitely many."""


def loss(task: Task, y: NDArray[Any], output: FloatArray) -> float:
    """Log loss in nats, or RMSE in the target's units."""
    if task.is_classification:
        return float(log_losses(y, output).mean())
    return _root_mean_square(y - output)


def score(task: Task, y: NDArray[Any], output: FloatArray) -> float:
    """ROC AUC (0.5 where only one class is at hand), balanced accuracy or R²."""
    if task is Task.BINARY:
        area = area_under_roc(y == 1, output[:, 1])
        return 0.5 if area is None else area
    if task is Task.MULTICLASS:
        return float(balanced_accuracy(*hits(y, output.argmax(axis=1), output.shape[1])))
    return _r2(y, output)


def accuracy(task: Task, y: NDArray[Any], output: FloatArray, codes: Codes | None = None) -> float | None:
    """The share of right answers; None in a regression."""
    return float((_codes(output, codes) == y).mean()) if task.is_classification else None


def metrics(task: Task, y: NDArray[Any], output: FloatArray, codes: Codes | None = None, positive: int = 1) -> dict[str, float]:
    """All figures of the test set; one that cannot be computed on these rows (a class is absent, say) is left out.

    `codes` are the classes that are `called` (None: the likeliest). F1 is that of the class `positive` where there are two, which
    should be the `rarer`, and the mean of the classes' otherwise. ROC AUC of many classes: the mean of each against the rest.
    """
    found = _class_metrics(task, y, output, _codes(output, codes), positive) if task.is_classification else _value_metrics(y, output)
    return {name: float(value) for name, value in found.items() if value is not None and math.isfinite(value)}


def called(labels: Sequence[str], output: FloatArray, threshold: Threshold | None = None) -> Codes:
    """The code of the class that each row is called: the likeliest, but the threshold's label from its value on and never below it."""
    if threshold is None:
        return _codes(output, None)
    code = tuple(labels).index(threshold.label)
    others = output.copy()
    others[:, code] = -1.0
    return np.where(output[:, code] >= threshold.value, code, others.argmax(axis=1))


def rarer(learned: NDArray[Any]) -> int:
    """The code of the rarer of two classes in the rows that were learned from; 1 where both are equally frequent."""
    return int(np.mean(learned == 1) <= 0.5)


def baseline_output(task: Task, learned: NDArray[Any], classes: int, rows: int) -> FloatArray:
    """What a model answers that ignores the columns: the classes' shares, or the mean, of the rows that were learned from."""
    if task.is_classification:
        return np.tile(np.bincount(learned, minlength=classes) / len(learned), (rows, 1))
    return np.full(rows, float(np.mean(learned)))


def in_words(value: float) -> str:
    """Four significant digits with thousands separators: 47,990, 0.4212; an exponent only where a person would need one."""
    if value == 0 or not 1e-4 <= abs(value) < 1e15:
        return f"{value:.3g}"
    return f"{value:,.{max(0, 3 - math.floor(math.log10(abs(value))))}f}"


def log_losses(y: NDArray[Any], output: FloatArray) -> FloatArray:
    """-ln of each row's probability of the truth `[n]`."""
    return np.asarray(-np.log(np.clip(output[np.arange(len(y)), y], SMALLEST, 1.0)))


def area_under_roc(is_positive: NDArray[np.bool_], given: FloatArray) -> float | None:
    """The share of pairs of a positive and another row that `given` ranks rightly, ties counting half; None without a pair."""
    positives, others = given[is_positive], np.sort(given[~is_positive])
    if not len(positives) or not len(others):
        return None
    below = np.searchsorted(others, positives, "left") + np.searchsorted(others, positives, "right")
    return float(below.mean() / (2 * len(others)))


def hits(y: NDArray[Any], codes: Codes, classes: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """By class: rows that are of it, that are called it, and both, `[classes]` each."""
    return (
        np.bincount(y, minlength=classes).astype(np.float64),
        np.bincount(codes, minlength=classes).astype(np.float64),
        np.bincount(y[codes == y], minlength=classes).astype(np.float64),
    )


def balanced_accuracy(true: FloatArray, called: FloatArray, both: FloatArray) -> FloatArray:
    """The mean recall of the classes that occur; counts by class in the last axis, as of `hits`."""
    recall = np.divide(both, true, out=np.zeros_like(both), where=true > 0)
    return np.asarray(recall.sum(axis=-1) / np.maximum((true > 0).sum(axis=-1), 1))


def f1(true: FloatArray, called: FloatArray, both: FloatArray, positive: int | None) -> FloatArray:
    """F1 of the class `positive`, 0 where it neither occurs nor is called; None: the mean over the classes that occur or are called."""
    either = true + called
    each = np.divide(2 * both, either, out=np.zeros_like(both), where=either > 0)
    if positive is not None:
        return np.asarray(each[..., positive])
    return np.asarray(each.sum(axis=-1) / np.maximum((either > 0).sum(axis=-1), 1))


def _codes(output: FloatArray, codes: Codes | None) -> Codes:
    return output.argmax(axis=1) if codes is None else codes


def _class_metrics(task: Task, y: NDArray[Any], output: FloatArray, codes: Codes, positive: int) -> dict[str, float | None]:
    counts = hits(y, codes, output.shape[1])
    return {
        "log_loss": loss(task, y, output),
        "accuracy": float((codes == y).mean()),
        "balanced_accuracy": float(balanced_accuracy(*counts)),
        "f1": float(f1(*counts, positive if task is Task.BINARY else None)),
        "roc_auc": _mean_area(y, output),
    }


def _mean_area(y: NDArray[Any], output: FloatArray) -> float | None:
    """Each class that occurs against the rest; of two classes both are the same."""
    if output.shape[1] == 2:
        return area_under_roc(y == 1, output[:, 1])
    areas = [area_under_roc(y == code, output[:, code]) for code in np.unique(y)]
    known = [area for area in areas if area is not None]
    return float(np.mean(known)) if known else None


def _value_metrics(y: NDArray[Any], output: FloatArray) -> dict[str, float | None]:
    return {"rmse": loss(Task.REGRESSION, y, output), "mae": float(np.abs(y - output).mean()), "r2": _r2(y, output)}


def _root_mean_square(errors: FloatArray) -> float:
    """Scaled first: the square of 1e200 would be infinite."""
    largest = float(np.abs(errors).max(initial=0.0))
    if largest == 0 or not math.isfinite(largest):
        return largest
    return largest * math.sqrt(float(np.mean((errors / largest) ** 2)))


def _r2(y: NDArray[Any], output: FloatArray) -> float:
    """0 where the values are all the same but for the rounding of their mean."""
    spread = _root_mean_square(y - y.mean())
    return 1.0 - (_root_mean_square(y - output) / spread) ** 2 if spread > 1e-12 * np.abs(y).max() else 0.0
