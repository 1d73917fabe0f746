"""Physical lines -> rows of the table's width: damaged records put right, and what is no row left out."""

from __future__ import annotations

from collections.abc import Iterator

from dashapp.datasets.dataset import Finding
from dashapp.datasets.text.account import Account, Repair
from dashapp.datasets.text.dialect import Layout
from dashapp.datasets.text.records import Record, RecordReader
from dashapp.datasets.text.repair import Damage, Mended, Mender
from dashapp.datasets.text.split import are_inches
from dashapp.datasets.text.tables import TableEdges

_MOST_HELD = 30
_MOST_MENDED = 5_000  # beyond this the file is damaged throughout, and each row costs about a millisecond
_REPAIRS = {
    Damage.MENDED: Repair.MENDED,
    Damage.DELIMITER: Repair.DELIMITER,
    Damage.QUOTE: Repair.QUOTE,
    Damage.SHORT: Repair.SHORT,
    Damage.LONG: Repair.LONG,
    Damage.DOUBTFUL: Repair.DOUBTFUL,
}
_READS_WELL = -2.5  # per cell, of a record that has only one cell by the delimiter of the file


class RowReader:
    """Reads irregular stretches of a file's body, one after the other, in the order of the file.

    The caller hands over an iterator of ALL lines from `first_line` on, as they stand in the file with their ends, and the
    line that the stretch stops before. A record that begins before `stop_line` is read to its end, though a quoted cell may
    run past it; `next_line` then says where the caller goes on: the first line that was not used. Lines beyond it may have
    been taken from the iterator to look ahead, so that the caller must not go on with the same iterator, but from `next_line`.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._edges = TableEdges(layout)
        self._mender = Mender(layout.dialect, layout.models)
        self._account = Account()
        self._mended = 0
        self._cut: tuple[Record | None, list[str]] = (None, [])
        self._row: int | None = None
        self._gap_ends: int | None = None  # the line after blank ones that a stretch ended with
        self.is_finished = False
        self.next_line = layout.body_line

    def rows(
        self, lines: Iterator[str], first_line: int, *, is_last: bool, stop_line: int | None = None, first_row: int | None = None
    ) -> Iterator[list[str]]:
        """The rows of one stretch. `is_last`: it runs to the end of the file, where notes and totals are looked for.

        `first_row` is the number of the stretch's first row in the table, from 1, where the caller knows it.
        """
        records = RecordReader(lines, self._layout.splitter, first_line, self._layout.width)
        self._row = first_row
        held: list[Record] = []
        after_gap = first_line == self._gap_ends
        self.next_line = first_line
        while not self.is_finished and (is_last or stop_line is None or records.line < stop_line):
            record = records.next()
            self.next_line = records.line
            if record is None:
                break
            if record.is_blank:
                after_gap = True
                continue
            cells = self._cells(record)
            is_apart = after_gap or bool(held)
            if not is_apart and self._edges.repeats_header(cells, records):
                self._account.note(Repair.HEADER, record.line)
                continue
            if self._edges.begins_table(cells, records, after_gap=is_apart):
                self.is_finished = True
                self._account.end_table(record.line)
                break
            if self._edges.may_end(cells) and not self._reads_well(record) and len(held) < _MOST_HELD:
                held.append(record)
                continue
            yield from self._rows_of(held)
            held, after_gap = [], False
            yield from self._rows_of([record])
        self._gap_ends = self.next_line if after_gap else None
        if is_last or self.is_finished:
            self._leave_out(held)
        else:
            yield from self._rows_of(held)

    def findings(self) -> list[Finding]:
        """What was repaired or left out so far."""
        return list(self._account.findings())

    def _cells(self, record: Record) -> list[str]:
        if record.cells is not None:
            return record.cells
        if record is not self._cut[0]:  # asked for several times in a row
            self._cut = (record, self._layout.splitter.lenient(record.text))
        return self._cut[1]

    def _rows_of(self, records: list[Record]) -> Iterator[list[str]]:
        for record in records:
            if self._edges.is_note(self._cells(record)) and not self._reads_well(record):
                self._account.note(Repair.NOTE, record.line)
                continue
            yield self._row_of(record)
            if self._row is not None:
                self._row += 1

    def _row_of(self, record: Record) -> list[str]:
        if "\ufffd" in record.text:
            self._account.note(Repair.UNDECODED, record.line, self._row)
        width, cells = self._layout.width, record.cells
        if cells is not None and len(cells) == width and not self._is_quoted_otherwise(record.text):
            return cells
        if cells is not None and self._only_lacks_its_end(cells):
            self._account.note(Repair.SHORT, record.line, self._row)
            return cells + [""] * (width - len(cells))
        if cells is None and self._layout.dialect.quote == "'" and _is_apostrophes(found := self._cells(record), width):
            return found
        if cells is None and self._is_of_inches(found := self._cells(record)):
            return found
        mended = self._mend(record)
        if len(cells or ()) != width or mended.cells != cells:
            self._account.note(_REPAIRS[mended.damage], record.line, self._row)
        return mended.cells

    def _is_of_inches(self, cells: list[str]) -> bool:
        """Whether the quotes stand behind digits, as they do in other rows too."""
        quote, models = self._layout.dialect.quote, self._layout.models
        if len(cells) != self._layout.width or not are_inches(cells, quote):
            return False
        return models.rows > 0 and all(models[at].knows(cell) for at, cell in enumerate(cells) if quote in cell)

    def _mend(self, record: Record) -> Mended:
        self._mended += 1
        if self._mended > _MOST_MENDED:
            return self._mender.fit_plainly(record.text)
        return self._mender.mend(record.text)

    def _only_lacks_its_end(self, cells: list[str]) -> bool:
        models = self._layout.models
        if not 1 < len(cells) < self._layout.width or models.rows < 3 or any(models[at].is_strange(cell) for at, cell in enumerate(cells)):
            return False
        return len(cells) < self._layout.width - 1 or models[self._layout.width - 1].blank_share > 0

    def _is_quoted_otherwise(self, text: str) -> bool:
        other = "'" if self._layout.dialect.quote == '"' else '"'
        return text.startswith(other) and text.endswith(other) and f"{other}{self._layout.dialect.delimiter}{other}" in text

    def _reads_well(self, record: Record) -> bool:
        """Whether a record of a single cell is a row that is written with another delimiter."""
        if self._layout.models.rows < 3 or len(record.text) < self._layout.width:
            return False
        mended = self._mend(record)
        return mended.damage is Damage.DELIMITER and mended.score > _READS_WELL * self._layout.width

    def _leave_out(self, records: list[Record]) -> None:
        for record in records:
            self._account.note(Repair.TOTAL if self._edges.is_total(self._cells(record)) else Repair.NOTE, record.line)


def _is_apostrophes(cells: list[str], width: int) -> bool:
    """Whether the quotes that are left are those within words, in a file that uses them for its cells too."""
    return len(cells) == width and not any(cell.startswith("'") or cell.endswith("'") or "'," in cell for cell in cells)
