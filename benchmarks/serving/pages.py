"""Open pages: WebSockets that take every frame of the live feed and count it."""

from __future__ import annotations

import base64
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from dashapp.application.services import Services, open_services
from dashapp.events.fact import EventType, Fact
from dashapp.settings import Settings

PING, PONG = 0x89, 0x8A
TRIES_S = 60.0


@dataclass
class Pages:
    """`frames` counts those of all pages since they were opened, `received` their bytes; `heard` gets each, its head included."""

    url: str
    sockets: dict[socket.socket, bytearray] = field(default_factory=dict)
    frames: int = 0
    closed: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    received: int = 0
    heard: Callable[[bytes], None] | None = None

    def open(self, count: int) -> None:
        """A worker that is full refuses; the next try may reach another one."""
        until = time.monotonic() + TRIES_S
        while len(self.sockets) < count:
            if time.monotonic() > until:
                raise RuntimeError(f"only {len(self.sockets)} of {count} pages could be opened")
            opened = _opened(self.url)
            if opened is not None:
                self.sockets[opened[0]] = opened[1]

    def take(self) -> None:
        """Read what comes until `over`."""
        with selectors.DefaultSelector() as selector:
            for each in self.sockets:
                each.setblocking(False)
                selector.register(each, selectors.EVENT_READ)
            while not self.over.is_set():
                for key, _ in selector.select(0.2):
                    assert isinstance(key.fileobj, socket.socket)
                    if not self._read(key.fileobj):
                        selector.unregister(key.fileobj)
                        self.closed += 1

    def _read(self, each: socket.socket) -> bool:
        try:
            news = each.recv(65536)
        except BlockingIOError:
            return True
        except OSError:
            return False
        pending = self.sockets[each]
        pending += news
        while (size := _size(pending)) is not None and len(pending) >= size:
            if pending[0] == PING:
                each.sendall(bytes([PONG, 0x80, 0, 0, 0, 0]))
            else:
                self.frames += 1
                self.received += size
                if self.heard is not None:
                    self.heard(bytes(pending[:size]))
            del pending[:size]
        return bool(news)


@contextmanager
def open_pages(url: str, home: Path, count: int, frames_a_second: float) -> Iterator[Pages]:
    """So many pages, with so many events a second in the log; each is a frame for each page."""
    pages = Pages(url)
    threads: list[threading.Thread] = []
    with closing(open_services(Settings(home=home), migrate=False)) as services:
        try:
            pages.open(count)
            threads = [
                threading.Thread(target=pages.take),
                threading.Thread(target=_write, args=(services, frames_a_second, pages.over)),
            ]
            for each in threads:
                each.start()
            yield pages
        finally:
            pages.over.set()
            for each in threads:
                each.join()
            for page in pages.sockets:
                page.close()


def _write(services: Services, a_second: float, over: threading.Event) -> None:
    due = time.monotonic()
    while not over.wait(max(0.0, due - time.monotonic())):
        with services.database.write() as transaction:
            services.log.append(transaction, Fact(EventType.USER_ACTION, "Something happened", data={"action": "benchmark"}))
        due += 1 / a_second


def _opened(url: str) -> tuple[socket.socket, bytearray] | None:
    """A socket past its handshake and what came with the answer; None where it was refused."""
    address = urlsplit(url)
    assert address.hostname is not None
    opened = socket.create_connection((address.hostname, address.port or 80), timeout=30)
    key = base64.b64encode(os.urandom(16)).decode()
    opened.sendall(
        f"GET /ws HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = bytearray()
    while b"\r\n\r\n" not in answer:
        news = opened.recv(4096)
        if not news:
            break
        answer += news
    head, _, rest = bytes(answer).partition(b"\r\n\r\n")
    if b" 101 " in head.split(b"\r\n")[0]:
        return opened, bytearray(rest)
    opened.close()
    return None


def _size(pending: bytearray) -> int | None:
    """Bytes of the first frame (RFC 6455, 5.2; a server does not mask); None while too little of it is there to tell."""
    if len(pending) < 2:
        return None
    short = pending[1] & 0x7F
    if short < 126:
        return 2 + short
    wide = 2 if short == 126 else 8
    return 2 + wide + int.from_bytes(pending[2 : 2 + wide], "big") if len(pending) >= 2 + wide else None
