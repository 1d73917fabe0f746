"""What a column of very many different values is, and its values in that kind, without ever holding all of its text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dashapp.datasets.columns import said
from dashapp.datasets.columns.cells import NO_ROWS, Rows, clean_text, missing_set, remove_invisible
from dashapp.datasets.columns.date_stream import DateStream, read_dates
from dashapp.datasets.columns.dates import has_date_name, parse_compact
from dashapp.datasets.columns.decimals import UNPROVEN, FileDecimals
from dashapp.datasets.columns.long_text import describe_text
from dashapp.datasets.columns.measure import Floats, Spread, floats_of, is_increasing, measure, spread_of_column
from dashapp.datasets.columns.number_columns import is_row_number
from dashapp.datasets.columns.number_stream import NumberStream, Tally
from dashapp.datasets.columns.sentinels import find_sentinels
from dashapp.datasets.columns.spool import Chunks
from dashapp.datasets.columns.strays import are_strays_few
from dashapp.datasets.columns.typed_column import MAX_TOP, TypedColumn
from dashapp.datasets.columns.word_columns import kind_of_words
from dashapp.datasets.dataset import Bin, ColumnKind, ColumnProfile, ColumnReading, Finding, ReadAs, ValueCount, WrittenAs

_TOLD = {ReadAs.CATEGORY: ColumnKind.CATEGORY, ReadAs.RATING: ColumnKind.CATEGORY, ReadAs.TEXT: ColumnKind.TEXT} | {
    ReadAs.IDENTIFIER: ColumnKind.IDENTIFIER,
    ReadAs.BOOLEAN: ColumnKind.CATEGORY,
}
_IMPOSSIBLE = {ReadAs.BOOLEAN: "yes or no", ReadAs.RATING: "a rating", ReadAs.NUMBER: "numbers", ReadAs.INTEGER: "whole numbers"}


def type_numbers(name: str, stream: NumberStream, reading: ColumnReading, decimals: FileDecimals = UNPROVEN) -> TypedColumn | None:
    """The column as numbers; None where too much of it is something else, so that it has to be read again as text."""
    if not _are_numbers(stream, is_told=reading.kind is not None):
        return None
    if decimals.style_for(stream.signs, reading.decimal) not in (None, stream.style):
        return None
    is_divided = stream.divide_percent()
    spread = spread_of_column(lambda: stream.chunks, stream.rows)
    if not spread.unique:
        return None
    if reading.kind is None and (dated := _compact_dates(name, stream, spread, reading)) is not None:
        return dated
    if reading.kind is None and _numbers_rows(name, stream, spread):
        return None if stream.has_plus or stream.is_written_otherwise else _numbered(name, stream)
    left_out = _leave_out(name, stream, spread, reading)
    if left_out.test is not None:
        spread = spread.without(left_out.test)

    def chunks() -> Iterator[Any]:
        return (_nulled(chunk, left_out.test) for chunk in stream.chunks)

    measured = measure(spread, chunks)
    profile = ColumnProfile(
        name,
        ColumnKind.INTEGER if reading.kind is ReadAs.INTEGER or (reading.kind is None and _is_whole(stream)) else ColumnKind.NUMBER,
        missing=stream.missing + left_out.rows.total,
        unique=measured.unique,
        example=stream.example,
        minimum=measured.minimum,
        maximum=measured.maximum,
        mean=measured.mean,
        histogram=measured.histogram,
        missing_as=(*stream.missing_words, *stream.failures, *left_out.shown)[:MAX_TOP],
        written=WrittenAs(
            decimal=stream.style.value[1], is_percent_divided=is_divided, is_told=reading.kind is not None, keep=reading.keep
        ),
    )
    return TypedColumn(
        profile, stream.rows, chunks, (*_number_findings(name, stream, reading, decimals, is_divided=is_divided), *left_out.findings)
    )


def type_texts(name: str, texts: Chunks, reading: ColumnReading, times: Chunks) -> TypedColumn:
    """The column as dates where all of it are dates, which `times` takes, and otherwise as words."""
    missing = missing_set(reading.missing, reading.keep)

    def cleaned() -> Iterator[Any]:
        return (clean_text(chunk, missing) for chunk in texts)

    described = describe_text(cleaned, texts.rows, MAX_TOP)
    kind = _TOLD.get(reading.kind) if reading.kind is not None else None
    impossible = _IMPOSSIBLE.get(reading.kind) if reading.kind is not None else None
    profile = ColumnProfile(
        name,
        kind or kind_of_words(described.present, described.unique, described.mean_words, described.mean_chars),
        missing=texts.rows - described.present,
        unique=described.unique,
        example=described.top[0].value if described.top else None,
        top=described.top,
        written=WrittenAs(is_told=reading.kind is not None, keep=reading.keep),
    )
    findings: list[Finding] = []
    if impossible is not None:
        findings.append(said.cannot_be(name, described.unique, impossible))
    words, where = _missing_words(texts, missing) if profile.missing else ((), NO_ROWS)
    if words:
        findings.append(said.missing_spelling(name, words, where, reading))
        profile = replace(profile, missing_as=words[:MAX_TOP])
    if reading.kind in (None, ReadAs.DATETIME):
        dates = read_dates(cleaned, times, day_first=reading.day_first, is_sure=reading.kind is ReadAs.DATETIME)
        if dates is not None and dates.is_mixed and dates.day_first is None:
            findings.append(said.mixed_dates(name, tuple(dates.unread), dates.unread_rows.rows(), None))
        elif dates is not None:
            return _dated(profile, dates, findings, cleaned)
    return TypedColumn(profile, texts.rows, cleaned, tuple(findings))


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """Numbers that became missing: `test` tells them."""

    test: Callable[[Floats], NDArray[np.bool_]] | None = None
    numbers: Floats = field(default_factory=lambda: np.zeros(0))
    rows: Rows = NO_ROWS
    findings: tuple[Finding, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        return tuple(f"{number:.10g}" for number in self.numbers[:MAX_TOP].tolist())


def _are_numbers(stream: NumberStream, *, is_told: bool) -> bool:
    present = stream.rows - stream.missing
    strays, where = len(stream.failures), stream.failed.total
    if stream.has_minus_last and strays:
        return False
    return not stream.is_broken and (is_told or not strays or are_strays_few(strays, present, where, present + where))


def _is_whole(stream: NumberStream) -> bool:
    return stream.is_whole and (stream.is_whole_written or stream.is_written_otherwise)


def _numbers_rows(name: str, stream: NumberStream, spread: Spread) -> bool:
    if spread.low < 0 or not _is_whole(stream) or not is_row_number(name, stream.rows, spread.low, spread.high):
        return False
    return is_increasing(stream.chunks) if spread.is_sample else spread.unique == stream.rows


def _compact_dates(name: str, stream: NumberStream, spread: Spread, reading: ColumnReading) -> TypedColumn | None:
    """Numbers like 20200131 under the name of a date."""
    if (
        not has_date_name(name)
        or not stream.is_whole_written
        or stream.failures
        or not 19_000_101 <= spread.low <= spread.high < 21_000_000
    ):
        return None

    def texts() -> Iterator[Any]:
        return (_nulled(chunk, None).cast(pa.int64()).cast(pa.string()) for chunk in stream.chunks)

    different = pa.concat_arrays([pa.array(part).cast(pa.int64()).cast(pa.string()) for part, _ in spread.parts()])
    days = parse_compact(different)
    if days is None:
        return None
    times = pa.array(days, pa.timestamp("us"))

    def chunks() -> Iterator[Any]:
        return (times.take(pc.index_in(chunk, value_set=different)) for chunk in texts())

    described = describe_text(texts, stream.rows, MAX_TOP)
    profile = ColumnProfile(
        name,
        ColumnKind.DATETIME,
        missing=stream.missing,
        unique=len(different),
        example=stream.example,
        top=described.top,
        histogram=_histogram(chunks, stream.rows),
        missing_as=tuple(stream.missing_words)[:MAX_TOP],
        written=WrittenAs(has_number_dates=True, keep=reading.keep),
    )
    words = said.missing_spelling(name, tuple(stream.missing_words), stream.missing_rows.rows(), reading)
    return TypedColumn(profile, stream.rows, chunks, (words,) if stream.missing_words else ())


def _histogram(times: Callable[[], Iterator[Any]], rows: int) -> tuple[Bin, ...]:
    def seconds() -> Iterator[Any]:
        return (pc.divide(pc.cast(chunk.cast(pa.int64()), pa.float64(), safe=False), 1e6) for chunk in times())

    return measure(spread_of_column(seconds, rows), seconds).histogram


def _leave_out(name: str, stream: NumberStream, spread: Spread, reading: ColumnReading) -> _LeftOut:
    """Numbers that stand for no value; and those with a fraction where somebody said that they are whole."""
    if reading.kind is ReadAs.INTEGER and not stream.is_whole:
        fractions = np.array(spread.first(_has_fraction, MAX_TOP))
        rows = _rows_where(stream.chunks, _has_fraction)
        shown = [f"{number:.10g}" for number in fractions.tolist()]
        return _LeftOut(_has_fraction, fractions, rows, (said.not_as_told(name, shown, rows, "a whole number"),))
    found = find_sentinels(name, spread, reading.keep) if reading.kind is None else np.zeros(0)
    if not len(found):
        return _LeftOut()

    def is_sentinel(floats: Floats) -> NDArray[np.bool_]:
        return np.isin(floats, found)

    rows = _rows_where(stream.chunks, is_sentinel)
    return _LeftOut(is_sentinel, found, rows, (said.sentinel(name, found, rows, reading.keep),))


def _has_fraction(floats: Floats) -> NDArray[np.bool_]:
    is_fraction: NDArray[np.bool_] = np.isfinite(floats) & (np.floor(floats) != floats)
    return is_fraction


def _rows_where(chunks: Chunks, test: Callable[[Floats], NDArray[np.bool_]]) -> Rows:
    tally, begin = Tally(), 0
    for chunk in chunks:
        tally.note(np.flatnonzero(test(floats_of(chunk))), begin)
        begin += len(chunk)
    return tally.rows()


def _nulled(chunk: Any, test: Callable[[Floats], NDArray[np.bool_]] | None) -> Any:
    """With null for NaN and for what is left out."""
    floats = floats_of(chunk)
    is_missing = np.isnan(floats) if test is None else np.isnan(floats) | test(floats)
    return pa.array(floats, mask=is_missing) if is_missing.any() else chunk


def _number_findings(
    name: str, stream: NumberStream, reading: ColumnReading, decimals: FileDecimals, *, is_divided: bool
) -> Iterator[Finding]:
    if stream.missing_words:
        yield said.missing_spelling(name, tuple(stream.missing_words), stream.missing_rows.rows(), reading)
    if stream.failures and reading.kind is None:
        yield said.not_a_number(name, tuple(stream.failures), stream.failed.rows())
    elif stream.failures:
        yield said.not_as_told(name, tuple(stream.failures), stream.failed.rows(), "a number")
    if stream.infinite.total:
        yield said.infinite(name, stream.infinite.rows())
    if stream.percent_rows.total and stream.has_others:
        yield said.mixed_percent(name, stream.percent_rows.rows(), is_divided=is_divided)
    must_ask = decimals.must_ask(stream.signs, reading.decimal)
    yield from said.number_formats(name, stream.sample, stream.style, stream.signs, must_ask=must_ask)


def _numbered(name: str, stream: NumberStream) -> TypedColumn:
    """Numbers of the rows stay as they are written, which for whole numbers without zeros before them is the same text."""

    def chunks() -> Iterator[Any]:
        return (chunk.cast(pa.int64()).cast(pa.string()) for chunk in stream.chunks)

    top = tuple(ValueCount(text, 1) for text in next(chunks())[:MAX_TOP].to_pylist())
    return TypedColumn(ColumnProfile(name, ColumnKind.IDENTIFIER, 0, stream.rows, example=top[0].value, top=top), stream.rows, chunks)


def _missing_words(texts: Chunks, missing: Any) -> tuple[tuple[str, ...], Rows]:
    words: dict[str, None] = {}
    tally, begin = Tally(), 0
    for chunk in texts:
        stripped = pc.utf8_trim_whitespace(remove_invisible(chunk))
        is_word = pc.and_(pc.is_in(stripped, value_set=missing), pc.not_equal(stripped, ""))
        words.update(dict.fromkeys(pc.unique(stripped.filter(is_word)).to_pylist()))
        tally.note(np.flatnonzero(is_word.to_numpy(zero_copy_only=False)), begin)
        begin += len(chunk)
    return tuple(words), tally.rows()


def _described_again(profile: ColumnProfile, texts: Callable[[], Iterator[Any]], dates: DateStream) -> ColumnProfile:
    """Of the values alone that are dates."""

    def read() -> Iterator[Any]:
        for chunk, times in zip(texts(), dates.chunks, strict=True):
            yield pc.if_else(times.is_valid(), chunk, pa.scalar(None, pa.string()))

    described = describe_text(read, dates.chunks.rows, MAX_TOP)
    example = described.top[0].value if described.top else None
    return replace(profile, unique=described.unique, example=example, top=described.top)


def _dated(profile: ColumnProfile, dates: DateStream, findings: list[Finding], texts: Callable[[], Iterator[Any]]) -> TypedColumn:
    name = profile.name
    if dates.is_ambiguous and dates.example is not None:
        findings.append(said.ambiguous_dates(name, *dates.example))
    if dates.unread and dates.is_mixed:
        findings.append(said.mixed_dates(name, tuple(dates.unread), dates.unread_rows.rows(), dates.day_first))
    elif dates.unread:
        findings.append(said.not_as_told(name, tuple(dates.unread), dates.unread_rows.rows(), "a date"))
    missing = profile.missing + dates.unread_rows.total
    if dates.unread:
        profile = _described_again(profile, texts, dates)
    profile = replace(
        profile,
        kind=ColumnKind.DATETIME,
        missing=missing,
        histogram=_histogram(lambda: iter(dates.chunks), dates.chunks.rows),
        missing_as=(*profile.missing_as, *dates.unread)[:MAX_TOP],
        written=replace(profile.written, day_first=dates.day_first, has_number_dates=profile.written.is_told),
    )
    return TypedColumn(profile, dates.chunks.rows, lambda: iter(dates.chunks), tuple(findings))
