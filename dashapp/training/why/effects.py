"""What the model predicts on average when a column is set to one value in every row (partial dependence)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashapp.datasets.dataset import ColumnKind
from dashapp.training.result import Effect, EffectPoint
from dashapp.training.run import InputColumn
from dashapp.training.why.mixing import Columns, Positions, columns_of
from dashapp.training.why.seen import Seen, drawn
from dashapp.training.why.watch import Watch

MOST_POINTS = 12
_RANGE = (0.02, 0.98)
_MOST_ROWS, _LEAST_ROWS, _KNOWN_ROWS = 1_000, 30, 20_000

# A point of the grid: how it is written, the position of a row that has this value, and the share of the rows near it.
_Point = tuple[float | str, int, float]


def column_effects(
    seen: Seen, columns: Sequence[InputColumn], watch: Watch, deadline: float, seed: int
) -> tuple[tuple[Effect, ...], tuple[str, ...]]:
    """The effects of these columns (text has none), and a sentence for each that the time did not suffice for."""
    known = drawn(len(seen), _KNOWN_ROWS, seed)
    grids = [(column, grid(seen.frame[column.name].take(known), column.kind)) for column in columns if column.kind is not ColumnKind.TEXT]
    grids = [(column, [(at, int(known[where]), share) for at, where, share in points]) for column, points in grids if len(points) > 1]
    affordable = watch.rows_in(0.9 * watch.left(deadline)) // max(1, sum(len(points) for _, points in grids))
    rows = drawn(len(seen), max(_LEAST_ROWS, min(_MOST_ROWS, affordable)), seed)
    arrays = columns_of(seen.frame)
    found: list[Effect] = []
    for number, (column, points) in enumerate(grids):
        if not watch.fits(len(points) * len(rows), deadline):
            late = ", ".join(column.name for column, _ in grids[number:])
            return tuple(found), (f"The effect of {late} was not computed: the time did not suffice.",)
        watch.say(f"Measuring the effect of {column.name}", number / len(grids))
        found.append(_effect(arrays, column.name, points, rows, watch))
    return tuple(found), ()


def _effect(columns: Columns, name: str, points: Sequence[_Point], rows: Positions, watch: Watch) -> Effect:
    own = {name: np.repeat([position for _, position, _ in points], len(rows))}
    output = watch.predict_mixed(columns, np.tile(rows, len(points)), own)
    means = output.reshape(len(points), len(rows), -1).mean(axis=1)
    return Effect(name, tuple(EffectPoint(at, tuple(mean.tolist()), share) for (at, _, share), mean in zip(points, means, strict=True)))


def grid(series: pd.Series[Any], kind: ColumnKind) -> list[_Point]:
    """The points of a column: its most frequent labels, or values spread evenly over its rows, the outermost 2 % left out."""
    if not (kind.is_numeric or kind is ColumnKind.DATETIME):
        codes, labels = pd.factorize(series)
        counts = np.bincount(codes[codes >= 0], minlength=len(labels))
        chosen = np.argsort(-counts, kind="stable")[:MOST_POINTS]
        return [(str(labels[code]), int((codes == code).argmax()), float(counts[code] / len(series))) for code in chosen]
    values = series.to_numpy()
    order = np.argsort(values, kind="stable")[: int(series.notna().sum())]
    if not len(order):
        return []
    chosen = _spread(values[order])
    points = values[order[chosen]]
    shares = _shares_near(values[order], points) / len(series)
    written = points.tolist() if kind.is_numeric else _as_iso(points)
    return [(at, int(order[where]), float(share)) for at, where, share in zip(written, chosen, shares, strict=True)]


def _spread(ordered: NDArray[Any]) -> Positions:
    """Places in the ordered values: evenly over the rows; over the different values where most rows have one of a few."""
    low, high = (round(share * (len(ordered) - 1)) for share in _RANGE)
    inner = low + np.flatnonzero(np.r_[True, ordered[low + 1 : high + 1] != ordered[low:high]])
    if len(inner) <= MOST_POINTS:
        return np.asarray(inner)
    places = np.unique(np.linspace(low, high, MOST_POINTS).round().astype(np.intp))
    starts = np.unique(np.searchsorted(ordered[inner], ordered[places]))
    if len(starts) < MOST_POINTS // 2:
        starts = np.unique(np.r_[starts, np.linspace(0, len(inner) - 1, MOST_POINTS - len(starts)).round().astype(np.intp)])
    return np.asarray(inner[starts])


def _shares_near(ordered: NDArray[Any], points: NDArray[Any]) -> NDArray[np.intp]:
    """How many of the ordered values are nearest to each point."""
    middles = points[:-1] + (points[1:] - points[:-1]) / 2
    return np.asarray(np.diff(np.r_[0, np.searchsorted(ordered, middles), len(ordered)]))


def _as_iso(moments: NDArray[Any]) -> list[str]:
    """Dates without a time where all are midnights."""
    days = moments.astype("datetime64[D]")
    shown = days if bool((days == moments).all()) else moments.astype("datetime64[s]")
    return [str(moment) for moment in shown]
