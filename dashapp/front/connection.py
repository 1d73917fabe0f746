"""A client's connection: what has arrived, what has still to leave, and who may touch it."""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Callable
from enum import Enum, auto
from typing import Any, BinaryIO

from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import Unreader

from dashapp.errors import TooSlow
from dashapp.front.framing import Framing
from dashapp.front.pace import Pace
from dashapp.front.places import Tokens

FIRST_READ = 16 * 1024
BODY_READ = 256 * 1024
SENT_AT_ONCE = 64 * 1024
MOST_UNSENT = 2 * 1024 * 1024
"""Bytes of an answer that the main loop sends on when its thread has gone on to the next request."""
SLOW = "The request came in too slowly and is given up; send it again."


class State(Enum):
    IDLE = auto()
    """Nothing of a request has arrived."""
    HEAD = auto()
    BODY = auto()
    WAITING = auto()
    """Ready, but no place is free."""
    BUSY = auto()
    """A thread works on it, and it alone writes; the main loop may read ahead."""
    SENDING = auto()
    """Answered; the main loop sends what the client has not taken yet."""
    LINGERING = auto()
    """Closed on our side; what still arrives is thrown away, so that the client can read the answer."""


class ClientSocket(socket.socket):
    """Not blocking, unless for a WebSocket. What the client does not take at once stays in `unsent`; a thread waits only where that is
    more than `most_unsent()`."""

    def __init__(self, plain: socket.socket, patience_s: float, most_unsent: Callable[[], int] = lambda: MOST_UNSENT) -> None:
        super().__init__(plain.family, plain.type, plain.proto, plain.detach())
        self.setblocking(False)
        self.unsent = bytearray()
        self.is_head_due = False
        self.is_closed = False
        self._patience_s = patience_s
        self._most_unsent = most_unsent

    def sendall(self, data: Any, flags: int = 0) -> None:
        self.unsent += data
        if self.is_head_due:
            self.is_head_due = False  # it leaves with the first bytes of the body
        elif self.push() >= 0 and len(self.unsent) > self._most_unsent():
            self._wait_for_client()

    def sendfile(self, file: BinaryIO, offset: int = 0, count: int | None = None) -> int:  # type: ignore[override]
        file.seek(offset)
        sent = 0
        while count is None or sent < count:
            piece = file.read(BODY_READ if count is None else min(BODY_READ, count - sent))
            if not piece:
                break
            self.sendall(piece)
            sent += len(piece)
        return sent

    def push(self) -> int:
        """Send what can be sent now; returns how many bytes that were, once all is sent -1. Raises OSError where the client is gone."""
        sent = 0
        while self.unsent:
            try:
                # A copy at most of what one call can take: a view would forbid the buffer to change.
                now = self.send(self.unsent if len(self.unsent) <= SENT_AT_ONCE else self.unsent[:SENT_AT_ONCE], socket.MSG_DONTWAIT)
            except BlockingIOError:
                return sent
            del self.unsent[:now]
            sent += now
        return -1

    def close(self) -> None:
        """Nothing goes through any more. The descriptor stays until `release()`: the main loop's poller may still know it."""
        self.is_closed = True
        with contextlib.suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        super().close()

    def _wait_for_client(self) -> None:
        pace = Pace(self._patience_s)
        poll = select.poll()
        poll.register(self, select.POLLOUT)
        while (sent := self.push()) >= 0:
            pace.moved(sent)
            if not poll.poll(pace.left_ms()):
                raise TimeoutError("the client does not read its answer")


class Incoming(Unreader):  # type: ignore[misc]  # gunicorn is untyped
    """Gives gunicorn's parser what has arrived, and then the end: only `stream_from` a socket it waits for more."""

    def __init__(self) -> None:
        super().__init__()
        self._sock: socket.socket | None = None
        self._pace: Pace | None = None

    def stream_from(self, sock: socket.socket, pace: Pace) -> None:
        self._sock, self._pace = sock, pace

    def stop(self) -> bytes:
        """No more waiting; returns what the parser has not taken."""
        self._sock = self._pace = None
        return bytes(self.take_buffered())

    def chunk(self, size_hint: int | None = None) -> bytes:
        if self._sock is None or self._pace is None:
            return b""
        while True:
            try:
                data = self._sock.recv(max(FIRST_READ, min(size_hint or 0, BODY_READ)))
            except BlockingIOError:
                self._wait(self._sock, self._pace)
                continue
            self._pace.moved(len(data))
            return data

    def _wait(self, sock: socket.socket, pace: Pace) -> None:
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        if not poll.poll(pace.left_ms()):
            raise TooSlow(SLOW)


class Connection:
    """`sock`, `client`, `server` and `parser` are what gunicorn's worker knows of a connection; the rest is the main loop's, a BUSY
    connection's `is_reusable` and `taken` its thread's."""

    __slots__ = (
        "buffer",
        "client",
        "deadline",
        "events",
        "framing",
        "has_ended",
        "has_served",
        "incoming",
        "is_reusable",
        "is_whole",
        "pace",
        "parser",
        "server",
        "sock",
        "state",
        "taken",
    )

    def __init__(self, cfg: Any, sock: ClientSocket, client: Any, server: Any, deadline: float) -> None:
        self.sock = sock
        self.client = client
        self.server = server
        self.incoming = Incoming()
        self.parser = RequestParser(cfg, (), client)
        self.parser.unreader = self.incoming
        self.buffer = bytearray()
        self.framing = Framing()
        self.pace: Pace | None = None
        self.state = State.IDLE
        self.deadline = deadline
        self.events = 0
        self.has_ended = False
        self.has_served = False
        self.is_whole = True
        self.is_reusable = True
        self.taken: tuple[Tokens, ...] = ()

    def hand_over(self, size: int, is_whole: bool = True) -> None:
        """Give the parser the first `size` bytes, and begin to look for the next request. What is not whole is read on by the thread."""
        self.incoming.unread(bytes(self.buffer[:size]))
        del self.buffer[:size]
        self.framing = Framing()
        self.is_whole = is_whole
        self.sock.is_head_due = True
