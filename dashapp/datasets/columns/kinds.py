"""What a column of few different values is (number, category, identifier, ...), decided by all of them, and the values in that kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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
from dashapp.datasets.columns.decimals import UNPROVEN, FileDecimals, signs_of
from dashapp.datasets.columns.labels import BOOLEAN_PAIRS, TOLD_TRUTHS, merge_spellings
from dashapp.datasets.columns.measure import NOTHING, Measured, measure, spread_of_values
from dashapp.datasets.columns.naming import name_tokens
from dashapp.datasets.columns.numbers import Numbers, numbers_among, parse_numbers
from dashapp.datasets.columns.percent import are_fractions, as_fractions
from dashapp.datasets.columns.ratings import in_natural_order, levels_of_numbers, levels_of_words
from dashapp.datasets.columns.sentinels import find_sentinels
from dashapp.datasets.dataset import ColumnKind, ColumnProfile, ColumnReading, Finding, ReadAs, ValueCount

MIN_ROWS_TO_JUDGE_UNIQUENESS = 20
NEARLY_UNIQUE = 0.95
MAX_STRAY_SHARE = 0.05  # of the values in a column of numbers that are words; more, and it is a column of words
MAX_STRAY_WORDS = 3
MAX_TOP = 20
MAX_TOLD_LEVELS = 50  # of a rating that somebody said is one
_MAX_COUNTED_CLASSES = 1_000
_LOOKED_AT = 100
_TEXT_WORDS = 5.0
_TEXT_CHARS = 40.0
_ID_LAST = frozenset({"id", "ids", "key", "no", "nr", "num", "number", "uuid", "guid", "index", "idx", "identifier", "rownum", "serial"})
_ROW_NUMBER_NAME = re.compile(r"column_1|unnamed: 0|row|rows|index")
_WORDS = {ReadAs.CATEGORY: ColumnKind.CATEGORY, ReadAs.TEXT: ColumnKind.TEXT, ReadAs.IDENTIFIER: ColumnKind.IDENTIFIER}


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
class _Typed:
    """A decision: the kind, the cells that remain, and where they are not words their `values` (float64 or timestamps) one by one."""

    kind: ColumnKind
    cells: Cells
    values: Any = None
    measured: Measured = NOTHING
    levels: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    missing_as: tuple[str, ...] = ()


def type_cells(name: str, cells: Cells, reading: ColumnReading = ColumnReading(), decimals: FileDecimals = UNPROVEN) -> TypedColumn:
    """Obey the user; otherwise decide the kind, most telling first: one value, yes and no, numbers, dates, and then words."""
    typed = _as_told(name, cells, reading, decimals) if reading.kind is not None else _as_found(name, cells, reading, decimals)
    findings = (*said.of_cells(name, cells, reading), *typed.findings)
    return TypedColumn(_profile(name, typed, cells.missing_words), cells.rows, lambda: _chunks(typed), findings)


def _as_found(name: str, cells: Cells, reading: ColumnReading, decimals: FileDecimals) -> _Typed:
    if cells.unique <= 1:
        return _Typed(ColumnKind.CONSTANT, cells)
    return (
        _as_boolean(name, cells, reading)
        or _as_compact_dates(name, cells)
        or _as_numbers(name, cells, reading, decimals)
        or _as_dates(name, cells, reading.day_first)
        or _as_dates_and_strays(name, cells, reading.day_first)
        or _as_mixed_dates(name, cells, reading)
        or _as_words(name, cells, reading)
    )


def _as_told(name: str, cells: Cells, reading: ColumnReading, decimals: FileDecimals) -> _Typed:
    kind = reading.kind
    if cells.unique == 0:
        return _Typed(ColumnKind.CONSTANT, cells)
    if kind in (ReadAs.NUMBER, ReadAs.INTEGER):
        return _told_numbers(name, cells, reading, decimals)
    if kind is ReadAs.DATETIME:
        return _told_dates(name, cells, reading.day_first)
    if kind is ReadAs.BOOLEAN:
        return _told_boolean(name, cells)
    if kind is ReadAs.RATING:
        return _told_rating(name, cells, reading)
    return _as_words(name, cells, reading, _WORDS.get(kind or ReadAs.TEXT, ColumnKind.TEXT))


def _as_boolean(name: str, cells: Cells, reading: ColumnReading) -> _Typed | None:
    if cells.unique > 2 * sum(len(pair) for pair in BOOLEAN_PAIRS):
        return None
    merged, findings = merge_spellings(name, cells, reading)
    if merged.unique != 2 or {value.lower() for value in merged.values.to_pylist()} not in BOOLEAN_PAIRS:
        return None
    return _Typed(ColumnKind.BOOLEAN, merged, findings=findings)


def _as_numbers(name: str, cells: Cells, reading: ColumnReading, decimals: FileDecimals) -> _Typed | None:
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
        return _Typed(ColumnKind.IDENTIFIER, cells)
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
    return replace(_numeric(kind, cells, floats), levels=levels, findings=findings, missing_as=missing_as)


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


def _numeric(kind: ColumnKind, cells: Cells, floats: NDArray[np.float64]) -> _Typed:
    """`floats` stands for the cells one by one; those that are NaN become missing."""
    kept, used = _without_missing(cells, np.isnan(floats))
    measured = measure(spread_of_values(floats, cells.counts))
    return _Typed(kind, kept, pa.array(floats[used]), measured)


def _without_missing(cells: Cells, is_missing: NDArray[np.bool_]) -> tuple[Cells, NDArray[np.int64]]:
    used = np.flatnonzero(~is_missing)
    places = np.full(cells.unique, -1, dtype=np.int64)
    places[used] = np.arange(len(used))
    return cells.spelled(cells.values.take(pa.array(used)), places), used


def are_plainly_words(values: Any) -> bool:
    """Whether the first of them alone hold too many that are no numbers, which is soon known."""
    numbers = parse_numbers(values[:_LOOKED_AT])
    return numbers is not None and int((~numbers.is_number).sum()) > MAX_STRAY_WORDS


def are_strays_few(strays: int, numbers: int, stray_rows: int, present: int) -> bool:
    """Whether a column of so many different numbers and other values is still one of numbers."""
    return strays <= MAX_STRAY_WORDS and numbers > MIN_ROWS_TO_JUDGE_UNIQUENESS and stray_rows <= MAX_STRAY_SHARE * present


def is_row_number(name: str, rows: int, low: float, high: float) -> bool:
    """Of integers that are all different: whether the name says that they number the rows rather than measure something."""
    if rows < 2:
        return False
    tokens = name_tokens(name)
    is_sequence = high - low == rows - 1
    return tokens[-1] in _ID_LAST or tokens[0] == "id" or (is_sequence and bool(_ROW_NUMBER_NAME.fullmatch(name.lower())))


def _as_dates(name: str, cells: Cells, day_first: bool | None) -> _Typed | None:
    dates = parse_dates(cells.values, day_first=day_first)
    if dates is None:
        return None
    times = pa.array(dates.times, pa.timestamp("us"))
    findings = (said.ambiguous_dates(name, cells.values[0].as_py(), dates.times.iloc[0]),) if dates.is_ambiguous else ()
    return _dated(cells, times, findings)


def _as_dates_and_strays(name: str, cells: Cells, day_first: bool | None) -> _Typed | None:
    """Dates among which a few words stand, as a total below the table may leave them; those are missing."""
    is_date = look_like_dates(cells.values)
    strays = ~is_date
    few = are_strays_few(int(strays.sum()), int(is_date.sum()), int(cells.counts[strays].sum()), cells.present)
    if not (strays.any() and few):
        return None
    kept, _ = _without_missing(cells, strays)
    if (typed := _as_dates(name, kept, day_first)) is None:
        return None
    words = cells.values.filter(pa.array(strays)).to_pylist()
    finding = said.not_a_date(name, words, cells.rows_where(strays))
    return replace(typed, findings=(finding, *typed.findings), missing_as=tuple(words))


def _as_compact_dates(name: str, cells: Cells) -> _Typed | None:
    times = parse_compact(cells.values) if has_date_name(name) else None
    return None if times is None else _dated(cells, pa.array(times, pa.timestamp("us")), ())


def _as_mixed_dates(name: str, cells: Cells, reading: ColumnReading) -> _Typed | None:
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
        words = _as_words(name, cells, reading)
        return replace(words, findings=(*words.findings, finding))
    return _dates_one_by_one(cells, day_first, lambda _: (finding,))


def _dates_one_by_one(cells: Cells, day_first: bool | None, say: Callable[[NDArray[np.bool_]], tuple[Finding, ...]]) -> _Typed:
    times = parse_each_date(cells.values, day_first=day_first)
    is_none = times.isna().to_numpy(dtype=bool)
    kept, used = _without_missing(cells, is_none)
    typed = _dated(kept, pa.array(times.iloc[used], pa.timestamp("us")), say(is_none))
    return replace(typed, missing_as=tuple(cells.values.filter(pa.array(is_none)).to_pylist()))


def _dated(cells: Cells, times: Any, findings: tuple[Finding, ...]) -> _Typed:
    seconds = times.cast("int64").to_numpy() / 1e6
    measured = measure(spread_of_values(seconds, cells.counts))
    return _Typed(ColumnKind.DATETIME, cells, times, Measured(histogram=measured.histogram), findings=findings)


def _as_words(name: str, cells: Cells, reading: ColumnReading, kind: ColumnKind | None = None) -> _Typed:
    findings: tuple[Finding, ...] = ()
    told = kind
    kind = kind or _kind_of_words(cells)
    levels: tuple[str, ...] = ()
    if kind is ColumnKind.CATEGORY:
        cells, findings = merge_spellings(name, cells, reading)
        kind = ColumnKind.CONSTANT if cells.unique == 1 and told is None else kind
        levels = levels_of_words(cells.values.to_pylist()) if cells.unique <= MAX_TOP else ()
    return _Typed(kind, cells, levels=levels, findings=findings)


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


def _told_numbers(name: str, cells: Cells, reading: ColumnReading, decimals: FileDecimals) -> _Typed:
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
    typed = _numeric(kind, cells, floats)
    asked = said.of_format(name, cells, numbers, signs, must_ask=decimals.must_ask(signs, reading.decimal))
    missing_as = tuple(cells.values.filter(pa.array(np.isnan(floats))).to_pylist())
    return replace(typed, findings=(*unread, *asked, *mixed), missing_as=missing_as)


def _told_dates(name: str, cells: Cells, day_first: bool | None) -> _Typed:
    if (found := _as_dates(name, cells, day_first)) is not None:
        return found
    if day_first is None and (orders := only_one_order(cells.values)) is not None:
        day_first = bool(cells.counts[orders[0]].sum() >= cells.counts[orders[1]].sum())
    return _dates_one_by_one(cells, day_first, lambda is_none: said.unread(name, cells, is_none, "a date"))


def _told_boolean(name: str, cells: Cells) -> _Typed:
    merged, findings = merge_spellings(name, cells, truths=TOLD_TRUTHS)
    lower = [value.casefold() for value in merged.values.to_pylist()]
    is_other = np.array([value not in TOLD_TRUTHS for value in lower])
    if merged.unique <= 2:
        return _Typed(ColumnKind.BOOLEAN, merged, findings=findings)
    if is_other.all():
        return replace(_as_words(name, cells, ColumnReading()), findings=(said.cannot_be(name, cells.unique, "yes or no"),))
    kept, again = merge_spellings(name, _without_missing(merged, is_other)[0], truths=TOLD_TRUTHS)
    unread = said.unread(name, merged, is_other, "yes or no")
    return _Typed(
        ColumnKind.BOOLEAN, kept, findings=(*unread, *again), missing_as=tuple(merged.values.filter(pa.array(is_other)).to_pylist())
    )


def _told_rating(name: str, cells: Cells, reading: ColumnReading) -> _Typed:
    numbers = parse_numbers(cells.values)
    if numbers is not None and numbers.is_whole and numbers.is_number.all():
        typed = _numeric(ColumnKind.INTEGER, cells, numbers.floats)
        if typed.measured.unique > MAX_TOLD_LEVELS:
            return replace(typed, findings=(said.cannot_be(name, typed.measured.unique, "a rating"),))
        points = np.unique(numbers.floats[~np.isnan(numbers.floats)]).tolist()
        return replace(typed, levels=tuple(str(int(point)) for point in points))
    merged, findings = merge_spellings(name, cells, reading)
    if merged.unique > MAX_TOLD_LEVELS:
        return _Typed(ColumnKind.CATEGORY, merged, findings=(*findings, said.cannot_be(name, merged.unique, "a rating")))
    return _Typed(ColumnKind.CATEGORY, merged, levels=in_natural_order(merged.values.to_pylist()), findings=findings)


def _profile(name: str, typed: _Typed, missing_words: tuple[str, ...]) -> ColumnProfile:
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
    )


def _chunks(typed: _Typed) -> Iterator[Any]:
    """Row by row: the values themselves, or for words a dictionary of them."""
    cells = typed.cells
    places = pa.array(cells.places.astype(np.int32), mask=cells.places < 0)
    by_code = places if typed.values is None else typed.values.take(places)
    for codes in cells.codes:
        taken = by_code.take(codes)
        yield pa.DictionaryArray.from_arrays(taken, cells.values) if typed.values is None else taken
