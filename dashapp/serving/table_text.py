"""A CSV file that a caller sends -> its rows as they are written, one in memory at a time.

Encoding, delimiter and quote are found as in training; but a row is never mended or left out, so that each has its own answer.
"""

from __future__ import annotations

import csv
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashapp.datasets.dataset import Reading
from dashapp.datasets.text.dialect import lay_out
from dashapp.datasets.text.encoding import detect_encoding
from dashapp.datasets.text.names import unique_names
from dashapp.errors import InvalidRequest, InvalidRow, UnreadableCsv

DELIMITERS = ",;\t|"
_HEAD_CHARS = 256 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """A row, the line of the file that it ends on (from 1), and its values by column; a blank cell is None."""

    number: int
    row: dict[str, Any]


def lines_of(path: Path, columns: Sequence[str]) -> Generator[Line]:
    """The rows below the header; `columns` are those of the model. Raises `InvalidRequest` for what is no CSV, `InvalidRow` for a row of
    another width than the header."""
    encoding = detect_encoding(path)
    with path.open(encoding=encoding, errors="strict", newline="") as file:
        reader = csv.reader(file, **_format(path, encoding, columns))
        try:
            header = next(reader, None)
            if not header:
                raise InvalidRequest("The CSV is empty.", expected="a header and rows")
            names = unique_names(header, len(header))
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(names):
                    raise InvalidRow(
                        f"Line {reader.line_num} has {len(cells)} cells, the header has {len(names)}.",
                        line=reader.line_num, got=len(cells), expected=len(names),
                    )  # fmt: skip
                yield Line(reader.line_num, {name: cell or None for name, cell in zip(names, cells, strict=True)})
        except (csv.Error, UnicodeError) as error:
            line = reader.line_num + isinstance(error, UnicodeError)  # which comes before the line is counted
            raise InvalidRequest(f"Line {line} of the CSV cannot be read: {error}.", line=line) from error


def _format(path: Path, encoding: str, columns: Sequence[str]) -> dict[str, Any]:
    """What `csv` needs to know. The delimiter is the one that finds most of the model's columns in the header."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        head = file.readline(_HEAD_CHARS)
    known = frozenset(columns)

    def found(delimiter: str) -> int:
        cells = next(csv.reader([head], delimiter=delimiter), [])
        return len(known.intersection(unique_names(cells, len(cells))))

    best = max(DELIMITERS, key=found)
    try:
        dialect = lay_out(path, Reading(encoding=encoding, delimiter=best if found(best) else None, has_header=True)).dialect
    except UnreadableCsv:
        if not found(best):
            raise
        return {"delimiter": best}
    if len(dialect.delimiter) != 1:
        raise UnreadableCsv("The columns are not separated by commas, semicolons, tabs or bars; save the table as CSV.")
    if not dialect.quote:
        return {"delimiter": dialect.delimiter, "quoting": csv.QUOTE_NONE}
    doubled = {"escapechar": dialect.escape, "doublequote": False} if dialect.escape else {}
    return {"delimiter": dialect.delimiter, "quotechar": dialect.quote, **doubled}
