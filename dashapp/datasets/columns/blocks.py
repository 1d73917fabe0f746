"""A file -> blocks of whole lines in UTF-8, and whether a block is so regular that the fast parser reads it as we would."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from dashapp.errors import UnreadableCsv

BLOCK_BYTES = 3 * 1024 * 1024
TAIL_BYTES = 64 * 1024  # totals and notes are looked for here, so that it is always read with care
SKIPPED_BYTES = 64 * 1024  # read at a time above the first row
MAX_LINE_BYTES = 64 * 1024 * 1024
MAX_QUOTED_BYTES = 256 * 1024  # a quote that is open for longer was never closed
_LINE_END = re.compile(rb"\r\n|\n|\r")
_UNDECODED = "\ufffd".encode()
_LINE_FEED, _RETURN = ord("\n"), ord("\r")


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines: the first `size` bytes of `buffer`. `first_line` is the number of the first one in the file, from 1.

    `is_tail`: it is the end of the file.
    """

    buffer: bytes
    size: int
    first_line: int
    is_tail: bool = False

    @property
    def data(self) -> bytes:
        return self.buffer if self.size == len(self.buffer) else self.buffer[: self.size]

    @property
    def view(self) -> memoryview:
        return memoryview(self.buffer)[: self.size]

    @property
    def lines(self) -> int:
        feeds = int(np.count_nonzero(np.frombuffer(self.view, dtype=np.uint8) == _LINE_FEED))
        return feeds + (self.count(b"\r") - self.count(b"\r\n") if self.holds(b"\r") else 0)

    def line_ends(self) -> NDArray[np.int64]:
        """Where the lines end, behind their ends."""
        if self.holds(b"\r"):
            return np.fromiter((match.end() for match in _LINE_END.finditer(self.buffer, 0, self.size)), dtype=np.int64)
        return np.flatnonzero(np.frombuffer(self.view, dtype=np.uint8) == _LINE_FEED) + 1

    def holds(self, signs: bytes) -> bool:
        return self.buffer.find(signs, 0, self.size) >= 0

    def count(self, sign: bytes) -> int:
        return self.buffer.count(sign, 0, self.size)

    def halves(self) -> tuple[Block, Block] | None:
        """Cut at the line end nearest after the middle; None where there is no other line."""
        match = _LINE_END.search(self.buffer, self.size // 2, self.size)
        if match is None or match.end() == self.size:
            return None
        first = Block(self.buffer[: match.end()], match.end(), self.first_line)
        return first, Block(self.buffer[match.end() : self.size], self.size - match.end(), self.first_line + first.lines)

    def without_lines(self, count: int) -> Block | None:
        """The block from another line on; None where that is behind its end."""
        end = 0
        for match in islice(_LINE_END.finditer(self.buffer, 0, self.size), count):
            end = match.end()
        if self.lines <= count and not (self.is_tail and end < self.size):
            return Block(b"", 0, self.first_line + count, is_tail=True) if self.is_tail else None
        return Block(self.buffer[end : self.size], self.size - end, self.first_line + count, self.is_tail)

    def followed_by(self, other: Block) -> Block:
        return Block(self.data + other.data, self.size + other.size, self.first_line, other.is_tail)


def read_blocks(
    path: Path, encoding: str, first_line: int, quote: str, block_bytes: int = BLOCK_BYTES, tail_bytes: int = TAIL_BYTES
) -> Iterator[Block]:
    """The file from `first_line` on. A block ends after a record, as far as its quotes tell; the last `tail_bytes` are one block."""
    codec = None if encoding in ("utf-8", "utf-8-sig", "ascii") else codecs.getincrementaldecoder(encoding)(errors="replace")
    with path.open("rb", buffering=0) as file:
        if file.read(3) != codecs.BOM_UTF8 or encoding != "utf-8-sig":
            file.seek(0)
        source = _Source(file, path.stat().st_size - tail_bytes, codec)
        skipped = source.skip_lines(first_line - 1, min(block_bytes, SKIPPED_BYTES))
        line = first_line
        while skipped and (data := source.read(block_bytes)):
            size = _cut(data, quote.encode())
            if not size and len(data) > MAX_LINE_BYTES:
                raise UnreadableCsv(f"Line {line:,} is longer than {MAX_LINE_BYTES >> 20} MB. Upload a table with shorter lines.")
            source.keep(data, size)
            if size:
                yield (block := Block(data, size, line))
                line += block.lines
        rest = source.read_tail() if skipped else source.skip_in_tail()
    yield Block(rest, len(rest), line, is_tail=True)


class _Source:
    """The bytes of a file as UTF-8: those before the place `tail` in parts, and the rest at once."""

    def __init__(self, file: BinaryIO, tail: int, codec: codecs.IncrementalDecoder | None) -> None:
        self._file, self._tail, self._codec = file, tail, codec
        self._kept = b""
        self._to_skip = 0

    def read(self, size: int) -> bytes:
        """What was kept and the next part; empty where the tail begins."""
        data = self._file.read(min(size, max(self._tail - self._file.tell(), 0)))
        if not data:
            return b""
        return self._kept + (data if self._codec is None else _encode(self._codec.decode(data)))

    def keep(self, data: bytes, used: int) -> None:
        """What is not used of `data` comes again at the beginning of the next part."""
        self._kept = data[used:]

    def read_tail(self) -> bytes:
        data = self._file.read()
        return self._kept + (data if self._codec is None else _encode(self._codec.decode(data, True)))

    def skip_lines(self, count: int, size: int) -> bool:
        """Whether so many lines are behind us; if not, the tail has begun."""
        self._to_skip = count
        while self._to_skip and (data := self.read(size)):
            self.keep(data, self._skip(data))
        return not self._to_skip

    def skip_in_tail(self) -> bytes:
        data = self.read_tail() + b"\n"  # so that the last line end is a whole one
        return data[self._skip(data) : -1] if data.strip() else b""

    def _skip(self, data: bytes) -> int:
        used = 0
        for match in _LINE_END.finditer(data):
            if not self._to_skip or (match.end() == len(data) and match[0] == b"\r"):
                break  # the line feed of this line end may be still to come
            self._to_skip, used = self._to_skip - 1, match.end()
        return used


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def is_regular(block: Block, delimiter: str, quote: str) -> bool:
    """Whether every line holds whole records, and every quote is at the border of a cell or doubled within it.

    A line that was quoted as a whole, or that could not be decoded, is to be told of.
    """
    other = "'" if quote == '"' else '"'
    if block.buffer.startswith(codecs.BOM_UTF8):  # the fast parser leaves it out
        return False
    # Looking for a single byte first is ten times as fast.
    if block.holds(_UNDECODED[:1]) and block.holds(_UNDECODED):
        return False
    if block.holds(other.encode()) and block.holds(f"{other}{delimiter}{other}".encode()):
        return False
    return not quote or not block.holds(quote.encode()) or _are_quotes_regular(block, delimiter, quote)


def _are_quotes_regular(block: Block, delimiter: str, quote: str) -> bool:
    signs = np.frombuffer(block.view, dtype=np.uint8)
    quotes = np.flatnonzero(signs == ord(quote))
    if len(quotes) % 2:
        return False
    ends = np.flatnonzero((signs == _LINE_FEED) | (signs == _RETURN))
    if (np.searchsorted(quotes, ends) % 2).any():
        return False
    borders = (ord(delimiter), _LINE_FEED, _RETURN)
    opening, closing = quotes[0::2], quotes[1::2]
    is_doubled = opening[1:] == closing[:-1] + 1
    begins = np.isin(signs[opening - 1], borders) | (opening == 0)
    ends_well = np.isin(signs[np.minimum(closing + 1, len(signs) - 1)], borders) | (closing == len(signs) - 1)
    begins[1:] |= is_doubled
    ends_well[:-1] |= is_doubled
    return bool(begins.all() and ends_well.all())


def _cut(data: bytes, quote: bytes) -> int:
    """Behind the last line end that is not within quotes; 0 where there is none yet."""
    end = _last_line_end(data, len(data))
    if not quote or quote not in data:
        return end
    odd = data.count(quote, 0, end) % 2
    while odd and end > max(len(data) - MAX_QUOTED_BYTES, 0):
        before = _last_line_end(data, end - 1)
        if not before:
            break
        odd = (odd + data.count(quote, before, end)) % 2
        end = before
    return end if not odd else _last_line_end(data, len(data)) if len(data) > MAX_QUOTED_BYTES else 0


def _last_line_end(data: bytes, end: int) -> int:
    found = data.rfind(b"\n", 0, end) + 1
    # A return at the very end may be the first half of a line end.
    return found if found else data.rfind(b"\r", 0, min(end, len(data) - 1)) + 1
