"""A threshold is tuned where it helps on rows that it was not tuned on."""

from __future__ import annotations

import numpy as np
import pytest

from dashapp.training.scores import measures
from dashapp.training.scores.threshold import tuned
from tests.training.scores.made import of_two

LABELS = ("no", "yes")


def f1(y: np.ndarray, codes: np.ndarray, rarer: int = 1) -> float:
    return float(measures.f1(*measures.hits(y, codes, 2), rarer))


@pytest.mark.parametrize(("share", "rows", "apart"), [(0.014, 8_000, 2.0), (0.1, 1_600, 1.5), (0.25, 2_000, 1.5)])
def test_it_helps_on_new_rows(share: float, rows: int, apart: float) -> None:
    found = tuned(*of_two(rows, share, apart, seed=1), LABELS)
    assert found is not None and found.label == "yes" and found.tuned_for == "F1"
    assert 0 < found.value < 0.5
    y, output = of_two(50_000, share, apart, seed=2)
    gained = f1(y, measures.called(LABELS, output, found)) - f1(y, output.argmax(axis=1))
    assert gained > 0.02
    assert found.after - found.before == pytest.approx(gained, abs=0.12)


def test_either_class_may_be_the_rarer() -> None:
    y, output = of_two(1_600, 0.1, 1.5, seed=1)
    found, turned = tuned(y, output, LABELS), tuned(1 - y, output[:, ::-1], LABELS)
    assert found is not None and turned is not None
    assert (turned.label, turned.value) == ("no", found.value)


@pytest.mark.parametrize(
    ("share", "rows", "apart"),
    [
        pytest.param(0.45, 2_000, 1.5, id="not imbalanced"),
        pytest.param(0.1, 50, 1.5, id="too few of the rarer"),
        pytest.param(0.1, 600, 0.0, id="nothing is known: calling every row would be best"),
        pytest.param(0.2, 1_000, 8.0, id="nothing to gain"),
    ],
)
def test_none_where_it_would_not_help(share: float, rows: int, apart: float) -> None:
    assert tuned(*of_two(rows, share, apart, seed=3), LABELS) is None


def test_noise_is_not_tuned_to() -> None:
    random = np.random.default_rng(4)
    found = 0
    for seed in range(30):
        y, _ = of_two(300, 0.1, 1.0, seed)
        given = random.beta(1, 9, 300)
        found += tuned(y, np.column_stack([1 - given, given]), LABELS) is not None
    assert found <= 2


def test_four_digits_are_enough_for_the_rarest() -> None:
    y, output = of_two(60_000, 0.001, 1.5, seed=5)
    found = tuned(y, output, LABELS)
    assert found is not None and found.value == float(f"{found.value:.4g}") > 0


def test_deterministic() -> None:
    y, output = of_two(1_600, 0.1, 1.5, seed=1)
    assert tuned(y, output, LABELS) == tuned(y, output, LABELS) is not None


@pytest.mark.parametrize(("rarer", "is_tuned"), [(349, True), (350, False)])
def test_imbalanced_begins_below_a_set_share(rarer: int, is_tuned: bool) -> None:
    y = np.arange(1_000) < rarer
    given = np.where(y, 0.4, 0.1)
    assert (tuned(y.astype(int), np.column_stack([1 - given, given]), LABELS) is not None) is is_tuned
