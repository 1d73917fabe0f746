"""Intervals hold their figure, cover the truth about as often as they say, and take no time."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from sklearn import metrics as peers

from dashapp.datasets.dataset import Task
from dashapp.training.scores import intervals, measures
from tests.training.scores.made import Pair, of_many, of_two, of_values

CASES = [
    (Task.BINARY, of_two(300, 0.3, 1.5, seed=1)),
    (Task.BINARY, of_two(300, 0.02, 1.5, seed=1)),
    (Task.MULTICLASS, of_many(300, 4, 1.0, seed=1)),
    (Task.MULTICLASS, of_many(60, 50, 1.0, seed=1)),
    (Task.REGRESSION, of_values(300, 1.0, seed=1)),
]


@pytest.mark.parametrize("rows", [1, 2, 4, 12, 60])
@pytest.mark.parametrize(("task", "made"), CASES)
def test_every_figure_lies_in_a_finite_interval(task: Task, made: Pair, rows: int) -> None:
    y, output = made[0][:rows], made[1][:rows]
    found = measures.metrics(task, y, output)
    ranges = intervals.bootstrap(task, y, output)
    assert ranges.keys() == found.keys()
    assert all(math.isfinite(low) and low <= found[name] <= high < math.inf for name, (low, high) in ranges.items())


@pytest.mark.parametrize("classes", [2, 3])
def test_the_same_as_resampling_rows_one_by_one(classes: int) -> None:
    y, output = of_many(150, classes, 1.0, seed=5)
    output = output.round(2) / output.round(2).sum(axis=1, keepdims=True)
    task = Task.BINARY if classes == 2 else Task.MULTICLASS
    random = np.random.default_rng(6)
    drawn: dict[str, list[float]] = {"roc_auc": [], "f1": [], "balanced_accuracy": [], "accuracy": []}
    for _ in range(600):
        rows = random.integers(0, len(y), len(y))
        each = measures.metrics(task, y[rows], output[rows])
        for name, values in drawn.items():
            values.append(each[name])
    ranges = intervals.bootstrap(task, y, output)
    for name, values in drawn.items():
        assert ranges[name] == pytest.approx(np.quantile(values, [0.025, 0.975]), abs=0.02)


def test_the_truth_lies_inside_as_often_as_is_said() -> None:
    truth = measures.metrics(Task.BINARY, *of_two(200_000, 0.3, 1.5, seed=0))
    ranges = [intervals.bootstrap(Task.BINARY, *of_two(60, 0.3, 1.5, seed)) for seed in range(1, 31)]
    for name, value in truth.items():
        assert sum(low <= value <= high for low, high in (each[name] for each in ranges)) >= 25, name


def test_more_rows_are_known_better() -> None:
    few, many = (intervals.bootstrap(Task.BINARY, *of_two(rows, 0.3, 1.5, seed=3)) for rows in (100, 10_000))
    assert all(many[name][1] - many[name][0] < (few[name][1] - few[name][0]) / 4 for name in few)


def test_ties_count_half_in_the_area() -> None:
    y, output = of_two(80, 0.5, 1.0, seed=2)
    output = output.round(1)
    assert intervals.bootstrap(Task.BINARY, y, output)["roc_auc"][0] < peers.roc_auc_score(y, output[:, 1])
    assert intervals.bootstrap(Task.BINARY, y, np.full((80, 2), 0.5))["roc_auc"] == (0.5, 0.5)


def test_no_mistake_in_a_few_rows_is_not_certainty() -> None:
    y = np.array([0] * 20 + [1] * 10)
    ranges = intervals.bootstrap(Task.BINARY, y, np.eye(2)[y])
    # With 30 of 30 right the exact (Clopper-Pearson) bound is 88.4 %.
    assert ranges["accuracy"] == (pytest.approx(0.884, abs=1e-3), 1.0)
    assert all(ranges[name][0] < 0.9 and ranges[name][1] == 1.0 for name in ("f1", "roc_auc", "balanced_accuracy"))


def test_the_seed_decides() -> None:
    y, output = CASES[0][1]
    one, same, other = (intervals.bootstrap(Task.BINARY, y, output, seed=seed) for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.parametrize(("task", "made"), [(Task.BINARY, of_two(20_000, 0.3, 1.0, 1)), (Task.REGRESSION, of_values(20_000, 1.0, 1))])
def test_many_rows_take_no_time(task: Task, made: Pair) -> None:
    """0.2 s at rest; the bound leaves room for a busy machine."""
    started = time.process_time()
    intervals.bootstrap(task, *made)
    assert time.process_time() - started < 1.0


def test_the_gain_of_right_answers_is_paired() -> None:
    y = np.tile([0, 1], 50)
    guess = np.zeros(100, dtype=int)
    value, low, high = intervals.gain(Task.BINARY, y, np.where(np.arange(100) < 40, y, 0), guess)
    assert value == 0.2 and 0.1 < low < 0.2 < high < 0.3
    assert intervals.gain(Task.BINARY, y, guess, guess)[:2] == (0.0, pytest.approx(-0.036, abs=1e-3))


def test_the_gain_of_values_is_the_part_of_the_error_that_is_gone() -> None:
    y, predicted = of_values(200, 1.5, seed=4)
    value, low, high = intervals.gain(Task.REGRESSION, y, predicted, np.full(200, y.mean()))
    assert value == pytest.approx(1 - measures.loss(Task.REGRESSION, y, predicted) / y.std())
    assert value - 0.1 < low < value < high < value + 0.1


def test_nothing_gained_is_seldom_called_a_gain() -> None:
    random = np.random.default_rng(8)
    wins = 0
    for _ in range(200):
        y, mine = random.integers(0, 2, (2, 20))
        wins += intervals.gain(Task.BINARY, y, mine, np.zeros(20, dtype=int))[1] > 0
    assert wins <= 10
