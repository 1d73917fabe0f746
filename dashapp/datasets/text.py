"""A file -> columns of text: names made unique, every row of the same width, and what had to be repaired said in findings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from dashapp.datasets.dataset import Dialect, Finding
from dashapp.datasets.dialect import Layout, find_layout
from dashapp.datasets.names import name_columns
from dashapp.datasets.records import Record, read_records
from dashapp.datasets.wording import MAX_LISTED, count_of, lines
from dashapp.errors import UnreadableCsv

BLOCK_ROWS = 20_000  # rows that are held as Python strings at a time
_TOTAL = re.compile(r"(?:grand[ -]?|sub[ -]?)?totals?:?|sum:?|summe:?|gesamt:?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextTable:
    """Columns as they are written, `pyarrow.ChunkedArray` of large_string each, under names that are unique."""

    names: list[str]
    columns: list[Any]
    dialect: Dialect
    findings: tuple[Finding, ...]

    @property
    def rows(self) -> int:
        return len(self.columns[0]) if self.columns else 0


def read_columns(path: Path) -> TextTable:
    """The whole file as columns. Raises UnreadableCsv, with a sentence that says what the file is, where there is no table."""
    layout = find_layout(path)
    repairs = _Repairs()
    chunks: list[list[Any]] = [[] for _ in range(layout.width)]
    for block in _blocks(read_rows(path, layout, repairs)):
        for column, values in zip(chunks, zip(*block, strict=True), strict=True):
            column.append(pa.array(values, pa.large_string()))
    if not chunks[0]:
        raise UnreadableCsv("The file has a header but no rows.", got="0 rows")
    columns = [pa.chunked_array(column) for column in chunks]
    named = name_columns(layout.header, columns)
    if len(named.names) < 2:
        raise UnreadableCsv("Only one column was found. At least one feature is needed besides the target.", got="1 column")
    findings = (*_layout_findings(layout), *repairs.findings(), *named.findings)
    return TextTable(named.names, named.columns, layout.dialect, findings)


def read_text(path: Path) -> list[list[str]]:
    """The whole file in memory as rows of text, the names of the columns first."""
    table = read_columns(path)
    return [table.names, *(list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True))]


def read_rows(path: Path, layout: Layout, repairs: _Repairs) -> Iterator[list[str]]:
    """The rows below the header, each of the layout's width; `repairs` keeps account of those that were not."""
    skip = layout.dialect.skipped_lines
    held: Record | None = None
    with path.open(encoding=layout.dialect.encoding, errors="replace", newline="") as file:
        for _ in range(skip):
            file.readline()
        records = read_records(file, layout.dialect, layout.width)
        if layout.header is not None:
            next(records, None)
        for record in records:
            if held is not None and (row := repairs.fit(held, layout.width, skip)) is not None:
                yield row
            held = record
    if held is None:
        return
    if _is_total(held.cells):
        repairs.totals.note(held.line + skip)
    elif (row := repairs.fit(held, layout.width, skip)) is not None:
        yield row


def _blocks(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    block: list[list[str]] = []
    for row in rows:
        block.append(row)
        if len(block) == BLOCK_ROWS:
            yield block
            block = []
    if block:
        yield block


def _is_total(cells: list[str]) -> bool:
    """The last row of many spreadsheets: a word for the sum, and no value where there is nothing to add up."""
    return len(cells) > 2 and bool(_TOTAL.fullmatch(cells[0].strip())) and any(not cell.strip() for cell in cells)


@dataclass(slots=True)
class _Lines:
    """How many lines, and which came first."""

    total: int = 0
    first: list[int] = field(default_factory=list)

    def note(self, line: int) -> None:
        self.total += 1
        if self.total <= MAX_LISTED:
            self.first.append(line)

    def __str__(self) -> str:
        return lines(self.first, self.total)


@dataclass(slots=True)
class _Repairs:
    """Every row that was not used as it stands, by the reason."""

    padded: _Lines = field(default_factory=_Lines)
    long: _Lines = field(default_factory=_Lines)
    notes: _Lines = field(default_factory=_Lines)
    broken: _Lines = field(default_factory=_Lines)
    totals: _Lines = field(default_factory=_Lines)

    def fit(self, record: Record, width: int, skipped: int) -> list[str] | None:
        """The record's cells at the width of the table; None where it cannot be one of its rows."""
        cells, line = record.cells, record.line + skipped
        if record.is_broken:
            self.broken.note(line)
            return cells if len(cells) == width else None
        if len(cells) == width:
            return cells
        if len(cells) > width:
            if not any(cell.strip() for cell in cells[width:]):
                return cells[:width]
            self.long.note(line)
            return None
        if width > 2 and sum(bool(cell.strip()) for cell in cells) == 1:
            self.notes.note(line)
            return None
        self.padded.note(line)
        return cells + [""] * (width - len(cells))

    def findings(self) -> list[Finding]:
        said = (
            ("short_rows", self.padded, "had too few cells; the missing ones at the end were taken as missing values"),
            ("long_rows", self.long, "had too many cells: left out, since it cannot be told which value belongs to which column"),
            ("note_lines", self.notes, "held a single cell, like a note: left out"),
            ("unbalanced_quote", self.broken, "had a quote that is never closed; only that line is affected"),
            ("totals_row", self.totals, "held the totals of the table: left out"),
        )
        return [Finding(code, None, f"{count_of(rows.total, 'row')} ({rows}) {what}.") for code, rows, what in said if rows.total]


def _layout_findings(layout: Layout) -> list[Finding]:
    found: list[Finding] = []
    encoding = layout.dialect.encoding
    if encoding not in ("utf-8", "utf-8-sig"):
        found.append(Finding("encoding", None, f"The file is not written in UTF-8; it was read as {encoding}. Check letters with accents."))
    if layout.header is None:
        found.append(Finding("no_header", None, "The file has no header; the columns were named column_1, column_2 and so on."))
    if layout.title_rows:
        found.append(Finding("lines_above_header", None, f"{count_of(layout.title_rows, 'line')} above the table: left out."))
    return found
