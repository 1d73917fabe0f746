"""How far a figure would move with other test rows: 95 % percentile intervals from resampled rows.

Small samples vary too little, so the percentiles lie further out than 2.5 and 97.5 where rows are few: the "expanded percentile
interval" of Hesterberg, What Teachers Should Know About the Bootstrap, The American Statistician 69 (2015). Of more than 4,000 rows
blocks of rows are drawn, put together at random: their sums vary as those of single rows do, and the work does not grow with the rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special, stats

from dashapp.datasets.dataset import Task
from dashapp.training.scores import measures
from dashapp.training.scores.measures import Codes, FloatArray

Interval = tuple[float, float]

_RESAMPLES, _BLOCKS = 1_000, 4_000
_TAIL = 0.025


def bootstrap(
    task: Task, y: NDArray[Any], output: FloatArray, *, codes: Codes | None = None, positive: int = 1, seed: int = 0
) -> dict[str, Interval]:
    """The interval of each of `measures.metrics`, which always holds the figure itself."""
    found = measures.metrics(task, y, output, codes, positive)
    if not task.is_classification:
        drawn = _values_drawn(y, output, seed)
        return {name: interval(drawn[name], value, len(y)) for name, value in found.items()}
    drawn = _classes_drawn(task, y, output, output.argmax(axis=1) if codes is None else codes, positive, seed)
    counts = np.bincount(y, minlength=output.shape[1])
    return {name: _of_classes(task, name, value, drawn[name], counts) for name, value in found.items()}


def gain(task: Task, y: NDArray[Any], mine: NDArray[Any], guess: NDArray[Any], seed: int = 0) -> tuple[float, float, float]:
    """By how much `mine` is better than `guess` on the same rows, with its interval: the difference of the shares of right answers
    (`mine` and `guess` are codes), or the part of the RMSE that is gone (values)."""
    if task.is_classification:
        better = (mine == y).astype(np.int64) - (guess == y)
        counts = np.array([(better < 0).sum(), (better == 0).sum(), (better > 0).sum()])
        drawn = np.random.default_rng(seed).multinomial(len(y), counts / len(y), size=_RESAMPLES) @ np.array([-1.0, 0.0, 1.0]) / len(y)
        value = float(better.mean())
        low, high = interval(drawn, value, len(y))
        slack = _not_ruled_out(len(y)) if low == high else 0.0
        return value, max(-1.0, low - slack), min(1.0, high + slack)
    errors = np.abs(np.stack([y - mine, y - guess]))
    squares = (errors / (errors.max() or 1.0)) ** 2
    value = float(_reduction(squares.sum(axis=1)))
    drawn = _reduction(_resampled(sparse.csr_array(squares), seed).T)
    return value, *interval(drawn, value, len(y))


def interval(drawn: FloatArray, value: float, rows: int) -> Interval:
    """The 95 % interval of a figure of so many rows from its resampled figures."""
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return value, value
    # With a single row t has no bounds: all that was drawn lies inside.
    tail = float(stats.norm.cdf(math.sqrt(rows / (rows - 1)) * stats.t.ppf(_TAIL, rows - 1))) if rows > 1 else 0.0
    low, high = np.quantile(known, [tail, 1 - tail])
    return min(float(low), value), max(float(high), value)


def _resamples(rows: int, seed: int) -> Iterator[FloatArray]:
    """How often each row is drawn `[rows]`, over and over."""
    random = np.random.default_rng(seed)
    for _ in range(_RESAMPLES):
        yield np.bincount(random.integers(0, rows, rows, dtype=np.uint16), minlength=rows).astype(np.float64)


def _resampled(columns: Any, seed: int) -> FloatArray:
    """The means over the rows of each resample `[resamples, m]` of the columns (sparse, `[m, rows]`)."""
    rows = columns.shape[1]
    counted = sparse.vstack([sparse.csr_array(np.ones((1, rows))), columns], format="csr")
    if rows > _BLOCKS:
        block = np.random.default_rng(seed).permutation(rows) % _BLOCKS
        counted = counted @ sparse.csr_array((np.ones(rows), (np.arange(rows), block)), shape=(rows, _BLOCKS))
    sums = np.array([counted @ weights for weights in _resamples(counted.shape[1], seed)])
    return np.asarray(sums[:, 1:] / sums[:, :1])


def _of_classes(task: Task, name: str, value: float, drawn: FloatArray, counts: NDArray[np.intp]) -> Interval:
    """A figure by class is no better known than its rarer one of two. Where all rows agree resampling shows no noise: there the
    interval goes as far as the rows cannot rule it out, with all errors in the rarest class."""
    is_by_class = name in ("balanced_accuracy", "f1", "roc_auc")
    rows, rarest = int(counts.sum()), int(counts[counts > 0].min())
    low, high = interval(drawn, value, rarest if is_by_class and task is Task.BINARY else rows)
    if low < high or name == "log_loss" or (name == "roc_auc" and 0 < value < 1):
        return low, high
    parts = 1 if name == "accuracy" or (name == "f1" and task is Task.BINARY) else len(counts)
    slack = _not_ruled_out(rarest if is_by_class else rows) / parts
    return max(0.0, value - slack), min(1.0, value + slack)


def _not_ruled_out(rows: int) -> float:
    """The largest share of exceptions that would still show none in so many rows once in forty times."""
    return float(1 - _TAIL ** (1 / rows))


def _classes_drawn(task: Task, y: NDArray[Any], output: FloatArray, codes: Codes, positive: int, seed: int) -> Mapping[str, FloatArray]:
    """Every figure from sums over rows, so that a resample is one product; but the area of two classes exactly where rows are few."""
    rows, classes = output.shape
    is_binary = task is Task.BINARY
    if is_binary:
        order = np.argsort(output[:, 1], kind="stable")
        y, output, codes = y[order], output[order], codes[order]
    at = np.arange(rows)
    member = [sparse.csr_array((np.ones(len(of)), (of, where)), shape=(classes, rows)) for of, where in _memberships(y, codes, at)]
    lever = _area_lever(y, output)
    sums = sparse.csr_array(np.stack([measures.log_losses(y, output), lever]))
    drawn = _resampled(sparse.vstack([*member, sums], format="csr"), seed)
    true, called, both = drawn[:, :classes], drawn[:, classes : 2 * classes], drawn[:, 2 * classes : 3 * classes]
    areas = _within_bounds(drawn[:, -1], float(lever.mean()))
    if is_binary and rows <= _BLOCKS:
        starts = np.flatnonzero(np.diff(output[:, 1], prepend=-np.inf))
        areas = np.array([_weighted_area(weights, y == 1, starts) for weights in _resamples(rows, seed)])
    return {
        "log_loss": drawn[:, -2],
        "accuracy": both.sum(axis=1),
        "balanced_accuracy": measures.balanced_accuracy(true, called, both),
        "f1": measures.f1(true, called, both, positive if is_binary else None),
        "roc_auc": areas,
    }


def _memberships(y: NDArray[Any], codes: Codes, at: Codes) -> list[tuple[NDArray[Any], Codes]]:
    """The class of each row, the class it is called, and the class of the rows where both agree."""
    right = codes == y
    return [(y, at), (codes, at), (y[right], at[right])]


def _weighted_area(weights: FloatArray, is_positive: NDArray[np.bool_], starts: Codes) -> float:
    """ROC AUC of weighted rows that are sorted by score; `starts` are the first rows of equal scores. NaN without a pair."""
    positives = np.add.reduceat(weights * is_positive, starts)
    others = np.add.reduceat(weights, starts) - positives
    pairs = positives.sum() * others.sum()
    return float(positives @ (np.cumsum(others) - others / 2) / pairs) if pairs else math.nan


def _area_lever(y: NDArray[Any], output: FloatArray) -> FloatArray:
    """What each row adds to the ROC AUC, the classes' mean, times the rows: the resampled area is about the weighted mean of it.

    The linear part of the statistic: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988).
    """
    codes = [code for code in np.unique(y) if (y != code).any()]
    lever = np.zeros(len(y))
    for code in codes:
        of, given = y == code, output[:, code]
        mine, others = np.sort(given[of]), np.sort(given[~of])
        above = (np.searchsorted(others, given[of], "left") + np.searchsorted(others, given[of], "right")) / (2 * len(others))
        below = 1 - (np.searchsorted(mine, given[~of], "left") + np.searchsorted(mine, given[~of], "right")) / (2 * len(mine))
        area = above.mean()
        lever[of] += (above - area) * len(y) / len(mine)
        lever[~of] += (below - area) * len(y) / len(others)
        lever += area
    return lever / max(len(codes), 1)


def _within_bounds(drawn: FloatArray, area: float) -> FloatArray:
    """Near 1 an area can fall much further than it can rise: the noise is symmetric on the scale of log odds."""
    if not 0 < area < 1:
        return drawn
    return np.asarray(special.expit(special.logit(area) + (drawn - area) / (area * (1 - area))))


def _values_drawn(y: NDArray[Any], output: FloatArray, seed: int) -> Mapping[str, FloatArray]:
    errors, centred = np.abs(y - output), y - y.mean()
    scale, spread = errors.max() or 1.0, np.abs(centred).max() or 1.0
    columns = np.stack([(errors / scale) ** 2, errors / scale, centred / spread, (centred / spread) ** 2])
    square, absolute, first, second = _resampled(sparse.csr_array(columns), seed).T
    variance = second - first**2
    # A resample of equal values has no variance but for rounding, and R² no meaning.
    is_varied = (variance > 1e-12) & (spread > 1e-12 * np.abs(y).max())
    unexplained = np.divide(square, variance, out=np.full_like(square, math.nan), where=is_varied) * (scale / spread) ** 2
    return {"rmse": scale * np.sqrt(square), "mae": scale * absolute, "r2": 1 - unexplained}


def _reduction(squares: FloatArray) -> FloatArray:
    """1 - RMSE / the guess's RMSE, from sums of squares `[2, ...]`; 0 where the guess is never wrong."""
    mine, guess = squares
    return np.asarray(1 - np.sqrt(np.divide(mine, guess, out=np.ones_like(np.asarray(mine)), where=guess > 0)))
