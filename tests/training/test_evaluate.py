"""Figures on values that can be counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dashapp.datasets.dataset import Task
from dashapp.training import evaluate

Y = np.array([0, 0, 1, 1])
OUTPUT = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]])


def test_binary_metrics() -> None:
    found = evaluate.metrics(Task.BINARY, Y, OUTPUT)
    assert found["accuracy"] == found["balanced_accuracy"] == 0.75
    assert found["f1"] == pytest.approx(0.8)
    assert found["roc_auc"] == 1.0
    assert found["log_loss"] == pytest.approx(-np.mean(np.log([0.9, 0.4, 0.8, 0.7])))


def test_certain_and_wrong_stays_finite() -> None:
    assert math.isfinite(evaluate.loss(Task.BINARY, np.array([1]), np.array([[1.0, 0.0]])))


def test_what_cannot_be_computed_is_left_out() -> None:
    assert "roc_auc" not in evaluate.metrics(Task.BINARY, np.array([1, 1]), OUTPUT[:2])
    assert evaluate.score(Task.BINARY, np.array([1, 1]), OUTPUT[:2]) == 0.5


def test_regression_metrics() -> None:
    found = evaluate.metrics(Task.REGRESSION, np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 6.0]))
    assert found == pytest.approx({"rmse": math.sqrt(3), "mae": 1.0, "r2": 1 - 9 / 2})


def test_baseline_is_the_shares_or_the_mean() -> None:
    assert evaluate.baseline_output(Task.BINARY, np.array([0, 0, 0, 1]), 2, 2).tolist() == [[0.75, 0.25]] * 2
    assert evaluate.baseline_output(Task.REGRESSION, np.array([1.0, 3.0]), 0, 2).tolist() == [2.0, 2.0]


def test_a_model_no_better_than_guessing_is_called_so() -> None:
    figures = {"accuracy": 0.5, "log_loss": 0.7}
    assert "no better" in evaluate.verdict(Task.BINARY, "Random forest", "t", figures, figures, "yes")
    better = evaluate.verdict(Task.REGRESSION, "Random forest", "t", {"rmse": 1.0}, {"rmse": 2.0}, "")
    assert "no better" not in better and "2" in better


@pytest.mark.parametrize(
    ("value", "words"),
    [(47990.3, "47,990"), (1234567.0, "1,234,567"), (0.42123, "0.4212"), (5.6, "5.600"), (0.0, "0"), (1e-7, "1e-07"), (-12.345, "-12.35")],
)
def test_figures_are_written_for_a_person(value: float, words: str) -> None:
    assert evaluate.in_words(value) == words
