"""What a column is (number, category, identifier, ...), decided by all of its values, and its values in that kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dashapp.datasets.cells import Cells
from dashapp.datasets.dataset import ColumnKind, Finding
from dashapp.datasets.dates import Dates, parse_dates
from dashapp.datasets.labels import BOOLEAN_PAIRS, merge_spellings
from dashapp.datasets.numbers import Numbers, parse_numbers
from dashapp.datasets.wording import count_of, listed, quoted

STR = pd.StringDtype("pyarrow", na_value=np.nan)
MIN_ROWS_TO_JUDGE_UNIQUENESS = 20
NEARLY_UNIQUE = 0.95
MAX_STRAY_SHARE = 0.05  # of the values in a column of numbers that are words; more, and it is a column of words
MAX_STRAY_WORDS = 3
_TEXT_WORDS = 5.0
_TEXT_CHARS = 40.0
_ID_LAST = frozenset({"id", "ids", "key", "no", "nr", "num", "number", "uuid", "guid", "index", "idx", "identifier", "rownum", "serial"})
_ROW_NUMBER_NAME = re.compile(r"column_1|unnamed: 0|row|rows|index")
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A column in its kind. `cells` holds the values as written; `numbers` (float64, NaN for missing) is set for numeric kinds."""

    name: str
    kind: ColumnKind
    cells: Cells
    series: pd.Series[Any]
    numbers: NDArray[np.float64] | None = None
    findings: tuple[Finding, ...] = ()


def type_column(name: str, cells: Cells) -> TypedColumn:
    """Decide the kind, most telling first: one value, yes and no, numbers, dates, and then words."""
    for attempt in (_as_constant, _as_boolean, _as_numbers, _as_dates):
        if (column := attempt(name, cells)) is not None:
            break
    else:
        column = _as_words(name, cells)
    return replace(column, findings=(*_cell_findings(name, cells), *column.findings))


def name_tokens(name: str) -> list[str]:
    """The words of a name in lower case: "customerID" -> customer, id; "median_house_value" -> median, house, value."""
    return [token.lower() for token in _TOKEN.findall(name)] or [name.lower()]


def _as_constant(name: str, cells: Cells) -> TypedColumn | None:
    if cells.unique > 1:
        return None
    return TypedColumn(name, ColumnKind.CONSTANT, cells, _text_series(name, cells))


def _as_boolean(name: str, cells: Cells) -> TypedColumn | None:
    if cells.unique > 2 * sum(len(pair) for pair in BOOLEAN_PAIRS):
        return None
    merged, findings = merge_spellings(name, cells)
    if {value.lower() for value in merged.values.to_pylist()} not in BOOLEAN_PAIRS:
        return None
    return TypedColumn(name, ColumnKind.BOOLEAN, merged, _text_series(name, merged), findings=findings)


def _as_numbers(name: str, cells: Cells) -> TypedColumn | None:
    numbers = parse_numbers(cells.values)
    if numbers is None:
        return None
    stray = ~numbers.is_number
    if stray.any() and (
        stray.sum() > MAX_STRAY_WORDS
        or numbers.is_number.sum() <= MIN_ROWS_TO_JUDGE_UNIQUENESS
        or cells.counts[stray].sum() > MAX_STRAY_SHARE * cells.present
    ):
        return None
    findings = _number_findings(name, cells, numbers)
    used = np.flatnonzero(~np.isnan(numbers.floats))
    if len(used) == 0:
        return None
    places = np.full(cells.unique, -1, dtype=np.int64)
    places[used] = np.arange(len(used))
    kept = cells.spelled(cells.values.take(pa.array(used)), places)
    if numbers.is_whole and _is_row_number(name, kept, numbers.floats[used]):
        return TypedColumn(name, ColumnKind.IDENTIFIER, cells, _text_series(name, cells))
    floats = np.append(numbers.floats[used], np.nan)[kept.codes]
    kind = ColumnKind.INTEGER if numbers.is_whole else ColumnKind.NUMBER
    return TypedColumn(name, kind, kept, pd.Series(floats, name=name), floats, findings)


def _is_row_number(name: str, cells: Cells, floats: NDArray[np.float64]) -> bool:
    """Every integer is another one, and the name says that it is a number of the row rather than a measure."""
    if cells.missing or cells.unique < cells.rows or cells.rows < 2:
        return False
    is_sequence = floats.max() - floats.min() == len(floats) - 1
    tokens = name_tokens(name)
    return tokens[-1] in _ID_LAST or tokens[0] == "id" or (is_sequence and bool(_ROW_NUMBER_NAME.fullmatch(name.lower())))


def _as_dates(name: str, cells: Cells) -> TypedColumn | None:
    dates = parse_dates(cells.values)
    if dates is None:
        return None
    times = dates.times.reindex(cells.codes).reset_index(drop=True)  # there is no place -1, so that missing becomes NaT
    return TypedColumn(name, ColumnKind.DATETIME, cells, times.rename(name), findings=_date_findings(name, cells, dates))


def _as_words(name: str, cells: Cells) -> TypedColumn:
    kind = _kind_of_words(cells)
    findings: tuple[Finding, ...] = ()
    if kind is ColumnKind.CATEGORY:
        cells, findings = merge_spellings(name, cells)
        kind = ColumnKind.CONSTANT if cells.unique == 1 else kind
    return TypedColumn(name, kind, cells, _text_series(name, cells), findings=findings)


def _kind_of_words(cells: Cells) -> ColumnKind:
    if cells.present < MIN_ROWS_TO_JUDGE_UNIQUENESS:
        return ColumnKind.CATEGORY
    share = cells.unique / cells.present
    words = _mean(cells, lambda values: pc.add(pc.count_substring_regex(values, r"\s+"), 1))
    if share > 0.5 and (words >= _TEXT_WORDS or _mean(cells, pc.utf8_length) >= _TEXT_CHARS):
        return ColumnKind.TEXT
    return ColumnKind.IDENTIFIER if share >= NEARLY_UNIQUE else ColumnKind.CATEGORY


def _mean(cells: Cells, measure: Callable[[Any], Any]) -> float:
    measured = measure(cells.values).to_numpy(zero_copy_only=False)
    return float(np.average(measured, weights=cells.counts))


def _text_series(name: str, cells: Cells) -> pd.Series[Any]:
    return pd.Series(pd.array(cells.as_text(), dtype=STR), name=name)


def _cell_findings(name: str, cells: Cells) -> list[Finding]:
    found: list[Finding] = []
    if cells.missing_words:
        found.append(Finding("missing_spelling", name, f"In {quoted(name)}, {listed(cells.missing_words)} was taken as missing."))
    if cells.hidden:
        found.append(Finding("invisible_characters", name, f"Invisible characters were removed from values of {quoted(name)}."))
    return found


def _number_findings(name: str, cells: Cells, numbers: Numbers) -> tuple[Finding, ...]:
    found: list[Finding] = []
    stray = ~numbers.is_number
    if stray.any():
        words = listed(cells.values.filter(pa.array(stray)).to_pylist())
        where = count_of(int(cells.counts[stray].sum()), "row")
        found.append(Finding("not_a_number", name, f"{quoted(name)} is a column of numbers; {words} in {where} was taken as missing."))
    if numbers.is_infinite.any():
        where = count_of(int(cells.counts[numbers.is_infinite].sum()), "row")
        found.append(Finding("infinite", name, f"{quoted(name)} holds infinite values in {where}; they were taken as missing."))
    if numbers.sample is not None:
        written = quoted(cells.values[numbers.sample].as_py())
        read = f"{numbers.floats[numbers.sample]:,.10g}".replace(",", "")
        found.append(Finding("number_format", name, f"{quoted(name)} is written like {written}, which was read as the number {read}."))
    return tuple(found)


def _date_findings(name: str, cells: Cells, dates: Dates) -> tuple[Finding, ...]:
    if not dates.is_ambiguous:
        return ()
    written, read = quoted(cells.values[0].as_py()), dates.times.iloc[0].date().isoformat()
    sentence = f"In {quoted(name)} day and month cannot be told apart; they were read day first ({written} as {read})."
    return (Finding("ambiguous_dates", name, sentence),)
