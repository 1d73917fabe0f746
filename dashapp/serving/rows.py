"""What a caller sends -> the values that the model was trained on, with a warning for all that is doubtful.

Values are converted where nothing is lost by it ("42" is a number, 1.0 is the label "1"); otherwise `InvalidRow` names the column.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dashapp.datasets.columns.cells import MISSING_WORDS
from dashapp.datasets.columns.labels import label_key
from dashapp.datasets.dataset import ColumnKind
from dashapp.errors import InvalidRow
from dashapp.training.run import InputColumn

Warnings = list[dict[str, str]]

_TRUE = frozenset({"true", "yes", "y", "t", "1", "1.0", "on"})
_FALSE = frozenset({"false", "no", "n", "f", "0", "0.0", "off"})
# A label that a number stands for without doubt: "007" and "1e5" are texts.
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class Unfit(Exception):
    """A single value that cannot be used; the text says what was expected instead."""


class NumberReader:
    """Values of a number or integer column as floats, None for missing."""

    def __init__(self, column: InputColumn) -> None:
        self.name = column.name
        self.missing = Missing(column)
        self.example: Any = 0.0 if column.example is None else column.example
        self._is_integer = column.kind is ColumnKind.INTEGER
        self._low = -math.inf if column.minimum is None else column.minimum
        self._high = math.inf if column.maximum is None else column.maximum

    def read(self, value: Any, warnings: Warnings) -> float | None:
        number = value if type(value) is float else self._number(value, warnings)
        if number is None:
            return None
        if self._low <= number <= self._high and not self._is_integer:
            return number
        return self._doubtful(number, warnings)

    def _number(self, value: Any, warnings: Warnings) -> float | None:
        if isinstance(value, int | float):
            try:
                return float(value)
            except OverflowError:
                raise Unfit("a number of at most 308 digits") from None
        if not isinstance(value, str):
            raise Unfit("a number")
        text = value.strip()
        if not text:
            warnings.append(_warning("blank", self.name, f"{self.name} is blank; it is taken as a missing value."))
            return None
        if not _NUMBER.fullmatch(text):
            raise Unfit("a number")
        return float(text)

    def _doubtful(self, number: float, warnings: Warnings) -> float:
        if not math.isfinite(number):
            raise Unfit("a finite number")
        if self._is_integer and not number.is_integer():
            text = f"{self.name} is {number:g}, but held whole numbers only in training."
            warnings.append(_warning("not_whole", self.name, text))
        if not self._low <= number <= self._high:
            text = f"{self.name} is {number:g}, outside of what was seen in training ({self._low:g} to {self._high:g})."
            warnings.append(_warning("out_of_range", self.name, text))
        return number


class LabelReader:
    """Values of a category or boolean column as the label that was seen in training, None for missing."""

    def __init__(self, column: InputColumn) -> None:
        self.name = column.name
        self.missing = Missing(column)
        self.example: Any = column.example if column.example is not None else next(iter(column.labels), "")
        self._labels = {label: label for label in column.labels}
        self._by_number = {float(label): label for label in reversed(column.labels) if _PLAIN_NUMBER.fullmatch(label)}
        self._by_truth = {True: _only(column.labels, _TRUE), False: _only(column.labels, _FALSE)}
        self._by_key = _told_apart(column.labels)
        self._is_boolean = column.kind is ColumnKind.BOOLEAN

    def read(self, value: Any, warnings: Warnings) -> str | None:
        label = self._labels.get(value) if isinstance(value, str) else None
        return label if label is not None else self._other(value, warnings)

    def _other(self, value: Any, warnings: Warnings) -> str | None:
        text = _as_text(value)
        if isinstance(value, str) and not text:
            warnings.append(_warning("blank", self.name, f"{self.name} is blank; it is taken as a missing value."))
            return None
        label = self._matching(value, text)
        if label is not None:
            return label
        warnings.append(_warning("unseen_category", self.name, f'{self.name} is "{_short(text)}", which was not seen in training.'))
        return text

    def _matching(self, value: Any, text: str) -> str | None:
        if isinstance(value, bool):
            return self._by_truth[value] or self._labels.get(text)
        if text in self._labels:
            return text
        if isinstance(value, int | float):
            return self._by_number.get(float(value))
        if (label := self._by_key.get(label_key(text))) is not None:
            return label
        if self._is_boolean and text.casefold() in _TRUE | _FALSE:
            return self._by_truth[text.casefold() in _TRUE]
        return None


class DateReader:
    """Values of a date column as datetimes without a zone (UTC where one was given), None for missing."""

    def __init__(self, column: InputColumn) -> None:
        self.name = column.name
        self.missing = Missing(column)
        self.example: Any = column.example if column.example is not None else "2026-01-31"

    def read(self, value: Any, warnings: Warnings) -> datetime | None:
        if isinstance(value, str):
            if not value.strip():
                warnings.append(_warning("blank", self.name, f"{self.name} is blank; it is taken as a missing value."))
                return None
            try:
                value = datetime.fromisoformat(value.strip())
            except ValueError:
                raise Unfit("a date as ISO 8601 writes it") from None
        if not isinstance(value, datetime):
            raise Unfit("a date as ISO 8601 writes it")
        try:
            return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            raise Unfit("a date between the years 1 and 9999") from None


class TextReader:
    """Values of a text column as they are, None for missing; a number is the text that a CSV file would have."""

    def __init__(self, column: InputColumn) -> None:
        self.name = column.name
        self.missing = Missing(column)
        self.example: Any = "some words" if column.example is None else column.example

    def read(self, value: Any, warnings: Warnings) -> str | None:
        text = value if isinstance(value, str) else _as_text(value)
        if text.strip():
            return text
        warnings.append(_warning("blank", self.name, f"{self.name} is blank; it is taken as a missing value."))
        return None


Reader = NumberReader | LabelReader | DateReader | TextReader


class RowReader:
    """Reads whole rows: values in the order of the inputs, and the warnings."""

    def __init__(self, inputs: Sequence[InputColumn]) -> None:
        self._readers = [_reader(column) for column in inputs]
        self._names = frozenset(column.name for column in inputs)

    def read(self, row: Any, number: int = 0) -> tuple[list[Any], Warnings]:
        """`number` is the row's place in the request, for the error. Raises `InvalidRow`."""
        if not isinstance(row, Mapping):
            raise InvalidRow(
                f"Row {number} is not an object; send one with a value for each column.",
                row=number, got=_short(repr(row)), expected="an object", example=self._example(),
            )  # fmt: skip
        warnings: Warnings = []
        values: list[Any] = []
        absent = 0
        for reader in self._readers:
            value = row.get(reader.name)
            if value in reader.missing:
                warnings.append(
                    _warning("taken_as_missing", reader.name, f"{reader.name} is {value!r}, which is taken as a missing value.")
                )
                value = None
            elif value is not None:
                try:
                    value = reader.read(value, warnings)
                except Unfit as unfit:
                    raise self._invalid(reader, value, str(unfit), number) from None
            elif reader.name not in row:
                absent += 1
                warnings.append(_warning("missing_column", reader.name, f"{reader.name} was not sent; it is taken as a missing value."))
            values.append(value)
        if absent * 2 > len(self._readers):
            raise self._too_few(row, number)
        if len(row) > len(self._readers) - absent:
            warnings.extend(self._extra(row))
        return values, warnings

    def _invalid(self, reader: Reader, value: Any, expected: str, number: int) -> InvalidRow:
        got = _short(repr(value))
        return InvalidRow(
            f"Row {number}: {reader.name} is {got}, but {expected} is expected, such as {reader.example!r}.",
            column=reader.name, row=number, got=got, expected=expected, example=reader.example,
        )  # fmt: skip

    def _too_few(self, row: Mapping[str, Any], number: int) -> InvalidRow:
        missing = [reader.name for reader in self._readers if reader.name not in row]
        return InvalidRow(
            f"Row {number} has no value for {len(missing)} of the {len(self._readers)} columns; send at least half of them "
            f"({', '.join(missing[:5])}{', …' if len(missing) > 5 else ''}).",
            column=missing[0], row=number, got=[str(name) for name in row][:50], expected=[reader.name for reader in self._readers],
            example=self._example(),
        )  # fmt: skip

    def _extra(self, row: Mapping[str, Any]) -> Warnings:
        extra = [str(name) for name in row if name not in self._names]
        return [_warning("unknown_column", name, f"{_short(name)} is not a column of this model; it is ignored.") for name in extra]

    def _example(self) -> dict[str, Any]:
        return {reader.name: reader.example for reader in self._readers}


def _reader(column: InputColumn) -> Reader:
    if column.kind.is_numeric:
        return NumberReader(column)
    if column.kind is ColumnKind.DATETIME:
        return DateReader(column)
    return TextReader(column) if column.kind is ColumnKind.TEXT else LabelReader(column)


class Missing:
    """The spellings that mean a missing value in a column, those of everybody and its own, and the numbers among the latter."""

    def __init__(self, column: InputColumn) -> None:
        self._words = frozenset({*MISSING_WORDS, *column.missing_as}).difference(column.labels)
        self._numbers = frozenset(float(text) for text in column.missing_as if _NUMBER.fullmatch(text))

    def __contains__(self, value: object) -> bool:
        if isinstance(value, str):
            text = value.strip()
            return text in self._words or bool(self._numbers and _NUMBER.fullmatch(text) and float(text) in self._numbers)
        return bool(self._numbers) and type(value) in (int, float) and value in self._numbers


def _as_text(value: Any) -> str:
    """The value as a CSV file would have it: 1.0 is written "1"."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() else repr(value)
    raise Unfit("a text")


def _told_apart(labels: Sequence[str]) -> dict[str, str]:
    """The labels by what is left of them without case and blanks, as they were merged in training; none where two are alike so."""
    by_key = {label_key(label): label for label in labels}
    return by_key if len(by_key) == len(labels) else {}


def _only(labels: Sequence[str], meaning: frozenset[str]) -> str | None:
    """The label with this meaning, where there is exactly one."""
    found = [label for label in labels if label.strip().casefold() in meaning]
    return found[0] if len(found) == 1 else None


def _warning(code: str, column: str, message: str) -> dict[str, str]:
    return {"code": code, "column": column, "message": message}


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
