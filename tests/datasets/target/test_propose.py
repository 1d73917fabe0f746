from __future__ import annotations

import pytest

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Task, ValueCount
from dashapp.datasets.target.propose import propose_target, task_for
from dashapp.errors import CannotTrain

NUMBER, INTEGER, BOOLEAN, CATEGORY = ColumnKind.NUMBER, ColumnKind.INTEGER, ColumnKind.BOOLEAN, ColumnKind.CATEGORY


def column(name: str, kind: ColumnKind, unique: int) -> ColumnProfile:
    top = tuple(ValueCount(str(number), 50) for number in range(unique)) if unique <= 20 else ()
    return ColumnProfile(name, kind, missing=0, unique=unique, top=top)


@pytest.mark.parametrize(
    ("kind", "unique", "task"),
    [
        (BOOLEAN, 2, Task.BINARY),
        (INTEGER, 2, Task.BINARY),
        (CATEGORY, 2, Task.BINARY),
        (CATEGORY, 40, Task.MULTICLASS),
        (INTEGER, 6, Task.MULTICLASS),
        (NUMBER, 6, Task.MULTICLASS),
        (INTEGER, 18, Task.REGRESSION),
        (NUMBER, 900, Task.REGRESSION),
    ],
)
def test_the_task_follows_from_kind_and_number_of_values(kind: ColumnKind, unique: int, task: Task) -> None:
    assert task_for(column("quality", kind, unique))[0] is task


@pytest.mark.parametrize("kind", [ColumnKind.CONSTANT, ColumnKind.IDENTIFIER, ColumnKind.TEXT, ColumnKind.DATETIME])
def test_a_column_that_cannot_be_predicted_says_why(kind: ColumnKind) -> None:
    with pytest.raises(CannotTrain, match='"x" cannot be predicted') as raised:
        task_for(column("x", kind, 9))
    assert raised.value.details["column"] == "x"


def test_a_rating_is_offered_as_an_amount_too() -> None:
    proposal = propose_target([column("age", NUMBER, 90), column("rating", INTEGER, 6)])
    assert (proposal.name, proposal.task) == ("rating", Task.MULTICLASS)
    assert "regression is possible too" in proposal.reason
    assert (proposal.alternatives[0].name, proposal.alternatives[0].task) == ("rating", Task.REGRESSION)


@pytest.mark.parametrize(
    ("names", "target"),
    [
        (["age", "plan", "churn"], "churn"),
        (["churn", "plan", "age"], "churn"),
        (["age", "price", "z"], "price"),
        (["age", "plan", "points_b"], "points_b"),
        (["x", "y", "z"], "z"),
        (["a", "b", "y"], "y"),
    ],
)
def test_name_and_place_decide(names: list[str], target: str) -> None:
    assert propose_target([column(name, NUMBER, 90) for name in names]).name == target


def test_no_more_than_five_alternatives() -> None:
    assert len(propose_target([column(f"c{number}", INTEGER, 5) for number in range(30)]).alternatives) == 5


def test_the_reason_is_a_sentence() -> None:
    assert propose_target([column("age", NUMBER, 90), column("Churn", BOOLEAN, 2)]).reason == (
        '"Churn" has two values. It is named like a target and is the last column.'
    )


def test_nothing_to_predict() -> None:
    proposal = propose_target([column("id", ColumnKind.IDENTIFIER, 90)])
    assert (proposal.name, proposal.task) == (None, None)
    assert proposal.reason
