"""Scores on late truth, with intervals that cover what they should."""

from __future__ import annotations

import numpy as np
import pytest

from dashapp.serving.ledger.scores import live_score, wilson
from dashapp.serving.ledger.store.feedback import Judged


# From R's prop.test(correct = FALSE).
@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962), (1, 1, 0.2065, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_wilsons_interval(right: int, n: int, low: float, high: float) -> None:
    assert wilson(right / n, n) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_a_sample_counts_for_what_it_stands_for() -> None:
    judged = [Judged("a", "a", 1.0, False)] * 10 + [Judged("a", "b", 0.25, False)] * 10
    score = live_score(1, None, judged)
    assert (score.value, score.n, score.tested) == (0.2, 20, None)
    assert score.low < 0.1 and score.high > 0.35


def numbers(errors: list[float], shares: list[float] | None = None) -> list[Judged]:
    return [Judged(repr(10.0 + error), "10.0", share, True) for error, share in zip(errors, shares or [1.0] * len(errors), strict=True)]


def test_the_rmse_of_few_values() -> None:
    score = live_score(2, None, numbers([3.0, -4.0]))
    assert (score.name, score.version, score.value) == ("RMSE", 2, pytest.approx(12.5**0.5))
    assert score.low <= score.value <= score.high
    assert live_score(1, None, numbers([3.0, 1.0], [1.0, 0.25])).value == pytest.approx((13 / 5) ** 0.5)


@pytest.mark.parametrize("errors", [[0.0], [0.0, 0.0], [5.0], [1e200, 1e-200]])
def test_odd_errors_have_a_score(errors: list[float]) -> None:
    score = live_score(1, None, numbers(errors))
    assert np.isfinite([score.value, score.low, score.high]).all() and score.low <= score.value <= score.high


@pytest.mark.parametrize("n", [40, 5_000])
def test_the_interval_covers_the_truth_most_of_the_time(n: int) -> None:
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(60):
        score = live_score(1, None, numbers(random.normal(0, 2, n).tolist()))
        covered += score.low <= 2 <= score.high
    assert 51 <= covered <= 60
