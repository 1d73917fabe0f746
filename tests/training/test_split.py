"""Which rows are used, and for what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dashapp.datasets.dataset import Task
from dashapp.errors import CannotTrain
from dashapp.training.run import SplitKind, SplitPlan, TrainingPlan
from dashapp.training.split import Answers, Split, read_answers, split_rows, thinned
from tests.training.tables import mixed_plan


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


def plan(kind: SplitKind = SplitKind.RANDOM, seed: int = 0) -> TrainingPlan:
    return replace(mixed_plan(Task.BINARY, seed=seed), split=SplitPlan(kind, None if kind is SplitKind.RANDOM else "c"))


def classes(sizes: list[int]) -> Answers:
    y = np.repeat(np.arange(len(sizes)), sizes)
    return Answers(y, tuple(str(at) for at in range(len(sizes))), np.arange(len(y)), ())


def values(rows: int) -> Answers:
    return Answers(np.random.default_rng(1).normal(size=rows), (), np.arange(rows), ())


def assert_sound(split: Split, answers: Answers) -> None:
    """Nothing is lost, nothing overlaps, nothing is empty, and every class is learned wherever is learned."""
    assert sorted([*split.learn, *split.test]) == list(range(len(answers.y)))
    assert len(split.test) and split.folds
    for learned, held in split.folds:
        assert len(learned) and len(held)
        assert not set(learned) & set(held)
        assert {*learned, *held} <= set(split.learn)
    if answers.labels:
        for learned in (split.learn, *(fold[0] for fold in split.folds)):
            assert set(answers.y[learned]) == set(answers.y)


@settings(deadline=None)
@given(some.lists(some.integers(2, 40), min_size=2, max_size=8), some.integers(0, 99))
def test_every_class_is_learned_and_shares_are_kept(sizes: list[int], seed: int) -> None:
    answers = classes([max(5, sizes[0]), *sizes[1:]])
    split = split_rows(answers, plan(seed=seed))
    assert_sound(split, answers)
    tested = np.bincount(answers.y[split.test], minlength=len(sizes))
    assert (np.abs(tested - np.bincount(answers.y) / 5) <= 2).all()
    judged = np.concatenate([held for _, held in split.folds])
    assert len(judged) == len(set(judged)) >= len(split.learn) - len(sizes)


@settings(deadline=None)
@given(some.lists(some.integers(2, 30), min_size=2, max_size=8), some.integers(0, 99), some.sampled_from([SplitKind.TIME, SplitKind.GROUP]))
def test_every_class_is_learned_by_time_and_by_group(sizes: list[int], seed: int, kind: SplitKind) -> None:
    answers = classes([max(12, sizes[0]), *sizes[1:]])
    random = np.random.default_rng(seed)
    numbers = random.integers(0, max(2, len(answers.y) // 3), len(answers.y))
    column = numbers.astype("datetime64[D]") if kind is SplitKind.TIME else numbers
    assert_sound(split_rows(answers, plan(kind, seed), column), answers)


def test_the_newest_are_the_test_and_each_fold_learns_from_what_is_older() -> None:
    answers = values(1_000)
    times = np.random.default_rng(2).permutation(1_000).astype("datetime64[D]")
    split = split_rows(answers, plan(SplitKind.TIME), times)
    assert times[split.test].min() > times[split.learn].max() and len(split.test) == 200
    assert len(split.folds) == 3
    for learned, held in split.folds:
        assert times[held].min() > times[learned].max()
    assert set(split.folds[-1][0]) | set(split.folds[-1][1]) == set(split.learn)


def test_rows_of_a_moment_stay_together_and_those_without_one_are_learned() -> None:
    months = np.repeat(np.arange(24), 50).astype("datetime64[M]").astype("datetime64[us]")
    months[:30] = np.datetime64("NaT")
    split = split_rows(values(1_200), plan(SplitKind.TIME), months)
    assert not set(months[split.test]) & set(months[split.learn])
    assert set(range(30)) <= set(split.learn)


def test_an_entity_is_on_one_side_only() -> None:
    answers = values(3_000)
    names = np.array([f"c{number}" for number in np.random.default_rng(3).integers(0, 300, 3_000)], dtype=object)
    split = split_rows(answers, plan(SplitKind.GROUP), names)
    assert not set(names[split.test]) & set(names[split.learn])
    assert 400 < len(split.test) < 800 and len(split.folds) == 5
    for learned, held in split.folds:
        assert not set(names[learned]) & set(names[held])


def test_many_rows_have_one_fold() -> None:
    split = split_rows(values(30_000), plan())
    assert len(split.folds) == 1
    assert len(split.folds[0][1]) == 4_800


def test_a_time_split_that_cannot_judge_is_given_up_and_said() -> None:
    answers = classes([90, 10])
    times = np.concatenate([np.arange(10, 100), np.arange(10)]).astype("datetime64[D]")
    split = split_rows(answers, plan(SplitKind.TIME), times)
    assert_sound(split, answers)
    assert split.how.kind is SplitKind.RANDOM and split.how.column is None
    assert "one class" in split.how.reason and len(set(answers.y[split.test])) == 2


def test_a_row_of_the_newest_that_is_learned_from_is_said() -> None:
    answers = classes([60, 30, 10])
    times = np.arange(100).astype("datetime64[D]")
    times[:90] = times[np.random.default_rng(0).permutation(90)]
    split = split_rows(answers, plan(SplitKind.TIME), times)
    assert 2 in answers.y[split.test]
    assert split.how.kind is SplitKind.TIME and "1 row of that part is learned from" in split.how.reason
    usual = split_rows(values(100), plan(SplitKind.TIME), times)
    assert usual.how == plan(SplitKind.TIME).split


def test_seed_decides() -> None:
    answers = values(50)
    first, again, other = (split_rows(answers, plan(seed=seed)).test.tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_thinning_keeps_each_class() -> None:
    classes = np.array([0] * 500 + [1])
    rows = np.arange(501)
    chosen = thinned(rows, 20, 0, classes)
    assert 20 <= len(chosen) <= 22 and 500 in chosen
    assert thinned(rows, 501, 0) is rows
