"""ROC and precision-recall against scikit-learn, and how few points are enough."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from dashapp.training.why.curves import MOST_CLASSES, MOST_POINTS, corners, roc_and_precision_recall
from tests.training.why.rows import logistic, numbers, seen, two_classes

LABELS = ("no", "yes")


def rows_of(count: int, shift: float, digits: int = 12):
    frame = numbers(count, 1)
    y = (logistic(3 * frame["x0"].to_numpy() - shift) > np.random.default_rng(1).random(count)).astype(int)
    return seen(frame, y, lambda each: two_classes(np.round(logistic(each["x0"].to_numpy()), digits)), labels=LABELS)


@pytest.mark.parametrize(("count", "shift", "digits"), [(60, 2.0, 12), (1_000, 2.0, 1), (20_000, 3.0, 12), (20_000, 3.0, 2)])
def test_areas_are_scikit_learns_and_few_points_keep_them(count: int, shift: float, digits: int) -> None:
    rows = rows_of(count, shift, digits)
    (roc,), (precision_recall,) = roc_and_precision_recall(rows)
    assert roc.name == precision_recall.name == "yes", "the rarer class"
    assert roc.area == pytest.approx(roc_auc_score(rows.y, rows.output[:, 1]))
    assert precision_recall.area == pytest.approx(average_precision_score(rows.y, rows.output[:, 1]))
    for line in (roc, precision_recall):
        assert 2 <= len(line.x) == len(line.y) <= MOST_POINTS
        assert list(line.x) == sorted(line.x) and line.x[0] == 0.0 and line.x[-1] == 1.0
        if line is roc or digits == 12:
            assert np.trapezoid(line.y, line.x) == pytest.approx(line.area, abs=0.002 if count > 100 else 0.05)


def test_a_perfect_model_is_a_corner() -> None:
    y = np.array([0] * 50 + [1] * 10)
    frame = numbers(60, 1)
    (roc,), (precision_recall,) = roc_and_precision_recall(seen(frame, y, lambda each: two_classes(y * 0.5 + 0.2), labels=LABELS))
    assert (roc.x, roc.y, roc.area) == ((0.0, 0.0, 1.0), (0.0, 1.0, 1.0), 1.0)
    assert set(precision_recall.y[:2]) == {1.0} and precision_recall.area == 1.0


def test_of_many_classes_the_largest_have_a_curve_and_absent_ones_none() -> None:
    y = np.repeat(np.arange(9), [5, 9, 7, 0, 30, 2, 3, 4, 8])
    output = np.random.default_rng(0).dirichlet(np.ones(9), len(y))
    roc, precision_recall = roc_and_precision_recall(
        seen(numbers(len(y), 1), y, lambda each: output, labels=tuple(f"c{at}" for at in range(9)))
    )
    assert [line.name for line in roc] == ["c4", "c1", "c8", "c2", "c0", "c7"] and len(roc) == MOST_CLASSES == len(precision_recall)


def test_one_class_alone_has_no_curve() -> None:
    rows = seen(numbers(5, 1), np.ones(5, dtype=int), lambda each: two_classes(np.full(5, 0.4)), labels=LABELS)
    assert roc_and_precision_recall(rows) == ((), ())


@pytest.mark.parametrize("most", [5, 50])
def test_equal_steps_are_thinned_too(most: int) -> None:
    stairs = np.arange(2_000) // 2 / 1_000, np.r_[0, np.arange(1_999) // 2 + 1] / 1_000
    kept = corners(*stairs, most)
    assert len(kept) <= most and kept[0] == 0 and kept[-1] == 1_999


def test_points_on_a_straight_line_go() -> None:
    x = np.linspace(0, 1, 50)
    assert corners(x, np.minimum(2 * x, 1.0), 120).tolist() == [0, 24, 25, 49]
