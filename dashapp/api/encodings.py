"""Compressed bodies: bounded where they come in, chosen by the caller where they go out."""

from __future__ import annotations

import gzip
import zlib

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from dashapp.errors import InvalidRequest, TooLarge

GZIP_WINDOW = 31
ZLIB_WINDOW = 15
RAW_WINDOW = -15
FASTEST = 1
MOST_BYTES = 16 * 2**20


def decoded(body: bytes, encoding: str, most_bytes: int | None) -> bytes:
    """The body without its `Content-Encoding`. Raises `TooLarge` as soon as more than `most_bytes` come out of it."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    if name in ("gzip", "x-gzip"):
        return _decompressed(body, GZIP_WINDOW, most_bytes or MOST_BYTES)
    if name == "deflate":
        return _decompressed(body, ZLIB_WINDOW if _is_zlib(body) else RAW_WINDOW, most_bytes or MOST_BYTES)
    raise UnsupportedMediaType(f"The Content-Encoding {name[:80]} is not known here; send gzip, deflate or no encoding.")


def _is_zlib(body: bytes) -> bool:
    """ "deflate" is the zlib format (RFC 9110, 8.4.1.2), but some senders leave its two bytes of header out."""
    return len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2]) % 31 == 0


def _decompressed(body: bytes, window: int, most_bytes: int) -> bytes:
    stream = zlib.decompressobj(window)
    try:
        plain = stream.decompress(body, most_bytes + 1)
    except zlib.error as error:
        raise InvalidRequest("The body is not compressed as its Content-Encoding says.") from error
    if len(plain) > most_bytes:
        raise TooLarge(f"The body holds more than {most_bytes:,} bytes once it is decompressed; send less at once.")
    if not stream.eof or stream.unused_data:
        raise InvalidRequest("The compressed body ends too early, or something follows its end.")
    return plain


def compressed(body: bytes) -> tuple[bytes, dict[str, str]]:
    """The body as `Accept-Encoding` asks for it, and the headers that say so."""
    headers = {"Vary": "Accept-Encoding"}
    if not request.headers.get("Accept-Encoding"):
        return body, headers
    chosen = request.accept_encodings.best_match(["gzip", "deflate", "identity"], default="identity")
    if chosen == "gzip":
        return gzip.compress(body, FASTEST, mtime=0), {**headers, "Content-Encoding": "gzip"}
    if chosen == "deflate":
        return zlib.compress(body, FASTEST), {**headers, "Content-Encoding": "deflate"}
    return body, headers
