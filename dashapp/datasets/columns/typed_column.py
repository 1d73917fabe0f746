"""A column in its kind: what was decided, what is known of it then, and its values row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dashapp.datasets.columns.cells import Cells
from dashapp.datasets.columns.measure import NOTHING, Measured
from dashapp.datasets.dataset import ColumnKind, ColumnProfile, ColumnReading, Finding, ValueCount, WrittenAs

MAX_TOP = 20
_MAX_COUNTED_CLASSES = 1_000


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A column in its kind. `chunks` gives its values in order, as often as it is called: pyarrow arrays of float64, timestamps
    in microseconds, or text (as strings or as a dictionary of them), null where missing."""

    profile: ColumnProfile
    rows: int
    chunks: Callable[[], Iterator[Any]]
    findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        return self.profile.name

    @property
    def kind(self) -> ColumnKind:
        return self.profile.kind


@dataclass(frozen=True, slots=True)
class Typed:
    """A decision: the kind, the cells that remain, and where they are not words their `values` (float64 or timestamps) one by one."""

    kind: ColumnKind
    cells: Cells
    values: Any = None
    measured: Measured = NOTHING
    levels: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing_as: tuple[str, ...] = ()
    written: WrittenAs = field(default_factory=WrittenAs)


def without_missing(cells: Cells, is_missing: NDArray[np.bool_]) -> tuple[Cells, NDArray[np.int64]]:
    used = np.flatnonzero(~is_missing)
    places = np.full(cells.unique, -1, dtype=np.int64)
    places[used] = np.arange(len(used))
    return cells.spelled(cells.values.take(pa.array(used)), places), used


def typed_column(name: str, typed: Typed, cells: Cells, reading: ColumnReading, findings: tuple[Finding, ...]) -> TypedColumn:
    """`cells` are those that were decided on, `findings` what was found before."""
    typed = replace(typed, written=replace(typed.written, keep=reading.keep, is_told=reading.kind is not None))
    return TypedColumn(_profile(name, typed, cells.missing_words), cells.rows, lambda: _chunks(typed), (*findings, *typed.findings))


def _profile(name: str, typed: Typed, missing_words: tuple[str, ...]) -> ColumnProfile:
    cells, measured = typed.cells, typed.measured
    commonest = np.argsort(-cells.counts, kind="stable")[:MAX_TOP].tolist()
    is_long = typed.kind.is_numeric and cells.unique > MAX_TOP
    return ColumnProfile(
        name=name,
        kind=typed.kind,
        missing=cells.missing,
        unique=measured.unique if typed.kind.is_numeric else cells.unique,
        example=cells.values[commonest[0]].as_py() if commonest else None,
        minimum=measured.minimum,
        maximum=measured.maximum,
        mean=measured.mean,
        top=() if is_long else tuple(ValueCount(cells.values[place].as_py(), int(cells.counts[place])) for place in commonest),
        smallest_class=int(cells.counts.min()) if 0 < cells.unique <= _MAX_COUNTED_CLASSES else None,
        levels=typed.levels,
        histogram=measured.histogram,
        missing_as=(*missing_words, *typed.missing_as)[:MAX_TOP],
        written=typed.written,
    )


def _chunks(typed: Typed) -> Iterator[Any]:
    """Row by row: the values themselves, or for words a dictionary of them."""
    cells = typed.cells
    places = pa.array(cells.places.astype(np.int32), mask=cells.places < 0)
    by_code = places if typed.values is None else typed.values.take(places)
    for codes in cells.codes:
        taken = by_code.take(codes)
        yield pa.DictionaryArray.from_arrays(taken, cells.values) if typed.values is None else taken
