"""Which records name the columns, if any do, and what stands above them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dashapp.datasets.text.shapes import ColumnModels
from dashapp.datasets.text.split import Splitter, splitter

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:[eE][+-]?\d+)?%?")
_YEAR = re.compile(r"(?:19|20)\d\d")
_WORD = re.compile(r"[^\W\d_][^\d]*")
_MISSING = re.compile(r"n\.?/?a\.?n?|null|none|nil|missing|unknown|inf(?:inity)?|tba|tbd", re.IGNORECASE)
_ENOUGH_NUMBERS = 3
_LONGEST_NAME = 9
_MOST_HEADER_ROWS = 4
_MOST_TITLES = 60
_VOTING_ROWS = 100
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class FoundHeader:
    """`first` is the index of the header among the records, `rows` how many records it takes, `cells` None where there is none.

    `is_mended`: its cells had to be put right.
    """

    first: int
    cells: list[str] | None
    rows: int = 0
    is_mended: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the first records: its text and its cells by the dialect."""

    text: str
    cells: list[str]

    @property
    def filled(self) -> int:
        return sum(bool(cell.strip()) for cell in self.cells)


def find_header(records: Sequence[Candidate], width: int, way: Splitter, wish: bool | None = None) -> FoundHeader:
    """The first record that is as full as the table is the header or the first row. `wish`: whether the user said there is one."""
    usual = sorted(record.filled for record in records if len(record.cells) >= width)
    fullness = usual[len(usual) // 2] if usual else width
    first = _first_full(records, width, fullness)
    if mended := _mended_above(records, first, width, way, wish):
        return mended
    body = [record.cells for record in records[first + 1 :]]
    top = _without_blank_end(records[first].cells, width)
    if len(top) > width and (trimmed := _without_surplus_blank(top, width)):
        return FoundHeader(first, trimmed, 1, is_mended=True)
    if bare := _without_other_quotes(top):
        top = bare
    if wish is False or (wish is None and not names_the_columns(top, body, width)):
        return FoundHeader(first, None)
    found = _over_many_rows(records, first, top, width)
    return replace(found, is_mended=bare is not None)


def _without_other_quotes(cells: list[str]) -> list[str] | None:
    """The cells where every one stands in quotes that are not those of the file."""
    wrapped = all(len(cell) > 2 and cell[0] == cell[-1] and cell[0] in "'\"" for cell in cells)
    return [cell[1:-1] for cell in cells] if wrapped else None


def _first_full(records: Sequence[Candidate], width: int, fullness: int) -> int:
    """The first record as wide as the table that is not a title, that is of which more than a cell or two is filled."""
    wide = [index for index, record in enumerate(records[: _MOST_TITLES + 1]) if len(record.cells) >= width]
    enough = 1 if width < 3 else 2 if fullness < 6 else max(2, fullness // 3)
    for index in wide:
        if records[index].filled >= enough or index + 1 >= len(records):
            return index
    return wide[0] if wide else next(index for index, record in enumerate(records) if len(record.cells) >= width)


def _mended_above(records: Sequence[Candidate], first: int, width: int, way: Splitter, wish: bool | None) -> FoundHeader | None:
    """A header of another width or with another delimiter, right above the first full record."""
    if first == 0 or wish is False:
        return None
    above = records[first - 1]
    body = [record.cells for record in records[first:]]
    if wish is None and names_the_columns(body[0], body[1:], width) and not names_the_columns(body[0][:1], [], 1):
        return None
    for sign in (",", ";", "\t", "|", " ", ":"):
        if sign != way.delimiter and len(above.cells) * 2 <= width:
            cells = splitter(sign, way.quote, way.escape).strict(above.text) or []
            if len(cells) == width > 2 and _looks_like_names(cells) and not _is_named(body, width):
                return FoundHeader(first - 1, cells, 1, is_mended=True)
    if first != 1 or len(above.cells) != width - 1 or width < 3 or not _looks_like_names(above.cells):
        return None
    return FoundHeader(0, *_lengthened(above.cells, body, width, way.quote))


def _is_named(body: list[list[str]], width: int) -> bool:
    return names_the_columns(body[0], body[1:], width)


def _lengthened(cells: list[str], body: list[list[str]], width: int, quote: str) -> tuple[list[str], int, bool]:
    """A header with one name too few: two names run together, or rows that end with a delimiter or begin with names of their own."""
    for index, cell in enumerate(cells):
        if quote and quote in cell:
            left, _, right = cell.partition(quote)
            return [*cells[:index], left, right.replace(quote, ""), *cells[index + 1 :]], 1, True
    full = [row for row in body if len(row) == width]
    if not any(row[-1].strip() for row in full):
        return [*cells, ""], 1, False
    firsts = [row[0].strip() for row in full]
    joined = [(index, found.start()) for index, cell in enumerate(cells) for found in _HUMP.finditer(cell)]
    if len(set(firsts)) == len(firsts) and not joined:
        return ["", *cells], 1, False
    if len(joined) == 1 and len(cells) > 2:
        index, at = joined[0]
        return [*cells[:index], cells[index][:at], cells[index][at:], *cells[index + 1 :]], 1, True
    if len(set(firsts)) == len(firsts):
        return ["", *cells], 1, False
    return [*cells, ""], 1, True


def _without_surplus_blank(cells: list[str], width: int) -> list[str] | None:
    """A header with a delimiter too many: less its blank names, where there are just as many as are too many."""
    named = [cell for cell in cells if cell.strip()]
    return named if len(named) == width else None


def _without_blank_end(cells: list[str], width: int) -> list[str]:
    kept = len(cells)
    while kept > width and not cells[kept - 1].strip():
        kept -= 1
    return cells[:kept]


def _over_many_rows(records: Sequence[Candidate], first: int, top: list[str], width: int) -> FoundHeader:
    """The header with the rows below it that go on naming: they repeat it, fill its gaps, or are words above numbers."""
    rows = [top]
    while len(rows) < _MOST_HEADER_ROWS and first + len(rows) + 1 < len(records):
        cells = records[first + len(rows)].cells
        body = [record.cells for record in records[first + len(rows) + 1 :]]
        if len(cells) != len(top) or not (cells == top or _goes_on_naming(top, cells, body, width)):
            break
        rows.append(cells)
    if len(rows) == 1:
        return FoundHeader(first, top, 1)
    return FoundHeader(first, [" ".join(part for part in parts if part.strip()) for parts in zip(*rows, strict=True)], len(rows))


def _goes_on_naming(top: list[str], cells: list[str], body: list[list[str]], width: int) -> bool:
    models = ColumnModels([row for row in body[:_VOTING_ROWS] if len(row) == width], width)
    if models.rows < 3 or len(cells) != width:
        return False
    shaped = [index for index in range(width) if models[index].is_telling and cells[index].strip()]
    strange = sum(models[index].is_strange(cells[index]) for index in shaped)
    gaps = sum(not cell.strip() for cell in top)
    fills_gaps = gaps > 0 and all(cell.strip() for cell in cells) and gaps < width
    if fills_gaps and all(_YEAR.fullmatch(cells[index]) or not _NUMBER.fullmatch(cells[index]) for index in range(width)):
        return strange > 0 or not any(_NUMBER.fullmatch(cell) for cell in cells)
    if len(set(cells)) == width > len(set(top)) and not any(_NUMBER.fullmatch(cell) for cell in cells):
        return strange > 0.4 * len(shaped)  # groups of columns above their names
    return len(shaped) > 1 and strange > 0.8 * len(shaped) and strange > 1


def names_the_columns(first: list[str], body: list[list[str]], width: int) -> bool:
    """Weigh, column by column, whether the first cell is of another sort than those below it."""
    # A header that comes again belongs to a second table.
    body = [row for row in body[:_VOTING_ROWS] if len(row) >= width and row[:width] != first[:width]]
    models = ColumnModels([row for row in body if len(row) == width], width)
    names = [cell.strip() for cell in first[:width]]
    below = [[row[index].strip() for row in body if row[index].strip()] for index in range(len(names))]
    if _are_numbered(names, below, body):
        return True
    numbers_vote = not any(_is_clear_word(name, values) for name, values in zip(names, below, strict=True))
    votes = 0
    for index, name in enumerate(names):
        if name and below[index] and (numbers_vote or not _NUMBER.fullmatch(name)):
            votes += _vote(name, below[index], models, index)
    return votes > 0 or (votes == 0 and _looks_like_names([cell for cell in first if cell.strip()]))


def _is_clear_word(name: str, below: list[str]) -> bool:
    """A word that is no spelling of a missing value, over nothing but numbers."""
    if not _WORD.fullmatch(name) or _MISSING.fullmatch(name) or len(below) < _ENOUGH_NUMBERS:
        return False
    return all(_NUMBER.fullmatch(value) for value in below)


def _are_numbered(names: list[str], below: list[list[str]], body: list[list[str]]) -> bool:
    """Whether the columns are named by years, or counted from 0, and the rows below are not written like this."""
    if any(name in values for name, values in zip(names, below, strict=True) if not _NUMBER.fullmatch(name)):
        return False
    at = [index for index, name in enumerate(names) if _NUMBER.fullmatch(name)]
    if not at or not body:
        return False
    numbers = [names[index] for index in at]
    if all(_YEAR.fullmatch(name) for name in numbers):
        values = [value for index in at for value in below[index]]
        is_sorted = numbers in (sorted(numbers), sorted(numbers, reverse=True)) and len(set(numbers)) == len(numbers)
        return len(at) > 1 and is_sorted and 2 * sum(bool(_YEAR.fullmatch(value)) for value in values) < len(values)
    if not names[0] and len(set(below[0])) == len(body) and _is_even(numbers) and numbers[0] == "0":
        return True  # as pandas writes a table with its index
    if all(names[index] in below[index] for index in at):
        return False
    even = sum(_is_even([row[index].strip() for index in at]) for row in body)
    return len(at) >= _ENOUGH_NUMBERS + (numbers[0] != "0") and _is_even(numbers) and 2 * even < len(body)


def _is_even(numbers: list[str]) -> bool:
    """Whether whole numbers go up by the same step."""
    if not all(number.isdecimal() and len(number) < _LONGEST_NAME for number in numbers):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(numbers)}
    return len(steps) <= 1 and all(step > 0 for step in steps)


def _vote(name: str, below: list[str], models: ColumnModels, index: int) -> int:
    numbers = sum(bool(_NUMBER.fullmatch(value)) for value in below)
    if numbers > 0.8 * len(below):
        return -1 if _NUMBER.fullmatch(name) else 1
    different = set(below)
    if name in different:
        return -2
    if models.rows > 3 and models[index].is_shaped and any(sign.isdigit() for value in below[:20] for sign in value):
        return 1 if models[index].is_strange(name) else -1
    # A label that never comes again, over a column of few labels that do, is a name and not a value.
    return 2 if 2 * len(different) <= len(below) else 0


def _looks_like_names(cells: list[str]) -> bool:
    return len(set(cells)) == len(cells) and not any(_NUMBER.fullmatch(cell.strip()) for cell in cells)
