"""Bytes to a server and back, as they are."""

from __future__ import annotations

import json
import re
import socket
import time
from typing import Any


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def exchange(port: int, sent: bytes, *, ends: bool = False, until: bytes = b"", timeout_s: float = 5) -> bytes:
    """What comes back until the server closes, `until` is seen, or nothing more comes for `timeout_s`; `ends` closes our side at once."""
    with connect(port) as client:
        try:
            client.sendall(sent)
            if ends:
                client.shutdown(socket.SHUT_WR)
        except OSError:  # refused and closed before all was sent
            pass
        return receive(client, until, timeout_s)


def receive(client: socket.socket, until: bytes = b"", timeout_s: float = 5) -> bytes:
    received = b""
    deadline = time.monotonic() + timeout_s
    while not (until and until in received):
        client.settimeout(max(deadline - time.monotonic(), 0.01))
        try:
            piece = client.recv(65536)
        except TimeoutError as error:
            raise AssertionError(f"the connection stays open after {received!r}") from error
        except ConnectionError:
            break
        if not piece:
            break
        received += piece
    return received


def status(answer: bytes) -> int:
    """Of the last answer; 0 where there is none."""
    found = re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)
    return int(found[-1]) if found else 0


def problem(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.rpartition(b"\r\n\r\n")
    assert b"application/problem+json" in head, answer
    document: dict[str, Any] = json.loads(body)
    assert document["status"] == status(answer)
    return document
