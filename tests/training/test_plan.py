"""What is planned from a profile alone, and the sentences where nothing can be."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from dashapp.datasets.dataset import ColumnKind, Finding, Profile, TargetOption, Task
from dashapp.errors import CannotTrain
from dashapp.training.plan import plan_training
from dashapp.training.run import TrainingPlan, Treatment
from tests.training.tables import KINDS, mixed_table, profile_of

NUMBER, CATEGORY, INTEGER = ColumnKind.NUMBER, ColumnKind.CATEGORY, ColumnKind.INTEGER


def plan(profile: Profile, target: str | None = None, task: Task | None = None, exclude: tuple[str, ...] = ()) -> TrainingPlan:
    return plan_training(profile, target=target, task=task, exclude=exclude, budget_s=10, seed=1)


def small(target: list[object], kind: ColumnKind = CATEGORY) -> Profile:
    """A column "x" of numbers and the target "t"."""
    dtype = "float64" if kind.is_numeric else "str"
    table = pd.DataFrame({"x": [float(number) for number in range(len(target))], "t": pd.array(target, dtype=dtype)})
    return profile_of(table, {"x": NUMBER, "t": kind}, "t")


def test_defaults_come_from_the_proposal() -> None:
    profile = profile_of(mixed_table(), target="answer", task=Task.BINARY)
    planned = plan(profile)
    assert (planned.target, planned.task, planned.score_name, planned.loss_name) == ("answer", Task.BINARY, "ROC AUC", "log loss")
    assert {each.name for each in planned.candidates} == {"Logistic regression", "Forest", "Gradient boosting"}


def test_task_of_another_target_comes_from_its_alternative() -> None:
    profile = small(["1", "2", "3"] * 10, INTEGER)
    option = TargetOption("t", Task.REGRESSION, "a test")
    profile = replace(profile, target=replace(profile.target, name="x", alternatives=(option,)))
    planned = plan(profile, "t")
    assert (planned.task, planned.score_name, planned.loss_name) == (Task.REGRESSION, "R²", "RMSE")
    assert "Linear regression" in {each.name for each in planned.candidates}


@pytest.mark.parametrize(
    ("values", "kind", "task"),
    [
        (["a", "b"] * 10, CATEGORY, Task.BINARY),
        (["a", "b", "c"] * 10, CATEGORY, Task.MULTICLASS),
        ([0, 1] * 10, INTEGER, Task.BINARY),
        ([1, 2, 3, 4] * 10, INTEGER, Task.MULTICLASS),
        (list(range(40)), INTEGER, Task.REGRESSION),
        ([number / 7 for number in range(40)], NUMBER, Task.REGRESSION),
    ],
)
def test_task_without_a_proposal(values: list[object], kind: ColumnKind, task: Task) -> None:
    assert plan(small(values, kind), "t").task is task


def test_left_out_columns_have_reasons_in_words() -> None:
    kinds = {"a": CATEGORY, "id": ColumnKind.IDENTIFIER, "note": ColumnKind.TEXT, "same": ColumnKind.CONSTANT, "many": CATEGORY}
    table = pd.DataFrame({name: pd.array(["p", "q"] * 600, dtype="str") for name in kinds})
    table["many"] = pd.array([f"v{number}" for number in range(1200)], dtype="str")
    table["mine"] = table["a"]
    table["x"] = [float(number) for number in range(1200)]
    profile = profile_of(table, {**kinds, "mine": CATEGORY, "x": NUMBER}, "a")
    reasons = {out.column: out.reason for out in plan(profile, "a", exclude=("mine",)).left_out}
    assert set(reasons) == {"id", "same", "many", "mine"}
    assert "1,200" in reasons["many"] and "you" in reasons["mine"]


@pytest.mark.parametrize(
    ("profile", "target", "task", "says"),
    [
        (small(["a", "b"] * 10), "nope", None, "no column"),
        (small(["a"] * 20), "t", None, "same"),
        (small(["a"] * 20 + ["b"]), "t", None, "more than one row"),
        (small([*"aaaabbbbcdefg"]), "t", None, "Only 8 rows are left"),
        (small([None] * 20), "t", None, "empty"),
        (small(["a", "b"] * 4), "t", None, "Only 8 rows"),
        (small([f"v{number}" for number in range(20)]), "t", Task.MULTICLASS, "different"),
        (small([1e200 * number for number in range(40)], NUMBER), "t", Task.REGRESSION, "divide them by 1e\\+201 or"),
        (small([0.5 * number for number in range(40)] + [-2e31], NUMBER), "t", None, "go down to -2e\\+31"),
        (small(["a", "b"] * 10), "t", Task.REGRESSION, "does not hold numbers"),
        (small(["a", "b", "c"] * 10), "t", Task.BINARY, "multiclass"),
        (small([f"v{number % 250}" for number in range(600)]), "t", None, "at most 200"),
    ],
)
def test_what_cannot_be_trained_says_what_to_change(profile: Profile, target: str, task: Task | None, says: str) -> None:
    with pytest.raises(CannotTrain, match=says) as caught:
        plan(profile, target, task)
    assert caught.value.details["column"] == target


def test_excluding_everything_or_an_unknown_column_or_the_target() -> None:
    profile = small(["a", "b"] * 10)
    for exclude, says in ((("x",), "No column is left"), (("y",), "no column"), (("t",), "is the target")):
        with pytest.raises(CannotTrain, match=says):
            plan(profile, "t", exclude=exclude)


def test_no_proposal_and_no_target() -> None:
    profile = small(["a", "b"] * 10)
    with pytest.raises(CannotTrain, match="a test"):
        plan(replace(profile, target=replace(profile.target, name=None)))


def test_free_text_and_many_categories_are_features() -> None:
    table = mixed_table(600)
    table["note"] = pd.array([f"this is the note of row {at} and nothing more" for at in range(600)], dtype="str")
    table["street"] = pd.array([f"street {at % 150}" for at in range(600)], dtype="str")
    profile = profile_of(table, {**KINDS, "note": ColumnKind.TEXT, "street": CATEGORY}, "answer", Task.BINARY)
    planned = plan(profile, exclude=("grade", "value"))
    features = {column.name: column for column in planned.features}
    assert features["street"].treatment is Treatment.MANY_CATEGORIES and features["note"].treatment is Treatment.TEXT
    assert not features["colour"].many and features["note"].labels == ()
    said = {name: each.what for each in reversed(planned.treatments) for name in each.columns}
    assert "TF-IDF" in said["note"] and "within folds" in said["street"] and "weekday" in said["joined"]
    assert '"note"' in next(each.reason for each in planned.candidates if each.name == "Logistic regression")


def test_means_of_the_target_are_not_taken_for_too_many_classes() -> None:
    table = pd.DataFrame(
        {"street": [f"street {at % 150}" for at in range(900)], "t": [f"class {at % 120}" for at in range(900)]}, dtype="str"
    )
    assert not plan(profile_of(table, {"street": CATEGORY, "t": CATEGORY}, "t")).features[0].many


def test_a_forest_does_not_race_where_it_would_take_the_time_of_the_others() -> None:
    planned = plan(replace(small(["a", "b"] * 10), rows=1_000_000), "t")
    assert "Forest" not in {each.name for each in planned.candidates}
    assert "1,000,000 rows" in planned.notes[0]


def test_notes_tell_which_rows_have_no_say() -> None:
    assert plan(small([*["a", "b"] * 10, "c", None]), "t").notes == (
        '1 row without a value in "t" is not used.',
        'The class "c" of "t" is dropped: with one row it cannot be both learned and tested.',
    )
    found = Finding("infinite", "t", "a test", rows=(3,), row_count=4)
    profile = replace(small([*range(30), None, None, None, None], NUMBER), warnings=(found,))
    assert plan(profile, "t").notes == ('4 rows with an infinite "t" are not used.',)


def test_two_classes_that_are_left_are_binary() -> None:
    assert plan(small([*["a", "b"] * 10, "c"]), "t").task is Task.BINARY
