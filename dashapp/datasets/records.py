"""A file of text -> its records, one list of cells each, such that a stray quote costs one line and not the rest of the file."""

from __future__ import annotations

import csv
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from dashapp.datasets.dataset import Dialect

_LONG_RECORD_LINES = 20


class Record(NamedTuple):
    """`line` is the physical line that the record begins on, from 1. `is_broken`: a quote was opened and never closed."""

    line: int
    cells: list[str]
    is_broken: bool = False


def read_records(text: Iterable[str], dialect: Dialect, width: int | None = None) -> Iterator[Record]:
    """The records of `text` (an iterable of lines with their line ends) that hold anything but blanks, in order.

    `width` is the number of cells of a full record, where it is known. A quoted cell may run over many lines; but where the
    lines that it swallows look like records themselves, the first is read without quotes and reading goes on at the next.
    """
    lines = _Lines(text)
    reader = csv.reader(lines, **_options(dialect))
    while True:
        begins = lines.begin_record()
        is_broken = False
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell above 128 KiB: almost surely a quote that was never closed
            cells, is_broken = [], True
        if is_broken or (len(lines.taken) > 1 and _swallows_records(lines.taken, dialect, width)):
            is_broken = True
            cells = _split_plainly(lines.give_back_all_but_first(), dialect)
            reader = csv.reader(lines, **_options(dialect))
        elif width is not None and len(cells) != width and dialect.quote and not dialect.escape:
            is_broken = sum(line.count(dialect.quote) for line in lines.taken) % 2 == 1
        if any(cell and not cell.isspace() for cell in cells):
            yield Record(begins, cells, is_broken)


def _options(dialect: Dialect) -> dict[str, Any]:
    return {
        "delimiter": dialect.delimiter,
        "quotechar": dialect.quote or None,
        "quoting": csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        "escapechar": dialect.escape or None,
    }


class _Lines:
    """Physical lines that can be given back: it remembers those taken since the record began."""

    def __init__(self, text: Iterable[str]) -> None:
        self._text = iter(text)
        self._returned: deque[str] = deque()
        self._number = 0
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else next(self._text)
        self._number += 1
        self.taken.append(line)
        return line

    def begin_record(self) -> int:
        self.taken.clear()
        return self._number + 1

    def give_back_all_but_first(self) -> str:
        first, rest = self.taken[0], self.taken[1:]
        self._returned.extendleft(reversed(rest))
        self._number -= len(rest)
        return first


def _swallows_records(taken: list[str], dialect: Dialect, width: int | None) -> bool:
    """Whether most lines inside of the record are full records; with no width known, only a suspiciously long one is judged."""
    inner = [len(_split_plainly(line, dialect)) for line in taken[1:]]
    if width is None:
        if len(taken) < _LONG_RECORD_LINES:
            return False
        width = Counter(inner).most_common(1)[0][0]
    return width > 1 and 2 * inner.count(width) > len(inner)


def _split_plainly(line: str, dialect: Dialect) -> list[str]:
    return [cell.strip(" " + dialect.quote) for cell in line.rstrip("\r\n").split(dialect.delimiter)]
