"""What is said, word by word, for every way that a contest can end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dashapp.datasets.dataset import Task
from dashapp.training.scores.verdict import Contest, verdict

BINARY = Contest(
    task=Task.BINARY,
    candidate="Blend",
    target="Survived",
    rows=179,
    metrics={"accuracy": 0.821, "balanced_accuracy": 0.8, "roc_auc": 0.86},
    intervals={"accuracy": (0.76, 0.87), "balanced_accuracy": (0.74, 0.85), "roc_auc": (0.81, 0.92)},
    baseline={"accuracy": 0.614, "balanced_accuracy": 0.5, "roc_auc": 0.5},
    gain=(0.207, 0.143, 0.271),
    commonest="0",
    rarer="1",
    rarer_rows=69,
)
FRAUD = replace(
    BINARY,
    target="is_fraud",
    rows=20_000,
    metrics={"accuracy": 0.986, "balanced_accuracy": 0.55, "roc_auc": 0.93},
    intervals={"accuracy": (0.984, 0.988), "balanced_accuracy": (0.5, 0.6), "roc_auc": (0.91, 0.945)},
    baseline={"accuracy": 0.986, "balanced_accuracy": 0.5, "roc_auc": 0.5},
    gain=(0.0, -0.001, 0.001),
    rarer_rows=280,
    is_lopsided=True,
)
MPG = Contest(Task.REGRESSION, "Blend", "mpg", 80, {"rmse": 2.93}, {"rmse": (2.5, 3.4)}, {"rmse": 7.71}, gain=(0.62, 0.561, 0.675))
MANY = replace(BINARY, task=Task.MULTICLASS, rarer="", rarer_rows=0, is_lopsided=True)


@pytest.mark.parametrize(
    ("contest", "is_better", "sentence"),
    [
        (
            BINARY,
            True,
            'Blend gets 82.1% of Survived right on 179 rows that it never saw: 20.7 points better than always guessing "0", ± 6.4.',
        ),
        (
            FRAUD,
            True,
            'Blend tells "1" from "0" in is_fraud: of two rows, one of each, it ranks the right one higher in 93.0% of cases '
            "(ROC AUC; guessing 50%, ± 2.0), on 20,000 rows that it never saw. Accuracy says little here: "
            'always guessing "0" gets 98.6% right, and the model 98.6%.',
        ),
        (MPG, True, "Blend is off by 2.930 (RMSE) in mpg on 80 rows that it never saw: 62% less than always guessing the mean, ± 6."),
        (
            replace(MPG, gain=(0.043, 0.02, 0.066)),
            True,
            "Blend is off by 2.930 (RMSE) in mpg on 80 rows that it never saw: 4.3% less than always guessing the mean, ± 2.3.",
        ),
        (
            replace(MPG, gain=(0.999, 0.998, 0.9992)),
            True,
            "Blend is off by 2.930 (RMSE) in mpg on 80 rows that it never saw: over 99% less than always guessing the mean.",
        ),
        (
            MANY,
            True,
            "Blend gets 80.0% of each class of Survived right on average (balanced accuracy; guessing 50.0%, ± 6.0), on 179 rows that it "
            'never saw. Accuracy says little here: always guessing "0" gets 61.4% right, and the model 82.1%.',
        ),
        (
            replace(BINARY, rows=1, rarer_rows=0),
            False,
            "The test has 1 row: too few to tell whether Blend is better than guessing at Survived.",
        ),
        (replace(MPG, rows=9), False, "The test has 9 rows: too few to tell whether Blend is better than guessing at mpg."),
        (
            replace(FRAUD, rarer_rows=1),
            False,
            '1 of the 20,000 test rows is "1": too few to tell whether Blend is better than guessing at is_fraud.',
        ),
        (
            replace(FRAUD, rarer_rows=20_000),
            False,
            'None of the 20,000 test rows are "0": too few to tell whether Blend is better than guessing at is_fraud.',
        ),
    ],
)
def test_word_by_word(contest: Contest, is_better: bool, sentence: str) -> None:
    found = verdict(contest)
    assert (found.sentence, found.is_better) == (sentence, is_better)


VAIN: dict[str, Any] = {"intervals": {"roc_auc": (0.44, 0.55), "balanced_accuracy": (0.45, 0.55)}}
VAIN_METRICS = {"accuracy": 0.62, "balanced_accuracy": 0.51, "roc_auc": 0.51}


@pytest.mark.parametrize(
    ("contest", "words"),
    [
        (
            replace(BINARY, gain=(0.006, -0.02, 0.03), metrics=VAIN_METRICS, **VAIN),
            "Blend may be no better than guessing: it gets 62.0% of",
        ),
        (replace(BINARY, gain=(0.0, -0.02, 0.02), metrics=VAIN_METRICS, **VAIN), "Blend is no better than guessing"),
        (replace(BINARY, gain=(-0.1, -0.2, -0.03), metrics=VAIN_METRICS, **VAIN), "Blend is worse than guessing"),
        (
            replace(FRAUD, metrics=VAIN_METRICS, **VAIN),
            'Blend may be no better than guessing: of two rows, one "1" and one "0" in is_fraud',
        ),
        (replace(MANY, metrics=VAIN_METRICS, **VAIN), "Blend may be no better than guessing: it gets 51.0% of each class"),
        (replace(MPG, gain=(0.01, -0.02, 0.03)), "Blend may be no better than guessing: it is off by 2.930 (RMSE) in mpg on 80 rows"),
        (replace(MPG, gain=(0.002, 0.001, 0.026)), "Blend may be no better than guessing: it is off by 2.930"),
        (replace(BINARY, gain=(0.02, 0.01, 0.08), metrics=VAIN_METRICS, **VAIN), "Blend may be no better than guessing: it gets"),
        (
            replace(BINARY, gain=(0.43, 0.24, 0.6), metrics={"accuracy": 0.71, "balanced_accuracy": 0.493, "roc_auc": 0.52}, **VAIN),
            'Blend gets 71.0% of Survived right on 179 rows that it never saw: 43.0 points better than always guessing "0", ± 19.0. '
            "Yet it does not tell the classes apart (ROC AUC 0.52, guessing 0.5)",
        ),
        (replace(MPG, gain=(-0.3, -0.5, -0.1)), "Blend is worse than guessing: it is off by"),
        (replace(MPG, metrics={}), "The values of mpg are too large to measure Blend"),
    ],
)
def test_nothing_is_claimed_that_the_figures_do_not_show(contest: Contest, words: str) -> None:
    found = verdict(contest)
    assert found.sentence.startswith(words)
    assert not found.is_better


@pytest.mark.parametrize(
    ("gain", "beside"),
    [((0.01, -0.01, 0.03), "hardly more than"), ((0.0, -0.02, 0.02), "no more than"), ((-0.1, -0.2, -0.01), "fewer than")],
)
def test_probabilities_may_tell_what_the_calls_do_not(gain: tuple[float, float, float], beside: str) -> None:
    found = verdict(replace(BINARY, gain=gain))
    assert found.is_better and "no better" not in found.sentence
    assert f'{beside} always guessing "0" (61.4%). Its probabilities still tell the classes apart: ROC AUC 0.86' in found.sentence


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("median house value", "of median house value right"),
        (" ", 'of " " right'),
        ("a\u202eb\nc", 'of "ab c" right'),
        ("ø🙂", "of ø🙂 right"),
    ],
)
def test_names_of_any_kind(target: str, shown: str) -> None:
    assert shown in verdict(replace(BINARY, target=target)).sentence


@pytest.mark.parametrize(
    ("share", "shown"), [(1.0, "100.0%"), (0.9996, "over 99.9%"), (0.0, "0.0%"), (0.0004, "under 0.1%"), (0.9987, "99.9%")]
)
def test_all_and_none_are_said_only_where_it_is_so(share: float, shown: str) -> None:
    assert verdict(replace(BINARY, metrics={"accuracy": share})).sentence.startswith(f"Blend gets {shown} of Survived right")
