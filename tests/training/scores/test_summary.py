"""From outputs to what is kept and said."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from dashapp.datasets.dataset import Task
from dashapp.training.result import Scores, Threshold
from dashapp.training.scores.summary import measure_test
from tests.training.scores.made import of_many, of_two, of_values

LABELS = ("no", "yes")


def measured(task: Task, y: Any, output: Any, learned: Any, threshold: Threshold | None = None, labels: tuple[str, ...] = LABELS) -> Scores:
    return measure_test(
        task=task,
        labels=labels if task.is_classification else (),
        y=y,
        output=output,
        learned_y=learned,
        threshold=threshold,
        candidate="Blend",
        target="answer",
        seed=1,
        ties=("Random forest",),
    )


def test_two_classes() -> None:
    y, output = of_two(400, 0.4, 2.0, seed=1)
    found = measured(Task.BINARY, y, output, y)
    assert found.metrics.keys() == found.intervals.keys() == found.baseline.keys()
    assert found.is_better and 'better than always guessing "no"' in found.verdict
    assert found.baseline["roc_auc"] == 0.5 and found.baseline["accuracy"] == (y == 0).mean()
    assert found.ties == ("Random forest",)


def test_fraud_is_not_judged_by_accuracy() -> None:
    y, output = of_two(20_000, 0.014, 2.0, seed=1)
    found = measured(Task.BINARY, y, output, y)
    assert found.metrics["accuracy"] == pytest.approx(found.baseline["accuracy"], abs=0.003)
    assert found.metrics["roc_auc"] == pytest.approx(0.93, abs=0.01)
    assert found.is_better and "no better" not in found.verdict and "Accuracy says little here" in found.verdict


def test_the_threshold_is_in_the_figures_and_in_their_intervals() -> None:
    y, output = of_two(2_000, 0.1, 1.5, seed=1)
    plain, tuned = (measured(Task.BINARY, y, output, y, each) for each in (None, Threshold("yes", 0.25, "F1", 0.3, 0.4)))
    assert tuned.metrics["f1"] > plain.metrics["f1"] + 0.05
    assert tuned.intervals["f1"][0] > plain.intervals["f1"][0] + 0.05
    assert tuned.metrics["roc_auc"] == plain.metrics["roc_auc"]
    assert tuned.baseline == plain.baseline


def test_f1_is_that_of_the_class_that_was_rarer_when_learning() -> None:
    y, output = of_two(300, 0.5, 1.5, seed=1)
    of_yes, of_no = (measured(Task.BINARY, y, output, np.repeat([0, 1], counts)) for counts in ([70, 30], [30, 70]))
    assert of_yes.metrics["f1"] != of_no.metrics["f1"]
    assert of_no.metrics["f1"] == pytest.approx(measured(Task.BINARY, 1 - y, output[:, ::-1], np.repeat([0, 1], [70, 30])).metrics["f1"])


def test_knowing_nothing_is_no_better_than_guessing() -> None:
    for seed in range(10):
        y, _ = of_two(200, 0.4, 1.0, seed)
        _, output = of_two(200, 0.4, 1.0, seed + 100)
        assert not measured(Task.BINARY, y, output, y).is_better


def test_many_classes_of_which_some_do_not_occur() -> None:
    y, output = of_many(300, 200, 2.0, seed=1)
    found = measured(Task.MULTICLASS, y, output, np.arange(200).repeat(2), labels=tuple(f"class {code}" for code in range(200)))
    assert found.is_better and found.metrics.keys() == found.intervals.keys()


def test_values() -> None:
    y, predicted = of_values(200, 1.0, seed=1)
    found = measured(Task.REGRESSION, y, predicted, y)
    assert found.is_better and "less than always guessing the mean" in found.verdict
    assert set(found.metrics) == {"rmse", "mae", "r2"}
    assert not measured(Task.REGRESSION, y, np.random.default_rng(1).permutation(predicted), y).is_better


@pytest.mark.parametrize("rows", [1, 2, 5, 11])
@pytest.mark.parametrize("scale", [1e-300, 1.0, 1.7e308])
def test_any_values_give_finite_figures_and_a_sentence(rows: int, scale: float) -> None:
    random = np.random.default_rng(rows)
    y, predicted = random.uniform(-scale, 0, rows), random.uniform(0, scale, rows)
    found = measured(Task.REGRESSION, y, predicted, np.append(y, 0.0))
    figures = [*found.metrics.values(), *found.baseline.values(), *(end for ends in found.intervals.values() for end in ends)]
    assert all(math.isfinite(each) for each in figures)
    assert found.verdict.endswith(".") and not found.is_better


@pytest.mark.parametrize("code", [0, 1])
@pytest.mark.parametrize("rows", [1, 3, 40])
def test_a_test_of_one_class_proves_nothing_by_ranking(rows: int, code: int) -> None:
    y = np.full(rows, code)
    found = measured(Task.BINARY, y, np.eye(2)[y], np.repeat([0, 1], [90, 10]))
    assert "too few to tell" in found.verdict and not found.is_better
    assert "roc_auc" not in found.metrics and "roc_auc" not in found.intervals
