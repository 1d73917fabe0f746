"""Physical lines -> records, such that a quote that is never closed costs one line and not the rest of the file."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, TextIO

from dashapp.datasets.text.split import Splitter
from dashapp.errors import UnreadableCsv

LONGEST_LINE_CHARS = 4 * 1024 * 1024
_MOST_LINES = 400
_MOST_CHARS = 256 * 1024
_FEWEST_LINES = 20
_ENOUGH_ROWS = 3
_LINE_ENDS = frozenset(("\n", "\r\n", "\r"))


class Record(NamedTuple):
    """`line` is the physical line that the record begins on. `cells` is None where its quotes are not sound."""

    line: int
    text: str
    cells: list[str] | None

    @property
    def is_blank(self) -> bool:
        return not any(cell and not cell.isspace() for cell in self.cells) if self.cells is not None else not self.text.strip()

    @property
    def filled(self) -> int:
        return sum(bool(cell) and not cell.isspace() for cell in self.cells or ())


def physical_lines(file: TextIO, first: int = 1) -> Iterator[str]:
    """The lines of an open file with their ends. Raises UnreadableCsv at one that is longer than any table's."""
    number = first
    while line := file.readline(LONGEST_LINE_CHARS):
        if len(line) == LONGEST_LINE_CHARS:
            raise UnreadableCsv(f"Line {number:,} is longer than 4 million characters: this is no table. Upload a CSV file.")
        yield line
        number += 1


class RecordReader:
    """Takes lines and gives records; those that were taken to look ahead are given back.

    `width` is the number of cells of a full record where it is known: an open quote that swallows such records is a stray one.
    """

    def __init__(self, lines: Iterator[str], splitter: Splitter, first_line: int = 1, width: int | None = None) -> None:
        self._lines, self._splitter, self.width = lines, splitter, width
        self._returned: deque[str] = deque()
        self._records: deque[Record] = deque()
        self._line = first_line
        self._patience = _MOST_LINES

    @property
    def line(self) -> int:
        """The physical line that the next record begins on."""
        return self._records[0].line if self._records else self._line

    def next(self) -> Record | None:
        return self._records.popleft() if self._records else self._read()

    def peek(self, count: int) -> list[Record]:
        """The next records, at most `count`, which stay to be read."""
        while len(self._records) < count and (record := self._read()) is not None:
            self._records.append(record)
        return list(self._records)[:count]

    def _take(self) -> str | None:
        line = self._returned.popleft() if self._returned else next(self._lines, None)
        if line is not None:
            self._line += 1
        return line

    def _read(self) -> Record | None:
        begins = self._line
        line = self._take()
        if line is None:
            return None
        if line in _LINE_ENDS:
            self._skip_blank_lines()
            return Record(begins, "", [""])
        text = line.rstrip("\r\n")
        cells, is_open = self._splitter.strict_or_open(text)
        if not is_open:
            return Record(begins, text, cells)
        return self._continued(begins, line) or Record(begins, text, None)

    def _skip_blank_lines(self) -> None:
        """A run of them is one record: there may be millions."""
        while self._returned:
            if self._returned[0] not in _LINE_ENDS:
                return
            self._returned.popleft()
            self._line += 1
        for line in self._lines:
            if line not in _LINE_ENDS:
                self._returned.append(line)
                return
            self._line += 1

    def _continued(self, begins: int, line: str) -> Record | None:
        """The record with the lines that its open cell runs over; None, and the lines given back, where the quote is a stray one."""
        quote, taken, chars, rows = self._splitter.quote, [line], len(line), 0
        while len(taken) < self._patience and chars < _MOST_CHARS and (more := self._take()) is not None:
            taken.append(more)
            chars += len(more)
            rows += self._is_row(more)
            if rows >= _ENOUGH_ROWS and 2 * rows > len(taken):
                break
            if quote not in more:
                continue
            text = "".join(taken).rstrip("\r\n")
            cells, is_open = self._splitter.strict_or_open(text)
            if cells is not None and 2 * rows < len(taken) and (rows == 0 or self.width in (None, len(cells))):
                return Record(begins, text, cells)
            if not is_open:
                break
        if len(taken) > _FEWEST_LINES:
            self._patience = max(_FEWEST_LINES, self._patience // 2)
        self._returned.extendleft(reversed(taken[1:]))
        self._line -= len(taken) - 1
        return None

    def _is_row(self, line: str) -> bool:
        if self.width is None or self.width < 2:
            return False
        cells = self._splitter.strict(line.rstrip("\r\n"))
        return cells is not None and len(cells) == self.width
