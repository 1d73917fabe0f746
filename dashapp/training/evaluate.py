"""Outputs -> figures, and the verdict in words. Outputs are probabilities `[n, classes]`, or values `[n]` in a regression."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as measures

from dashapp.datasets.dataset import Task
from dashapp.training.features import FloatArray

_SMALLEST = float(np.finfo(np.float64).eps)


def loss(task: Task, y: NDArray[Any], output: FloatArray) -> float:
    """Log loss in nats, or RMSE in the target's units."""
    if task.is_classification:
        return float(-np.log(np.clip(output[np.arange(len(y)), y], _SMALLEST, 1.0)).mean())
    return math.sqrt(float(np.mean((y - output) ** 2)))


def score(task: Task, y: NDArray[Any], output: FloatArray) -> float:
    """ROC AUC (0.5 where only one class is at hand), balanced accuracy or R²; always finite."""
    if task is Task.BINARY:
        return float(measures.roc_auc_score(y, output[:, 1])) if len(np.unique(y)) == 2 else 0.5
    if task is Task.MULTICLASS:
        return _balanced_accuracy(y, output.argmax(axis=1))
    return _r2(y, output)


def accuracy(task: Task, y: NDArray[Any], output: FloatArray) -> float | None:
    return float((output.argmax(axis=1) == y).mean()) if task.is_classification else None


def metrics(task: Task, y: NDArray[Any], output: FloatArray) -> dict[str, float]:
    """All figures of the test set; one that cannot be computed on these rows (a class is absent, say) is left out."""
    found = _class_metrics(task, y, output) if task.is_classification else _value_metrics(y, output)
    return {name: float(value) for name, value in found.items() if value is not None and math.isfinite(value)}


def baseline_output(task: Task, learned: NDArray[Any], classes: int, rows: int) -> FloatArray:
    """What a model answers that ignores the columns: the classes' shares, or the mean, of the rows that were learned from."""
    if task.is_classification:
        return np.tile(np.bincount(learned, minlength=classes) / len(learned), (rows, 1))
    return np.full(rows, float(np.mean(learned)))


def verdict(task: Task, candidate: str, target: str, measured: Mapping[str, float], baseline: Mapping[str, float], commonest: str) -> str:
    """One sentence that compares the model with guessing; `commonest` is the label that a guess would name."""
    if task.is_classification:
        mine, guess = measured["accuracy"], baseline["accuracy"]
        guessing = f'always guessing "{commonest}" is right in {guess:.1%}'
        if mine <= guess and measured["log_loss"] >= baseline["log_loss"]:
            return f"{candidate} is no better than guessing: {mine:.1%} of {target} right, and {guessing}. The columns may not tell it."
        return f"{candidate} gets {mine:.1%} of {target} right on rows that it never saw; {guessing}."
    mine, guess = measured["rmse"], baseline["rmse"]
    guessing = f"always guessing the mean by {in_words(guess)}"
    if mine >= guess:
        return (
            f"{candidate} is no better than guessing: off by {in_words(mine)} (RMSE) in {target}, {guessing}. The columns may not tell it."
        )
    return f"{candidate} is off by {in_words(mine)} (RMSE) in {target} on rows that it never saw; {guessing}."


def in_words(value: float) -> str:
    """Four significant digits with thousands separators: 47,990, 0.4212; an exponent only where a person would need one."""
    if value == 0 or not 1e-4 <= abs(value) < 1e15:
        return f"{value:.3g}"
    return f"{value:,.{max(0, 3 - math.floor(math.log10(abs(value))))}f}"


def _class_metrics(task: Task, y: NDArray[Any], output: FloatArray) -> dict[str, float | None]:
    guess = output.argmax(axis=1)
    is_binary = task is Task.BINARY
    f1 = measures.f1_score(y, guess, pos_label=1, average="binary" if is_binary else "macro", zero_division=0.0)
    return {
        "log_loss": loss(task, y, output),
        "accuracy": float((guess == y).mean()),
        "balanced_accuracy": _balanced_accuracy(y, guess),
        "f1": f1,
        "roc_auc": _roc_auc(is_binary, y, output),
    }


def _value_metrics(y: NDArray[Any], output: FloatArray) -> dict[str, float | None]:
    return {"rmse": loss(Task.REGRESSION, y, output), "mae": float(np.abs(y - output).mean()), "r2": _r2(y, output)}


def _balanced_accuracy(y: NDArray[Any], guess: NDArray[Any]) -> float:
    """The mean recall of the classes that occur in `y`."""
    return float(np.mean([(guess[y == code] == code).mean() for code in np.unique(y)]))


def _roc_auc(is_binary: bool, y: NDArray[Any], output: FloatArray) -> float | None:
    if len(np.unique(y)) != output.shape[1]:
        return None
    if is_binary:
        return float(measures.roc_auc_score(y, output[:, 1]))
    return float(np.mean([measures.roc_auc_score(y == code, output[:, code]) for code in range(output.shape[1])]))


def _r2(y: NDArray[Any], output: FloatArray) -> float:
    spread = float(np.sum((y - y.mean()) ** 2))
    return 1.0 - float(np.sum((y - output) ** 2)) / spread if spread > 0 else 0.0
