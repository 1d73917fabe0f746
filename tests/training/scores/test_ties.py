"""Ties are called where the rows cannot tell, and nowhere else."""

from __future__ import annotations

import numpy as np

from dashapp.datasets.dataset import Task
from dashapp.training.scores.ties import ties
from tests.training.scores.made import of_two, of_values


def test_a_shadow_is_a_tie_and_a_worse_one_is_not() -> None:
    y, output = of_two(400, 0.4, 2.0, seed=1)
    shadow = np.clip(output[:, 1] + np.random.default_rng(2).normal(0, 0.01, 400), 0.001, 0.999)
    blind = np.full((400, 2), 0.5)
    outputs = {"blind": blind, "shadow": np.column_stack([1 - shadow, shadow]), "best": output, "copy": output}
    assert ties(Task.BINARY, y, outputs, "best") == ("shadow", "copy")


def test_values() -> None:
    y, predicted = of_values(200, 1.0, seed=1)
    random = np.random.default_rng(3)
    outputs = {"best": predicted, "near": predicted + random.normal(0, 0.02, 200), "far": predicted + random.normal(0, 2, 200)}
    assert ties(Task.REGRESSION, y, outputs, "best") == ("near",)


def test_a_single_row_tells_nothing() -> None:
    assert ties(Task.REGRESSION, np.array([1.0]), {"a": np.array([1.0]), "b": np.array([9.0])}, "a") == ("b",)


def test_what_is_not_a_number_is_no_tie() -> None:
    y, predicted = of_values(30, 1.0, seed=1)
    assert ties(Task.REGRESSION, y, {"a": predicted, "b": np.full(30, np.nan)}, "a") == ()


def test_a_difference_that_rows_can_tell_grows_with_them() -> None:
    def found(rows: int) -> tuple[str, ...]:
        y, output = of_two(rows, 0.5, 1.0, seed=4)
        y_same, sure = of_two(rows, 0.5, 1.0, seed=4, sureness=1.5)
        assert (y == y_same).all()
        return ties(Task.BINARY, y, {"true": output, "too sure": sure}, "true")

    assert found(20) == ("too sure",)
    assert found(5_000) == ()
