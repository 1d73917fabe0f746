"""Where a request ends, however its bytes arrive."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.front.framing import MOST_BODY, MOST_CHUNKS, MOST_HEAD, Framing, Verdict

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\n\r\n"


def post(*headers: bytes) -> bytes:
    return b"\r\n".join((b"POST /x HTTP/1.1", b"Host: a", *headers, b"", b""))


WHOLE = {
    "no body": GET,
    "no headers": b"GET / HTTP/1.0\r\n\r\n",
    "a line end before it": b"\r\n" + GET,
    "length": post(b"Content-Length: 5") + b"12345",
    "length in other letters": post(b"cOnTeNt-LeNgTh:\t5 ") + b"12345",
    "no length to speak of": post(b"Content-Length: 0"),
    "chunks": post(b"Transfer-Encoding: chunked") + b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
    "no chunks": post(b"Transfer-Encoding: Chunked") + b"0\r\n\r\n",
    "trailers": post(b"Transfer-Encoding: chunked") + b"1\r\na\r\n0\r\nX: y\r\nZ: a\r\n\r\n",
    "a name that only looks like the length": post(b"X-Content-Length: 5"),
}


@pytest.mark.parametrize("request_bytes", WHOLE.values(), ids=WHOLE)
def test_a_whole_request_is_told_at_its_last_byte_and_not_before(request_bytes: bytes) -> None:
    framing = Framing()
    buffer = bytearray()
    for at in range(len(request_bytes)):
        assert at == 0 or framing.look(buffer) is Verdict.MORE, buffer
        buffer += request_bytes[at : at + 1]
    assert framing.look(buffer) is Verdict.WHOLE
    assert framing.end == len(request_bytes)


@pytest.mark.parametrize("request_bytes", WHOLE.values(), ids=WHOLE)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_pieces_of_any_size_give_the_same_end_and_the_next_request_is_left_alone(request_bytes: bytes, data: st.DataObject) -> None:
    stream = request_bytes + NEXT
    framing = Framing()
    buffer = bytearray()
    at, verdict = 0, Verdict.MORE
    while verdict is Verdict.MORE:
        size = data.draw(st.integers(1, 60))
        buffer += stream[at : at + size]
        at += size
        verdict = framing.look(buffer)
    assert (verdict, framing.end) == (Verdict.WHOLE, len(request_bytes))


@pytest.mark.parametrize(
    "request_bytes",
    [
        post(b"Content-Length: 5", b"Content-Length: 5"),
        post(b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        post(b"Content-Length: -1"),
        post(b"Content-Length: +5"),
        post(b"Content-Length: 0x10"),
        post(b"Content-Length: 5, 5"),
        post(b"Content-Length:"),
        post(b"Content-Length: " + b"9" * 30),
        post("Content-Length: ٥".encode()),
        post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
        post(b"Transfer-Encoding: xchunked"),
        post(b"Transfer-Encoding: chunked, identity"),
        post(b"Transfer-Encoding: chunked") + b"z\r\n",
        post(b"Transfer-Encoding: chunked") + b"-1\r\n",
        post(b"Transfer-Encoding: chunked") + b"\r\n",
        post(b"Transfer-Encoding: chunked") + b"0x3\r\nabc\r\n",
        post(b"Transfer-Encoding: chunked") + b"f" * 17 + b"\r\n",
        post(b"Transfer-Encoding: chunked") + b"3\r\nabcXX",
        post(b"Transfer-Encoding: chunked") + b"1" * 10_000,
        post(b"Transfer-Encoding: chunked") + b"0\r\n" + b"a" * (MOST_HEAD + 1),
        post(b"Expect: tea"),
        b"GET / HTTP/1.1\n\n",
        b"GET / HTTP/1.1\r\nHost: a\nX: y",
    ],
)
def test_what_cannot_be_framed_is_not_waited_for(request_bytes: bytes) -> None:
    assert Framing().look(bytearray(request_bytes)) is Verdict.ODD


@pytest.mark.parametrize(
    "request_bytes",
    [
        post(b"Content-Length: %d" % (MOST_BODY + 1)),
        post(b"Transfer-Encoding: chunked") + b"%x\r\n" % (MOST_BODY + 1),
        post(b"Transfer-Encoding: chunked") + b"1\r\na\r\n" * (MOST_CHUNKS + 1),
    ],
)
def test_a_large_body_is_told_before_it_has_arrived(request_bytes: bytes) -> None:
    assert Framing().look(bytearray(request_bytes)) is Verdict.LARGE


@pytest.mark.parametrize("request_bytes", [b"a" * (MOST_HEAD + 1), b"GET / HTTP/1.1\r\nX: " + b"a" * MOST_HEAD + b"\r\n\r\n"])
def test_a_head_without_end_is_given_up(request_bytes: bytes) -> None:
    assert Framing().look(bytearray(request_bytes)) is Verdict.LONG_HEAD


@pytest.mark.parametrize(
    ("head", "wants_continue", "is_upgrade"),
    [
        (post(b"Expect: 100-Continue", b"Content-Length: 5"), True, False),
        (post(b"Expect: 100-continue", b"Content-Length: 5").replace(b"HTTP/1.1", b"HTTP/1.0"), False, False),
        (post(b"Upgrade: websocket"), False, True),
        (GET, False, False),
    ],
)
def test_the_head_tells_what_its_sender_waits_for(head: bytes, wants_continue: bool, is_upgrade: bool) -> None:
    framing = Framing()
    framing.look(bytearray(head))
    assert (framing.wants_continue, framing.is_upgrade) == (wants_continue, is_upgrade)


@given(st.binary(max_size=300), st.sampled_from([b"", GET[:-2], post(b"Content-Length: 7"), post(b"Transfer-Encoding: chunked")]))
@settings(deadline=None)
def test_any_bytes_get_a_verdict(noise: bytes, start: bytes) -> None:
    framing = Framing()
    buffer = bytearray(start + noise)
    verdict = framing.look(buffer)
    buffer += b"\r\n"
    if verdict is Verdict.MORE:
        framing.look(buffer)
    if verdict is Verdict.WHOLE:
        assert 0 < framing.end <= len(buffer)
