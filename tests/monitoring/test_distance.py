"""The distances against what they are by definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dashapp.monitoring.distance import Distance, Sizes, effective_rows, of_labels, of_new_labels, of_ranges

MANY = Sizes(1e9, 1e9, 0.001)


@pytest.mark.parametrize(
    ("live", "training", "distance", "ends"),
    [
        ([0.0, 0.5, 1.0], [0.0, 0.5, 1.0], 0.0, (-1, -1)),
        ([0.0, 0.0, 1.0], [0.0, 1.0, 1.0], 1.0, (0, 1)),
        ([0.0, 0.2, 1.0], [0.0, 0.5, 1.0], 0.3, (0, 1)),
        # Wider, with the same middle: no half-line differs by more than 0.2, but the middle holds 0.4 less.
        ([0.0, 0.3, 0.7, 1.0], [0.0, 0.1, 0.9, 1.0], 0.4, (1, 2)),
        ([0.5, 0.75, 1.0], [0.0, 0.5, 1.0], 0.5, (-1, 0)),
    ],
)
def test_of_ranges_the_one_that_differs_most_counts(
    live: list[float], training: list[float], distance: float, ends: tuple[int, int]
) -> None:
    found, places = of_ranges(np.array(live), np.array(training), MANY)
    assert found.effect == pytest.approx(distance, abs=1e-3) and places == ends
    assert found.low <= found.effect <= found.high and found.high - found.low < 1e-3


@pytest.mark.parametrize(("found", "is_chance"), [(1.745, True), (1.749, False)])
def test_what_may_come_from_chance_begins_where_kuipers_law_says(found: float, is_chance: bool) -> None:
    """A test by Kuiper's statistic rejects at 5 % from 1.747 on (Stephens)."""
    share = found / (20 + 0.155 + 0.24 / 20)
    distance, _ = of_ranges(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.5 + share, 1.0]), Sizes(1e12, 400, 0.05))
    assert (distance.low == 0.0) is is_chance and distance.effect > 0.05


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize(("rows", "training"), [(60, 200), (1_000, 200), (1_000, 5_000)])
def test_the_interval_of_ranges_holds_the_truth(rows: int, training: int, shift: float) -> None:
    """The distance of a normal law from one that lies `shift` standard deviations higher is 2 Φ(shift / 2) - 1."""
    truth, chance = 2 * stats.norm.cdf(shift / 2) - 1, np.random.default_rng(rows)
    at, missed = np.linspace(-4, 4, 200), 0
    for _ in range(200):
        live, known = chance.normal(shift, size=rows), chance.normal(size=training)
        shares = [np.searchsorted(np.sort(each), at) / len(each) for each in (live, known)]
        found, _ = of_ranges(shares[0], shares[1], Sizes(rows, training, 0.05))
        missed += not found.low <= truth + 1e-12 or truth > found.high
    assert missed <= 14


@pytest.mark.parametrize("labels", [2, 10, 200])
@pytest.mark.parametrize("moved", [0.0, 0.3])
def test_the_interval_of_labels_holds_the_truth_however_many_there_are(labels: int, moved: float) -> None:
    chance = np.random.default_rng(labels)
    shares = np.full(labels, 1 / labels)
    changed = shares * (1 - moved) + moved * np.eye(labels)[0]
    truth = float(np.abs(changed - shares).sum() / 2)
    missed, effects = 0, []
    for _ in range(200):
        live, known = chance.multinomial(500, changed) / 500, chance.multinomial(2_000, shares) / 2_000
        found = of_labels(live, known, Sizes(500, 2_000, 0.05))
        missed += not found.low <= truth <= found.high
        effects.append(found.effect)
    assert missed <= 10
    assert np.mean(effects) == pytest.approx(truth, abs=0.12)


def test_new_labels_count_beyond_those_that_the_same_law_would_bring() -> None:
    assert of_new_labels(0.3, 0.3, MANY).effect == 0.0
    assert of_new_labels(0.1, 0.3, MANY) == Distance(0.0, 0.0, 0.0)
    assert of_new_labels(1.0, 0.2, MANY).low == pytest.approx(0.8, abs=1e-3)
    few = of_new_labels(0.5, 0.0, Sizes(50, 50, 0.001))
    assert few.low == 0.0 and few.high == 1.0


def test_rows_that_stand_for_others_count_as_fewer() -> None:
    assert effective_rows(np.ones(40)) == 40
    assert effective_rows(np.array([1.0] * 40 + [8.0] * 10)) == pytest.approx(120**2 / 680)
    assert effective_rows(np.array([])) == 0.0
