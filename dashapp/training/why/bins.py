"""A column's values -> groups of rows that a sentence can name: labels, quarters of numbers and dates, missing values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashapp.datasets.dataset import ColumnKind
from dashapp.training.run import InputColumn

_MOST_LABELS = 30
_FEW_NUMBERS = 8
_LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Bins:
    """`codes[i]` is the place of row i's group in `sentences`, -1 where it is in none."""

    column: str
    codes: NDArray[np.int16]
    sentences: tuple[str, ...]


def bins_of(series: pd.Series[Any], column: InputColumn) -> Bins:
    """The most frequent labels, or the quarters; text is told apart only by whether it is missing."""
    if column.kind is ColumnKind.TEXT:
        codes, words = _none(len(series))
    elif column.kind.is_numeric:
        codes, words = _numbers(series.to_numpy(dtype=np.float64), column.name)
    elif column.kind is ColumnKind.DATETIME:
        codes, words = _dates(series.to_numpy(), column.name)
    else:
        codes, words = _labels(series, column.name)
    codes = np.where(series.isna().to_numpy(), len(words), codes)
    return Bins(column.name, codes.astype(np.int16), (*words, f"{column.name} is missing"))


def _none(rows: int) -> tuple[NDArray[np.intp], list[str]]:
    return np.full(rows, -1), []


def _labels(series: pd.Series[Any], name: str) -> tuple[NDArray[np.intp], list[str]]:
    codes, labels = pd.factorize(series)
    chosen = np.argsort(-np.bincount(codes[codes >= 0], minlength=len(labels)), kind="stable")[:_MOST_LABELS]
    place = np.full(len(labels) + 1, -1)
    place[chosen] = np.arange(len(chosen))
    return place[codes], [f"{name} is {_shortened(str(labels[code]))}" for code in chosen]


def _numbers(values: NDArray[np.float64], name: str) -> tuple[NDArray[np.intp], list[str]]:
    present = np.sort(values[~np.isnan(values)])
    if not len(present):
        return _none(len(values))
    distinct = present[np.r_[True, np.diff(present) != 0]]
    if len(distinct) <= _FEW_NUMBERS:
        return np.searchsorted(distinct, values), [f"{name} is {spoken_number(value)}" for value in distinct]
    edges = np.unique(np.quantile(present, (0.25, 0.5, 0.75), method="inverted_cdf"))
    edges = edges[edges < present[-1]] if edges[0] < present[-1] else distinct[-2:-1]
    said = [spoken_number(edge) for edge in edges]
    between = [f"{name} is above {low} and at most {high}" for low, high in pairwise(said)]
    return np.searchsorted(edges, values), [f"{name} is at most {said[0]}", *between, f"{name} is above {said[-1]}"]


def _dates(values: NDArray[Any], name: str) -> tuple[NDArray[np.intp], list[str]]:
    days = values.astype("datetime64[D]")
    present = np.sort(days[~np.isnat(days)])
    if not len(present):
        return _none(len(values))
    edges = np.unique(present[[len(present) // 4, len(present) // 2, 3 * len(present) // 4]])
    edges = edges[edges > present[0]]
    if not len(edges):
        return _none(len(values))
    between = [f"{name} is from {low} to before {high}" for low, high in pairwise(edges)]
    return np.searchsorted(edges, days, side="right"), [f"{name} is before {edges[0]}", *between, f"{name} is from {edges[-1]} on"]


def _shortened(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"


def spoken_number(value: float) -> str:
    """Whole numbers in full, others with four significant digits: 1999, 47,990, 0.4212."""
    if abs(value) < 1e15 and value == round(value):
        return f"{int(value):,}" if abs(value) >= 10_000 else str(int(value))
    if not 1e-4 <= abs(value) < 1e15:
        return f"{value:.4g}"
    return f"{value:,.{max(0, 3 - math.floor(math.log10(abs(value))))}f}"
