"""Exact sums and products: a target that is made of other columns, like a count that is the sum of two counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dashapp.datasets.target.signals import Codes, Floats, Signal, halves, present_codes, r_squared

MAX_PARTS = 6
_EXACT = 1e-7  # of the target's variance may be left over: the rounding of what is written
_MAX_ROWS = 1_000
_MAX_MISSING = (0.3, 0.02)  # of a column; few rows have no blank in any of many columns


@dataclass(frozen=True, slots=True)
class Relation:
    """The target is the sum of `parts`, each times its weight, and a constant. `score` is R² on rows held out."""

    parts: tuple[str, ...]
    weights: tuple[float, ...]
    score: float

    @property
    def telling(self) -> tuple[str, ...]:
        """All of them where the target is put together from them; else those that contain it (total = target + other)."""
        return tuple(name for name, weight in zip(self.parts, self.weights, strict=True) if weight > 0) or self.parts


def find_relation(signals: Sequence[Signal], target: Floats) -> Relation | None:
    """The exact linear relation of two or more numeric columns with the target, if there is one."""
    for most in _MAX_MISSING:
        usable = [signal for signal in signals if signal.floats is not None and signal.is_missing.mean() <= most]
        rows = np.flatnonzero(present_codes(usable)) if len(usable) >= 2 else np.empty(0, dtype=np.int64)
        if len(rows) >= 2 * len(usable) + 20:
            return _find(usable, rows, target)
    return None


def find_product(signals: Sequence[Signal], target: Floats) -> Relation | None:
    """The same for a target that is a product or a ratio of columns: a sum of their logarithms."""
    if target.min() <= 0:
        return None
    positive = [signal for signal in signals if signal.floats is not None and np.nanmin(signal.floats) > 0]
    return find_relation(
        [replace(signal, floats=np.log(signal.floats)) for signal in positive if signal.floats is not None], np.log(target)
    )


def _find(usable: Sequence[Signal], rows: Codes, target: Floats) -> Relation | None:
    if len(rows) > (most := max(_MAX_ROWS, 4 * len(usable))):
        rows = rows[np.linspace(0, len(rows) - 1, most).astype(int)]
    matrix = np.column_stack([_standard(signal.floats[rows]) for signal in usable if signal.floats is not None])
    y = _standard(target[rows])
    active = np.flatnonzero(matrix.any(axis=0))
    if not y.any() or len(active) < 2 or _left_over(matrix[:, active], y) > _EXACT:
        return None
    active = _needed(matrix, y, active)
    if not 2 <= len(active) <= MAX_PARTS:
        return None
    return _relation([usable[int(place)].name for place in active], matrix[:, active], y)


def _standard(values: Floats) -> Floats:
    with np.errstate(all="ignore"):
        centred = values - values.mean()
        spread = float(centred.std())
        standard: Floats = centred / spread if np.isfinite(spread) and spread > 0 else np.zeros(len(values))
    return standard


def _left_over(matrix: Floats, y: Floats) -> float:
    return float(np.mean((y - matrix @ _weights(matrix, y)) ** 2))


def _weights(matrix: Floats, y: Floats) -> Floats:
    """Of least squares; zeros, which explain nothing, where there is no solution."""
    try:
        return np.asarray(np.linalg.lstsq(matrix, y, rcond=1e-10)[0], dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.zeros(matrix.shape[1])


def _needed(matrix: Floats, y: Floats, active: np.ndarray[tuple[int], np.dtype[np.intp]]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Drop those with next to no weight at once, then one by one what the relation is exact without."""
    weights = np.abs(_weights(matrix[:, active], y))
    heavy = active[weights > 1e-3]
    if len(heavy) and _left_over(matrix[:, heavy], y) <= _EXACT:
        weights, active = weights[weights > 1e-3], heavy
    if len(active) > 4 * MAX_PARTS:
        return active
    for place in active[np.argsort(weights)]:
        fewer = active[active != place]
        if len(fewer) >= 1 and _left_over(matrix[:, fewer], y) <= _EXACT:
            active = fewer
    return active


def _relation(names: Sequence[str], matrix: Floats, y: Floats) -> Relation | None:
    learned, held = halves(len(y))
    weights = _weights(matrix[learned], y[learned])
    score = r_squared(y[held], matrix[held] @ weights)
    if score < 1 - 10 * _EXACT:
        return None
    return Relation(tuple(names), tuple(float(weight) for weight in weights), score)
