"""How a file of text is laid out: encoding, delimiter, quotes, width, where the header is and what the columns hold."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from dashapp.datasets.dataset import Dialect, Reading
from dashapp.datasets.text.delimiters import Way, best_way, common_width, one_column_of_text
from dashapp.datasets.text.encoding import detect_encoding
from dashapp.datasets.text.header import Candidate, find_header
from dashapp.datasets.text.records import LONGEST_LINE_CHARS, Record, RecordReader
from dashapp.datasets.text.repair import quote_edits
from dashapp.datasets.text.shapes import ColumnModels
from dashapp.datasets.text.split import Splitter, are_inches, splitter
from dashapp.datasets.wording import quoted
from dashapp.errors import UnreadableCsv

SAMPLE_CHARS = 64 * 1024
_SAMPLE_RECORDS = 400
_HTML = re.compile(r"\s*(?:<!doctype\s+html|<html|<table|<head|<body|<\?xml)", re.IGNORECASE)
_JSON = re.compile(r"\s*(?:\[\s*[\[{]|\{\s*[\"}])")
_SEPARATOR_LINE = re.compile(r"""\ufeff?"?sep=(\\t|[^\w"'\r\n])"?[,;\t]*\s*$""", re.IGNORECASE)  # as Excel writes it
_MIN_TABLE_SHARE = 0.4
_MIN_RUN = 3
_INCHES_SHARE = 0.05
_ENOUGH_ROWS = 20
_MOST_COLUMNS = 5_000  # each costs 2 to 4 ms to be typed and judged
_PROSE_WORDS = 4


@dataclass(frozen=True, slots=True)
class Layout:
    """Where and how the table stands in the file.

    `width` is the number of cells of a full row. `header` has the names as they are written (None: no header) and is as wide.
    `body_line` is the physical line, from 1, that the first row begins on. `models` know the columns by the first rows.
    `title_rows` counts the records above the header, blank ones left out, and `header_rows` those of the header.
    `is_header_mended`: the header was damaged and put right. `has_blank_end`: the rows end with a delimiter, the header does not.
    """

    dialect: Dialect
    width: int
    header: list[str] | None
    body_line: int
    models: ColumnModels
    title_rows: int = 0
    header_rows: int = 1
    is_header_mended: bool = False
    has_blank_end: bool = False

    @property
    def splitter(self) -> Splitter:
        return splitter(self.dialect.delimiter, self.dialect.quote, self.dialect.escape)


def sniff(path: Path) -> Dialect:
    """How the file is written. Raises UnreadableCsv, with what the file is, where it holds no table."""
    return find_layout(path).dialect


def find_layout(path: Path, reading: Reading = Reading()) -> Layout:
    """The layout by the first 64 thousand characters; what `reading` fixes is obeyed. Raises UnreadableCsv without two columns."""
    layout = lay_out(path, reading)
    if layout.width < 2:
        name = f" ({quoted(layout.header[0].strip())})" if layout.header else ""
        raise UnreadableCsv(
            f"Only one column was found{name}. At least one feature is needed besides the target; check the delimiter too.",
            got="1 column",
            expected="at least 2 columns",
        )
    return layout


def lay_out(path: Path, reading: Reading = Reading()) -> Layout:
    """As `find_layout`, but a single column is a table too."""
    encoding = reading.encoding or detect_encoding(path)
    lines = _sample_lines(path, encoding)
    told = _SEPARATOR_LINE.match(lines[0]) if lines and reading.skipped_lines is None else None
    skipped = 1 if told else reading.skipped_lines or 0
    lines = lines[skipped:]
    text = "".join(lines)
    _refuse_other_languages(text)
    if not text.strip():
        raise UnreadableCsv("The file is empty." if not skipped else "No lines are left below those that are skipped.")
    found = _way_as_told(lines, told[1], reading) if told else best_way(lines, reading.delimiter, reading.quote)
    records = _records(lines, found.splitter, found.width)
    if records and not reading.delimiter and not told and (single := one_column_of_text(records, found)):
        found, width = single, 1
        records = _records(lines, found.splitter, 1)
    else:
        width = _first_width(records, found.splitter)
        _require_table(records, width, found, reading)
    return _with_header(records, width, found.splitter, reading, encoding, skipped)


def _way_as_told(lines: list[str], sign: str, reading: Reading) -> Way:
    """By the delimiter that the first line names, where the file is written with it."""
    found = best_way(lines, reading.delimiter or sign.replace(r"\t", "\t"), reading.quote)
    return found if found.width > 1 or reading.delimiter else best_way(lines, None, reading.quote)


def _with_header(records: list[Record], width: int, way: Splitter, reading: Reading, encoding: str, offset: int) -> Layout:
    candidates = [Candidate(record.text, _cells(record, way, width)) for record in records]
    if reading.skipped_lines is not None and len(candidates[0].cells) < width:
        candidates[0] = Candidate(candidates[0].text, candidates[0].cells + [""] * (width - len(candidates[0].cells)))
    found = find_header(candidates, width, way, reading.has_header)
    body = records[found.first + found.rows :]
    header = found.cells
    # A header that is longer than the rows stands for columns that the rows leave out: they are padded, and counted.
    full = max(width, len(header or ()))
    rows = _sample_rows(body, width, full, way, header)
    after = records[found.first].line + offset if found.rows == 0 else _line_after(records, found.first + found.rows, offset)
    dialect = Dialect(encoding, way.delimiter, way.quote, header is not None, records[found.first].line - 1 + offset, way.escape)
    has_blank_end = header is not None and not header[-1] and len(candidates[found.first].cells) < full
    if header is not None:
        header = header + [""] * (full - len(header))
    return Layout(dialect, full, header, after, ColumnModels(rows, full), found.first, found.rows, found.is_mended, has_blank_end)


def _cells(record: Record, way: Splitter, width: int) -> list[str]:
    """The cells; of a record with a stray quote those that hold the fewest quotes and delimiters."""
    if record.cells is not None:
        return record.cells
    ways = quote_edits(record.text, way, width) if len(record.text) < SAMPLE_CHARS else iter(())
    return min(
        ways, key=lambda cells: sum((way.quote in cell) + (way.delimiter in cell) for cell in cells), default=way.lenient(record.text)
    )


def _sample_rows(body: list[Record], width: int, full: int, way: Splitter, header: list[str] | None) -> list[list[str]]:
    """Sound rows to learn from, up to the first gap: below it may stand something else."""
    rows: list[list[str]] = []
    expected = 0
    has_inches = _has_inches(body, width, way)
    for record in body:
        if expected and len(rows) >= _ENOUGH_ROWS and record.line > expected:
            break
        expected = record.line + 1 + _line_ends(record.text)
        cells = way.lenient(record.text) if record.cells is None and has_inches else record.cells
        if cells is not None and len(cells) == width and cells != header and (cells is record.cells or are_inches(cells, way.quote)):
            rows.append(cells + [""] * (full - width))
    return rows


def _has_inches(body: list[Record], width: int, way: Splitter) -> bool:
    """Whether so many rows have the quote behind a digit that it is no stray one."""
    damaged = [way.lenient(record.text) for record in body if record.cells is None]
    inches = sum(len(cells) == width and are_inches(cells, way.quote) for cells in damaged)
    return inches >= max(_MIN_RUN, _INCHES_SHARE * len(body))


def _line_ends(text: str) -> int:
    return len(list(io.StringIO(text, newline=""))) - 1


def _line_after(records: list[Record], index: int, offset: int) -> int:
    if index < len(records):
        return records[index].line + offset
    last = records[-1]
    return last.line + offset + 1 + _line_ends(last.text)


def _sample_lines(path: Path, encoding: str) -> list[str]:
    """Whole lines from the beginning."""
    try:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            text = file.read(SAMPLE_CHARS)
            rest = file.readline(LONGEST_LINE_CHARS)
    except (LookupError, UnicodeError) as error:
        raise UnreadableCsv(f"The file cannot be read as {encoding}. Choose another encoding.") from error
    if len(rest) == LONGEST_LINE_CHARS:
        raise UnreadableCsv("A line is longer than 4 million characters: this is no table. Upload a CSV file.")
    # Not str.splitlines, which also cuts at characters that may stand within a cell (U+2028, vertical tab).
    return list(io.StringIO(text + rest, newline=""))


def _refuse_other_languages(text: str) -> None:
    for pattern, what in ((_HTML, "an HTML or XML page"), (_JSON, "JSON")):
        if pattern.match(text):
            raise UnreadableCsv(f"This is {what}, not a CSV file. Export the table as CSV and upload that.")


def _records(lines: list[str], way: Splitter, width: int) -> list[Record]:
    reader = RecordReader(iter(lines), way, width=width)
    found: list[Record] = []
    while len(found) < _SAMPLE_RECORDS and (record := reader.next()) is not None:
        if not record.is_blank:
            found.append(record)
    return found


def _first_width(records: Sequence[Record], way: Splitter) -> int:
    """The commonest width; where the file holds several tables one below the other, that of the first."""
    rows = [record.cells if record.cells is not None else way.lenient(record.text) for record in records]
    common = common_width(rows)
    widths = [len(row) for row in rows if len(row) > 1]
    for width in dict.fromkeys(widths):
        if width == common or widths.count(width) < max(_MIN_RUN, 0.1 * len(widths)):
            continue
        two = [one for one in widths if one in (width, common)]
        turns = sum(one != other for one, other in pairwise(two))
        if turns == 1 and two[0] == width and _is_a_table(rows, width):
            return width
    return common


def _is_a_table(rows: list[list[str]], width: int) -> bool:
    """Whether the rows of this width are mostly full: lines above a table that hold a name and a value are few, or narrow."""
    own = [row for row in rows if len(row) == width]
    return width > 2 or len(own) > 2 * _MIN_RUN


def _require_table(records: Sequence[Record], width: int, found: Way, reading: Reading) -> None:
    if not records:
        raise UnreadableCsv("The file is empty.")
    rows = [record.cells if record.cells is not None else found.splitter.lenient(record.text) for record in records]
    if width > _MOST_COLUMNS:
        raise UnreadableCsv(
            f"A line of this file holds {width:,} cells. Upload a table of at most {_MOST_COLUMNS:,} columns, with one row a line.",
            got=f"{width} columns",
            expected=f"at most {_MOST_COLUMNS} columns",
        )
    words = sorted(len(record.text.split()) for record in records)
    is_prose = words[len(words) // 2] >= _PROSE_WORDS and len(records) > 1
    share = sum(len(row) == width for row in rows) / len(rows)
    if width == 1 and reading.delimiter:
        raise UnreadableCsv(f"With the delimiter {quoted(reading.delimiter)} only one column was found. Choose another delimiter.")
    if (width == 1 and is_prose) or (share < _MIN_TABLE_SHARE and len(rows) > 2 and not _is_ragged(rows, width)):
        raise UnreadableCsv("No table was found in this file: its lines do not hold the same number of cells. Upload a CSV file.")


def _is_ragged(rows: list[list[str]], width: int) -> bool:
    """Whether most rows have about the width of the table, though few have just that."""
    return width > 3 and sum(0.5 * width <= len(row) <= 1.5 * width for row in rows) > 0.6 * len(rows)
