"""What a caller sends -> the values that the model was trained on, with a warning for all that is doubtful.

Values are converted where nothing is lost by it ("42" is a number, 1.0 is the label "1"); otherwise `InvalidRow` names the column.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dashapp.datasets.dataset import ColumnKind
from dashapp.errors import InvalidRow
from dashapp.serving.doubts import Warnings, as_missing, short, warning
from dashapp.serving.readers import LabelReader, NumberReader, NumberTexts, Reader, Unfit, reader_of
from dashapp.training.run import InputColumn

__all__ = ["RowReader", "Unfit", "Warnings", "numbered", "shown"]

_NONE: tuple[float, float] = (math.inf, -math.inf)


class RowReader:
    """Reads whole rows: values in the order of the inputs, and the warnings."""

    def __init__(self, inputs: Sequence[InputColumn]) -> None:
        self._readers = [reader_of(column) for column in inputs]
        self._names = frozenset(column.name for column in inputs)
        self._columns = [_quick(column, reader) for column, reader in zip(inputs, self._readers, strict=True)]

    def read(self, row: Any, number: int = 0) -> tuple[list[Any], Warnings]:
        """`number` is the row's place in the request, from 0, for the error. Raises `InvalidRow`."""
        if not isinstance(row, Mapping):
            raise InvalidRow(
                f"{numbered(number)} is not an object; send one with a value for each column.",
                row=number, got=shown(row), expected="an object", example=self._example(),
            )  # fmt: skip
        warnings: Warnings = []
        values: list[Any] = []
        absent = 0
        for name, texts, low, high, reader in self._columns:
            value = row.get(name)
            kind = type(value)
            if value is None:
                if name not in row:
                    absent += 1
                    warnings.append(warning("missing_column", name, f"{name} was not sent; it is taken as a missing value."))
            elif kind is float:
                if not low <= value <= high:
                    value = self._slowly(reader, value, warnings, number)
            elif kind is not str or (found := texts.get(value)) is None:
                value = self._slowly(reader, value, warnings, number)
            else:
                value = found
            values.append(value)
        if absent * 2 > len(self._readers):
            raise self._too_few(row, number)
        if len(row) > len(self._readers) - absent:
            warnings.extend(self._extra(row))
        return values, warnings

    def _slowly(self, reader: Reader, value: Any, warnings: Warnings, number: int) -> Any:
        if reader.missing.has(value):
            warnings.append(as_missing(reader.name, value))
            return None
        try:
            return reader.read(value, warnings)
        except Unfit as unfit:
            raise self._invalid(reader, value, str(unfit), number) from None

    def _invalid(self, reader: Reader, value: Any, expected: str, number: int) -> InvalidRow:
        got = shown(value)
        return InvalidRow(
            f"{numbered(number)}: {reader.name} is {got}, but {expected} is expected, such as {reader.example!r}.",
            column=reader.name, row=number, got=got, expected=expected, example=reader.example,
        )  # fmt: skip

    def _too_few(self, row: Mapping[str, Any], number: int) -> InvalidRow:
        missing = [reader.name for reader in self._readers if reader.name not in row]
        return InvalidRow(
            f"{numbered(number)} has no value for {len(missing)} of the {len(self._readers)} columns; send at least half of them "
            f"({', '.join(missing[:5])}{', …' if len(missing) > 5 else ''}).",
            column=missing[0], row=number, got=[str(name) for name in row][:50], expected=[reader.name for reader in self._readers],
            example=self._example(),
        )  # fmt: skip

    def _extra(self, row: Mapping[str, Any]) -> Warnings:
        extra = [str(name) for name in row if name not in self._names]
        return [warning("unknown_column", name, f"{short(name)} is not a column of this model; it is ignored.") for name in extra]

    def _example(self) -> dict[str, Any]:
        return {reader.name: reader.example for reader in self._readers}


def numbered(number: int) -> str:
    """How an error names a row: as people count, and with its place in the list, which is `row` in the problem and counts from 0."""
    return f"Row {number + 1} (rows[{number}])"


def _quick(column: InputColumn, reader: Reader) -> tuple[str, Mapping[str, str] | NumberTexts, float, float, Reader]:
    """The texts that can be told at once, and from which to which float nothing needs to be looked at."""
    if isinstance(reader, NumberReader):
        low, high = _NONE if column.kind is ColumnKind.INTEGER else reader.surely
        return column.name, NumberTexts(reader), low, high, reader
    labels = {label: label for label in reader.labels if not reader.missing.has(label)} if isinstance(reader, LabelReader) else {}
    return column.name, labels, *_NONE, reader


def shown(value: Any) -> str:
    """The value in an error, cut where it is long."""
    try:
        return short(repr(value))
    except (ValueError, RecursionError):  # a number of very many digits, or lists in lists in lists
        return f"a very long {type(value).__name__}"
