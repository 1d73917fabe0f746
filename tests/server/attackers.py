"""Clients that send byte by byte, many at a time, in a process of their own: `python -m tests.server.attackers PORT KIND COUNT EVERY_S`."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

from dashapp.settings import ROOT

HEAD = "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
SENT: dict[str, tuple[bytes, bytes]] = {
    # What is sent at once, and what then follows byte by byte without an end.
    "nothing": (b"", b""),
    "heads": (b"", (HEAD.format(path="/api/predict") + "X-Long: ").encode() + b"a" * 8000),
    "bodies": ((HEAD.format(path="/api/predict") + "Content-Length: 60000\r\n\r\n").encode(), b" " * 60_000),
    "chunks": ((HEAD.format(path="/api/predict") + "Transfer-Encoding: chunked\r\n\r\n").encode(), b"1\r\n \r\n" * 10_000),
    "large bodies": ((HEAD.format(path="/api/predict") + "Content-Length: 15000000\r\n\r\n").encode(), b" " * 60_000),
    "uploads": ((HEAD.format(path="/api/datasets?name=slow.csv") + "Content-Length: 150000000\r\n\r\n").encode(), b"a," * 30_000),
    "readers": (b"GET /assets/vendor/plotly-basic.min.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b""),
}


@contextmanager
def slow_clients(port: int, kind: str, count: int, every_s: float = 0.2) -> Iterator[None]:
    """`count` connections, each of which sends a byte every `every_s`, and comes back as soon as it is sent away."""
    command = [sys.executable, "-m", "tests.server.attackers", str(port), kind, str(count), str(every_s)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"connected\n"
        yield
    finally:
        process.kill()
        process.wait()


class Slow:
    def __init__(self, port: int, kind: str) -> None:
        self._port = port
        self._first, self._rest = SENT[kind]
        self.connect()

    def connect(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self._socket.settimeout(2)
        self._at = 0
        try:
            self._socket.connect(("127.0.0.1", self._port))
            self._socket.sendall(self._first)
        except OSError:  # the next byte will fail, and connect again
            self._socket.close()

    def send_byte(self) -> None:
        byte = self._rest[self._at : self._at + 1]
        self._at += 1
        try:
            if byte:
                self._socket.send(byte, socket.MSG_DONTWAIT)
            elif self._rest:
                raise ConnectionError("all is sent")
        except BlockingIOError:
            return
        except OSError:
            self._socket.close()
            self.connect()


def main() -> None:
    port, kind, count, every_s = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    clients = [Slow(port, kind) for _ in range(count)]
    sys.stdout.write("connected\n")
    sys.stdout.flush()
    for client in cycle(clients):
        time.sleep(every_s / count)
        client.send_byte()


if __name__ == "__main__":
    main()
