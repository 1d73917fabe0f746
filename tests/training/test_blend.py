"""The greedy blend on outputs made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dashapp.training.blend import FEW_ROWS, MOST_MEMBERS, Contender, Limits, blended, fit_time

FREE = Limits(trees=10_000, fit_s=1e9)


def _noisy(y: np.ndarray, seed: int, spread: float, trees: int = 10) -> Contender:
    return Contender(y + np.random.default_rng(seed).normal(0, spread, len(y)), trees, 1.0)


@pytest.fixture
def y() -> np.ndarray:
    return np.random.default_rng(0).normal(size=500)


def test_models_that_err_apart_are_better_together(y: np.ndarray) -> None:
    contenders = [_noisy(y, seed, 1.0) for seed in (1, 2, 3)]
    places = blended(contenders, y, FREE)
    mean = sum(weight * contenders[place].output for place, weight in places)
    assert len(places) == 3 and sum(weight for _, weight in places) == pytest.approx(1)
    assert np.mean((mean - y) ** 2) < 0.6 * min(np.mean((each.output - y) ** 2) for each in contenders)


def test_a_copy_adds_nothing(y: np.ndarray) -> None:
    contender = _noisy(y, 1, 1.0)
    assert blended([contender, contender], y, FREE) == ((0, 1.0),)


def test_a_much_worse_model_is_left_out(y: np.ndarray) -> None:
    assert blended([_noisy(y, 1, 0.1), _noisy(y, 2, 5.0)], y, FREE) == ((0, 1.0),)


@pytest.mark.parametrize("limits", [Limits(trees=15, fit_s=1e9), Limits(trees=10_000, fit_s=1.5)])
def test_what_would_be_too_large_or_too_slow_is_not_blended(y: np.ndarray, limits: Limits) -> None:
    assert len(blended([_noisy(y, seed, 1.0) for seed in (1, 2, 3)], y, limits)) == 1


def test_probabilities_are_judged_by_the_log_loss() -> None:
    bold = Contender(np.array([0.99, 0.99, 0.01, 0.99] * 50), 1, 0.0)
    careful = Contender(np.array([0.6, 0.6, 0.9, 0.6] * 50), 1, 0.0)
    places = dict(blended([bold, careful], None, FREE))
    assert set(places) == {0, 1} and places[1] > places[0] / 3


def test_side_by_side_the_longest_fit_counts() -> None:
    assert fit_time([4.0, 1.0, 1.0], 2) == 4.0
    assert fit_time([2.0, 2.0, 2.0], 2) == 3.0
    assert fit_time([], 2) == 0.0


def test_one_odd_row_does_not_choose_alone() -> None:
    """In a few draws of the rows it is not there."""
    random = np.random.default_rng(3)
    y = random.normal(size=300)
    outputs = [y + random.normal(0, 1.0, len(y)) for _ in range(3)]
    for output in outputs[1:]:
        output[0] += 30.0
    weights = dict(blended([Contender(output, 10, 1.0) for output in outputs], y, FREE))
    assert 0.5 < weights[0] < 0.75 and len(weights) == 3


@pytest.mark.parametrize("rows", [300, FEW_ROWS + 1])
def test_the_same_outputs_give_the_same_weights(rows: int) -> None:
    y = np.random.default_rng(0).normal(size=rows)
    contenders = [_noisy(y, seed, 1.0) for seed in range(9)]
    found = blended(contenders, y, FREE)
    assert found == blended(contenders, y, FREE)
    assert len(found) == MOST_MEMBERS and [weight for _, weight in found] == sorted((weight for _, weight in found), reverse=True)


@pytest.mark.parametrize(("fit_s", "chosen"), [(1.0, 0), (1.5, 0), (4.0, 1)])
def test_what_is_a_little_better_and_takes_far_too_long_is_not_chosen(y: np.ndarray, fit_s: float, chosen: int) -> None:
    """It would be fitted on fewer rows."""
    error = np.random.default_rng(1).normal(size=len(y))
    contenders = [Contender(y + error, 10, fit_s), Contender(y + 1.03 * error, 10, 0.5)]
    assert blended(contenders, y, Limits(trees=10_000, fit_s=1.0)) == ((chosen, 1.0),)
