"""The reasons for a row that a caller sends are those of the model that serves, and add up to its answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.errors import InvalidRow
from dashapp.serving.predictor import Predictor, compile_predictor
from dashapp.serving.reasons import reasons_of
from dashapp.training.features import FloatArray
from dashapp.training.result import Explanation, Importance, RowReasons, TrainedModel
from dashapp.training.run import InputColumn


def explained(model: TrainedModel, row: dict[str, Any]) -> tuple[RowReasons, Predictor]:
    predictor = compile_predictor(model)
    return reasons_of(predictor, Explanation(background=model.check_rows), model.plan.task, row), predictor


def test_they_add_up_to_what_is_predicted(model: TrainedModel) -> None:
    row = dict(model.check_rows[3])
    reasons, predictor = explained(model, row)
    (answer,) = predictor.predict([row])
    score = answer.prediction if answer.probabilities is None else answer.probabilities[str(reasons.of)]
    assert reasons.of == (None if answer.probabilities is None else answer.prediction)
    assert reasons.score == pytest.approx(score, rel=1e-9)
    assert reasons.start + sum(each.amount for each in reasons.contributions) == pytest.approx(reasons.score, rel=1e-9)
    assert {each.column: each.value for each in reasons.contributions} == row


@pytest.mark.parametrize("value", [None, "", "what nobody has seen"])
def test_missing_and_unseen_values_are_explained_too(binary: TrainedModel, value: str | None) -> None:
    reasons, _ = explained(binary, {**binary.check_rows[0], "colour": value})
    assert {each.column: each.value for each in reasons.contributions}["colour"] == (value or None)


def test_a_row_that_does_not_fit_is_refused(binary: TrainedModel) -> None:
    with pytest.raises(InvalidRow, match="amount"):
        explained(binary, {**binary.check_rows[0], "amount": "much"})


def sum_of_columns(columns: int, answered: list[int]) -> Predictor:
    inputs = tuple(InputColumn(f"c{number}", ColumnKind.NUMBER, example=0.0) for number in range(columns))

    def answer(rows: Any) -> FloatArray:
        answered.append(len(rows))
        return np.array(rows, dtype=float).sum(axis=1, keepdims=True)

    return Predictor(inputs, (), answer, is_exact=True)


def test_of_very_many_columns_the_most_important_take_part() -> None:
    answered: list[int] = []
    predictor = sum_of_columns(900, answered)
    names = [column.name for column in predictor.inputs]
    background = tuple({name: float(at % 2) for name in names} for at in range(6))
    told = Explanation(background=background, importances=(Importance("c870", 3.0, 2.0, 4.0, 1.0), Importance("c3", 2.0, 1.0, 3.0, 0.5)))
    ticks = iter([0.0, 0.01])
    reasons = reasons_of(predictor, told, Task.REGRESSION, dict.fromkeys(names, 4.0), clock=lambda: next(ticks))
    amounts = {each.column: each.amount for each in reasons.contributions}
    assert set(amounts) == set(names) and reasons.score == 3600
    assert amounts["c870"] == pytest.approx(3.5) and amounts["c3"] == pytest.approx(3.5) and amounts["c899"] == 0
    assert sum(answered) < 3_000


def test_a_slow_model_is_asked_less() -> None:
    """A second for the background leaves no time for more than the fewest rows."""
    fast: list[int] = []
    slow: list[int] = []
    for answered, ticks in ((fast, iter([0.0, 0.0])), (slow, iter([0.0, 1.0]))):
        predictor = sum_of_columns(30, answered)
        names = [column.name for column in predictor.inputs]
        background = tuple({name: float(at) for name in names} for at in range(10))
        told = Explanation(background=background)
        reasons_of(predictor, told, Task.REGRESSION, dict.fromkeys(names, 4.5), clock=lambda ticks=ticks: next(ticks))
    assert sum(slow) < 150 < sum(fast)
