"""Two models on the same rows: worse is said where it is so, and not more often than noise allows."""

from __future__ import annotations

import numpy as np
import pytest

from dashapp.datasets.dataset import Task
from dashapp.training.scores import measures
from dashapp.training.scores.measures import FloatArray
from dashapp.training.scores.paired import Paired, paired


def answers(task: Task, rows: int, noises: tuple[float, ...], seed: int) -> tuple[FloatArray, list[FloatArray]]:
    """The truth, and what models say that are off by so much noise, each by its own."""
    random = np.random.default_rng(seed)
    hidden = random.normal(size=rows)
    said = [hidden + random.normal(0, noise, rows) for noise in noises]
    if task is Task.BINARY:
        return (hidden + random.normal(0, 0.5, rows) > 0.5).astype(np.float64), said
    if task is Task.MULTICLASS:
        return np.digitize(hidden, [-0.5, 0.5]).astype(np.float64), [np.digitize(each, [-0.5, 0.5]).astype(np.float64) for each in said]
    return hidden, said


def found(task: Task, rows: int, noises: tuple[float, float], seed: int) -> Paired:
    truth, (mine, theirs) = answers(task, rows, noises, seed)
    result = paired(task, truth, mine, theirs)
    assert result is not None
    return result


@pytest.mark.parametrize("task", Task)
def test_a_worse_model_is_worse_and_the_other_way_round_better(task: Task) -> None:
    result, other = found(task, 300, (1.0, 0.3), 1), found(task, 300, (0.3, 1.0), 1)
    assert result.is_worse and not result.is_better
    assert other.is_better and not other.is_worse
    assert result.low < result.difference < result.high < 0


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("rows", [40, 400])
def test_noise_alone_is_rarely_called_worse(task: Task, rows: int) -> None:
    calls = [found(task, rows, (0.5, 0.5), seed).is_worse for seed in range(400)]
    assert sum(calls) <= 20  # 10 of 400 are expected


@pytest.mark.parametrize("task", Task)
def test_a_model_beside_itself_shows_no_difference(task: Task) -> None:
    truth, (mine,) = answers(task, 100, (0.5,), 3)
    result = paired(task, truth, mine, mine)
    assert result is not None and (result.low, result.difference, result.high) == (0, 0, 0)
    assert not result.is_worse and not result.is_better


def test_the_scores_are_those_of_the_test() -> None:
    truth, (mine, theirs) = answers(Task.BINARY, 200, (0.5, 0.8), 4)
    result = paired(Task.BINARY, truth, mine, theirs)
    assert result is not None
    assert result.mine == pytest.approx(measures.area_under_roc(truth == 1, mine))
    truth, (mine, theirs) = answers(Task.MULTICLASS, 200, (0.5, 0.8), 4)
    result = paired(Task.MULTICLASS, truth, mine, theirs)
    codes = [each.astype(np.int64) for each in (truth, mine)]
    assert result is not None and result.mine == pytest.approx(measures.balanced_accuracy(*measures.hits(codes[0], codes[1], 3)))
    truth, (mine, theirs) = answers(Task.REGRESSION, 200, (0.5, 0.8), 4)
    result = paired(Task.REGRESSION, truth, mine, theirs)
    assert result is not None and result.theirs == pytest.approx(measures.score(Task.REGRESSION, truth, theirs))


@pytest.mark.parametrize(
    ("task", "truth"),
    [
        pytest.param(Task.BINARY, [0, 1] * 4, id="few rows"),
        pytest.param(Task.BINARY, [0] * 30 + [1], id="one row of a class"),
        pytest.param(Task.BINARY, [1] * 30, id="one class"),
        pytest.param(Task.REGRESSION, [7.0] * 30, id="equal values"),
        pytest.param(Task.REGRESSION, [1e308, -1e308] * 15, id="values without a square"),
    ],
)
def test_where_the_rows_say_nothing_nothing_is_said(task: Task, truth: list[float]) -> None:
    given = np.array(truth, dtype=np.float64)
    result = paired(task, given, np.linspace(0, 1, len(given)), np.full(len(given), np.inf if task is Task.REGRESSION else 0.5))
    assert result is None


def test_a_class_of_one_row_does_not_make_a_difference_certain() -> None:
    truth = np.array([0.0] * 20 + [1.0] * 20 + [2.0])
    theirs, mine = truth.copy(), truth.copy()
    mine[-1] = 0.0
    result = paired(Task.MULTICLASS, truth, mine, theirs)
    assert result is not None and result.difference == pytest.approx(-1 / 3)
    assert result.low < -0.34
