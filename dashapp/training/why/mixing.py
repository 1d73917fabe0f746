"""Rows made of other rows: each column takes its values from positions of its own, so that types and values are always real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashapp.training.features import FloatArray

Predict = Callable[[pd.DataFrame], FloatArray]
Positions = NDArray[np.intp]
Columns = Mapping[str, Any]

MOST_ROWS_AT_ONCE = 20_000
_CELLS_AT_ONCE = 4_000_000


def rows_at_once(columns: int) -> int:
    """How many rows one call may take, so that wide tables do not fill the memory."""
    return max(100, min(MOST_ROWS_AT_ONCE, _CELLS_AT_ONCE // max(1, columns)))


def columns_of(frame: pd.DataFrame) -> Columns:
    """The columns as arrays: looking one up in a frame takes longer than taking values from it."""
    return {str(name): _array(frame[name]) for name in frame.columns}


def _array(series: pd.Series[Any]) -> Any:
    return series.to_numpy() if isinstance(series.dtype, np.dtype) else series.array


def mixed(columns: Columns, take: Positions, own: Mapping[str, Positions]) -> pd.DataFrame:
    """The rows at `take`; the columns in `own` come from the positions given there instead."""
    return pd.DataFrame({name: values.take(own.get(name, take)) for name, values in columns.items()}, copy=False)


def predict_mixed(predict: Predict, columns: Columns, take: Positions, own: Mapping[str, Positions], at_once: int) -> FloatArray:
    """What `predict` says of `mixed(columns, take, own)`, in calls of at most `at_once` rows."""
    parts = []
    for low in range(0, max(1, len(take)), at_once):
        part = slice(low, low + at_once)
        parts.append(predict(mixed(columns, take[part], {name: positions[part] for name, positions in own.items()})))
    return np.concatenate(parts)
