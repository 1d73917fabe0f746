"""Which record names the columns, if any does."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:[eE][+-]?\d+)?%?")


@dataclass(frozen=True, slots=True)
class FoundHeader:
    """`first` is the index of the header among the records, or of the first row where `cells` is None (no header)."""

    first: int
    cells: list[str] | None


def find_header(records: list[list[str]], width: int) -> FoundHeader:
    """The first full record is the header or the first row; what stands above it is a title. `width`: cells of a full record."""
    full = next(index for index, cells in enumerate(records) if len(cells) >= width)
    if full == 1 and len(records[0]) == width - 1 and _looks_like_names(records[0]) and width > 2:
        # Either every row ends with a delimiter, or the rows begin with names of their own, as R writes them.
        ends_blank = not any(cells[-1].strip() for cells in records[1:] if len(cells) == width)
        return FoundHeader(0, [*records[0], ""] if ends_blank else ["", *records[0]])
    first = _without_blank_end(records[full], width)
    return FoundHeader(full, first if _names_the_columns(first, records[full + 1 :]) else None)


def _without_blank_end(cells: list[str], width: int) -> list[str]:
    kept = len(cells)
    while kept > width and not cells[kept - 1].strip():
        kept -= 1
    return cells[:kept]


def _names_the_columns(first: list[str], body: list[list[str]]) -> bool:
    """Weigh, column by column, whether the first cell is of another sort than those below it."""
    votes = 0
    for index, cell in enumerate(first):
        name = cell.strip()
        below = [row[index].strip() for row in body if index < len(row) and row[index].strip()]
        if name and below:
            votes += _vote(name, below)
    return votes > 0 or (votes == 0 and _looks_like_names([cell for cell in first if cell.strip()]))


def _vote(name: str, below: list[str]) -> int:
    numbers = sum(bool(_NUMBER.fullmatch(value)) for value in below)
    if numbers > 0.8 * len(below):
        return -1 if _NUMBER.fullmatch(name) else 1
    different = set(below)
    if name in different:
        return -2
    # A label that never comes again, over a column of few labels that do, is a name and not a value.
    return 2 if 2 * len(different) <= len(below) else 0


def _looks_like_names(cells: list[str]) -> bool:
    return len(set(cells)) == len(cells) and not any(_NUMBER.fullmatch(cell.strip()) for cell in cells)
