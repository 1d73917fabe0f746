"""Prediction intervals that hold their promise for rows like those learned from, whatever the model and the noise.

Split conformal prediction with an upper and a lower quantile of the residuals, by bins of the prediction, since the noise of prices
and counts grows with them: Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World (2005), chapters 2 and 4.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from dashapp.training.result import Bands
from dashapp.training.scores.measures import FloatArray

_BINS, _ROWS_A_BIN = 5, 60
_STANDARD_ERRORS = 2.0
# Of the prediction: what the sum of hundreds of trees may differ by when others are summed.
_ROUNDING = 1e-13


def bands(y: FloatArray, predicted: FloatArray, coverage: float = 0.9) -> Bands | None:
    """From predictions for rows that the models had not seen; None where they are too few for the coverage (19 for 90 %).

    Up to five bins with equally many rows, at least 60 each. An interval always holds its prediction.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        residuals = y - predicted
    usable = np.isfinite(residuals)
    residuals, predicted = residuals[usable], predicted[usable]
    if _rank(len(residuals), coverage) < 1:
        return None
    edges = _edges(predicted, _level(residuals))
    at = np.searchsorted(edges, predicted, "right")
    ends = [_ends(np.sort(residuals[at == each]), predicted[at == each], coverage) for each in range(len(edges) + 1)]
    return Bands(coverage, tuple(edges.tolist()), tuple(low for low, _ in ends), tuple(high for _, high in ends))


def interval(bands: Bands, predicted: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The lower and the upper ends `[n]`."""
    at = np.searchsorted(np.array(bands.edges), predicted, "right")
    return predicted + np.array(bands.low)[at], predicted + np.array(bands.high)[at]


def measured(bands: Bands, y: FloatArray, predicted: FloatArray) -> Bands:
    """With the share of these rows that fell inside."""
    if not len(y):
        return bands
    low, high = interval(bands, predicted)
    return replace(bands, measured=float(((low <= y) & (y <= high)).mean()))


def _level(residuals: FloatArray) -> float:
    """How far from the truth a prediction may be in all rows alike: each fold learned another mean, and the model that is used again
    another."""
    return _STANDARD_ERRORS * float(residuals.std()) / math.sqrt(len(residuals))


def _edges(predicted: FloatArray, level: float) -> FloatArray:
    """Quantiles of the predictions, without bins that equal predictions leave too small; none where they lie within `level` of each other,
    as bins would part the folds there and not the rows."""
    bins = min(_BINS, len(predicted) // _ROWS_A_BIN)
    edges = np.unique(np.quantile(predicted, np.linspace(0, 1, bins + 1)[1:-1])) if bins > 1 else np.empty(0)
    if len(edges) and edges[-1] - edges[0] <= level:
        return np.empty(0)
    while len(edges):
        rows = np.bincount(np.searchsorted(edges, predicted, "right"), minlength=len(edges) + 1)
        smallest = int(rows.argmin())
        if rows[smallest] >= _ROWS_A_BIN:
            break
        edges = np.delete(edges, min(smallest, len(edges) - 1))
    return edges


def _rank(rows: int, coverage: float) -> int:
    """Which residual, counted from either end, bounds the tail: below it lies a new one with (1 - coverage) / 2 at most."""
    # 41 * 0.05 must not come to less than its 2.05, nor 20 * 0.05 to less than 1.
    return math.floor((rows + 1) * (1 - coverage) / 2 + 1e-9)


def _ends(residuals: FloatArray, predicted: FloatArray, coverage: float) -> tuple[float, float]:
    """Where nearly all residuals are equal, as far from each other as the prediction's level is unsure."""
    rank = _rank(len(residuals), coverage)
    low, high = float(residuals[rank - 1]), float(residuals[-rank])
    middle, level = (low + high) / 2, _level(residuals)
    rounding = _ROUNDING * float(np.median(np.abs(predicted)))
    return min(low, middle - level, -rounding), max(high, middle + level, rounding)
