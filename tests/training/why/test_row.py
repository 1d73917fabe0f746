"""Shapley values of models whose values are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.training.features import FloatArray, to_frame
from dashapp.training.result import RowReasons, Threshold
from dashapp.training.run import InputColumn
from dashapp.training.why.row import MOST_COLUMNS, draw_background, row_reasons
from tests.training.why.rows import columns_of_numbers, logistic, numbers, two_classes


def explained(predict, frame: pd.DataFrame, **options: object) -> RowReasons:
    """The first row against the others."""
    return row_reasons(predict, frame[1:], frame[:1], columns_of_numbers(frame), Task.REGRESSION, (), 0, **options)


def amounts(reasons: RowReasons) -> dict[str, float]:
    return {each.column: each.amount for each in reasons.contributions}


def adds_up(reasons: RowReasons) -> bool:
    return abs(reasons.start + sum(each.amount for each in reasons.contributions) - reasons.score) < 1e-9


def test_contributions_of_an_additive_model_are_its_terms() -> None:
    frame = numbers(41, 6)
    reasons = explained(lambda each: np.asarray(each["x0"] ** 2 - 3 * each["x1"] + np.sin(each["x2"])), frame)
    rest = frame[1:]
    found = amounts(reasons)
    assert adds_up(reasons)
    assert found["x0"] == pytest.approx(frame["x0"][0] ** 2 - (rest["x0"] ** 2).mean(), abs=1e-9)
    assert found["x1"] == pytest.approx(-3 * (frame["x1"][0] - rest["x1"].mean()), abs=1e-9)
    assert found["x2"] == pytest.approx(np.sin(frame["x2"][0]) - np.sin(rest["x2"]).mean(), abs=1e-9)
    assert [found[f"x{at}"] for at in (3, 4, 5)] == [0.0] * 3
    assert [abs(each.amount) for each in reasons.contributions] == sorted((abs(value) for value in found.values()), reverse=True)


def test_contributions_of_an_interaction_are_shared_as_shapley_says() -> None:
    """Of a product u v against (s, t), u gets half of each of the two orders: (u - s)(v + t) / 2."""
    frame = numbers(41, 3, seed=3)
    reasons = explained(lambda each: np.asarray(each["x0"] * each["x1"]), frame)
    u, v, s, t = frame["x0"][0], frame["x1"][0], frame["x0"][1:], frame["x1"][1:]
    assert adds_up(reasons)
    assert amounts(reasons) == pytest.approx(
        {"x0": ((u - s) * (v + t) / 2).mean(), "x1": ((v - t) * (u + s) / 2).mean(), "x2": 0.0}, abs=1e-9
    ), "an order and its reverse give a product's values exactly"


@pytest.mark.parametrize(("columns", "evaluations"), [(3, 2_000), (12, 300), (12, 20), (1, 2_000), (60, 2_000), (300, 2_000)])
def test_they_add_up_whatever_the_number_of_columns_and_evaluations(columns: int, evaluations: int) -> None:
    counted: list[int] = []

    def predict(each: pd.DataFrame) -> FloatArray:
        counted.append(len(each))
        values = each.to_numpy()
        return np.asarray(np.tanh(values.sum(axis=1)) + values[:, 0] * values[:, -1])

    reasons = explained(predict, numbers(33, columns, seed=1), evaluations=evaluations)
    assert adds_up(reasons)
    assert {each.column for each in reasons.contributions} == {f"x{at}" for at in range(columns)}
    assert sum(counted) <= max(evaluations, 4 * columns + 3 * MOST_COLUMNS) + 200
    assert len(counted) <= 20


def test_of_many_columns_those_that_change_the_score_take_part() -> None:
    frame = numbers(30, 120)
    reasons = explained(lambda each: np.asarray(2 * each["x7"] + each["x99"]), frame)
    found = amounts(reasons)
    assert found["x7"] == pytest.approx(2 * (frame["x7"][0] - frame["x7"][1:].mean()), abs=1e-9)
    assert {name for name, amount in found.items() if amount != 0} == {"x7", "x99"}
    assert reasons.start == pytest.approx(float((2 * frame["x7"] + frame["x99"])[1:].mean()), abs=1e-9)


def test_a_row_that_is_its_background_has_no_reasons() -> None:
    frame = pd.DataFrame({"x0": [1.0, 1.0], "x1": [np.nan, np.nan]})
    reasons = explained(lambda each: np.full(len(each), 7.0), frame)
    assert (reasons.start, reasons.score, set(amounts(reasons).values())) == (7.0, 7.0, {0.0})


def test_all_kinds_of_values_keep_their_types_and_missing_ones_are_none() -> None:
    kinds = {"n": ColumnKind.INTEGER, "c": ColumnKind.CATEGORY, "d": ColumnKind.DATETIME, "t": ColumnKind.TEXT}
    inputs = tuple(InputColumn(name, kind) for name, kind in kinds.items())
    background = to_frame([{"n": 1, "c": "a", "d": "2024-01-01", "t": "some words"}, {}, {"c": "b", "n": 4}], inputs)
    row = to_frame([{"n": 3, "d": "2024-02-03T04:05:06"}], inputs)
    dtypes: list[list[str]] = []

    def predict(each: pd.DataFrame) -> FloatArray:
        dtypes.append([str(dtype) for dtype in each.dtypes])
        return two_classes(logistic(each["n"].fillna(0).to_numpy() + each["c"].isna().to_numpy() + each["t"].isna().to_numpy()))

    reasons = row_reasons(predict, background, row, inputs, Task.BINARY, ("no", "yes"), 0)
    assert all(each == [str(dtype) for dtype in row.dtypes] for each in dtypes)
    assert adds_up(reasons) and reasons.of == "yes"
    assert {each.column: each.value for each in reasons.contributions} == {"n": 3, "c": None, "d": "2024-02-03T04:05:06", "t": None}


@pytest.mark.parametrize(("value", "of"), [(0.2, "yes"), (0.4, "no"), (None, "no")])
def test_the_class_that_the_threshold_calls_is_explained(value: float | None, of: str) -> None:
    frame = numbers(5, 1)
    threshold = None if value is None else Threshold("yes", value, "F1", 0.1, 0.2)
    args = (lambda each: two_classes(np.full(len(each), 0.3)), frame[1:], frame[:1], columns_of_numbers(frame), Task.BINARY, ("no", "yes"))
    assert row_reasons(*args, 0, threshold=threshold).of == of


def test_the_background_predicts_what_all_rows_predict_on_average() -> None:
    """1.4 % positives: forty rows drawn blindly would hold none of them or two."""
    frame = numbers(3_000, 1)

    def predict(each: pd.DataFrame) -> FloatArray:
        return two_classes(np.where(each["x0"] > 2.2, 0.9, 0.01))

    drawn = draw_background(frame, predict, 1_000, seed=0)
    assert len(drawn) == 40
    assert predict(drawn)[:, 1].mean() == pytest.approx(predict(frame)[:, 1].mean(), abs=0.015)
    assert len(draw_background(frame[:7], predict, 1_000, seed=0)) == 7
