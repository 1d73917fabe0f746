"""How much the other columns say about a few columns that might be the target: a quick look, not a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashapp.datasets.dataset import ColumnKind, ColumnProfile
from dashapp.datasets.target.signals import Codes, Signal, signal_of, spread_rows

MAX_ROWS = 600
MAX_COLUMNS = 30
MIN_ROWS = 50
_BINS = 12
_NO_INPUT = (ColumnKind.CONSTANT, ColumnKind.IDENTIFIER, ColumnKind.TEXT)


def how_predictable(sample: pd.DataFrame, columns: Sequence[ColumnProfile], candidates: Sequence[int]) -> dict[int, float]:
    """For each candidate (its place) the share of its spread that the best single other column explains, from 0 to 1.

    Binned to few values and corrected for their number, so that noise scores about 0. Empty where there are too few rows to say.
    """
    if not candidates or len(sample) < MIN_ROWS:
        return {}
    table = spread_rows(sample, MAX_ROWS)
    inputs = [place for place, column in enumerate(columns) if column.kind not in _NO_INPUT and column.name in table.columns]
    step = max(1, len(inputs) // MAX_COLUMNS)
    wanted = sorted({*inputs[::step][:MAX_COLUMNS], *candidates})
    binned = {place: _binned(signal_of(table[columns[place].name], columns[place].kind)) for place in wanted}
    return {place: max((_told(binned[place], binned[other]) for other in wanted if other != place), default=0.0) for place in candidates}


def _binned(signal: Signal) -> tuple[Codes, int]:
    if signal.levels <= _BINS:
        return signal.codes, max(signal.levels, 1)
    if signal.floats is None:
        return np.minimum(signal.codes, _BINS), _BINS + 1
    codes: Codes = signal.codes * _BINS // signal.levels
    return codes, _BINS


def _told(target: tuple[Codes, int], other: tuple[Codes, int]) -> float:
    """Cramér's V with the correction of Bergsma (2013) for small tables."""
    (codes, levels), (others, sorts) = target, other
    rows = len(codes)
    counts = np.bincount(codes * sorts + others, minlength=levels * sorts).reshape(levels, sorts).astype(np.float64)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(counts.shape) < 2:
        return 0.0
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / rows
    square = float(((counts - expected) ** 2 / expected).sum()) / rows
    high, wide = counts.shape
    corrected = max(0.0, square - (wide - 1) * (high - 1) / (rows - 1))
    least = min(wide - (wide - 1) ** 2 / (rows - 1), high - (high - 1) ** 2 / (rows - 1)) - 1
    return float(np.sqrt(min(1.0, corrected / least))) if least > 0 else 0.0
