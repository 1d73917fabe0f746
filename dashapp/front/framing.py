"""Where a request ends, found piece by piece. Only gunicorn's parser says what a request means; what looks odd here is left to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto

MOST_HEAD = 64 * 1024
MOST_BODY = 1024 * 1024
MOST_LINE = 8190
MOST_CHUNKS = 4096
END_OF_HEAD = b"\r\n\r\n"

_BARE_LF = re.compile(rb"(?<!\r)\n")
_CHUNK_SIZE = re.compile(rb"([0-9a-f]{1,12})[ \t]*(?:;|$)", re.IGNORECASE)


class Verdict(Enum):
    MORE = auto()
    """The request is not whole yet."""
    WHOLE = auto()
    LARGE = auto()
    """The head is there; the body is more than is kept in memory."""
    ODD = auto()
    """This cannot be framed: to be parsed, and refused, as far as it is there."""
    LONG_HEAD = auto()


class OddFramingError(Exception): ...


@dataclass(slots=True)
class Framing:
    """Of one request at the start of a buffer that grows between two calls of `look()`."""

    head: int = 0
    """Bytes of the head; 0 until it is whole."""
    end: int = 0
    """Bytes of the request; of a chunked one, as far as its chunks are known."""
    body: int = 0
    """Bytes of the body that the head announces."""
    is_chunked: bool = False
    wants_continue: bool = False
    is_upgrade: bool = False
    _seen: int = 0
    _chunks: int = field(default=0)

    def look(self, buffer: bytearray) -> Verdict:
        try:
            if not self.head and not self._find_head(buffer):
                return Verdict.LONG_HEAD if len(buffer) > MOST_HEAD else Verdict.MORE
            if self.is_chunked:
                return self._follow_chunks(buffer)
        except OddFramingError:
            return Verdict.ODD
        if len(buffer) >= self.end:
            return Verdict.WHOLE
        return Verdict.LARGE if self.body > MOST_BODY else Verdict.MORE

    def _find_head(self, buffer: bytearray) -> bool:
        at = buffer.find(END_OF_HEAD, self._seen)
        if at < 0:
            # gunicorn refuses a bare LF; waiting for the end of such a head would be in vain.
            if _BARE_LF.search(buffer, self._seen):
                raise OddFramingError
            self._seen = max(len(buffer) - 3, 0)
            return False
        if at > MOST_HEAD:
            return False
        self.head = self.end = at + len(END_OF_HEAD)
        self._read_head(bytes(buffer[: at + 2]).lower())
        return True

    def _read_head(self, head: bytes) -> None:
        length = _value(head, b"\r\ncontent-length:")
        coding = _value(head, b"\r\ntransfer-encoding:")
        if length is not None:
            if coding is not None or not length.isdigit() or len(length) > 18:
                raise OddFramingError
            self.body = int(length)
            self.end += self.body
        elif coding is not None:
            if coding != b"chunked":
                raise OddFramingError
            self.is_chunked = True
        self.is_upgrade = b"\r\nupgrade:" in head
        expected = _value(head, b"\r\nexpect:")
        if expected is not None:
            if expected != b"100-continue":
                raise OddFramingError
            self.wants_continue = b" http/1.0\r\n" not in head

    def _follow_chunks(self, buffer: bytearray) -> Verdict:
        """RFC 9112, 7.1. `end` is where the next line with a size begins."""
        while True:
            line_end = buffer.find(b"\r\n", self.end, self.end + MOST_LINE)
            if line_end < 0:
                if len(buffer) > self.end + MOST_LINE:
                    raise OddFramingError
                return Verdict.MORE if self.end - self.head <= MOST_BODY else Verdict.LARGE
            size = _CHUNK_SIZE.match(bytes(buffer[self.end : line_end]))
            if size is None:
                raise OddFramingError
            if int(size[1], 16) == 0:
                return self._end_of_trailers(buffer, line_end)
            self._chunks += 1
            self.end = line_end + 2 + int(size[1], 16) + 2
            if self.end - self.head > MOST_BODY or self._chunks > MOST_CHUNKS:
                return Verdict.LARGE
            if len(buffer) >= self.end and buffer[self.end - 2 : self.end] != b"\r\n":
                raise OddFramingError

    def _end_of_trailers(self, buffer: bytearray, last_line_end: int) -> Verdict:
        """The trailers may be none: then the empty line follows at once."""
        if buffer[last_line_end + 2 : last_line_end + 4] == b"\r\n":
            self.end = last_line_end + 4
            return Verdict.WHOLE
        at = buffer.find(END_OF_HEAD, last_line_end)
        if at < 0:
            if len(buffer) - last_line_end > MOST_HEAD:
                raise OddFramingError
            return Verdict.MORE
        self.end = at + len(END_OF_HEAD)
        return Verdict.WHOLE


def _value(head: bytes, name: bytes) -> bytes | None:
    """The value of a header that may stand only once; `name` with the line end before it and the colon after it."""
    at = head.find(name)
    if at < 0:
        return None
    if head.find(name, at + 1) >= 0:
        raise OddFramingError
    start = at + len(name)
    return head[start : head.find(b"\r\n", start)].strip(b" \t")
