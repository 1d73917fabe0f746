"""Intervals cover what they promise on rows that come from where the others came from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dashapp.training.scores import conformal


def drawn(rows: int, seed: int, grows: bool, skewed: bool = False) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    predicted = random.uniform(1, 10, rows)
    noise = random.exponential(1, rows) - 1 if skewed else random.normal(size=rows)
    return predicted + noise * (predicted / 3 if grows else 1.0), predicted


@pytest.mark.parametrize("skewed", [False, True])
@pytest.mark.parametrize("grows", [False, True])
@pytest.mark.parametrize(("rows", "coverage"), [(25, 0.9), (80, 0.9), (200, 0.8), (1_000, 0.9)])
def test_the_promise_is_kept(rows: int, coverage: float, grows: bool, skewed: bool) -> None:
    shares = []
    for seed in range(40):
        y, predicted = drawn(rows + 1_000, seed, grows, skewed)
        bands = conformal.bands(y[:rows], predicted[:rows], coverage)
        assert bands is not None
        shares.append(conformal.measured(bands, y[rows:], predicted[rows:]).measured)
    assert coverage - 0.015 < np.mean(shares) < coverage + 0.06


def test_noise_that_grows_widens_the_interval_where_it_is() -> None:
    y, predicted = drawn(3_000, 1, grows=True)
    bands = conformal.bands(y, predicted)
    assert bands is not None and len(bands.low) == len(bands.high) == 5 and len(bands.edges) == 4
    low, high = conformal.interval(bands, np.array([1.5, 9.5]))
    assert (high - low)[1] > 3 * (high - low)[0]
    y, predicted = drawn(20_000, 2, grows=True)
    for part in (predicted < 3, predicted > 8):
        assert conformal.measured(bands, y[part], predicted[part]).measured == pytest.approx(0.9, abs=0.04)


def test_skewed_noise_makes_a_lopsided_interval() -> None:
    bands = conformal.bands(*drawn(100, 1, grows=False, skewed=True))
    assert bands is not None and bands.high[0] > 1.5 * -bands.low[0]


def test_finite_samples_are_corrected_by_hand_count() -> None:
    y = np.arange(-10.0, 10.0)
    bands = conformal.bands(y, np.zeros(20))
    # 21 * 0.05 is 1.05: the first residual from either end.
    assert bands is not None and (bands.low, bands.high, bands.edges) == ((-10.0,), (9.0,), ())


@pytest.mark.parametrize(("rows", "coverage", "is_enough"), [(18, 0.9, False), (19, 0.9, True), (38, 0.95, False), (39, 0.95, True)])
def test_too_few_rows_promise_nothing(rows: int, coverage: float, is_enough: bool) -> None:
    assert (conformal.bands(*drawn(rows, 1, grows=False), coverage) is not None) is is_enough


@pytest.mark.parametrize(
    "predicted",
    [np.zeros(500), np.repeat([0.0, 1.0], [490, 10]), np.repeat([0.0, 1.0, 2.0], [10, 480, 10]), np.arange(500) % 2.0],
    ids=["all equal", "few above", "few at the ends", "two values"],
)
def test_equal_predictions_leave_no_bin_too_small(predicted: np.ndarray) -> None:
    bands = conformal.bands(predicted + np.random.default_rng(1).normal(size=500), predicted)
    assert bands is not None
    counts = np.bincount(np.searchsorted(bands.edges, predicted, "right"), minlength=len(bands.low))
    assert counts.min() >= 60


def test_an_interval_holds_its_prediction() -> None:
    bands = conformal.bands(np.full(50, 7.0), np.zeros(50))
    assert bands is not None
    low, high = conformal.interval(bands, np.array([3.0]))
    assert low[0] == 3.0 and high[0] == 10.0


def test_where_most_rows_are_met_exactly_their_rounding_is_covered_too() -> None:
    predicted = 5.1 * np.ones(400)
    y = np.append(np.full(360, 5.1), 5.1 - np.linspace(0.1, 5, 40))
    bands = conformal.bands(y, predicted)
    assert bands is not None and bands.low[0] < -1
    assert conformal.measured(bands, y, predicted * (1 - 1e-14)).measured > 0.9


@pytest.mark.parametrize("value", [5.1, -1e9, 1e-200])
def test_a_target_of_one_value_is_covered_whatever_the_sum_of_its_trees_is_rounded_to(value: float) -> None:
    random = np.random.default_rng(1)
    y = np.full(400, value)
    before, after = (value * (1 + 4e-16 * random.integers(low, low + 5, 400)) for low in (0, 10))
    bands = conformal.bands(y, before)
    assert bands is not None
    assert conformal.measured(bands, y, after).measured == 1.0
    assert all(high - low < 1e-12 * abs(value) for low, high in zip(bands.low, bands.high, strict=True))


@pytest.mark.parametrize("other", [lambda random, rows: random.normal(5, 3, rows), lambda random, rows: np.full(rows, 50.0)])
def test_a_target_of_nearly_one_value_is_covered_where_each_fold_learned_another_mean(other: Callable[..., np.ndarray]) -> None:
    shares = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        y = np.where(random.random(600) < 0.03, other(random, 600), 5.0)
        learned, unseen = y[:480], y[480:]
        folds = np.arange(480) % 5
        means = np.array([learned[folds != fold].mean() for fold in range(5)])
        # Linear models that found next to nothing differ by their row a little.
        noise = random.normal(0, 1e-3, 600)
        bands = conformal.bands(learned, means[folds] + noise[:480])
        assert bands is not None
        shares.append(conformal.measured(bands, unseen, learned.mean() + noise[480:]).measured or 0.0)
    assert np.mean(shares) > 0.85
    assert np.mean(np.array(shares) > 0.85) > 0.85


def test_one_large_value_leaves_the_others_their_narrow_intervals() -> None:
    y, predicted = drawn(400, 1, grows=False)
    predicted[0] = y[0] = 1e15
    bands = conformal.bands(y, predicted)
    assert bands is not None and max(bands.high) < 3


def test_what_is_not_a_number_is_passed_over() -> None:
    y, predicted = drawn(100, 1, grows=False)
    assert conformal.bands(np.append(y, [np.nan, 1.0]), np.append(predicted, [1.0, np.inf])) == conformal.bands(y, predicted)


def test_no_rows_measure_nothing() -> None:
    bands = conformal.bands(*drawn(100, 1, grows=False))
    assert bands is not None and conformal.measured(bands, np.empty(0), np.empty(0)) == bands
