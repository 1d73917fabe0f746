"""Columns of numbers: those that are found to be, and those that the user says are."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dashapp.datasets.columns import said
from dashapp.datasets.columns.cells import Cells
from dashapp.datasets.columns.decimals import FileDecimals, signs_of
from dashapp.datasets.columns.measure import measure, spread_of_values
from dashapp.datasets.columns.naming import name_tokens
from dashapp.datasets.columns.numbers import Numbers, numbers_among, parse_numbers
from dashapp.datasets.columns.percent import are_fractions, as_fractions
from dashapp.datasets.columns.ratings import levels_of_numbers
from dashapp.datasets.columns.sentinels import find_sentinels
from dashapp.datasets.columns.strays import are_plainly_words, are_strays_few
from dashapp.datasets.columns.typed_column import MAX_TOP, Typed, without_missing
from dashapp.datasets.dataset import ColumnKind, ColumnReading, Finding, ReadAs, WrittenAs

_ID_LAST = frozenset({"id", "ids", "key", "no", "nr", "num", "number", "uuid", "guid", "index", "idx", "identifier", "rownum", "serial"})
_ROW_NUMBER_NAME = re.compile(r"column_1|unnamed: 0|row|rows|index")


def as_numbers(name: str, cells: Cells, reading: ColumnReading, decimals: FileDecimals) -> Typed | None:
    if are_plainly_words(cells.values):
        return None
    signs = signs_of(cells.values)
    numbers = parse_numbers(cells.values, style=decimals.style_for(signs, reading.decimal))
    if numbers is None:
        return None
    numbers, mixed = _settle_percent(name, cells, numbers)
    stray = ~numbers.is_number
    if stray.any() and not are_strays_few(int(stray.sum()), int(numbers.is_number.sum()), int(cells.counts[stray].sum()), cells.present):
        return None
    floats = _without_told_missing(numbers.floats, reading)
    if np.isnan(floats).all():
        return None
    findings = said.of_numbers(name, cells, numbers, signs, must_ask=decimals.must_ask(signs, reading.decimal))
    findings = (*findings, *mixed)
    whole = numbers.is_whole
    if whole and not cells.missing and cells.unique == cells.rows and is_row_number(name, cells.rows, np.nanmin(floats), np.nanmax(floats)):
        return Typed(ColumnKind.IDENTIFIER, cells)
    sentinels = find_sentinels(name, spread_of_values(floats, cells.counts), reading.keep)
    if len(sentinels):
        is_sentinel = np.isin(floats, sentinels)
        findings = (*findings, said.sentinel(name, sentinels, cells.rows_where(is_sentinel), reading.keep))
        floats = np.where(is_sentinel, np.nan, floats)
    kind = ColumnKind.INTEGER if whole else ColumnKind.NUMBER
    levels = (
        levels_of_numbers(name, np.unique(floats[~np.isnan(floats)]).tolist(), cells.present) if whole and cells.unique <= MAX_TOP else ()
    )
    missing_as = tuple(cells.values.filter(pa.array(np.isnan(floats))).to_pylist())
    return replace(numeric(kind, cells, floats), levels=levels, findings=findings, missing_as=missing_as, written=_written(numbers, mixed))


def told_numbers(name: str, cells: Cells, reading: ColumnReading, decimals: FileDecimals) -> Typed:
    is_whole = reading.kind is ReadAs.INTEGER
    signs = signs_of(cells.values)
    numbers = parse_numbers(cells.values, is_sure=True, style=decimals.style_for(signs, reading.decimal))
    assert numbers is not None
    numbers, mixed = _settle_percent(name, cells, numbers)
    floats = _without_told_missing(numbers.floats.copy(), reading)
    if is_whole:
        floats[np.mod(floats, 1) != 0] = np.nan
    kind = ColumnKind.INTEGER if is_whole else ColumnKind.NUMBER
    unread = said.unread(
        name,
        cells,
        np.isnan(floats) & ~np.isin(numbers.floats, numbers_among(reading.missing)),
        "a whole number" if is_whole else "a number",
    )
    typed = numeric(kind, cells, floats)
    asked = said.of_format(name, cells, numbers, signs, must_ask=decimals.must_ask(signs, reading.decimal))
    missing_as = tuple(cells.values.filter(pa.array(np.isnan(floats))).to_pylist())
    return replace(typed, findings=(*unread, *asked, *mixed), missing_as=missing_as, written=_written(numbers, mixed))


def numeric(kind: ColumnKind, cells: Cells, floats: NDArray[np.float64]) -> Typed:
    """`floats` stands for the cells one by one; those that are NaN become missing."""
    kept, used = without_missing(cells, np.isnan(floats))
    measured = measure(spread_of_values(floats, cells.counts))
    return Typed(kind, kept, pa.array(floats[used]), measured)


def _written(numbers: Numbers, mixed: tuple[Finding, ...]) -> WrittenAs:
    """`mixed`: of `_settle_percent`."""
    others = numbers.floats[~numbers.percent & ~np.isnan(numbers.floats)]
    return WrittenAs(decimal=numbers.style.value[1], is_percent_divided=bool(mixed) and are_fractions(others))


def _settle_percent(name: str, cells: Cells, numbers: Numbers) -> tuple[Numbers, tuple[Finding, ...]]:
    """Where only some of the numbers have a percent sign, and the others are fractions, all become fractions."""
    others = numbers.floats[~numbers.percent & ~np.isnan(numbers.floats)]
    if not numbers.percent.any() or not len(others):
        return numbers, ()
    is_divided = are_fractions(others)
    finding = said.mixed_percent(name, cells.rows_where(numbers.percent), is_divided=is_divided)
    if is_divided:
        floats = as_fractions(numbers.floats, numbers.percent)
        numbers = replace(numbers, floats=floats, is_whole=False)
    return numbers, (finding,)


def _without_told_missing(floats: NDArray[np.float64], reading: ColumnReading) -> NDArray[np.float64]:
    return np.where(np.isin(floats, numbers_among(reading.missing)), np.nan, floats)


def is_row_number(name: str, rows: int, low: float, high: float) -> bool:
    """Of integers that are all different: whether the name says that they number the rows rather than measure something."""
    if rows < 2:
        return False
    tokens = name_tokens(name)
    is_sequence = high - low == rows - 1
    return tokens[-1] in _ID_LAST or tokens[0] == "id" or (is_sequence and bool(_ROW_NUMBER_NAME.fullmatch(name.lower())))
