"""A version's score beside the live one's: on the same rows where that can be, otherwise by intervals, and always said which."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dashapp.datasets.dataset import Task
from dashapp.models.compare import score_check
from dashapp.models.model import Check, ModelVersion
from dashapp.training.result import HeldOut
from dashapp.training.run import SplitKind, SplitPlan
from tests.web.pages_values import a_model

RANDOM = np.random.default_rng(5)
TRUTH = (RANDOM.random(400) < 0.4).astype(np.float64)
SURE = TRUTH + RANDOM.normal(0, 0.5, 400)


def version(number: int, **changes: Any) -> ModelVersion:
    return a_model(number, **{"target": "churn", "intervals": {"roc_auc": (0.85, 0.95)}, **changes})


def told(noise: float, rows: int = 400, seed: int = 1) -> HeldOut:
    said = SURE + np.random.default_rng(seed).normal(0, noise, 400) if noise else SURE
    return HeldOut(np.arange(rows), TRUTH[:rows], said[:rows])


def compared(mine: float, theirs: float, **changes: Any) -> Check:
    return score_check(version(2, **changes), version(1), told(mine), told(theirs, seed=2))


def test_worse_on_the_same_rows_does_not_pass() -> None:
    check = compared(2.0, 0.1)
    assert not check.passed and check.figure is not None and check.figure < 0
    assert check.words.startswith("On the same 400 rows, held out from both: ROC AUC 0.")
    assert "lower" in check.words and "before the last fit on all rows" in check.words


def test_better_and_as_good_pass_silently() -> None:
    for noises, words in (((0.1, 2.0), "higher"), ((0.3, 0.3), "no difference beyond noise")):
        check = compared(*noises)
        assert check.passed and not check.is_notable and words in check.words


def test_a_certain_difference_that_matters_to_nobody_passes() -> None:
    mine = told(0)
    swapped = mine.said.copy()
    pairs = np.argsort(swapped[TRUTH == 1])[20:60]
    swapped[np.flatnonzero(TRUTH == 1)[pairs]] -= 0.01
    check = score_check(version(2), version(1), HeldOut(mine.rows, mine.truth, swapped), mine)
    assert check.passed and "too little to matter" in check.words


def test_only_rows_that_both_held_out_count() -> None:
    mine, theirs = told(0.1), told(0.1, seed=2)
    some = slice(150, None)
    part = HeldOut(theirs.rows[some], theirs.truth[some], theirs.said[some])
    assert "same 250 rows" in score_check(version(2), version(1), mine, part).words


def test_rows_of_another_truth_are_other_rows() -> None:
    theirs = told(0.1, seed=2)
    check = score_check(version(2), version(1), told(0.1), HeldOut(theirs.rows + 1, theirs.truth, theirs.said))
    assert check.passed and "read in different ways" in check.words


BY_INTERVALS = {
    "other data": ({"dataset_sha256": "d" * 64}, "trained on different data"),
    "another split": ({"split": SplitPlan(SplitKind.TIME, "day")}, "chosen in different ways"),
}


@pytest.mark.parametrize("name", BY_INTERVALS)
def test_of_different_rows_only_intervals_that_do_not_touch_are_worse(name: str) -> None:
    changes, words = BY_INTERVALS[name]
    touching = compared(2.0, 0.1, metrics={"roc_auc": 0.84}, intervals={"roc_auc": (0.8, 0.86)}, **changes)
    assert touching.passed and words in touching.words and "different rows" in touching.words
    apart = compared(0.1, 2.0, metrics={"roc_auc": 0.7}, intervals={"roc_auc": (0.6, 0.8)}, **changes)
    assert not apart.passed and "0.700 (0.600 to 0.800), version 1 has 0.900 (0.850 to 0.950)" in apart.words
    assert apart.figure == pytest.approx(-0.2)


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [(None, told(0.1), "older program"), (told(0.1), None, "older program"), (told(0.1, rows=5), told(0.1), "Too few rows")],
)
def test_without_answers_for_single_rows_intervals_decide(mine: HeldOut | None, theirs: HeldOut | None, words: str) -> None:
    check = score_check(version(2), version(1), mine, theirs)
    assert check.passed and words in check.words


NOT_COMPARED = {
    "another target": ({"target": "age"}, 'predicts "age"'),
    "another task": ({"task": Task.REGRESSION}, "(regression)"),
    "other classes": ({"labels": ("yes", "no", "maybe")}, "other classes"),
    "no score": ({"dataset_sha256": "d" * 64, "metrics": {}}, "has no ROC AUC"),
    "no interval": ({"dataset_sha256": "d" * 64, "intervals": {}}, "without intervals"),
}


@pytest.mark.parametrize("name", NOT_COMPARED)
def test_what_cannot_be_compared_is_said_and_passes(name: str) -> None:
    changes, words = NOT_COMPARED[name]
    check = compared(2.0, 0.1, **changes)
    assert check.passed and check.is_notable and words in check.words
