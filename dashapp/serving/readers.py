"""One value that a caller sends -> the value that the model was trained on, or why it cannot be used.

A text is read as training read the column's file (`InputColumn.written`); JSON's own numbers and dates as ISO 8601 are always understood.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dashapp.datasets.columns.cells import MISSING_WORDS, SPREADSHEET_ERRORS
from dashapp.datasets.columns.decimals import STYLES
from dashapp.datasets.columns.labels import TOLD_TRUTHS, label_key
from dashapp.datasets.columns.numbers import read_styled
from dashapp.datasets.dataset import ColumnKind
from dashapp.datasets.wording import INVISIBLE
from dashapp.serving.dates import date_of
from dashapp.serving.doubts import Warnings, as_missing, blank, short, unreadable, warning
from dashapp.training.run import InputColumn

# A label that a number stands for without doubt: "007" and "1e5" are texts.
_PLAIN_LABEL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_PERCENT = re.compile(r"[0-9]\s*%$")
_INVISIBLE = re.compile(INVISIBLE)
_LARGEST = sys.float_info.max
_DATES_REMEMBERED = 20_000


class Unfit(Exception):
    """A single value that cannot be used; the text says what was expected instead."""


class Missing:
    """The spellings that mean a missing value in a column, those of everybody and its own, and the numbers among the latter."""

    def __init__(self, column: InputColumn) -> None:
        usual = {*MISSING_WORDS, *SPREADSHEET_ERRORS}.difference(word.strip() for word in column.written.keep)
        self._words = frozenset({*usual, *column.missing_as}).difference(column.labels)
        self.numbers = frozenset(float(text) for text in column.missing_as if _PLAIN.fullmatch(text))

    def has(self, value: Any) -> bool:
        if isinstance(value, str):
            text = cleaned(value)
            return text in self._words or bool(self.numbers and _PLAIN.fullmatch(text) and float(text) in self.numbers)
        return bool(self.numbers) and type(value) in (int, float) and value in self.numbers


class NumberReader:
    """Values of a number or integer column as floats, None for missing."""

    def __init__(self, column: InputColumn) -> None:
        self.name = column.name
        self.missing = Missing(column)
        self.example: Any = 0.0 if column.example is None else column.example
        self.is_integer = column.kind is ColumnKind.INTEGER
        self._low = -math.inf if column.minimum is None else column.minimum
        self._high = math.inf if column.maximum is None else column.maximum
        self._style = STYLES[column.written.decimal]
        self.has_points = column.written.decimal == "."
        self._is_divided = column.written.is_percent_divided
        self._is_told = column.written.is_told

    @property
    def surely(self) -> tuple[float, float]:
        """From which to which number nothing is doubtful."""
        low, high = max(self._low, -_LARGEST), min(self._high, _LARGEST)
        return (math.inf, -math.inf) if any(low <= number <= high for number in self.missing.numbers) else (low, high)

    def read(self, value: Any, warnings: Warnings) -> float | None:
        number = value if type(value) is float else self._number(value, warnings)
        if number is None:
            return None
        if not math.isfinite(number):
            raise Unfit("a finite number")
        if self.is_integer and not number.is_integer():
            if self._is_told and isinstance(value, str):
                warnings.append(unreadable(self.name, value, "a whole number"))
                return None
            text = f"{self.name} is {number:g}, but held whole numbers only in training."
            warnings.append(warning("not_whole", self.name, text))
        if number in self.missing.numbers:
            warnings.append(as_missing(self.name, value))
            return None
        if not self._low <= number <= self._high:
            text = f"{self.name} is {number:g}, outside of what was seen in training ({self._low:g} to {self._high:g})."
            warnings.append(warning("out_of_range", self.name, text))
        return number

    def _number(self, value: Any, warnings: Warnings) -> float | None:
        if isinstance(value, int | float):
            try:
                return float(value)
            except OverflowError:
                raise Unfit("a number of at most 308 digits") from None
        if not isinstance(value, str):
            raise Unfit("a number")
        text = cleaned(value)
        if not text:
            warnings.append(blank(self.name))
            return None
        is_plain = _PLAIN.fullmatch(text) is not None
        if is_plain and (self.has_points or "." not in text):
            return float(text)
        number = float(read_styled([text], self._style)[0])
        if not math.isnan(number):
            return number / 100 if self._is_divided and _PERCENT.search(text) else number
        if is_plain:  # as programs write it, though the file did not
            return float(text)
        if self._is_told:
            warnings.append(unreadable(self.name, value, "a number"))
            return None
        raise Unfit("a number")


class NumberTexts:
    """The texts of a number column that are plain numbers and leave no doubt, as nearly all of a CSV file do."""

    def __init__(self, reader: NumberReader) -> None:
        self._low, self._high = reader.surely
        self._is_integer, self._has_points = reader.is_integer, reader.has_points

    def get(self, text: str) -> float | None:
        try:
            number = float(text)
        except ValueError:
            return None
        if not self._low <= number <= self._high or not text.isascii() or "_" in text:
            return None
        is_plain = (self._has_points or "." not in text) and (not self._is_integer or number.is_integer())
        return number if is_plain else None


class LabelReader:
    """Values of a category or boolean column as the label that was seen in training, None for missing."""

    def __init__(self, column: InputColumn) -> None:
        self.name = column.name
        self.missing = Missing(column)
        self.example: Any = column.example if column.example is not None else next(iter(column.labels), "")
        self.labels = {label: label for label in column.labels}
        self._by_number = {float(label): label for label in reversed(column.labels) if _PLAIN_LABEL.fullmatch(label)}
        self._by_truth = {truth: _only(column.labels, truth) for truth in (True, False)}
        self._by_key = _told_apart(column.labels)
        self._is_boolean = column.kind is ColumnKind.BOOLEAN

    def read(self, value: Any, warnings: Warnings) -> str | None:
        text = _as_text(value)
        if isinstance(value, str) and not text:
            warnings.append(blank(self.name))
            return None
        label = self._matching(value, text)
        if label is not None:
            return label
        warnings.append(warning("unseen_category", self.name, f'{self.name} is "{short(text)}", which was not seen in training.'))
        return text

    def _matching(self, value: Any, text: str) -> str | None:
        if isinstance(value, bool):
            return self._by_truth[value] or self.labels.get(text)
        if text in self.labels:
            return text
        if isinstance(value, int | float):
            try:
                return self._by_number.get(float(value))
            except OverflowError:
                return None
        if (label := self._by_key.get(label_key(text))) is not None:
            return label
        truth = TOLD_TRUTHS.get(text.casefold()) if self._is_boolean else None
        return None if truth is None else self._by_truth[truth]


class DateReader:
    """Values of a date column as datetimes without a zone (UTC where one was given), None for missing."""

    def __init__(self, column: InputColumn) -> None:
        self.name = column.name
        self.missing = Missing(column)
        self.example: Any = column.example if column.example is not None else "2026-01-31"
        self._written = column.written
        self._known: dict[str, datetime] = {}

    def read(self, value: Any, warnings: Warnings) -> datetime | None:
        if isinstance(value, datetime):
            try:
                return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
            except OverflowError:
                raise Unfit("a date between the years 1 and 9999") from None
        if self._written.has_number_dates and isinstance(value, int | float) and not isinstance(value, bool):
            value = _as_text(value)
        if not isinstance(value, str):
            raise Unfit("a date as ISO 8601 writes it")
        found = self._known.get(value)
        return found if found is not None else self._of_text(value, warnings)

    def _of_text(self, value: str, warnings: Warnings) -> datetime | None:
        text = cleaned(value)
        if not text:
            warnings.append(blank(self.name))
            return None
        found = date_of(text, self._written)
        if found is None and self._written.is_told:
            warnings.append(unreadable(self.name, value, "a date"))
            return None
        if found is None:
            raise Unfit("a date as ISO 8601 writes it" + self._otherwise())
        if len(self._known) < _DATES_REMEMBERED:  # one dictionary write, which threads do not disturb
            self._known[value] = found
        return found

    def _otherwise(self) -> str:
        if self._written.day_first is None:
            return ""
        return ", or with the day first" if self._written.day_first else ", or with the month first"


class TextReader:
    """Values of a text column without blanks around them, None for missing; a number is the text that a CSV file would have."""

    def __init__(self, column: InputColumn) -> None:
        self.name = column.name
        self.missing = Missing(column)
        self.example: Any = "some words" if column.example is None else column.example

    def read(self, value: Any, warnings: Warnings) -> str | None:
        text = _as_text(value)
        if text:
            return text
        warnings.append(blank(self.name))
        return None


Reader = NumberReader | LabelReader | DateReader | TextReader


def reader_of(column: InputColumn) -> Reader:
    if column.kind.is_numeric:
        return NumberReader(column)
    if column.kind is ColumnKind.DATETIME:
        return DateReader(column)
    return TextReader(column) if column.kind is ColumnKind.TEXT else LabelReader(column)


def cleaned(text: str) -> str:
    """Without what cannot be seen and without blanks around it, as training cleaned the file."""
    return text.strip() if text.isprintable() else _INVISIBLE.sub("", text).strip()


def _as_text(value: Any) -> str:
    """The value as a CSV file would have it: 1.0 is written "1"."""
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        try:
            return str(value)
        except ValueError:
            raise Unfit("a text") from None
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() else repr(value)
    raise Unfit("a text")


def _told_apart(labels: Sequence[str]) -> dict[str, str]:
    """The labels by what is left of them without case and blanks, as they were merged in training; none of those that are alike so."""
    by_key: dict[str, list[str]] = {}
    for label in labels:
        by_key.setdefault(label_key(label), []).append(label)
    return {key: alike[0] for key, alike in by_key.items() if len(alike) == 1}


def _only(labels: Sequence[str], truth: bool) -> str | None:
    """The label that means this, where there is exactly one."""
    found = [label for label in labels if TOLD_TRUTHS.get(label.strip().casefold()) is truth]
    return found[0] if len(found) == 1 else None
