"""A file -> batches of columns of text: by pyarrow wherever a block is regular, and by the careful reader where it is not."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from dashapp.datasets.columns.blocks import BLOCK_BYTES, TAIL_BYTES, Block, is_regular, read_blocks
from dashapp.datasets.text.dialect import Layout
from dashapp.datasets.text.reader import RowReader

ROWS_AT_A_TIME = 20_000  # that are held as Python strings
_MOST_OTHERS = 0.05  # of the lines of a block: more, and singling them out is no gain
SMALLEST_PIECE = 16 * 1024
_ENOUGH_ROWS, _ENOUGH_BYTES = 4_096, 8 * 1024 * 1024
_AHEAD = 1  # blocks that are parsed before they are asked for

Columns = list[Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines of the file, and their columns where they are regular."""

    block: Block
    columns: Columns | None = None


def read_batches(
    path: Path, layout: Layout, reader: RowReader, pool: Executor, block_bytes: int = BLOCK_BYTES, tail_bytes: int = TAIL_BYTES
) -> Iterator[Columns]:
    """The rows in order, as one pyarrow string array for each of the layout's columns at a time, none null, none empty."""
    dialect = layout.dialect
    blocks = read_blocks(path, dialect.encoding, layout.body_line, dialect.quote, block_bytes, tail_bytes)
    pieces = _Pieces(blocks, lambda block: _parse(block, layout), pool)
    rows = 0
    while (piece := pieces.take()) is not None:
        if piece.columns is not None:
            batches: Iterator[Columns] = iter([piece.columns])
        else:
            batches = _by_rows(_read_slowly(piece, pieces, reader, rows + 1))
        for columns in batches:
            rows += len(columns[0])
            yield columns
        if reader.is_finished:
            return


def join_small(batches: Iterable[Columns]) -> Iterator[Columns]:
    """The same rows in batches that are worth the effort that each of them takes, which is one for every column."""
    held: list[Columns] = []
    rows = size = 0
    for columns in batches:
        held.append(columns)
        rows, size = rows + len(columns[0]), size + sum(column.nbytes for column in columns)
        if rows >= _ENOUGH_ROWS or size >= _ENOUGH_BYTES:
            yield _joined_columns(held)
            held, rows, size = [], 0, 0
    if held:
        yield _joined_columns(held)


def _joined_columns(batches: list[Columns]) -> Columns:
    """Never slices."""
    some = batches[0][0]
    is_whole = len(batches) == 1 and some.buffers()[1].size == 4 * (len(some) + 1)  # an offset for each text, and the end
    return batches[0] if is_whole else [pa.concat_arrays(parts) for parts in zip(*batches, strict=True)]


def _read_slowly(piece: Piece, pieces: _Pieces, reader: RowReader, first_row: int) -> Iterator[Sequence[str]]:
    """The rows that begin in the piece; what they take of the next ones is taken off those."""
    block = piece.block
    stop = block.first_line + block.lines
    yield from reader.rows(
        pieces.lines_from(block), block.first_line, is_last=block.is_tail, stop_line=None if block.is_tail else stop, first_row=first_row
    )
    if not block.is_tail and not reader.is_finished:
        pieces.go_on_at(max(reader.next_line, stop))


class _Pieces:
    """The pieces of a file in order, while the next blocks are parsed in the pool already."""

    def __init__(self, blocks: Iterator[Block], parse: Callable[[Block], list[Piece]], pool: Executor) -> None:
        self._blocks, self._parse, self._pool = blocks, parse, pool
        self._waiting: deque[Future[list[Piece]]] = deque()
        self._ready: deque[Piece] = deque()

    def take(self) -> Piece | None:
        self._fill(1)
        return self._ready.popleft() if self._ready else None

    def lines_from(self, block: Block) -> Iterator[str]:
        """The lines of the block and of all pieces after it, which stay where they are."""
        yield from _lines(block)
        seen = 0
        while self._fill(seen + 1):
            yield from _lines(self._ready[seen].block)
            seen += 1

    def go_on_at(self, line: int) -> None:
        """Leave out the lines before this one."""
        while self._fill(1) and self._ready[0].block.first_line < line:
            block = self._ready.popleft().block
            rest = block.without_lines(line - block.first_line)
            if rest is not None:
                self._ready.extendleft(reversed(self._parse(rest)))

    def _fill(self, count: int) -> bool:
        """Whether so many pieces are ready."""
        while len(self._ready) < count:
            while len(self._waiting) <= _AHEAD and (block := next(self._blocks, None)) is not None:
                self._waiting.append(self._pool.submit(self._parse, block))
            if not self._waiting:
                return False
            self._ready.extend(self._waiting.popleft().result())
        return True


def _lines(block: Block) -> Iterator[str]:
    return iter(io.StringIO(block.data.decode("utf-8", "replace"), newline=""))


def _parse(block: Block, layout: Layout) -> list[Piece]:
    dialect = layout.dialect
    if block.is_tail or dialect.escape or not _is_plain_sign(dialect.delimiter) or layout.width < 2:
        return [Piece(block)]
    if not is_regular(block, dialect.delimiter, dialect.quote):
        return _parse_halves(block, layout)
    lines = block.lines
    try:
        columns, others = _parse_fast(block.view, layout, most_others=int(_MOST_OTHERS * lines))
    except pa.ArrowInvalid:  # many rows of another width, or bytes that are not UTF-8
        return _parse_halves(block, layout)
    # A blank line, which is not among the columns, and a second header may be the end of the table.
    has_edge = len(columns[0]) + len(others) < lines or _has_row(columns, [""] * layout.width) or _has_row(columns, layout.header)
    if has_edge:
        return _parse_halves(block, layout)
    return _single_out(block, columns, others) if others else [Piece(block, columns)]


def _single_out(block: Block, columns: Columns, others: list[int]) -> list[Piece]:
    """The rows are in `columns` but for those on the lines `others`, counted from 0, which are read slowly."""
    ends = [0, *block.line_ends().tolist()]
    is_other = np.zeros(len(ends) - 1, dtype=bool)
    is_other[others] = True
    pieces: list[Piece] = []
    rows = 0
    for begin, end in pairwise([0, *(np.flatnonzero(np.diff(is_other)) + 1).tolist(), len(is_other)]):
        part = Block(block.buffer[ends[begin] : ends[end]], ends[end] - ends[begin], block.first_line + begin)
        pieces.append(Piece(part, None if is_other[begin] else [column.slice(rows, end - begin) for column in columns]))
        rows += 0 if is_other[begin] else end - begin
    return pieces


def _parse_halves(block: Block, layout: Layout) -> list[Piece]:
    """Only the part around what is irregular is read slowly. Lines cannot be told apart where quotes run over them."""
    quote = layout.dialect.quote.encode()
    halves = block.halves() if block.size > SMALLEST_PIECE else None
    if halves is None or (quote and (halves[0].count(quote) % 2 or halves[1].count(quote) % 2)):
        return [Piece(block)]
    return _joined([piece for half in halves for piece in _parse(half, layout)])


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Irregular pieces that follow each other are one."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and piece.columns is None and joined[-1].columns is None:
            joined[-1] = Piece(joined[-1].block.followed_by(piece.block))
        else:
            joined.append(piece)
    return joined


def _is_plain_sign(delimiter: str) -> bool:
    return len(delimiter) == 1 and delimiter.isascii() and delimiter != " "


def _parse_fast(data: memoryview, layout: Layout, most_others: int) -> tuple[Columns, list[int]]:
    """The columns, and which rows from 0 are not among them, since they are of another width."""
    others: list[int] = []

    def leave_out(row: Any) -> str:
        others.append(row.number - 1)
        return "skip" if len(others) <= most_others else "error"

    names = [str(index) for index in range(layout.width)]
    table = pacsv.read_csv(
        pa.py_buffer(data),
        pacsv.ReadOptions(column_names=names, use_threads=False, block_size=len(data) + 1),
        pacsv.ParseOptions(delimiter=layout.dialect.delimiter, quote_char=layout.dialect.quote or False, invalid_row_handler=leave_out),
        pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
    )
    return [column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks) for column in table.itercolumns()], others


def _has_row(columns: Columns, cells: list[str] | None) -> bool:
    """Whether a row has just these cells, outer blanks aside. Nearly always the first column tells that there is none."""
    if cells is None:
        return False
    same: Any = True
    for column, cell in zip(columns, cells, strict=True):
        same = pc.and_(pc.equal(pc.utf8_trim_whitespace(column), cell.strip()), same)
        if not pc.any(same).as_py():
            return False
    return True


def _by_rows(rows: Iterator[Sequence[str]]) -> Iterator[Columns]:
    while block := list(islice(rows, ROWS_AT_A_TIME)):
        yield [pa.array(values, pa.string()) for values in zip(*block, strict=True)]
