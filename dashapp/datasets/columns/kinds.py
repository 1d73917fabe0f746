"""What a column of few different values is (number, category, identifier, ...), decided by all of them, and the values in that kind."""

from __future__ import annotations

from dashapp.datasets.columns import said
from dashapp.datasets.columns.cells import Cells
from dashapp.datasets.columns.date_columns import as_compact_dates, as_dates, as_dates_and_strays, as_mixed_dates, told_dates
from dashapp.datasets.columns.decimals import UNPROVEN, FileDecimals
from dashapp.datasets.columns.number_columns import as_numbers, told_numbers
from dashapp.datasets.columns.typed_column import Typed, TypedColumn, typed_column
from dashapp.datasets.columns.word_columns import as_boolean, as_words, told_boolean, told_rating
from dashapp.datasets.dataset import ColumnKind, ColumnReading, ReadAs

_WORDS = {ReadAs.CATEGORY: ColumnKind.CATEGORY, ReadAs.TEXT: ColumnKind.TEXT, ReadAs.IDENTIFIER: ColumnKind.IDENTIFIER}


def type_cells(name: str, cells: Cells, reading: ColumnReading = ColumnReading(), decimals: FileDecimals = UNPROVEN) -> TypedColumn:
    """Obey the user; otherwise decide the kind, most telling first: one value, yes and no, numbers, dates, and then words."""
    typed = _as_told(name, cells, reading, decimals) if reading.kind is not None else _as_found(name, cells, reading, decimals)
    return typed_column(name, typed, cells, reading, said.of_cells(name, cells, reading))


def _as_found(name: str, cells: Cells, reading: ColumnReading, decimals: FileDecimals) -> Typed:
    if cells.unique <= 1:
        return Typed(ColumnKind.CONSTANT, cells)
    return (
        as_boolean(name, cells, reading)
        or as_compact_dates(name, cells)
        or as_numbers(name, cells, reading, decimals)
        or as_dates(name, cells, reading.day_first)
        or as_dates_and_strays(name, cells, reading.day_first)
        or as_mixed_dates(name, cells, reading)
        or as_words(name, cells, reading)
    )


def _as_told(name: str, cells: Cells, reading: ColumnReading, decimals: FileDecimals) -> Typed:
    kind = reading.kind
    if cells.unique == 0:
        return Typed(ColumnKind.CONSTANT, cells)
    if kind in (ReadAs.NUMBER, ReadAs.INTEGER):
        return told_numbers(name, cells, reading, decimals)
    if kind is ReadAs.DATETIME:
        return told_dates(name, cells, reading.day_first)
    if kind is ReadAs.BOOLEAN:
        return told_boolean(name, cells)
    if kind is ReadAs.RATING:
        return told_rating(name, cells, reading)
    return as_words(name, cells, reading, _WORDS.get(kind or ReadAs.TEXT, ColumnKind.TEXT))
