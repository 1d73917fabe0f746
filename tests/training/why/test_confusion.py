"""Counts that can be made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashapp.training.result import Confusion, Threshold
from dashapp.training.scores.measures import called
from dashapp.training.why.confusion import confusion_of
from dashapp.training.why.residuals import MOST_PAIRS, residual_pairs
from tests.training.why.rows import numbers, seen, two_classes

CHANCES = np.array([0.1, 0.4, 0.45, 0.9])


def test_without_a_threshold_the_likeliest_class_is_called() -> None:
    rows = seen(numbers(4, 1), np.array([0, 1, 0, 1]), lambda each: two_classes(CHANCES), labels=("no", "yes"))
    assert confusion_of(rows) == Confusion(("no", "yes"), ((2, 0), (1, 1)))


@pytest.mark.parametrize(("label", "value", "codes"), [("yes", 0.4, [0, 1, 1, 1]), ("no", 0.95, [1, 1, 1, 1]), ("no", 0.1, [0, 0, 0, 0])])
def test_the_threshold_decides(label: str, value: float, codes: list[int]) -> None:
    assert called(("no", "yes"), np.round(two_classes(CHANCES), 9), Threshold(label, value, "F1", 0.0, 0.0)).tolist() == codes


def test_below_the_threshold_the_next_likeliest_is_called() -> None:
    output = np.array([[0.5, 0.2, 0.3], [0.1, 0.6, 0.3]])
    assert called(("a", "b", "c"), output, Threshold("a", 0.55, "F1", 0.0, 0.0)).tolist() == [2, 1]


def test_of_many_classes_the_small_ones_are_counted_together() -> None:
    labels = tuple(f"c{at}" for at in range(30))
    y = np.repeat(np.arange(30), np.arange(1, 31))
    rows = seen(numbers(len(y), 1), y, lambda each: np.eye(30)[np.roll(y, 1)], labels=labels)
    found = confusion_of(rows)
    assert found.labels == (*labels[11:], "other") and len(found.counts) == 20
    assert sum(map(sum, found.counts)) == len(y)
    assert sum(found.counts[-1]) == sum(range(1, 12))
    assert confusion_of(replace(rows, labels=(*labels[:-1], "other"))).labels[-2:] == ("other", "all others")


def test_residuals_are_a_fixed_sample() -> None:
    y = np.arange(1_000.0)
    rows = seen(numbers(1_000, 1), y, lambda each: y + 0.5)
    pairs = residual_pairs(rows, seed=1)
    assert len(pairs) == MOST_PAIRS and pairs == residual_pairs(rows, seed=1)
    assert all(predicted == truth + 0.5 for truth, predicted in pairs)
    assert len(residual_pairs(seen(numbers(3, 1), y[:3], lambda each: y[:3]), seed=1)) == 3
