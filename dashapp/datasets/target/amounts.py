"""Few different whole numbers: codes of classes, steps of a rating, or an amount. The name and the values decide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from dashapp.datasets.columns.naming import name_tokens
from dashapp.datasets.dataset import ColumnKind, ColumnProfile
from dashapp.datasets.wording import quoted

MAX_NUMBER_CLASSES = 10  # more different integers than a rating has are an amount
MAX_EITHER_WAY = 30  # up to here the other task is offered too
MAX_CODES = 100  # more numbers than this are no codes of classes, whatever their name
_CODES = frozenset(
    {"class", "classes", "label", "labels", "type", "category", "cluster", "species", "digit", "letter", "segment"}
) | frozenset({"group", "code", "kind", "variety", "diagnosis", "status", "genre", "breed"})
_STEPS = frozenset(
    {"rating", "stars", "star", "grade", "level", "quality", "stage", "tier", "rank", "band", "range", "severity"}
) | frozenset({"priority", "satisfaction", "risk", "score", "bracket", "bin", "bucket", "degree", "likert", "decile", "quartile"})
_AMOUNTS = (
    frozenset({"age", "count", "counts", "cnt", "years", "year", "yrs", "months", "month", "weeks", "days", "hours", "minutes", "seconds"})
    | frozenset({"qty", "quantity", "total", "sum", "price", "cost", "amount", "income", "salary", "revenue", "sales", "profit", "value"})
    | frozenset({"size", "height", "weight", "length", "width", "distance", "duration", "temperature", "children", "kids", "members"})
    | frozenset({"visits", "purchases", "orders", "items", "units", "rooms", "bedrooms", "bathrooms", "clicks", "calls", "rings"})
    | frozenset({"pregnancies", "siblings", "absences", "failures", "defects", "goals", "accidents", "claims", "points", "persons"})
)
_COUNTING = frozenset({"number", "num", "count", "cnt", "total", "nr", "no", "n"})


def whole_values(column: ColumnProfile) -> list[float] | None:
    """The different values in order where all of them are listed and whole, however they are written ("3", "3.0")."""
    if not column.top or len(column.top) < column.unique:
        return None
    read = [_number(value.value) for value in column.top]
    return sorted({value for value in read if value is not None}) if all(value is not None for value in read) else None


def is_whole(column: ColumnProfile) -> bool:
    return column.kind is ColumnKind.INTEGER or whole_values(column) is not None


def could_be_either(column: ColumnProfile) -> bool:
    """Whether both readings, classes and an amount, are sound."""
    return column.kind.is_numeric and is_whole(column) and (2 < column.unique <= MAX_EITHER_WAY or reads_as_classes(column) is not None)


def reads_as_classes(column: ColumnProfile) -> str | None:
    """Why a column of whole numbers is one of classes rather than of an amount; None where it is an amount."""
    name, values = quoted(column.name), whole_values(column)
    sense = _sense(column.name)
    if not is_whole(column) or sense == "amount":
        return None
    if column.levels:
        return f"{name} has {column.unique} steps from {quoted(column.levels[0])} to {quoted(column.levels[-1])}, like a rating"
    if column.unique > MAX_NUMBER_CLASSES:
        if sense == "codes" and _is_dense(column) and column.unique <= MAX_CODES:
            return f"{name} has {column.unique} whole numbers without a gap and is named like a class"
        return None
    if sense is None and (_is_spread(values) or _is_count(column, values)):
        return None
    what = "like codes of classes" if sense == "codes" else "like a rating"
    return f"{name} has {column.unique} different whole numbers, {what}"


def _sense(name: str) -> str | None:
    """What the last telling word of the name stands for. "number of doors" counts, and "num" alone says nothing."""
    tokens = name_tokens(name)
    if len(tokens) > 1 and tokens[0] in _COUNTING and tokens[-1] not in _CODES | _STEPS:
        return "amount"
    for token in reversed(tokens):
        if token in _CODES:
            return "codes"
        if token in _STEPS:
            return "steps"
        if token in _AMOUNTS:
            return "amount"
    return None


def _is_dense(column: ColumnProfile) -> bool:
    low, high = column.minimum, column.maximum
    return low is not None and high is not None and low in (0, 1) and high - low == column.unique - 1


def _is_spread(values: Sequence[float] | None) -> bool:
    """Far apart, like 10, 20, 50 and 100."""
    return bool(values) and values is not None and values[-1] - values[0] + 1 >= 4 * len(values)


def _is_count(column: ColumnProfile, values: Sequence[float] | None) -> bool:
    """From 0 on, each number rarer than the one before: children, visits, failures."""
    if not values or len(values) < 6 or values[0] != 0:
        return False
    counts = {_number(value.value): value.count for value in column.top}
    ordered = [counts[value] for value in values]
    return all(later < earlier for earlier, later in pairwise(ordered[1:])) and ordered[-1] < 0.05 * sum(ordered)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number.is_integer() else None
