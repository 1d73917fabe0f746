"""Importance on models whose dependence on each column is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashapp.training.features import FloatArray
from dashapp.training.why.importance import column_importances
from tests.training.why.rows import Clock, columns_of_numbers, logistic, numbers, seen, two_classes, watching

FRAME = numbers(1_500, 4)
LABELS = ("no", "yes")


def values(frame: pd.DataFrame) -> FloatArray:
    return np.asarray(3 * frame["x0"] + frame["x1"])


def chances(frame: pd.DataFrame) -> FloatArray:
    return two_classes(logistic(values(frame)))


@pytest.mark.parametrize("predict", [values, chances], ids=["regression", "binary"])
def test_useful_columns_rank_by_their_weight_and_noise_is_zero(predict) -> None:
    noise = np.random.default_rng(1).normal(size=len(FRAME))
    y = values(FRAME) + noise if predict is values else (logistic(values(FRAME)) > np.random.default_rng(1).random(len(FRAME))).astype(int)
    rows = seen(FRAME, y, predict, labels=() if predict is values else LABELS)
    found, skipped = column_importances(rows, watching(predict, rows), 1e9, seed=0)
    assert [each.column for each in found[:2]] == ["x0", "x1"] and skipped == ()
    assert all(each.low <= each.mean <= each.high for each in found)
    assert found[0].low > 0 and found[1].low > 0
    assert all((each.mean, each.low, each.high, each.share) == (0, 0, 0, 0) for each in found[2:])
    assert sum(each.share for each in found) == pytest.approx(1)


def test_the_increase_of_the_rmse_is_that_of_the_formula() -> None:
    """Of a column with weight w and variance 1 the shuffled error has variance noise + 2 w²."""
    rows = seen(FRAME, values(FRAME) + np.random.default_rng(1).normal(size=len(FRAME)), values)
    found = {each.column: each for each in column_importances(rows, watching(values, rows), 1e9, seed=0)[0]}
    assert found["x0"].low < np.sqrt(1 + 2 * 9) - 1 < found["x0"].high
    assert found["x1"].low < np.sqrt(1 + 2 * 1) - 1 < found["x1"].high


def test_a_column_that_only_harms_has_no_share() -> None:
    rows = seen(FRAME, -values(FRAME), values)
    found, _ = column_importances(rows, watching(values, rows), 1e9, seed=0)
    assert {each.share for each in found} == {0.0}


def test_several_columns_share_one_call() -> None:
    calls: list[int] = []

    def counting(frame: pd.DataFrame) -> FloatArray:
        calls.append(len(frame))
        return values(frame)

    rows = seen(FRAME, values(FRAME), values)
    watch = watching(counting, rows)
    calls.clear()
    column_importances(rows, watch, 1e9, seed=0)
    assert calls[0] == 4 * len(FRAME), "the first round shuffles all four columns in one call"


def test_what_the_time_does_not_suffice_for_is_named() -> None:
    frame = numbers(2_000, 300)
    clock = Clock(call_s=0.01, row_s=0.001)
    rows = seen(frame, values(frame), values, inputs=columns_of_numbers(frame))
    watch = watching(clock.timing(values), rows, clock=clock)
    began = clock.now
    found, skipped = column_importances(rows, watch, began + 5.0, seed=0)
    assert clock.now - began <= 5.5
    assert 0 < len(found) < 300
    assert f"{300 - len(found)} columns" in skipped[0]


def test_of_many_columns_the_best_are_measured_again_on_more_rows() -> None:
    frame = numbers(3_000, 200)
    clock = Clock(row_s=1e-4)
    rows = seen(frame, values(frame) + np.random.default_rng(1).normal(size=3_000), values)
    watch = watching(clock.timing(values), rows, clock=clock)
    began = clock.now
    found, skipped = column_importances(rows, watch, began + 4.0, seed=0)
    assert skipped == () and len(found) == 200 and clock.now - began <= 4.4
    assert [each.column for each in found[:2]] == ["x0", "x1"]
    assert found[0].high - found[0].low < 0.2 * found[0].mean, "on 60 rows the interval would be twice as wide as that"
    assert found[0].low < np.sqrt(19) - 1 < found[0].high


def test_one_row_is_no_error() -> None:
    frame = numbers(1, 2)
    rows = seen(frame, values(frame), values)
    found, _ = column_importances(rows, watching(values, rows), 1e9, seed=0)
    assert [(each.low, each.mean, each.high) for each in found] == [(0, 0, 0)] * 2
