"""Columns of words: yes and no, categories, ratings, text and identifiers, as they are found or as the user says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dashapp.datasets.columns import said
from dashapp.datasets.columns.cells import Cells
from dashapp.datasets.columns.labels import BOOLEAN_PAIRS, TOLD_TRUTHS, merge_spellings
from dashapp.datasets.columns.number_columns import numeric
from dashapp.datasets.columns.numbers import parse_numbers
from dashapp.datasets.columns.ratings import in_natural_order, levels_of_words
from dashapp.datasets.columns.strays import MIN_ROWS_TO_JUDGE_UNIQUENESS
from dashapp.datasets.columns.typed_column import MAX_TOP, Typed, without_missing
from dashapp.datasets.dataset import ColumnKind, ColumnReading, Finding

NEARLY_UNIQUE = 0.95
MAX_TOLD_LEVELS = 50  # of a rating that somebody said is one
_TEXT_WORDS = 5.0
_TEXT_CHARS = 40.0


def as_boolean(name: str, cells: Cells, reading: ColumnReading) -> Typed | None:
    if cells.unique > 2 * sum(len(pair) for pair in BOOLEAN_PAIRS):
        return None
    merged, findings = merge_spellings(name, cells, reading)
    if merged.unique != 2 or {value.lower() for value in merged.values.to_pylist()} not in BOOLEAN_PAIRS:
        return None
    return Typed(ColumnKind.BOOLEAN, merged, findings=findings)


def as_words(name: str, cells: Cells, reading: ColumnReading, kind: ColumnKind | None = None) -> Typed:
    findings: tuple[Finding, ...] = ()
    told = kind
    kind = kind or _kind_of_words(cells)
    levels: tuple[str, ...] = ()
    if kind is ColumnKind.CATEGORY:
        cells, findings = merge_spellings(name, cells, reading)
        kind = ColumnKind.CONSTANT if cells.unique == 1 and told is None else kind
        levels = levels_of_words(cells.values.to_pylist()) if cells.unique <= MAX_TOP else ()
    return Typed(kind, cells, levels=levels, findings=findings)


def _kind_of_words(cells: Cells) -> ColumnKind:
    words = _mean(cells, lambda values: pc.add(pc.count_substring_regex(values, r"\s+"), 1))
    return kind_of_words(cells.present, cells.unique, words, _mean(cells, pc.utf8_length))


def kind_of_words(present: int, unique: int, mean_words: float, mean_chars: float) -> ColumnKind:
    if present < MIN_ROWS_TO_JUDGE_UNIQUENESS:
        return ColumnKind.CATEGORY
    share = unique / present
    if share > 0.5 and (mean_words >= _TEXT_WORDS or mean_chars >= _TEXT_CHARS):
        return ColumnKind.TEXT
    return ColumnKind.IDENTIFIER if share >= NEARLY_UNIQUE else ColumnKind.CATEGORY


def _mean(cells: Cells, count: Callable[[Any], Any]) -> float:
    counted = count(cells.values).to_numpy(zero_copy_only=False)
    return float(np.average(counted, weights=cells.counts))


def told_boolean(name: str, cells: Cells) -> Typed:
    merged, findings = merge_spellings(name, cells, truths=TOLD_TRUTHS)
    lower = [value.casefold() for value in merged.values.to_pylist()]
    is_other = np.array([value not in TOLD_TRUTHS for value in lower])
    if merged.unique <= 2:
        return Typed(ColumnKind.BOOLEAN, merged, findings=findings)
    if is_other.all():
        return replace(as_words(name, cells, ColumnReading()), findings=(said.cannot_be(name, cells.unique, "yes or no"),))
    kept, again = merge_spellings(name, without_missing(merged, is_other)[0], truths=TOLD_TRUTHS)
    unread = said.unread(name, merged, is_other, "yes or no")
    return Typed(
        ColumnKind.BOOLEAN, kept, findings=(*unread, *again), missing_as=tuple(merged.values.filter(pa.array(is_other)).to_pylist())
    )


def told_rating(name: str, cells: Cells, reading: ColumnReading) -> Typed:
    numbers = parse_numbers(cells.values)
    if numbers is not None and numbers.is_whole and numbers.is_number.all():
        typed = numeric(ColumnKind.INTEGER, cells, numbers.floats)
        if typed.measured.unique > MAX_TOLD_LEVELS:
            return replace(typed, findings=(said.cannot_be(name, typed.measured.unique, "a rating"),))
        points = np.unique(numbers.floats[~np.isnan(numbers.floats)]).tolist()
        return replace(typed, levels=tuple(str(int(point)) for point in points))
    merged, findings = merge_spellings(name, cells, reading)
    if merged.unique > MAX_TOLD_LEVELS:
        return Typed(ColumnKind.CATEGORY, merged, findings=(*findings, said.cannot_be(name, merged.unique, "a rating")))
    return Typed(ColumnKind.CATEGORY, merged, levels=in_natural_order(merged.values.to_pylist()), findings=findings)
