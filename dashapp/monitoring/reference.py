"""What a model learned from, as small as it can be compared with what it is asked: made once for each model."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import TypeAdapter

from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.datasets.wording import quoted
from dashapp.monitoring.distance import FloatArray
from dashapp.training.run import InputColumn

MOST_POINTS = 200
MOST_LABELS = 200
GROUPS = 32
"""Labels beyond the commonest are counted in so many groups, by a hash of their text and by nothing else: so a label falls into its
group whether the training has seen it or not, and the groups of the same law have the same shares."""

MOST_CHARACTERS = 9_999
"""A longer text counts as so long: the ledger keeps no more of it."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """How many values lie `below` and `upto` each of the ascending `points`, which are all values or as many quantiles. Without the
    `missing`; `rows` with them."""

    points: tuple[float, ...]
    below: tuple[int, ...]
    upto: tuple[int, ...]
    missing: int
    rows: int

    @property
    def shares(self) -> FloatArray:
        """Of all rows: those that are missing, and with them those below the first point, up to it, below the second, and so on."""
        return (self.missing + np.array([0, *interleaved(self.below, self.upto)])) / self.rows


def interleaved(below: Sequence[float] | FloatArray, upto: Sequence[float] | FloatArray) -> FloatArray:
    return np.column_stack([below, upto]).astype(np.float64).ravel()


@dataclass(frozen=True, slots=True)
class Labels:
    """`counts` of the commonest labels by their text; the others by group; how many labels occur once."""

    counts: Mapping[str, int]
    others: tuple[int, ...]
    single: int
    missing: int
    rows: int


@dataclass(frozen=True, slots=True)
class ColumnReference:
    """One of the two is there."""

    name: str
    kind: str
    ordered: Ordered | None = None
    labels: Labels | None = None

    @property
    def rows(self) -> int:
        return (self.ordered or self.labels or _NOTHING).rows

    @property
    def missing_share(self) -> float:
        known = self.ordered or self.labels or _NOTHING
        return known.missing / max(1, known.rows)


@dataclass(frozen=True, slots=True)
class Reference:
    """`prediction` is that of the answers for rows that were held out, `learned` for rows that were learned from, of which a model is
    surer; None where they are not known. `words` say what is compared with, and are empty where that is the training's table."""

    columns: tuple[ColumnReference, ...]
    prediction: ColumnReference | None
    learned: ColumnReference | None = None
    words: str = ""

    @property
    def predictions(self) -> tuple[ColumnReference, ...]:
        return tuple(each for each in (self.prediction, self.learned) if each is not None)


_NOTHING = Ordered((), (), (), 0, 0)
_DOCUMENT = TypeAdapter(Reference)


def reference_of(
    frame: pd.DataFrame,
    inputs: Sequence[InputColumn],
    prediction: ColumnReference | None,
    learned: ColumnReference | None = None,
    words: str = "",
) -> Reference:
    """`frame` as `training.features.input_frame` or `to_frame` makes it, with at least one row."""
    return Reference(tuple(column_reference(column, frame[column.name]) for column in inputs), prediction, learned, words)


def reference_document(reference: Reference) -> dict[str, Any]:
    found: dict[str, Any] = _DOCUMENT.dump_python(reference, mode="json")
    return found


def read_reference(document: Any) -> Reference:
    return _DOCUMENT.validate_python(document)


def is_ordered(kind: ColumnKind) -> bool:
    """Whether the values are compared by their order; of texts it is the length."""
    return kind.is_numeric or kind in (ColumnKind.DATETIME, ColumnKind.TEXT)


def column_reference(column: InputColumn, values: pd.Series) -> ColumnReference:
    if is_ordered(column.kind):
        held = values.to_numpy() if column.kind is ColumnKind.DATETIME else values.tolist()
        return ColumnReference(column.name, column.kind.value, ordered=ordered(sizes_of(held, column.kind)))
    return ColumnReference(column.name, column.kind.value, labels=labels([None if pd.isna(value) else value for value in values.tolist()]))


def prediction_reference(answers: Sequence[Any] | NDArray[Any], target: str, task: Task, classes: Sequence[str]) -> ColumnReference | None:
    """`answers` are probabilities of the second of two classes, classes, or values; None where there are none."""
    if not len(answers):
        return None
    if task is Task.MULTICLASS:
        return ColumnReference(f"predicted {target}", "prediction", labels=labels(answers))
    name = f"probability of {quoted(classes[1])}" if task is Task.BINARY else f"predicted {target}"
    return ColumnReference(name, "prediction", ordered=ordered(np.asarray(answers, dtype=np.float64)))


def sizes_of(values: Sequence[Any] | NDArray[Any], kind: ColumnKind) -> FloatArray:
    """What is compared by its order, NaN where it is missing: numbers, seconds since 1970, characters."""
    if kind is ColumnKind.DATETIME:
        moments = np.asarray(values, dtype="datetime64[us]")
        return np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / 1e6)
    if kind is ColumnKind.TEXT:
        return np.array([min(len(value), MOST_CHARACTERS) if isinstance(value, str) else np.nan for value in values], dtype=np.float64)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def ordered(values: FloatArray) -> Ordered:
    present = np.sort(values[np.isfinite(values)])
    points = np.unique(present)
    if len(points) > MOST_POINTS:
        places = np.linspace(0, len(present) - 1, MOST_POINTS).round().astype(np.intp)
        points = np.unique(present[places])
    below, upto = (np.searchsorted(present, points, side=side).tolist() for side in ("left", "right"))
    return Ordered(tuple(points.tolist()), tuple(below), tuple(upto), len(values) - len(present), len(values))


def labels(values: Sequence[str | None] | NDArray[Any]) -> Labels:
    counts = Counter(value for value in values if value is not None)
    common = dict(sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_LABELS])
    others = [0] * GROUPS
    for label, count in counts.items():
        if label not in common:
            others[group_of(label)] += count
    single = sum(count == 1 for count in counts.values())
    return Labels(common, tuple(others), single, len(values) - counts.total(), len(values))


def group_of(label: str) -> int:
    return zlib.crc32(label.encode("utf-8", "replace")) % GROUPS
