from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from dashapp.errors import TooSlow
from dashapp.front.connection import ClientSocket, Incoming
from dashapp.front.pace import Pace

ANSWER = bytes(range(256)) * 20_000


@pytest.fixture
def pair() -> Iterator[tuple[ClientSocket, socket.socket]]:
    server, client = socket.socketpair()
    client.settimeout(5)
    ours = ClientSocket(server, patience_s=0.2, most_unsent=lambda: len(ANSWER))
    yield ours, client
    ours.release()
    client.close()


def read_all(client: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        received += client.recv(65536)
    return received


def test_the_head_leaves_with_the_first_bytes_of_the_body(pair: tuple[ClientSocket, socket.socket]) -> None:
    ours, client = pair
    ours.is_head_due = True
    ours.sendall(b"head")
    client.setblocking(False)
    with pytest.raises(BlockingIOError):
        client.recv(10)
    ours.sendall(b" body")
    assert client.recv(100) == b"head body"


def test_what_the_client_does_not_read_stays_and_leaves_later(pair: tuple[ClientSocket, socket.socket]) -> None:
    ours, client = pair
    ours.sendall(ANSWER)
    assert ours.unsent
    received = b""
    while len(received) < len(ANSWER):
        received += client.recv(65536)
        ours.push()
    assert received == ANSWER
    assert ours.push() == -1


def test_past_the_most_a_sender_waits_for_its_reader(pair: tuple[ClientSocket, socket.socket]) -> None:
    ours, client = pair
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(read_all(client, 2 * len(ANSWER))))
    ours.sendall(ANSWER)
    reader.start()
    ours.sendall(ANSWER)
    while ours.push() >= 0:
        pass
    reader.join()
    assert received == [2 * ANSWER]


def test_a_reader_that_stops_is_given_up(pair: tuple[ClientSocket, socket.socket]) -> None:
    ours, _client = pair
    ours.sendall(ANSWER)
    with pytest.raises(TimeoutError):
        ours.sendall(ANSWER)


def test_closing_keeps_the_descriptor_until_it_is_released(pair: tuple[ClientSocket, socket.socket]) -> None:
    ours, client = pair
    ours.close()
    assert client.recv(1) == b""
    assert ours.fileno() >= 0
    ours.release()
    assert ours.fileno() < 0


def test_a_whole_request_ends_where_its_bytes_end(pair: tuple[ClientSocket, socket.socket]) -> None:
    incoming = Incoming()
    incoming.unread(b"abc")
    assert (incoming.read(), incoming.read()) == (b"abc", b"")


def test_a_streamed_one_goes_on_until_it_is_too_slow(pair: tuple[ClientSocket, socket.socket]) -> None:
    ours, client = pair
    incoming = Incoming()
    incoming.unread(b"abc")
    incoming.stream_from(ours, Pace(0.1))
    client.sendall(b"def")
    assert (incoming.read(), incoming.read()) == (b"abc", b"def")
    with pytest.raises(TooSlow):
        incoming.read()
    assert incoming.stop() == b""
