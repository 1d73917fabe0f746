"""What is no row of the table: notes, totals, and a second table below the first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from dashapp.datasets.text.dialect import Layout
from dashapp.datasets.text.records import Record, RecordReader

_TOTAL = re.compile(
    r"(?:(?:grand|sub|over)?[ -]?(?:all)?[ -]?totals?|totaux|sum|summe|gesamt|insgesamt|average|mean|suma|somme|totale|итого)\b.{0,20}",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"\s*(?:\*|†|note|source|quelle|footnote|remark|©|\(?c\)|legend|generated|exported|created|printed|end of)", re.IGNORECASE
)
_NOTE_WORDS = 5
_AHEAD = 3
_FEW, _HALF, _MOST = 0.2, 0.5, 0.9
_HALF_A_DOZEN = 6
_ENOUGH_ROWS = 8


class TableEdges:
    """Tells what belongs to the table of a layout."""

    def __init__(self, layout: Layout) -> None:
        self._layout, self._models = layout, layout.models.of_first_half()

    @cached_property
    def _telling(self) -> list[int]:
        return [index for index in range(self._layout.width) if self._models[index].is_telling]

    def is_note(self, cells: Sequence[str]) -> bool:
        """A record that is only one cell, unless it is the beginning of a row."""
        if self._layout.width < 3 or sum(bool(cell.strip()) for cell in cells) != 1 or len(cells) >= self._layout.width:
            return False
        return not self._may_begin_row(cells)

    def may_end(self, cells: Sequence[str]) -> bool:
        """A record that is no row where nothing but such records follow: a note over many cells, or totals."""
        width, filled = self._layout.width, [cell for cell in cells if cell.strip()]
        if width < 3 or not filled:
            return False
        if self.is_total(cells):
            return True
        if len(filled) == 1:
            return not self._may_begin_row(cells)
        first = filled[0]
        is_short = len(cells) < width and 2 * len(filled) <= width
        telling = [index for index in self._telling if index < len(cells)]
        is_foreign = bool(telling) and all(self._models[index].is_strange(cells[index]) for index in telling)
        is_note = is_foreign or bool(_NOTE.match(first)) or len(first.split()) >= _NOTE_WORDS
        return is_short and is_note and not self._may_begin_row(cells)

    def is_total(self, cells: Sequence[str]) -> bool:
        """A word for the sum, and no value where there is nothing to add up."""
        words = [cell.strip() for cell in cells[:2] if cell.strip()]
        if len(cells) < 3 or not words or not _TOTAL.fullmatch(words[0]):
            return False
        return any(not cell.strip() for cell in cells) or len(cells) < self._layout.width

    def repeats_header(self, cells: Sequence[str], reader: RecordReader) -> bool:
        """Whether the record is the header once more, over further rows of this table, as where exports were joined."""
        header = self._layout.header
        if header is None or self._layout.header_rows > 1 or not self._is_header(cells, header):
            return False
        follows = [self._cells(record) for record in reader.peek(1)]
        return all(
            self._is_header(row, header) or (len(row) == self._layout.width and self._share_that_fits(row) >= _HALF) for row in follows
        )

    def _is_header(self, cells: Sequence[str], header: list[str]) -> bool:
        is_wide = len(cells) == len(header) or (self._layout.has_blank_end and len(cells) == len(header) - 1)
        return is_wide and all(cell.strip() == name.strip() for cell, name in zip(cells, header, strict=False))

    def begins_table(self, cells: Sequence[str], reader: RecordReader, *, after_gap: bool) -> bool:
        """Whether the record is the header of another table, by what it holds and what follows."""
        header, width, count = self._layout.header, self._layout.width, len(cells)
        if count < 2:
            return False
        if header is not None and self._layout.header_rows < 2 and self._repeats(cells, header):
            return True
        if count == width and not after_gap and not all(self._models[at].is_strange(cells[at]) for at in self._telling[:2]):
            return False
        fits = self._share_that_fits(cells)
        if count == width and fits > _FEW:
            return False
        follows = [self._cells(record) for record in reader.peek(_AHEAD) if not record.is_blank]
        if len(follows) < (1 if after_gap else 2) or any(len(row) != count for row in follows[:2]):
            return False
        next_fits = self._share_that_fits(follows[0])
        is_header = fits <= _FEW and _are_names(cells) and len(set(cells)) == count and all(cell.strip() for cell in cells)
        if count != width:
            return is_header or (fits < _HALF and next_fits < _HALF and (after_gap or self._share_that_fits(follows[1]) < _HALF))
        return is_header and (after_gap or next_fits < _HALF or (fits == 0 and width > _HALF_A_DOZEN and next_fits < _MOST))

    def _repeats(self, cells: Sequence[str], header: list[str]) -> bool:
        shared = min(len(cells), len(header))
        return shared > 1 and abs(len(cells) - len(header)) <= max(1, len(header) // 2) and list(cells[:shared]) == header[:shared]

    def _share_that_fits(self, cells: Sequence[str]) -> float:
        """How many of the cells are like those of their columns, of the columns that tell; 1 where there are too few."""
        telling = [index for index in self._telling if index < len(cells)]
        if len(telling) < 2 or self._models.rows < _ENOUGH_ROWS:
            return 1.0
        return sum(not self._models[index].is_strange(cells[index]) for index in telling) / len(telling)

    def _may_begin_row(self, cells: Sequence[str]) -> bool:
        """Whether the first cell is sure to be one of the first column: of its shape, with digits."""
        first = cells[0].strip()
        if not first or self._models.rows < 3 or not self._models[0].is_telling:
            return False
        return _has_digit(first) and not self._models[0].is_strange(cells[0])

    def _cells(self, record: Record) -> list[str]:
        return record.cells if record.cells is not None else self._layout.splitter.lenient(record.text)


def _are_names(cells: Sequence[str]) -> bool:
    return sum(cell.strip()[:1].isalpha() for cell in cells) >= (1 - _FEW) * len(cells)


def _has_digit(cell: str) -> bool:
    return any(sign.isdigit() for sign in cell)
