"""ROC and precision-recall curves, made of few points that lie where the curve bends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dashapp.training.features import FloatArray
from dashapp.training.result import Line
from dashapp.training.why.seen import Seen

MOST_POINTS = 120
MOST_CLASSES = 6
_LOOKED_AT = 5_000


def roc_and_precision_recall(seen: Seen) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Of the rarer class of two, else of each of the largest classes against all others. A class that the rows have none of, or
    nothing but, has no curve."""
    roc, precision_recall = [], []
    for code in _codes(seen):
        hits, alarms = _counts(seen.y == code, seen.output[:, code])
        roc.append(_roc(seen.labels[code], hits, alarms))
        precision_recall.append(_precision_recall(seen.labels[code], hits, alarms))
    return tuple(roc), tuple(precision_recall)


def _codes(seen: Seen) -> Sequence[int]:
    rows = np.bincount(seen.y.astype(np.intp), minlength=len(seen.labels))
    order = [int(code) for code in np.argsort(-rows, kind="stable") if 0 < rows[code] < len(seen)]
    return order[-1:] if len(seen.labels) == 2 else order[:MOST_CLASSES]


def _counts(is_positive: NDArray[np.bool_], scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """True and false positives from each different score on, highest first, after a leading zero."""
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.r_[np.diff(scores[order]) != 0, True])
    hits = np.cumsum(is_positive[order])[last]
    return np.r_[0.0, hits], np.r_[0.0, 1.0 + last - hits]


def _roc(name: str, hits: FloatArray, alarms: FloatArray) -> Line:
    x, y = alarms / alarms[-1], hits / hits[-1]
    return _line(name, x, y, float(np.trapezoid(y, x)))


def _precision_recall(name: str, hits: FloatArray, alarms: FloatArray) -> Line:
    """The area is the average precision: steps, as straight lines between the points would promise too much."""
    recall, precision = hits[1:] / hits[-1], hits[1:] / (hits[1:] + alarms[1:])
    area = float(np.sum(np.diff(np.r_[0.0, recall]) * precision))
    return _line(name, np.r_[0.0, recall], np.r_[precision[0], precision], area)


def _line(name: str, x: FloatArray, y: FloatArray, area: float) -> Line:
    kept = corners(x, y, MOST_POINTS)
    return Line(name, tuple(x[kept].tolist()), tuple(y[kept].tolist()), area)


def corners(x: FloatArray, y: FloatArray, most: int) -> NDArray[np.intp]:
    """Places of the points that matter for the shape: those that span the smallest triangle with their neighbours go first
    (Visvalingam and Whyatt 1993), many at a time as long as no two of them are neighbours. Of a long curve only points at equal
    distances along it are looked at."""
    kept = np.arange(len(x))
    if len(x) > _LOOKED_AT:
        along = np.r_[0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))]
        kept = np.unique(np.searchsorted(along, np.linspace(0, along[-1], _LOOKED_AT)).clip(0, len(x) - 1))
        kept[0], kept[-1] = 0, len(x) - 1
    while len(kept) > 2:
        areas = _triangles(x[kept], y[kept])
        # Every other one of equals counts as smaller, or a long row of equal steps would lose but one at a time.
        rank = areas + (1e-9 * areas + 1e-18) * (np.arange(len(areas)) % 2)
        is_lowest = (rank <= np.r_[np.inf, rank[:-1]]) & (rank < np.r_[rank[1:], np.inf])
        flat = areas <= 1e-15
        surplus = len(kept) - most
        if surplus <= 0 and not flat.any():
            break
        going = np.flatnonzero(is_lowest if surplus > 0 else is_lowest & flat)
        if surplus > 0:
            going = going[np.argsort(areas[going], kind="stable")][: max(1, min(surplus, len(going) // 2))]
        if not len(going):
            break
        kept = np.delete(kept, going + 1)
    return kept


def _triangles(x: FloatArray, y: FloatArray) -> FloatArray:
    doubled = (x[1:-1] - x[:-2]) * (y[2:] - y[:-2]) - (x[2:] - x[:-2]) * (y[1:-1] - y[:-2])
    areas: FloatArray = np.abs(doubled) / 2
    return areas
