"""Tables that nobody has seen: ten columns, each drawn from a law that is known, to train on and to be asked with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from dashapp.datasets.dataset import ColumnKind
from dashapp.monitoring.distance import Sizes
from dashapp.monitoring.drift import RISK, Window, column_drift
from dashapp.monitoring.reference import Reference, column_reference
from dashapp.monitoring.told import ColumnDrift
from dashapp.training.run import InputColumn

FINE = 20_000
NOW = datetime(2026, 11, 24, tzinfo=UTC)
Chance = np.random.Generator


@dataclass(frozen=True)
class Law:
    """Values with their shares; None is a missing one. A continuous law is so many quantiles."""

    name: str
    kind: ColumnKind
    values: Sequence[Any]
    shares: NDArray[np.float64]

    @cached_property
    def upto(self) -> NDArray[np.float64]:
        return self.shares.cumsum() / self.shares.sum()

    def draw(self, chance: Chance, rows: int) -> list[Any]:
        places = np.minimum(self.upto.searchsorted(chance.random(rows), side="right"), len(self.values) - 1)
        return [self.values[place] for place in places.tolist()]

    def counted(self, chance: Chance, rows: int) -> NDArray[np.float64]:
        """How often each value comes in so many rows."""
        return chance.multinomial(rows, self.shares / self.shares.sum()).astype(np.float64)


def continuous(name: str, law: Any, missing: float = 0.0, shift: float = 0.0, scale: float = 1.0) -> Law:
    """`shift` and `scale` change the values."""
    values = [*(law.ppf((np.arange(FINE) + 0.5) / FINE) * scale + shift).tolist(), None]
    return Law(name, ColumnKind.NUMBER, values, np.array([*[(1 - missing) / FINE] * FINE, missing]))


def discrete(name: str, kind: ColumnKind, shares: dict[Any, float]) -> Law:
    return Law(name, kind, list(shares), np.array(list(shares.values())))


def zipf(labels: int, prefix: str = "label") -> dict[Any, float]:
    return {f"{prefix} {place}": 1 / place for place in range(1, labels + 1)}


def mixed_laws() -> tuple[Law, ...]:
    return (
        continuous("age", stats.norm(40, 12)),
        continuous("ratio", stats.cauchy()),
        continuous("income", stats.lognorm(2), missing=0.2),
        discrete("rating", ColumnKind.INTEGER, {1.0: 0.05, 2.0: 0.1, 3.0: 0.2, 4.0: 0.4, 5.0: 0.25}),
        discrete("visits", ColumnKind.INTEGER, {float(count): float(stats.poisson(0.3).pmf(count)) for count in range(12)}),
        discrete("is_member", ColumnKind.BOOLEAN, {"no": 0.97, "yes": 0.03}),
        discrete("plan", ColumnKind.CATEGORY, {"free": 0.4, "pro": 0.3, "team": 0.15, "😀": 0.1, "old": 0.03, None: 0.02}),
        discrete("city", ColumnKind.CATEGORY, zipf(2_000, "city")),
        discrete("unit", ColumnKind.CATEGORY, {"EUR": 1.0}),
        discrete("note", ColumnKind.TEXT, {None: 0.1} | {"x" * length: 1 / length for length in range(1, 400)}),
    )


@dataclass(frozen=True)
class Trained:
    """What a model that learned from rows of the laws would have."""

    inputs: tuple[InputColumn, ...]
    reference: Reference


def trained(laws: Sequence[Law], chance: Chance, rows: int) -> Trained:
    inputs, columns = [], []
    for law in laws:
        values = law.draw(chance, rows)
        column = InputColumn(law.name, law.kind)
        if not law.kind.is_numeric and law.kind is not ColumnKind.TEXT:
            column = replace(column, labels=tuple({value for value in values if value is not None}))
        inputs.append(column)
        columns.append(column_reference(column, pd.Series(values, dtype="float64" if law.kind.is_numeric else "str")))
    return Trained(tuple(inputs), Reference(tuple(columns), None))


def window(laws: Sequence[Law], chance: Chance, rows: int) -> Window:
    return Window([law.draw(chance, rows) for law in laws], [0.0] * rows, np.ones(rows), NOW, NOW)


def counted_drift(laws: Sequence[Law], model: Trained, chance: Chance, rows: int) -> list[ColumnDrift]:
    """As for a window of so many rows, each value of which is counted: for windows too large to be made row by row."""
    found = []
    for law, column, known in zip(laws, model.inputs, model.reference.columns, strict=True):
        weights = law.counted(chance, rows) / rows
        is_there = weights > 0
        values = [value for value, there in zip(law.values, is_there.tolist(), strict=True) if there]
        sizes = Sizes(rows, known.rows, RISK / (2 * (len(laws) + 1)))
        found.append(column_drift(column, known, values, weights[is_there], sizes, NOW))
    return found
