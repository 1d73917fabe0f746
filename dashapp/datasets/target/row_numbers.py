"""Numbers that name the row and measure nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashapp.datasets.columns.naming import name_tokens
from dashapp.datasets.dataset import ColumnKind, ColumnProfile
from dashapp.datasets.target.signals import Floats

MIN_ROWS = 20
MIN_ROWS_TO_SEE_EVENNESS = 100
_TICKET_DIGITS = 5
_EVEN = 1.4  # the distance of Kolmogorov and Smirnov times the root of the rows; by chance it is larger in one case of 25
_CODE_DIGITS = 9  # account numbers, phone numbers, seconds since 1970: as many digits in every row
_ID = frozenset({"id", "ids", "index", "idx", "key", "uuid", "guid", "serial", "identifier"})
_TIME = frozenset({"year", "years", "month", "week", "day", "hour", "minute", "date", "time", "t", "period", "step", "age", "rank"})


def is_id_name(name: str) -> bool:
    """Named as what tells rows or groups of them apart, such as "host_id" and "Unnamed: 0"."""
    tokens = name_tokens(name)
    return tokens[-1] in _ID or tokens[0] in ("id", "unnamed")


def is_row_number(column: ColumnProfile, rows: int, sample: pd.DataFrame | None = None) -> bool:
    """Every row has another whole number, and they are a sequence without a gap (in any order), long codes of one length, or are
    spread so evenly, sorted or over all numbers of their length, as nothing is that is measured. The last needs the sample."""
    if column.kind is not ColumnKind.INTEGER or column.missing or column.unique < rows or rows < MIN_ROWS:
        return False
    if column.minimum is None or column.maximum is None:
        return False
    if _TIME & set(name_tokens(column.name)):
        return False
    if column.maximum - column.minimum == rows - 1:
        return True
    digits = len(str(int(column.minimum)))
    is_of_one_length = column.minimum > 0 and digits == len(str(int(column.maximum)))
    if is_of_one_length and digits >= _CODE_DIGITS:
        return sample is None or _is_evenly_used(sample[column.name].to_numpy(np.float64))
    return sample is not None and _is_drawn_evenly(sample[column.name].to_numpy(np.float64), digits if is_of_one_length else 0)


def _is_drawn_evenly(values: Floats, digits: int) -> bool:
    """Like tickets: in order with gaps of chance, or anywhere among the numbers of so many digits (0: not of one length)."""
    if len(values) < MIN_ROWS_TO_SEE_EVENNESS:
        return False
    steps = np.diff(values)
    low, high = float(values.min()), float(values.max())
    is_sorted = bool((steps > 0).all()) and float(np.ptp(steps)) > 0
    is_anywhere = digits >= _TICKET_DIGITS and low < 1.2 * 10 ** (digits - 1) and high > 9.8 * 10 ** (digits - 1)
    if not (is_sorted or is_anywhere):
        return False
    expected = low + (high - low) * (np.arange(len(values)) + 0.5) / len(values)
    farthest = float(np.abs(np.sort(values) - expected).max()) / (high - low)
    return farthest * float(np.sqrt(len(values))) < _EVEN


def _is_evenly_used(values: Floats) -> bool:
    """An amount of so many digits would end in zeros here and there."""
    return bool(np.mean(np.mod(values, 1_000) == 0) < 0.1)
