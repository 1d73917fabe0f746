"""Columns of dates: those that are found to be, and those that the user says are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dashapp.datasets.columns import said
from dashapp.datasets.columns.cells import Cells
from dashapp.datasets.columns.dates import (
    has_date_name,
    look_like_dates,
    only_one_order,
    parse_compact,
    parse_dates,
    parse_each_date,
    settled_order,
)
from dashapp.datasets.columns.measure import Measured, measure, spread_of_values
from dashapp.datasets.columns.strays import are_strays_few
from dashapp.datasets.columns.typed_column import Typed, without_missing
from dashapp.datasets.columns.word_columns import as_words
from dashapp.datasets.dataset import ColumnKind, ColumnReading, Finding, WrittenAs


def as_dates(name: str, cells: Cells, day_first: bool | None) -> Typed | None:
    dates = parse_dates(cells.values, day_first=day_first)
    if dates is None:
        return None
    times = pa.array(dates.times, pa.timestamp("us"))
    findings = (said.ambiguous_dates(name, cells.values[0].as_py(), dates.times.iloc[0]),) if dates.is_ambiguous else ()
    return replace(_dated(cells, times, findings), written=WrittenAs(day_first=dates.day_first))


def as_dates_and_strays(name: str, cells: Cells, day_first: bool | None) -> Typed | None:
    """Dates among which a few words stand, as a total below the table may leave them; those are missing."""
    is_date = look_like_dates(cells.values)
    strays = ~is_date
    few = are_strays_few(int(strays.sum()), int(is_date.sum()), int(cells.counts[strays].sum()), cells.present)
    if not (strays.any() and few):
        return None
    kept, _ = without_missing(cells, strays)
    if (typed := as_dates(name, kept, day_first)) is None:
        return None
    words = cells.values.filter(pa.array(strays)).to_pylist()
    finding = said.not_a_date(name, words, cells.rows_where(strays))
    return replace(typed, findings=(finding, *typed.findings), missing_as=tuple(words))


def as_compact_dates(name: str, cells: Cells) -> Typed | None:
    times = parse_compact(cells.values) if has_date_name(name) else None
    if times is None:
        return None
    return replace(_dated(cells, pa.array(times, pa.timestamp("us")), ()), written=WrittenAs(has_number_dates=True))


def as_mixed_dates(name: str, cells: Cells, reading: ColumnReading) -> Typed | None:
    """Dates of which some are surely day first and others month first: by the order of nearly all, and otherwise words."""
    orders = only_one_order(cells.values)
    if orders is None:
        return None
    day_first = reading.day_first
    by_day, by_month = (int(cells.counts[order].sum()) for order in orders)
    if day_first is None:
        day_first = settled_order(by_day, by_month, cells.present)
    is_other = orders[1] if day_first or (day_first is None and by_day >= by_month) else orders[0]
    finding = said.mixed_dates(name, cells.values.filter(pa.array(is_other)).to_pylist(), cells.rows_where(is_other), day_first)
    if day_first is None:
        words = as_words(name, cells, reading)
        return replace(words, findings=(*words.findings, finding))
    return _dates_one_by_one(cells, day_first, lambda _: (finding,))


def told_dates(name: str, cells: Cells, day_first: bool | None) -> Typed:
    if (found := as_dates(name, cells, day_first)) is not None:
        return found
    if day_first is None and (orders := only_one_order(cells.values)) is not None:
        day_first = bool(cells.counts[orders[0]].sum() >= cells.counts[orders[1]].sum())
    return _dates_one_by_one(cells, day_first, lambda is_none: said.unread(name, cells, is_none, "a date"))


def _dates_one_by_one(cells: Cells, day_first: bool | None, say: Callable[[NDArray[np.bool_]], tuple[Finding, ...]]) -> Typed:
    times = parse_each_date(cells.values, day_first=day_first)
    is_none = times.isna().to_numpy(dtype=bool)
    kept, used = without_missing(cells, is_none)
    typed = _dated(kept, pa.array(times.iloc[used], pa.timestamp("us")), say(is_none))
    missing_as = tuple(cells.values.filter(pa.array(is_none)).to_pylist())
    return replace(typed, missing_as=missing_as, written=WrittenAs(day_first=day_first is not False, has_number_dates=True))


def _dated(cells: Cells, times: Any, findings: tuple[Finding, ...]) -> Typed:
    seconds = times.cast("int64").to_numpy() / 1e6
    measured = measure(spread_of_values(seconds, cells.counts))
    return Typed(ColumnKind.DATETIME, cells, times, Measured(histogram=measured.histogram), findings=findings)
