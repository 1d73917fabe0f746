"""The account of what was repaired or left out while a file was read, said in findings with the lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from dashapp.datasets.dataset import Finding, Severity
from dashapp.datasets.text.dialect import Layout
from dashapp.datasets.wording import MAX_LISTED, count_of, lines, quoted


class Repair(StrEnum):
    """What was done with a record, by the code of the finding that says so."""

    MENDED = "mended_rows"
    DELIMITER = "mixed_delimiters"
    QUOTE = "unbalanced_quote"
    SHORT = "short_rows"
    LONG = "long_rows"
    DOUBTFUL = "doubtful_rows"
    NOTE = "note_lines"
    TOTAL = "totals_row"
    UNDECODED = "undecoded"
    HEADER = "repeated_header"


_SAID = {
    Repair.MENDED: (Severity.NOTE, "a separator too many or too few; the cells were put right by what the columns hold"),
    Repair.DELIMITER: (Severity.NOTE, "another delimiter than the rest of the file and was read with it"),
    Repair.QUOTE: (Severity.NOTE, "a quote too many or too few; the cells were put right and no other row is affected"),
    Repair.SHORT: (Severity.WARN, "too few cells; those that are missing were taken as missing values"),
    Repair.LONG: (Severity.WARN, "too many cells; the surplus was joined to the cell where it fits best, or left out where it fits none"),
    Repair.DOUBTFUL: (
        Severity.WARN,
        "too few cells, and it is not certain which belong to which column; they were put where they fit best",
    ),
    Repair.NOTE: (Severity.NOTE, "a single cell, like a note: left out"),
    Repair.TOTAL: (Severity.NOTE, "the totals of the table: left out"),
    Repair.UNDECODED: (Severity.WARN, "characters that cannot be read in this encoding; they are shown as \ufffd"),
}


@dataclass(slots=True)
class _Lines:
    """How many lines and which came first, and the rows of the table that they are."""

    total: int = 0
    first: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def note(self, line: int, row: int | None) -> None:
        self.total += 1
        if self.total <= MAX_LISTED:
            self.first.append(line)
            if row is not None:
                self.rows.append(row)


class Account:
    """Counts repairs, and remembers the first lines of each sort."""

    def __init__(self) -> None:
        self._noted = {repair: _Lines() for repair in Repair}
        self._table_ended: int | None = None

    def note(self, repair: Repair, line: int, row: int | None = None) -> None:
        self._noted[repair].note(line, row)

    def end_table(self, line: int) -> None:
        self._table_ended = line

    def findings(self) -> Iterable[Finding]:
        for repair, noted in self._noted.items():
            if noted.total and repair is Repair.HEADER:
                sentence = f"The header is repeated on {lines(noted.first, noted.total)}: left out."
                yield Finding(repair.value, None, sentence, Severity.NOTE, (), noted.total)
            elif noted.total:
                severity, what = _SAID[repair]
                sentence = f"{count_of(noted.total, 'row')} ({lines(noted.first, noted.total)}) had {what}."
                yield Finding(repair.value, None, sentence, severity, tuple(noted.rows), noted.total)
        if self._table_ended is not None:
            sentence = f"Another table begins on line {self._table_ended:,}; only the first table was read."
            yield Finding("second_table", None, sentence)


def layout_findings(layout: Layout) -> list[Finding]:
    """What is to be said of the file before its first row."""
    found: list[Finding] = []
    encoding = layout.dialect.encoding
    if encoding not in ("utf-8", "utf-8-sig"):
        found.append(Finding("encoding", None, f"The file is not written in UTF-8; it was read as {encoding}. Check letters with accents."))
    if layout.header is None:
        found.append(Finding("no_header", None, "The file has no header; the columns were named column_1, column_2 and so on."))
    if layout.title_rows:
        above = f"{count_of(layout.title_rows, 'line')} above the table: left out."
        found.append(Finding("lines_above_header", None, above, Severity.NOTE))
    if layout.header is not None and layout.header_rows > 1:
        joined = f"The header takes {layout.header_rows} lines; the names were joined, such as {quoted(layout.header[0])}."
        found.append(Finding("header_rows", None, joined, Severity.NOTE))
    if layout.is_header_mended:
        found.append(Finding("mended_header", None, "The header did not have as many names as the rows have cells and was put right."))
    return found
