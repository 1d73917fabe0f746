"""What may go wrong in single rows: cells, separators and quotes too few or too many."""

from __future__ import annotations

import random
from dataclasses import replace

from benchmarks.damage.files import Damaged
from benchmarks.damage.tables import Style, Table


def ragged(table: Table, style: Style, chance: random.Random) -> Damaged:
    width, lines = len(table.header), style.lines(table)
    for count, lost in ((1, 1), (4, 1), (4, 2), (12, 3)):
        cut = set(chance.sample(range(len(table.rows)), count))
        lost = min(lost, width - 2)
        written = [row[:-lost] if index in cut else row for index, row in enumerate(table.rows)]
        answer = Table(table.header, tuple(row + ("",) * (width - len(row)) for row in written))
        yield f"{count} rows lack {lost}", style.text([lines[0], *map(style.line, written)]), (answer,)
    for count, extra in ((1, 1), (5, 2), (len(table.rows), 1)):
        longer = set(chance.sample(range(len(table.rows)), count))
        surplus = [style.line([*row, *[""] * (extra if index in longer else 0)]) for index, row in enumerate(table.rows)]
        yield f"{count} rows with {extra} blank more", style.text([lines[0], *surplus]), (table,)
    everywhere = Table((*table.header, ""), tuple((*row, "") for row in table.rows))
    yield "all lines end with the delimiter", style.text(style.lines(everywhere)), (table, everywhere)


def separator_too_few(table: Table, style: Style, chance: random.Random) -> Damaged:
    written = style.written(table)
    for row, column in _places(table, chance, columns=len(table.header) - 1):
        cells = written[row]
        glued = [*cells[:column], cells[column] + cells[column + 1], *cells[column + 2 :]]
        yield f"row {row} after column {column}", _with_row(written, style, row, glued), (table,)


def separator_too_many(table: Table, style: Style, chance: random.Random) -> Damaged:
    written = style.written(table)
    for row, column in _places(table, chance):
        cells = [*written[row][: column + 1], "", *written[row][column + 1 :]]
        yield f"row {row} after column {column}", _with_row(written, style, row, cells), (table,)


def quote_too_many(table: Table, style: Style, chance: random.Random) -> Damaged:
    """A reader that keeps the quote as a part of the value is right too."""
    written, records = style.written(table), table.records
    for index, (row, column) in enumerate(_places(table, chance)):
        at_start, cell, value = index % 2 == 0, written[row][column], records[row][column]
        cells = _replaced(written[row], column, style.quote + cell if at_start else cell + style.quote)
        kept = _with_cell(table, row, column, style.quote + value if at_start else value + style.quote)
        yield f"row {row} column {column} {at_start=}", _with_row(written, style, row, cells), (table, kept)


def quote_too_few(table: Table, style: Style, chance: random.Random) -> Damaged:
    """A reader that keeps the quote that is left as a part of the value is right too."""
    written, records = style.written(table), table.records
    for index, (row, column) in enumerate(_places(table, chance, count=60)):
        at_start, cell, value = index % 2 == 0, written[row][column], records[row][column]
        if not cell.startswith(style.quote):
            continue
        cells = _replaced(written[row], column, cell[1:] if at_start else cell[:-1])
        kept = _with_cell(table, row, column, value + style.quote if at_start else style.quote + value)
        yield f"row {row} column {column} {at_start=}", _with_row(written, style, row, cells), (table, kept)


def row_with_another_delimiter(table: Table, style: Style, chance: random.Random) -> Damaged:
    written, records = style.written(table), table.records
    for row in [0, *chance.sample(range(1, len(table.rows)), 6)]:
        for delimiter in (";", "\t"):
            other = replace(style, delimiter=delimiter)
            line = delimiter.join(max(style.cell(value), other.cell(value), key=len) for value in records[row])
            yield f"row {row} with {delimiter!r}", _with_row(written, style, row, [line]), (table,)


def _places(table: Table, chance: random.Random, columns: int | None = None, count: int = 24) -> list[tuple[int, int]]:
    """Rows (0: the header) and columns, every column in turn; the header, the first and the last row are always among them."""
    width, last = columns or len(table.header), len(table.rows)
    rows = [0, 1, last, *(chance.randint(2, last - 1) for _ in range(count - 3))]
    start = chance.randrange(width)
    return [(row, (start + index) % width) for index, row in enumerate(rows)]


def _replaced(cells: list[str], column: int, cell: str) -> list[str]:
    return [*cells[:column], cell, *cells[column + 1 :]]


def _with_row(written: list[list[str]], style: Style, row: int, cells: list[str]) -> bytes:
    return style.text(style.delimiter.join(each) for each in [*written[:row], cells, *written[row + 1 :]])


def _with_cell(table: Table, row: int, column: int, value: str) -> Table:
    records = [tuple(_replaced(cells, column, value) if index == row else cells) for index, cells in enumerate(table.records)]
    return Table(records[0], tuple(records[1:]))
