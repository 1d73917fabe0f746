"""Which column is probably to be predicted, and what kind of task that is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, TargetOption, TargetProposal, Task
from dashapp.datasets.kinds import name_tokens
from dashapp.datasets.wording import quoted
from dashapp.errors import CannotTrain

MAX_ALTERNATIVES = 5
MAX_NUMBER_CLASSES = 10  # more different integers than a rating has are an amount
MAX_EITHER_WAY = 20  # up to here the other task is offered too
MAX_CLASSES = 100
_STRONG = frozenset(
    {"target", "label", "labels", "class", "classes", "y", "outcome", "survived", "churn", "churned", "species"}
) | frozenset({"response", "dependent", "prediction", "default", "diagnosis"})
_GOOD = frozenset({"price", "value", "quality", "decision", "type", "charges", "cost", "sales", "revenue", "score", "rating"}) | frozenset(
    {"grade", "status", "result", "fraud", "income", "salary", "approved", "converted", "clicked", "purchased", "exited", "attrition"}
    | {"risk", "segment", "category", "demand", "profit", "amount", "points"}
)
_NO_TARGET = {
    ColumnKind.CONSTANT: "it has one value only",
    ColumnKind.IDENTIFIER: "its values are all different, like names or numbers of the rows",
    ColumnKind.TEXT: "it holds free text",
    ColumnKind.DATETIME: "it holds dates",
}


def propose_target(columns: Sequence[ColumnProfile], sample: pd.DataFrame | None = None) -> TargetProposal:
    """The likeliest target by name, place, kind and number of values, with the next ones and the other task where both are sound."""
    scored = [(_score(column, index, len(columns)), index) for index, column in enumerate(columns) if can_be_target(column)]
    options: list[TargetOption] = []
    for _, index in sorted(scored, key=lambda pair: (-pair[0], -pair[1])):
        task, reason = task_for(columns[index])
        options.append(TargetOption(columns[index].name, task, _reason(columns[index], index, len(columns), reason)))
        if len(options) == 1 and (other := other_task(columns[index])) is not None:
            options.append(other)
    if not options:
        return TargetProposal(None, None, "No column can be predicted: each has one value, only different values, text or dates.")
    first, *rest = options[: MAX_ALTERNATIVES + 1]
    return TargetProposal(first.name, first.task, first.reason, tuple(rest))


def task_for(column: ColumnProfile) -> tuple[Task, str]:
    """The task that predicting this column is, and why in one sentence. Raises CannotTrain for a column that cannot be predicted."""
    name = quoted(column.name)
    if column.kind in _NO_TARGET:
        raise CannotTrain(f"{name} cannot be predicted: {_NO_TARGET[column.kind]}. Choose another target.", column=column.name)
    if column.unique == 2:
        return Task.BINARY, f"{name} has two values."
    if not column.kind.is_numeric:
        return Task.MULTICLASS, f"{name} has {column.unique:,} labels."
    if column.unique <= MAX_NUMBER_CLASSES and _is_whole(column):
        return Task.MULTICLASS, f"{name} has {column.unique} different whole numbers, like a rating; regression is possible too."
    return Task.REGRESSION, f"{name} is a number with {column.unique:,} different values."


def other_task(column: ColumnProfile) -> TargetOption | None:
    """The second sound reading of a column of few whole numbers: classes as an amount, or an amount as classes."""
    if not (column.kind.is_numeric and 2 < column.unique <= MAX_EITHER_WAY and _is_whole(column)):
        return None
    name = quoted(column.name)
    if task_for(column)[0] is Task.MULTICLASS:
        return TargetOption(column.name, Task.REGRESSION, f"{name} as an amount, so that 4 instead of 5 is a small error.")
    return TargetOption(column.name, Task.MULTICLASS, f"{name} as {column.unique} classes, each for itself.")


def can_be_target(column: ColumnProfile) -> bool:
    if column.kind in _NO_TARGET or column.unique < 2:
        return False
    # Labels that hardly ever come again cannot be learned.
    present = sum(value.count for value in column.top)
    return column.kind.is_numeric or column.unique <= MAX_CLASSES or present >= 5 * len(column.top)


def _is_whole(column: ColumnProfile) -> bool:
    if column.kind is ColumnKind.INTEGER:
        return True
    written = (value.value for value in column.top)
    return bool(column.top) and all(_ends_whole(value) for value in written)


def _ends_whole(value: str) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return math.isfinite(number) and number.is_integer()


def _score(column: ColumnProfile, index: int, count: int) -> float:
    """Points for the name most of all, then for the last or first place, then for what can be learned well."""
    score = 5.0 * index / max(count - 1, 1)
    score += _name_points(column.name, is_edge=index in (0, count - 1))
    score += 30 if index == count - 1 else 15 if index == 0 else 0
    if column.unique == 2:
        score += 10
    elif column.kind.is_numeric or column.unique <= MAX_EITHER_WAY:
        score += 5
    else:
        score -= 20
    return score


def _name_points(name: str, *, is_edge: bool) -> float:
    tokens = name_tokens(name)
    if tokens == ["y"] and not is_edge:
        return 0.0  # between x and z it is a coordinate
    if tokens == [name.strip().lower()] and tokens[0] in _STRONG:
        return 60.0
    if tokens[-1] in _STRONG or tokens[0] in _STRONG:
        return 45.0
    return 40.0 if tokens[-1] in _GOOD else 20.0 if tokens[0] in _GOOD else 0.0


def _reason(column: ColumnProfile, index: int, count: int, task_reason: str) -> str:
    facts: list[str] = []
    if _name_points(column.name, is_edge=index in (0, count - 1)) >= 40:
        facts.append("is named like a target")
    if index in (0, count - 1):
        facts.append("is the last column" if index else "is the first column")
    head = task_reason.rstrip(".")
    return f"{head}. It {' and '.join(facts)}." if facts else f"{head}."
