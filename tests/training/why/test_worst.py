"""The rows with the greatest loss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashapp.training.why.worst import MOST_ROWS, worst_rows
from tests.training.why.rows import numbers, seen, two_classes


def test_of_a_classification() -> None:
    y = np.array([1, 0, 1])
    rows = seen(numbers(3, 1), y, lambda each: two_classes(np.array([0.9, 0.75, 0.125])), labels=("no", "yes"))
    found = worst_rows(replace(rows, rows=np.array([10, 20, 30])))
    assert [(each.row, each.truth, each.predicted, each.share) for each in found] == [
        (31, "yes", "no", 0.125),
        (21, "no", "yes", 0.25),
        (11, "yes", "yes", 0.9),
    ]
    assert [each.loss for each in found] == pytest.approx([-np.log(0.125), -np.log(0.25), -np.log(0.9)])


def test_of_a_regression() -> None:
    y = np.array([1.0, 5.0, 2.0])
    found = worst_rows(seen(numbers(3, 1), y, lambda each: np.array([1.0, 2.0, 4.0])))
    assert [(each.row, each.truth, each.predicted, each.share, each.loss) for each in found] == [
        (2, 5.0, 2.0, None, 3.0),
        (3, 2.0, 4.0, None, 2.0),
    ], "a row that is right is not among the worst"


def test_no_more_than_ten_and_equals_in_the_order_of_the_table() -> None:
    rows = seen(numbers(30, 1), np.ones(30), lambda each: np.zeros(30))
    assert [each.row for each in worst_rows(rows)] == list(range(1, MOST_ROWS + 1))
