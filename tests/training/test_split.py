"""Which rows are used, and for what."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashapp.datasets.dataset import Task
from dashapp.errors import CannotTrain
from dashapp.training.split import Answers, read_answers, split_rows, thinned


def column(values: list[object], dtype: str = "str") -> pd.Series:
    return pd.Series(pd.array(values, dtype=dtype), name="t")


def test_rows_without_a_target_and_single_classes_are_dropped_and_said() -> None:
    answers = read_answers(column(["b", "a", None, "rare", *["a", "b"] * 6]), Task.BINARY)
    assert answers.labels == ("a", "b")
    assert len(answers.y) == 14 and list(answers.kept[:3]) == [0, 1, 4]
    assert any("rare" in message for message in answers.messages) and any("1 row " in message for message in answers.messages)


@pytest.mark.parametrize(("values", "labels"), [([0.0, 1.0] * 6, ("0", "1")), ([0.5, 2.0] * 6, ("0.5", "2.0"))])
def test_labels_of_numbers(values: list[float], labels: tuple[str, ...]) -> None:
    assert read_answers(column(list(values), "float64"), Task.BINARY).labels == labels


def test_infinite_targets_are_dropped() -> None:
    answers = read_answers(pd.Series([np.inf, np.nan, *range(12)], dtype="float64", name="t"), Task.REGRESSION)
    assert answers.y.tolist() == list(range(12))


@pytest.mark.parametrize("values", [["a"] * 11 + ["b"], ["a", "b"] * 4])
def test_too_little_is_left(values: list[object]) -> None:
    with pytest.raises(CannotTrain):
        read_answers(column(values), Task.BINARY)


@given(some.lists(some.integers(2, 40), min_size=2, max_size=8), some.integers(0, 99))
def test_every_class_is_learned_and_shares_are_kept(sizes: list[int], seed: int) -> None:
    y = np.repeat(np.arange(len(sizes)), [max(5, size) if at == 0 else size for at, size in enumerate(sizes)])
    answers = Answers(y, tuple(str(at) for at in range(len(sizes))), np.arange(len(y)), ())
    split = split_rows(answers, seed)
    parts = [split.train, split.validation, split.test]
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(y)))
    assert all(len(part) for part in parts)
    assert set(y[split.train]) == set(y)
    tested = np.bincount(y[split.test], minlength=len(sizes))
    assert (np.abs(tested - np.bincount(y) / 5) <= 2).all()


def test_seed_decides() -> None:
    answers = Answers(np.arange(50.0), (), np.arange(50), ())
    assert split_rows(answers, 1).test.tolist() == split_rows(answers, 1).test.tolist() != split_rows(answers, 2).test.tolist()


def test_thinning_keeps_each_class() -> None:
    classes = np.array([0] * 500 + [1])
    rows = np.arange(501)
    chosen = thinned(rows, 20, 0, classes)
    assert 20 <= len(chosen) <= 22 and 500 in chosen
    assert thinned(rows, 501, 0) is rows
