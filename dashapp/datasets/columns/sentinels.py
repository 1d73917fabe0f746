"""Numbers that stand for "no value": -999 among ages, 9999 among weights."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dashapp.datasets.columns.measure import Spread
from dashapp.datasets.columns.naming import name_tokens
from dashapp.datasets.columns.numbers import numbers_among

_NINES = (99.0, 999.0, 9_999.0, 99_999.0, 999_999.0, 9_999_999.0)
CANDIDATES = np.array([*_NINES, *(-nines for nines in _NINES), -888.0, -8_888.0, -777.0])
_MIN_REPEATS = 3
_MIN_OTHERS = 3  # different values besides
_RANGES_AWAY = 4.0
# Amounts have long tails, and people like nines in prices; a year 9999 is an end that is open.
_NEVER_ABOVE = frozenset(
    {"price", "cost", "amount", "income", "salary", "revenue", "sales", "value", "total", "balance", "charge", "charges"}
)


def find_sentinels(name: str, spread: Spread, keep: Iterable[str] = ()) -> NDArray[np.float64]:
    """Those of the numbers that cannot be measured ones: repeated nines that lie far away from all others. `keep`: those that are
    values, as was said."""
    candidates = CANDIDATES[~np.isin(CANDIDATES, numbers_among(keep))]
    found = np.sort(candidates[spread.occurrences(candidates) >= _MIN_REPEATS])
    if not len(found):
        return found
    others = spread.without(lambda numbers: np.isin(numbers, candidates))
    if others.unique < _MIN_OTHERS:
        return found[:0]
    low, high = others.low, others.high
    reach = high - low
    below = (found < 0) & ((low >= 0) | (found < low - _RANGES_AWAY * reach))
    above = (found > high + _RANGES_AWAY * reach) & (not _NEVER_ABOVE & set(name_tokens(name)))
    is_far: NDArray[np.bool_] = below | above
    return found[is_far]
