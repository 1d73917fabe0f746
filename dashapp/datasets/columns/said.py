"""What was understood of a column, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dashapp.datasets.columns.cells import MISSING_WORDS, Cells, Rows
from dashapp.datasets.columns.decimals import STYLES, Signs
from dashapp.datasets.columns.numbers import Numbers, Style, read_styled
from dashapp.datasets.dataset import ColumnReading, Finding, Remedy, Severity
from dashapp.datasets.wording import count_of, listed, quoted

_MAX_KEPT = 3


def of_cells(name: str, cells: Cells, reading: ColumnReading) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if cells.missing_words:
        found.append(missing_spelling(name, cells.missing_words, cells.missing_rows, reading))
    if cells.hidden_rows.total:
        sentence = f"Invisible characters were removed from values of {quoted(name)}."
        found.append(_finding("invisible_characters", name, sentence, cells.hidden_rows, Severity.NOTE))
    return tuple(found)


def missing_spelling(name: str, words: Sequence[str], rows: Rows, reading: ColumnReading) -> Finding:
    usual = [word for word in words if word in MISSING_WORDS and word not in reading.missing][:_MAX_KEPT]
    label = "Keep it as a value" if len(words) == 1 else "Keep {} as a value"
    remedies = tuple(_keep(name, label.format(quoted(word)), reading.keep, word) for word in usual)
    sentence = f"In {quoted(name)}, {listed(words)} was taken as missing."
    return _finding("missing_spelling", name, sentence, rows, Severity.NOTE, remedies)


def _keep(name: str, label: str, before: Sequence[str], *words: str) -> Remedy:
    """With what was kept before, since a list is replaced as a whole."""
    return Remedy(label, {"columns": {name: {"keep": [*before, *words]}}})


def of_numbers(name: str, cells: Cells, numbers: Numbers, signs: Signs, *, must_ask: bool) -> tuple[Finding, ...]:
    found: list[Finding] = []
    stray = ~numbers.is_number
    if stray.any():
        found.append(not_a_number(name, cells.values.filter(pa.array(stray)).to_pylist(), cells.rows_where(stray)))
    if numbers.is_infinite.any():
        found.append(infinite(name, cells.rows_where(numbers.is_infinite)))
    return (*found, *of_format(name, cells, numbers, signs, must_ask=must_ask))


def of_format(name: str, cells: Cells, numbers: Numbers, signs: Signs, *, must_ask: bool) -> tuple[Finding, ...]:
    sample = None if numbers.sample is None else (cells.values[numbers.sample].as_py(), float(numbers.floats[numbers.sample]))
    return number_formats(name, sample, numbers.style, signs, must_ask=must_ask)


def number_formats(name: str, sample: tuple[str, float] | None, style: Style, signs: Signs, *, must_ask: bool) -> tuple[Finding, ...]:
    """How the numbers were read where they are not written plainly (`sample`: one of them), or could be read in another way."""
    if signs.is_open and signs.example is not None and (sample is not None or must_ask):
        return (_either_way(name, signs.example, style, must_ask=must_ask),)
    return () if sample is None else (number_format(name, *sample),)


def _either_way(name: str, written: str, style: Style, *, must_ask: bool) -> Finding:
    shown = {sign: _shown(float(read_styled([written], each)[0])) for sign, each in STYLES.items()}
    read = next(shown[sign] for sign, each in STYLES.items() if each is style)
    sentence = f"{quoted(name)} is written like {quoted(written)}, which was read as the number {read}."
    if must_ask:
        sentence = f"{sentence[:-1]}; nothing in the file tells whether it is {shown['.']} or {shown[',']}."
    remedies = [Remedy(f"{quoted(written)} is {shown[sign]}", {"columns": {name: {"decimal": sign}}}) for sign in STYLES]
    return Finding("number_format", name, sentence, Severity.WARN if must_ask else Severity.NOTE, remedies=tuple(remedies))


def not_a_number(name: str, words: Sequence[str], rows: Rows) -> Finding:
    where = count_of(rows.total, "row")
    sentence = f"{quoted(name)} is a column of numbers; {listed(words)} in {where} was taken as missing."
    return _finding("not_a_number", name, sentence, rows, remedies=(_read_as(name, "Read it as words", "category"),))


def not_a_date(name: str, words: Sequence[str], rows: Rows) -> Finding:
    verb = "was" if rows.total == 1 else "were"
    sentence = f"{quoted(name)} is a column of dates; {listed(words)} in {count_of(rows.total, 'row')} {verb} taken as missing."
    return _finding("not_a_date", name, sentence, rows, remedies=(_read_as(name, "Read it as words", "category"),))


def infinite(name: str, rows: Rows) -> Finding:
    where = count_of(rows.total, "row")
    return _finding("infinite", name, f"{quoted(name)} holds infinite values in {where}; they were taken as missing.", rows)


def number_format(name: str, written: str, number: float) -> Finding:
    sentence = f"{quoted(name)} is written like {quoted(written)}, which was read as the number {_shown(number)}."
    return Finding("number_format", name, sentence, Severity.NOTE, remedies=(_read_as(name, "Read it as words", "category"),))


def mixed_percent(name: str, rows: Rows, *, is_divided: bool) -> Finding:
    """`rows`: those with a percent sign."""
    what = "those were divided by 100, since all others lie from -1 to 1" if is_divided else "the sign was left out"
    sentence = f"Only {count_of(rows.total, 'value')} of {quoted(name)} {'has' if rows.total == 1 else 'have'} a percent sign; {what}."
    severity = Severity.NOTE if is_divided else Severity.WARN
    return _finding("mixed_percent", name, sentence, rows, severity, (_read_as(name, "Read it as words", "category"),))


def sentinel(name: str, numbers: NDArray[np.float64], rows: Rows, keep: Sequence[str] = ()) -> Finding:
    words = [f"{number:.0f}" for number in numbers.tolist()]
    shown = listed(words)
    where = count_of(rows.total, "row")
    sentence = f"In {quoted(name)}, {shown} in {where} is far from every other value, as if it stood for none; it was taken as missing."
    return _finding("sentinel", name, sentence, rows, remedies=(_keep(name, "Keep it as a value", keep, *words),))


def ambiguous_dates(name: str, written: str, read: datetime) -> Finding:
    sentence = f"In {quoted(name)} day and month cannot be told apart; they were read day first ({quoted(written)} as {read.date()})."
    remedies = tuple(
        Remedy(label, {"columns": {name: {"day_first": is_first}}}) for label, is_first in (("Day first", True), ("Month first", False))
    )
    return Finding("ambiguous_dates", name, sentence, Severity.WARN, remedies=remedies)


def mixed_dates(name: str, words: Sequence[str], rows: Rows, day_first: bool | None) -> Finding:
    """`words` are those of the rarer order; `day_first`: None where the column was left as words."""
    if day_first is None:
        sentence = f"Some dates of {quoted(name)} are written day first and others month first ({listed(words)}); it was read as words."
        told = (("Day first", True), ("Month first", False))
        remedies = tuple(Remedy(label, {"columns": {name: {"kind": "datetime", "day_first": is_first}}}) for label, is_first in told)
        return _finding("mixed_dates", name, sentence, rows, remedies=remedies)
    order, verb = ("day" if day_first else "month"), "was" if rows.total == 1 else "were"
    sentence = (
        f"The dates of {quoted(name)} were read {order} first; {listed(words)} in {count_of(rows.total, 'row')} {verb} taken as missing."
    )
    return _finding("mixed_dates", name, sentence, rows, remedies=(_read_as(name, "Read it as words", "category"),))


def unread(name: str, cells: Cells, is_unread: NDArray[np.bool_], what: str) -> tuple[Finding, ...]:
    """About the values that are not what the user said that the column holds."""
    if not is_unread.any():
        return ()
    return (not_as_told(name, cells.values.filter(pa.array(is_unread)).to_pylist(), cells.rows_where(is_unread), what),)


def cannot_be(name: str, unique: int, what: str) -> Finding:
    """About a column that could not be read in the kind that the user said at all."""
    sentence = f"{quoted(name)} has {count_of(unique, 'different value')} and cannot be read as {what}; it was read by what it holds."
    return Finding(
        "not_as_told", name, sentence, Severity.WARN, remedies=(Remedy("Find out by itself", {"columns": {name: {"kind": None}}}),)
    )


def not_as_told(name: str, words: Sequence[str], rows: Rows, what: str) -> Finding:
    verb = "was" if rows.total == 1 else "were"
    sentence = f"{count_of(rows.total, 'value')} of {quoted(name)} ({listed(words)}) cannot be read as {what} and {verb} taken as missing."
    return _finding("not_as_told", name, sentence, rows, remedies=(Remedy("Find out by itself", {"columns": {name: {"kind": None}}}),))


def _shown(number: float) -> str:
    number += 0.0  # no minus before a zero
    return f"{number:.10f}".rstrip("0").rstrip(".") if abs(number) < 1e10 else f"{number:.10g}"


def _read_as(name: str, label: str, kind: str) -> Remedy:
    return Remedy(label, {"columns": {name: {"kind": kind}}})


def _finding(
    code: str, name: str, sentence: str, rows: Rows, severity: Severity = Severity.WARN, remedies: tuple[Remedy, ...] = ()
) -> Finding:
    return Finding(code, name, sentence, severity, rows.first, rows.total, remedies)
