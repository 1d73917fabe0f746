"""Figures on values that can be counted by hand, and against scikit-learn's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics as peers

from dashapp.datasets.dataset import Task
from dashapp.training.result import Threshold
from dashapp.training.scores import measures
from tests.training.scores.made import of_many, of_values

Y = np.array([0, 0, 1, 1])
OUTPUT = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]])


def test_binary_metrics() -> None:
    found = measures.metrics(Task.BINARY, Y, OUTPUT)
    assert found["accuracy"] == found["balanced_accuracy"] == 0.75
    assert found["f1"] == pytest.approx(0.8)
    assert found["roc_auc"] == 1.0
    assert found["log_loss"] == pytest.approx(-np.mean(np.log([0.9, 0.4, 0.8, 0.7])))


def test_f1_is_of_the_class_that_is_asked_for() -> None:
    assert measures.metrics(Task.BINARY, Y, OUTPUT, positive=0)["f1"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(("learned", "code"), [([0, 0, 1], 1), ([1, 1, 0], 0), ([0, 1], 1)])
def test_the_rarer_class(learned: list[int], code: int) -> None:
    assert measures.rarer(np.array(learned)) == code


@pytest.mark.parametrize(
    ("threshold", "codes"),
    [
        (None, [0, 1, 1, 1]),
        (Threshold("yes", 0.75, "F1", 0.0, 0.0), [0, 0, 1, 0]),
        (Threshold("yes", 0.1, "F1", 0.0, 0.0), [1, 1, 1, 1]),
        (Threshold("no", 0.25, "F1", 0.0, 0.0), [0, 0, 1, 0]),
    ],
)
def test_what_a_row_is_called(threshold: Threshold | None, codes: list[int]) -> None:
    assert measures.called(("no", "yes"), OUTPUT, threshold).tolist() == codes


def test_a_threshold_changes_what_is_called_and_nothing_else() -> None:
    codes = measures.called(("no", "yes"), OUTPUT, Threshold("yes", 0.65, "F1", 0.0, 0.0))
    found, plain = measures.metrics(Task.BINARY, Y, OUTPUT, codes), measures.metrics(Task.BINARY, Y, OUTPUT)
    assert found["accuracy"] == found["f1"] == found["balanced_accuracy"] == measures.accuracy(Task.BINARY, Y, OUTPUT, codes) == 1.0
    assert (found["log_loss"], found["roc_auc"]) == (plain["log_loss"], plain["roc_auc"])


def test_certain_and_wrong_stays_finite() -> None:
    assert math.isfinite(measures.loss(Task.BINARY, np.array([1]), np.array([[1.0, 0.0]])))


def test_what_cannot_be_computed_is_left_out() -> None:
    assert "roc_auc" not in measures.metrics(Task.BINARY, np.array([1, 1]), OUTPUT[:2])
    assert measures.score(Task.BINARY, np.array([1, 1]), OUTPUT[:2]) == 0.5


@pytest.mark.parametrize(("classes", "apart"), [(2, 1.0), (3, 1.5), (12, 0.5)])
def test_the_same_as_the_peer_computes(classes: int, apart: float) -> None:
    y, output = of_many(400, classes, apart, seed=1)
    output = output.round(2) / output.round(2).sum(axis=1, keepdims=True)
    task = Task.BINARY if classes == 2 else Task.MULTICLASS
    found, guess = measures.metrics(task, y, output), output.argmax(axis=1)
    assert found["balanced_accuracy"] == pytest.approx(peers.balanced_accuracy_score(y, guess))
    assert found["f1"] == pytest.approx(peers.f1_score(y, guess, average="binary" if classes == 2 else "macro"))
    assert found["roc_auc"] == pytest.approx(peers.roc_auc_score(y, output[:, 1] if classes == 2 else output, multi_class="ovr"))
    assert measures.score(task, y, output) == found["roc_auc" if classes == 2 else "balanced_accuracy"]


def test_classes_that_do_not_occur_do_not_count() -> None:
    y, output = of_many(200, 4, 1.5, seed=2)
    kept = y != 3
    found = measures.metrics(Task.MULTICLASS, y[kept], output[kept])
    areas = [peers.roc_auc_score(y[kept] == code, output[kept, code]) for code in range(3)]
    assert found["roc_auc"] == pytest.approx(np.mean(areas))
    assert found["balanced_accuracy"] == pytest.approx(np.mean([(output[y == code].argmax(axis=1) == code).mean() for code in range(3)]))


def test_regression_metrics() -> None:
    found = measures.metrics(Task.REGRESSION, np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 6.0]))
    assert found == pytest.approx({"rmse": math.sqrt(3), "mae": 1.0, "r2": 1 - 9 / 2})


@pytest.mark.parametrize("scale", [1e-200, 1e300])
def test_values_of_any_size_can_be_measured(scale: float) -> None:
    y, predicted = of_values(50, 1.0, seed=3)
    plain, scaled = (measures.metrics(Task.REGRESSION, y * by, predicted * by) for by in (1.0, scale))
    assert scaled["rmse"] / scale == pytest.approx(plain["rmse"])
    assert scaled["r2"] == pytest.approx(plain["r2"])


def test_equal_values_have_no_r2_to_speak_of() -> None:
    assert measures.score(Task.REGRESSION, np.full(7, 0.1), np.arange(7.0)) == 0.0


def test_baseline_is_the_shares_or_the_mean() -> None:
    assert measures.baseline_output(Task.BINARY, np.array([0, 0, 0, 1]), 2, 2).tolist() == [[0.75, 0.25]] * 2
    assert measures.baseline_output(Task.REGRESSION, np.array([1.0, 3.0]), 0, 2).tolist() == [2.0, 2.0]


@pytest.mark.parametrize(
    ("value", "words"),
    [(47990.3, "47,990"), (1234567.0, "1,234,567"), (0.42123, "0.4212"), (5.6, "5.600"), (0.0, "0"), (1e-7, "1e-07"), (-12.345, "-12.35")],
)
def test_figures_are_written_for_a_person(value: float, words: str) -> None:
    assert measures.in_words(value) == words
