"""What is made of which columns, in sentences: before a training, and while it is done."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashapp.training.features.groups import CATEGORIES, DATES, MANY, NUMBERS, TEXTS, grouped
from dashapp.training.run import InputColumn, PlannedFeatures

MISSING_FLAGGED = "missing values are flagged, and filled with the median where a model cannot leave them open"
_WHAT = {
    NUMBERS: "used as numbers; the linear model may bend their effect at their quantiles",
    CATEGORIES: "used as categories, each value with a place of its own; rare ones share one",
    MANY: "replaced by the mean of the target among other rows with the same value, within folds; the commonest values are told apart too",
    DATES: "taken apart into year, month, day, weekday and hour",
    TEXTS: "read as words and pairs of words (TF-IDF)",
}


def planned_features(inputs: Sequence[InputColumn], with_gaps: Sequence[str] = ()) -> tuple[PlannedFeatures, ...]:
    """What will be done to all `inputs`; `with_gaps` names those with missing values."""
    groups, incomplete = grouped(inputs), set(with_gaps)
    groups[CATEGORIES] = [name for name in groups[CATEGORIES] if name not in groups[MANY]]
    found = [PlannedFeatures(tuple(groups[name]), what) for name, what in _WHAT.items() if groups[name]]
    gaps = tuple(name for name in (*groups[NUMBERS], *groups[DATES]) if name in incomplete)
    return (*found, PlannedFeatures(gaps, MISSING_FLAGGED)) if gaps else tuple(found)


def preprocessing_steps(frame: pd.DataFrame, inputs: Sequence[InputColumn]) -> list[str]:
    """What is done to which columns, one sentence each, in the order in which it is done."""
    groups = grouped(inputs)
    steps = _fillings(frame, groups[NUMBERS])
    if groups[NUMBERS]:
        steps.append(f"Scaling {_listed(groups[NUMBERS], 'number', 'numbers')}")
    if groups[CATEGORIES]:
        steps.append(f"Encoding {_listed(groups[CATEGORIES], 'category', 'categories')}")
    if groups[MANY]:
        steps.append(f"Averaging the target within folds for {_listed(groups[MANY], 'category', 'categories')} of many values")
    if groups[DATES]:
        steps.append(f"Taking year, month, day, weekday and hour from {_listed(groups[DATES], 'date', 'dates')}")
    if groups[TEXTS]:
        steps.append(f"Reading the words of {_listed(groups[TEXTS], 'text', 'texts')}")
    return steps


def _fillings(frame: pd.DataFrame, names: Sequence[str], most: int = 8) -> list[str]:
    counts = {name: int(frame[name].isna().sum()) for name in names}
    filled = [(name, count) for name, count in counts.items() if count]
    steps = [f"Filling {count:,} missing value{'s' if count > 1 else ''} in {name} with the median" for name, count in filled[:most]]
    return [*steps, f"Filling missing values in {len(filled) - most} more columns with the median"] if len(filled) > most else steps


def _listed(names: list[str], one: str, many: str) -> str:
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"{len(names)} {one if len(names) == 1 else many}: {shown}"
