"""Records and tables -> frames with fixed types, and back.

Types never come from the values at hand but from `InputColumn.kind`, so that a single row of nulls is encoded exactly as it
would be inside a batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from dashapp.datasets.dataset import ColumnKind
from dashapp.training.run import InputColumn

MOST_BLOCKS = 200


def to_frame(rows: Sequence[Mapping[str, Any]], inputs: Sequence[InputColumn]) -> pd.DataFrame:
    """Records -> the frame that a fitted pipeline takes. A missing key or None is a missing value; dates are ISO strings or datetimes."""
    return pd.DataFrame({column.name: _typed([row.get(column.name) for row in rows], column.kind) for column in inputs})


def _typed(values: list[Any], kind: ColumnKind) -> Any:
    if kind.is_numeric:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    if kind is ColumnKind.DATETIME:
        moments = [datetime.fromisoformat(value) if isinstance(value, str) else value for value in values]
        return np.array(moments, dtype="datetime64[us]")
    return pd.array(values, dtype="str")


def input_frame(table: pd.DataFrame, inputs: Sequence[InputColumn]) -> pd.DataFrame:
    """The inputs' columns of a whole table with the types that `to_frame` gives; infinite numbers count as missing.

    What has its type already is not copied: the frame shares the table's memory.
    """
    columns: dict[str, Any] = {}
    for column in inputs:
        series = table[column.name]
        if column.kind.is_numeric:
            numbers = series.to_numpy(dtype=np.float64, na_value=np.nan)
            is_endless = np.isinf(numbers)
            columns[column.name] = np.where(is_endless, np.nan, numbers) if is_endless.any() else numbers
        elif column.kind is ColumnKind.DATETIME:
            columns[column.name] = series.to_numpy().astype("datetime64[us]", copy=False)
        else:
            columns[column.name] = series.astype("str").array
    # Columns side by side in one block are quicker to draw rows from where there are very many.
    return pd.DataFrame(columns, copy=len(columns) > MOST_BLOCKS)


def records(frame: pd.DataFrame, inputs: Sequence[InputColumn]) -> list[dict[str, Any]]:
    """The inverse of `to_frame`: JSON-ready rows with None for what is missing and whole numbers in integer columns."""
    columns = {column.name: _plain(frame[column.name], column.kind) for column in inputs}
    return [{name: values[at] for name, values in columns.items()} for at in range(len(frame))]


def _plain(series: pd.Series[Any], kind: ColumnKind) -> list[Any]:
    if kind is ColumnKind.DATETIME:
        return [None if value is pd.NaT else value.isoformat() for value in series]
    values = [None if pd.isna(value) else value for value in series.tolist()]
    if kind is ColumnKind.INTEGER:
        return [int(value) if value is not None and value.is_integer() else value for value in values]
    return values
