"""Table -> what the estimators see: columns with fixed types, and the preprocessing of each family.

Types never come from the values at hand but from `InputColumn.kind`, so that a single row of nulls is encoded exactly as it
would be inside a batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from dashapp.datasets.dataset import ColumnKind
from dashapp.training.run import InputColumn

FloatArray = NDArray[np.float64]

NUMBERS, CATEGORIES, DATES = "numbers", "categories", "dates"
DATE_PARTS = ("year", "month", "day", "weekday", "hour", "days since 1970")
MICROSECONDS_A_DAY = 86_400_000_000

# The histograms of gradient boosting have 255 bins, and each category takes one.
MAX_BINS = 250
_ONE_HOT_COLUMNS = 400


class DateParts(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Dates `[n, m]` -> float64 `[n, 6 m]`: the `DATE_PARTS` of each column, NaN where the date is missing."""

    def fit(self, dates: Any, y: Any = None) -> DateParts:
        self.n_features_in_ = dates.shape[1]
        self.feature_names_in_ = np.array([str(name) for name in dates.columns], dtype=object)
        return self

    def transform(self, dates: Any) -> FloatArray:
        return np.hstack([_date_parts(dates.iloc[:, at].to_numpy()) for at in range(dates.shape[1])])

    def get_feature_names_out(self, names: Any = None) -> NDArray[Any]:
        return np.array([f"{name} {part}" for name in self.feature_names_in_ for part in DATE_PARTS], dtype=object)


def _date_parts(dates: NDArray[Any]) -> FloatArray:
    moments = dates.astype("datetime64[us]")
    days = moments.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    years = days.astype("datetime64[Y]")
    since = moments.astype(np.int64)
    parts = np.column_stack(
        [
            years.astype(np.int64) + 1970,
            (months - years).astype(np.int64) + 1,
            (days - months).astype(np.int64) + 1,
            # 1970-01-01 was a Thursday, which is 3 where Monday is 0.
            (days.astype(np.int64) + 3) % 7,
            since // 3_600_000_000 % 24,
            since / MICROSECONDS_A_DAY,
        ]
    ).astype(np.float64)
    parts[np.isnat(moments)] = np.nan
    return parts


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
    """The inputs' columns of a whole table with the types that `to_frame` gives; infinite numbers count as missing."""
    columns: dict[str, Any] = {}
    for column in inputs:
        series = table[column.name]
        if column.kind.is_numeric:
            numbers = series.to_numpy(dtype=np.float64, na_value=np.nan)
            columns[column.name] = np.where(np.isfinite(numbers), numbers, np.nan)
        elif column.kind is ColumnKind.DATETIME:
            columns[column.name] = series.to_numpy().astype("datetime64[us]")
        else:
            columns[column.name] = series.astype("str").array
    return pd.DataFrame(columns)


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


def grouped(inputs: Sequence[InputColumn]) -> dict[str, list[str]]:
    """Column names by treatment; categories come first, as gradient boosting's own encoder puts them first too."""
    groups: dict[str, list[str]] = {CATEGORIES: [], NUMBERS: [], DATES: []}
    for column in inputs:
        is_date = column.kind is ColumnKind.DATETIME
        groups[DATES if is_date else NUMBERS if column.kind.is_numeric else CATEGORIES].append(column.name)
    return groups


def linear_features(inputs: Sequence[InputColumn]) -> ColumnTransformer:
    """Everything filled, scaled and one-hot encoded; rare categories share a column, so that the width stays bounded."""
    width = max(5, min(50, _ONE_HOT_COLUMNS // max(1, len(grouped(inputs)[CATEGORIES]))))
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=width, sparse_output=False)
    fill = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    numbers = Pipeline([("fill", fill), ("scale", StandardScaler())])
    fill_dates = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    dates = Pipeline([("parts", DateParts()), ("fill", fill_dates), ("scale", StandardScaler())])
    return _columns(inputs, {CATEGORIES: encoder, NUMBERS: numbers, DATES: dates})


def forest_features(inputs: Sequence[InputColumn]) -> ColumnTransformer:
    """Numbers as they are, NaN included; categories as codes, -1 for one that was not seen in training."""
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=np.nan)
    return _columns(inputs, {CATEGORIES: encoder, NUMBERS: "passthrough", DATES: DateParts()})


def boosting_features(inputs: Sequence[InputColumn]) -> ColumnTransformer:
    """Numbers as they are; categories as codes for the native splits (unseen means missing, the rarest share a code)."""
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan, max_categories=MAX_BINS
    )
    return _columns(inputs, {CATEGORIES: encoder, NUMBERS: "passthrough", DATES: DateParts()})


def _columns(inputs: Sequence[InputColumn], blocks: Mapping[str, Any]) -> ColumnTransformer:
    groups = grouped(inputs)
    return ColumnTransformer([(name, blocks[name], groups[name]) for name in groups if groups[name]], sparse_threshold=0.0)


def preprocessing_steps(frame: pd.DataFrame, inputs: Sequence[InputColumn]) -> list[str]:
    """What is done to which columns, one sentence each, in the order in which it is done."""
    groups = grouped(inputs)
    steps: list[str] = []
    for name in groups[NUMBERS]:
        missing = int(frame[name].isna().sum())
        if missing:
            steps.append(f"Filling {missing:,} missing value{'s' if missing > 1 else ''} in {name} with the median")
    if groups[NUMBERS]:
        steps.append(f"Scaling {_listed(groups[NUMBERS], 'number', 'numbers')}")
    if groups[CATEGORIES]:
        steps.append(f"Encoding {_listed(groups[CATEGORIES], 'category', 'categories')}")
    if groups[DATES]:
        steps.append(f"Taking year, month, day, weekday and hour from {_listed(groups[DATES], 'date', 'dates')}")
    return steps


def _listed(names: list[str], one: str, many: str) -> str:
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"{len(names)} {one if len(names) == 1 else many}: {shown}"
