"""Which column is probably to be predicted, and what kind of task that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from dashapp.datasets.columns.naming import name_tokens
from dashapp.datasets.dataset import ColumnKind, ColumnProfile, TargetOption, TargetProposal, Task
from dashapp.datasets.target.amounts import could_be_either, reads_as_classes
from dashapp.datasets.target.predictable import how_predictable
from dashapp.datasets.target.row_numbers import is_id_name, is_row_number
from dashapp.datasets.wording import quoted
from dashapp.errors import CannotTrain

MOST_CLASSES = 200  # that a model is asked to tell apart
MAX_ALTERNATIVES = 5
MAX_LABELS = 30  # up to here labels are easily learned
MAX_CLASSES = 100
MISSING_POINTS = 25.0  # for a column that is mostly blank
ONLY_WORDS_POINTS = 6.0  # for the only words among many numbers
PREDICTABLE_POINTS = 4.0  # less than any word or place is worth: it settles ties
_STRONG = (
    frozenset({"target", "label", "labels", "class", "classes", "y", "outcome", "survived", "churn", "churned", "species"})
    | frozenset({"response", "dependent", "prediction", "default", "diagnosis", "attrition", "exited", "fraud", "left", "medv"})
    | frozenset({"defaulted", "saleprice", "subscribed", "deposit", "readmitted", "disease", "satisfaction", "potability", "msrp"})
)
_GOOD = (
    frozenset({"price", "value", "quality", "decision", "charges", "cost", "sales", "revenue", "score", "rating", "grade", "result"})
    | frozenset({"income", "salary", "approved", "converted", "clicked", "purchased", "risk", "demand", "profit", "amount", "status"})
    | frozenset({"cnt", "rings", "strength", "consumption", "yield", "efficiency", "load", "stroke", "cancer", "sentiment", "stars"})
    | frozenset({"spam", "failure", "fault", "defect", "bought", "accepted", "canceled", "cancelled", "bankrupt", "mpg", "wage"})
)
_FAIR = frozenset({"type", "category", "segment", "points", "group", "state", "range", "level", "variety", "genre", "count", "total"})
_AMOUNTS = frozenset({"price", "value", "charges", "cost", "sales", "revenue", "income", "salary", "amount", "profit", "wage"})
# Given facts, which are asked for more often than they are predicted.
_GIVEN = frozenset(
    {"age", "sex", "gender", "date", "year", "month", "day", "hour", "weekday", "time", "city", "country", "region"}
) | frozenset(
    {
        "latitude",
        "longitude",
        "lat",
        "lon",
        "lng",
        "zip",
        "zipcode",
        "address",
        "name",
        "phone",
        "code",
        "unnamed",
        "column",
        "index",
        "id",
        "x",
        "z",
    }
)
_NO_TARGET = {
    ColumnKind.CONSTANT: "it has one value only",
    ColumnKind.IDENTIFIER: "its values are all different, like names or numbers of the rows",
    ColumnKind.TEXT: "it holds free text",
    ColumnKind.DATETIME: "it holds dates",
}


def propose_target(columns: Sequence[ColumnProfile], sample: pd.DataFrame | None = None) -> TargetProposal:
    """The likeliest target by name, place, kind and values, with the next ones and the other task where both are sound.

    With a sample, what the other columns say nothing about comes after what they can predict, where names and places tie.
    """
    ranked = _ranked(columns, sample)
    options: list[TargetOption] = []
    for place, index in enumerate(ranked):
        column = columns[index]
        task, reason = task_for(column)
        options.append(TargetOption(column.name, task, _reason(column, index, len(columns), reason)))
        if place == 0 and (other := other_task(column)) is not None:
            options.append(other)
    if not options:
        return TargetProposal(None, None, "No column can be predicted: each has one value, only different values, text or dates.")
    first, *rest = options[: MAX_ALTERNATIVES + 1]
    return TargetProposal(first.name, first.task, first.reason, tuple(rest))


def would_be_first(column: ColumnProfile, columns: Sequence[ColumnProfile], target: TargetProposal) -> bool:
    """Whether a column without two values would be the first choice by its name and place if it had them."""
    index, count = columns.index(column), len(columns)
    if _name_points(column, is_edge=index in (0, count - 1)) < 45:
        return False
    first = next((place for place, each in enumerate(columns) if each.name == target.name), None)
    filled = replace(column, kind=ColumnKind.BOOLEAN, unique=2)
    return first is None or _score(filled, index, count) > _score(columns[first], first, count)


def task_for(column: ColumnProfile) -> tuple[Task, str]:
    """The task that predicting this column is, and why in one sentence. Raises CannotTrain for a column that cannot be predicted."""
    name = quoted(column.name)
    if column.kind in _NO_TARGET:
        raise CannotTrain(f"{name} cannot be predicted: {_NO_TARGET[column.kind]}. Choose another target.", column=column.name)
    if column.unique == 2:
        return Task.BINARY, f"{name} has two values."
    if not column.kind.is_numeric:
        order = f", which have an order ({quoted(column.levels[0])} to {quoted(column.levels[-1])})" if column.levels else ""
        return Task.MULTICLASS, f"{name} has {column.unique:,} labels{order}."
    if (why := reads_as_classes(column)) is not None:
        return Task.MULTICLASS, f"{why}; regression is possible too."
    classes = "; its values can be taken as classes too" if could_be_either(column) else ""
    return Task.REGRESSION, f"{name} is a number with {column.unique:,} different values{classes}."


def other_task(column: ColumnProfile) -> TargetOption | None:
    """The second sound reading of a column of few whole numbers: classes as an amount, or an amount as classes."""
    if column.unique < 3 or not could_be_either(column):
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


def _ranked(columns: Sequence[ColumnProfile], sample: pd.DataFrame | None) -> list[int]:
    """The places of the columns that can be predicted, best first."""
    points = {index: _score(column, index, len(columns)) for index, column in enumerate(columns) if can_be_target(column)}
    rows = max((column.missing + max(column.unique, sum(value.count for value in column.top)) for column in columns), default=0)
    words = [index for index in points if not columns[index].kind.is_numeric]
    for index in points:
        points[index] -= MISSING_POINTS * (columns[index].missing > 0.5 * rows)
        points[index] += ONLY_WORDS_POINTS * (words == [index] and len(points) > 4)
    if sample is not None:
        for index in points:
            if is_row_number(columns[index], max(rows, len(sample)), sample):
                points[index] -= 100.0
        close = _close_to_the_best(points)
        for index, score in how_predictable(sample, columns, close).items():
            points[index] += PREDICTABLE_POINTS * score
    return sorted(points, key=lambda index: (-points[index], -index))


def _close_to_the_best(points: dict[int, float]) -> list[int]:
    """Those that a few points more or less may bring before another one, at most as many as are offered and two."""
    order = sorted(points, key=lambda index: -points[index])[: MAX_ALTERNATIVES + 2]
    return order if len(order) > 1 else []


def _score(column: ColumnProfile, index: int, count: int) -> float:
    """Points for the name most of all, then for the last or first place, then for what can be learned well."""
    score = 5.0 * index / max(count - 1, 1)
    score += _name_points(column, is_edge=index in (0, count - 1))
    score += 30 if index == count - 1 else 15 if index == 0 else 0
    if column.unique == 2:
        score += 10
    elif column.kind.is_numeric or column.unique <= MAX_LABELS:
        score += 5
    else:
        score -= 20
    return score


def _name_points(column: ColumnProfile, *, is_edge: bool) -> float:
    name = column.name
    tokens = name_tokens(name)
    if tokens == ["y"] and not is_edge:
        return 0.0  # between x and z it is a coordinate
    if is_id_name(name):
        return -35.0  # of a group of rows: less than the last place is worth
    is_whole_name = tokens == [name.strip().lower()]
    if is_whole_name and tokens[0] in _STRONG:
        return 60.0
    if tokens[-1] in _STRONG or tokens[0] in _STRONG:
        return 45.0
    if tokens[-1] in _AMOUNTS and not column.kind.is_numeric and column.unique > 2:
        return 15.0  # low, medium and high are a property more often than a goal
    if tokens[-1] in _GOOD:
        return 43.0 if is_whole_name else 40.0
    if tokens[-1] in _FAIR:
        return 40.0 if is_edge else 25.0
    if tokens[0] in _GOOD:
        return 20.0
    return -10.0 if set(tokens) & _GIVEN else 0.0


def _reason(column: ColumnProfile, index: int, count: int, task_reason: str) -> str:
    facts: list[str] = []
    if _name_points(column, is_edge=index in (0, count - 1)) >= 40:
        facts.append("is named like a target")
    if index in (0, count - 1):
        facts.append("is the last column" if index else "is the first column")
    head = task_reason.rstrip(".")
    return f"{head}. It {' and '.join(facts)}." if facts else f"{head}."
