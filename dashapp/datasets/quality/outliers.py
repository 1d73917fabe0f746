"""Numbers that can hardly be right: far outside of all others, or impossible for what the name says is measured."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from dashapp.datasets.columns.naming import name_tokens
from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Finding, Remedy, Severity
from dashapp.datasets.target.row_numbers import is_id_name
from dashapp.datasets.target.signals import Floats, Mask, first_rows
from dashapp.datasets.wording import count_of, looked_at, quoted

MIN_VALUES, MIN_DIFFERENT = 30, 10
FENCE = 5.0  # distances between the quartiles, from the median
GAP = 1.2  # on the scale of asinh, where a long tail has no gaps: about 3.3 times as far out as the next one
MAX_SHARE = 0.01
MAX_AGE = 125.0
OLD_AGE = 105.0  # where many are as old as that, they are the ages of no people, or not in years
_MAX_SPELLED = 5
_EMPTY_SPACE = 2.0  # distances between the quartiles from 0 to nearly all other values: 0 is no measurement
_MEASURED = (
    frozenset({"glucose", "pressure", "bp", "thickness", "insulin", "bmi", "height", "weight", "cholesterol", "chol", "pulse", "heartrate"})
    | frozenset({"width", "length", "mass", "diameter", "volume", "area", "size", "sqft", "sqm", "surface", "radius", "hemoglobin"})
    | frozenset({"year", "horsepower", "hp", "displacement", "wheelbase", "albumin", "creatinine", "sodium", "potassium"})
)
_COUNTED = (
    frozenset({"age", "count", "cnt", "quantity", "qty", "price", "children", "kids", "rooms", "bedrooms", "bathrooms", "floors"})
    | frozenset({"visits", "orders", "purchases", "persons", "people", "population", "households", "employees", "salary", "wage"})
    | frozenset({"distance", "duration", "mileage", "tenure", "stock", "units", "clicks", "views", "sqft", "area", "weight", "height"})
)
# A difference may well be negative.
_SIGNED = frozenset({"change", "diff", "difference", "delta", "balance", "growth", "net", "return", "log", "score", "scaled", "z", "error"})


def judge_numbers(sample: pd.DataFrame, column: ColumnProfile, rows: int, *, is_target: bool) -> Iterator[Finding]:
    """Impossible values first, then outliers among the rest. The zeros of a target are left alone: they are what is to be predicted.

    The lowest and the highest value of the whole column are looked at even where the sample does not hold them.
    """
    values = _with_extremes(sample[column.name].to_numpy(np.float64), column)
    present = ~np.isnan(values)
    if present.sum() < MIN_VALUES:
        return
    impossible = np.zeros(len(values), dtype=bool)
    for mask, what in _impossible(column, values, present, is_target=is_target):
        impossible |= mask
        yield _finding("impossible_values", sample, column, values, mask, what, rows)
    if column.unique >= MIN_DIFFERENT and not is_id_name(column.name):
        places = np.flatnonzero(present & ~impossible)
        far = places[far_out(values[places])]
        if len(far):
            mask = np.zeros(len(values), dtype=bool)
            mask[far] = True
            what = f"far outside of all others ({_others(values[present & ~impossible & ~mask])})"
            yield _finding("outliers", sample, column, values, mask, what, rows)


def _with_extremes(values: Floats, column: ColumnProfile) -> Floats:
    """Behind the rows of the sample the extremes that are in none of them."""
    known = values[~np.isnan(values)]
    if len(known) == 0 or column.minimum is None or column.maximum is None:
        return values
    low, high = float(known.min()), float(known.max())
    more = [value for value in (column.minimum, column.maximum) if not low <= value <= high]
    return np.append(values, more)


def far_out(values: Floats) -> Mask:
    """The few values with a wide gap to all others, on either side. The end of a long tail is none of them."""
    none = np.zeros(len(values), dtype=bool)
    if len(values) < MIN_VALUES:
        return none
    first, middle, third = np.quantile(values, (0.25, 0.5, 0.75))
    spread = third - first
    if not (np.isfinite(spread) and spread > 0):
        return none
    with np.errstate(over="ignore"):
        distance = (values - middle) / spread
    beyond = np.abs(distance) > FENCE
    if not beyond.any():
        return none
    return _isolated(distance, beyond) | _isolated(-distance, beyond)


def _isolated(distance: Floats, beyond: Mask) -> Mask:
    scale = np.arcsinh(distance)
    outside = np.sort(scale[beyond & (distance > 0)])
    none = np.zeros(len(distance), dtype=bool)
    if len(outside) == 0:
        return none
    inner = scale[~(beyond & (distance > 0))].max(initial=0.0)
    wide = np.flatnonzero(np.diff(np.concatenate([[inner], outside])) >= GAP)
    if len(wide) == 0:
        return none
    chosen: Mask = scale >= outside[wide[0]]
    return chosen if chosen.sum() <= max(1, MAX_SHARE * len(distance)) else none


def _impossible(column: ColumnProfile, values: Floats, present: Mask, *, is_target: bool) -> Iterator[tuple[Mask, str]]:
    tokens = set(name_tokens(column.name))
    known = values[present]
    negative = present & (values < 0)
    if negative.any() and tokens & (_COUNTED | _MEASURED) and not tokens & _SIGNED and negative.sum() < 0.05 * len(known):
        yield negative, "negative, which it cannot be by its name"
    old = present & (values > MAX_AGE)
    if "age" in tokens and old.any() and old.sum() < 0.05 * len(known) and np.quantile(known[known <= MAX_AGE], 0.99) < OLD_AGE:
        yield old, f"more than {MAX_AGE:.0f}, which it cannot be by its name"
    zero = present & (values == 0)
    if zero.any() and not is_target and _stands_for_missing(known, is_measured=bool(tokens & _MEASURED)):
        yield zero, "0 and lie apart from all others, so 0 probably stands for a missing value"


def _stands_for_missing(known: Floats, *, is_measured: bool) -> bool:
    """Zeros are followed by empty space: wide in any case, and some at least where what is measured cannot be 0."""
    others = np.unique(known[known != 0])
    if len(others) < MIN_DIFFERENT or others[0] < 0:
        return False
    low = others[0]
    if is_measured:
        return bool(low >= 3 * np.median(np.diff(others[:20])))
    present = known[known != 0]
    lowest, first, third = np.quantile(present, (0.01, 0.25, 0.75))
    is_rare = len(present) >= 0.9 * len(known)
    return bool(is_rare and lowest >= _EMPTY_SPACE * (third - first) and low >= lowest / 3 and low >= 10 * np.median(np.diff(others)))


def _finding(code: str, sample: pd.DataFrame, column: ColumnProfile, values: Floats, mask: Mask, what: str, rows: int) -> Finding:
    count, name, looked = int(mask.sum()), quoted(column.name), looked_at(len(sample), rows)
    different = np.unique(values[mask])
    shown = ", ".join(f"{value:,.6g}" for value in different[:_MAX_SPELLED]) + (" and others" if len(different) > _MAX_SPELLED else "")
    where = f" ({shown})" if different.any() else ""
    verb = "is" if count == 1 else "are"
    message = f"{count_of(count, 'value')} of {name}{where} {verb} {_singular(what) if count == 1 else what}{looked}."
    return Finding(
        code, column.name, message, Severity.WARN, first_rows(sample, mask[: len(sample)]), count, _as_missing(column, different)
    )


def _singular(what: str) -> str:
    return what.replace("and lie apart", "and lies apart")


def _as_missing(column: ColumnProfile, different: Floats) -> tuple[Remedy, ...]:
    """The values in the spellings that they are likely to have in the file, besides those that mean missing already."""
    if len(different) > _MAX_SPELLED:
        return ()
    spelled = [*column.missing_as, *(spelling for value in different for spelling in _spellings(float(value), column))]
    return (Remedy("Take them as missing", {"columns": {column.name: {"missing": spelled}}}),)


def _spellings(value: float, column: ColumnProfile) -> list[str]:
    plain = f"{value:.15g}"
    written = [entry.value for entry in column.top if _is_number(entry.value, value)]
    if written:
        return written
    if column.kind is ColumnKind.INTEGER or not value.is_integer() or "e" in plain:
        return [plain]
    return [plain, f"{plain}.0", f"{plain}.00"]


def _is_number(text: str, value: float) -> bool:
    try:
        return float(text) == value
    except ValueError:
        return False


def _others(values: Floats) -> str:
    return f"{values.min():,.6g} to {values.max():,.6g}"
