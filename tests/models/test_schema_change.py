"""What a caller would notice of another version, in words."""

from __future__ import annotations

from typing import Any

import pytest

from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.models.schema_change import schema_check
from dashapp.training.run import InputColumn
from tests.web.pages_values import INPUTS, NASTY, a_model

LIVE = a_model(1, target="churn")
AS_WORDS = InputColumn("age", ColumnKind.CATEGORY, labels=("old",), example="old")
AS_NUMBERS = InputColumn("age", ColumnKind.NUMBER, example=1.5)

CHANGES: dict[str, tuple[dict[str, Any], str, bool]] = {
    "nothing": ({}, "the same columns", False),
    "a number for a whole number": ({"inputs": (AS_NUMBERS, *INPUTS[1:])}, "the same columns", False),
    "a column fewer": ({"inputs": INPUTS[:1] + INPUTS[2:]}, 'It no longer looks at "city"; a caller may go on sending it.', False),
    "a column more": ({"inputs": (*INPUTS, InputColumn("pets", ColumnKind.NUMBER))}, 'It also takes "pets"; a row without it', True),
    "another kind": ({"inputs": (AS_WORDS, *INPUTS[1:])}, 'Other kinds of values: "age" from integer to category.', True),
    "a class more": ({"labels": ("yes", "no", "maybe")}, 'It may answer "maybe", which the live model never does.', True),
    "a class fewer": ({"labels": ("yes",)}, 'It never answers "no", as the live model may.', True),
    "another question": ({"target": "income"}, '"income" in place of "churn". It takes 5 columns; the live model knows 5 of them.', True),
    "a number for a class": ({"task": Task.REGRESSION, "labels": ()}, '"churn" with a number; the live model gives a class.', True),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_said_and_none_is_a_fault(name: str) -> None:
    changes, words, is_notable = CHANGES[name]
    check = schema_check(a_model(2, **{"target": "churn", **changes}), LIVE)
    assert check.passed and check.is_notable is is_notable
    assert words in check.words


def test_many_names_however_long_stay_few_words() -> None:
    many = tuple(InputColumn(f"{NASTY} {number}", ColumnKind.NUMBER) for number in range(300))
    check = schema_check(a_model(2, target="churn", inputs=many), LIVE)
    assert len(check.words) < 1200 and "and 295 more" in check.words
