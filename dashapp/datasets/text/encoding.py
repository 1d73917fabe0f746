"""Which encoding a file is written in, and whether it is text at all."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from dashapp.errors import UnreadableCsv

SAMPLE_BYTES = 64 * 1024
CHUNK_BYTES = 256 * 1024

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the one of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"PK\x03\x04", "an Excel or zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls)"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)
_ADVICE = "Export the table as CSV and upload that."
# Code pages that are in real use for CSV files; more would only add ways to be wrong.
_LEGACY = ["cp1252", "cp932", "euc_jp", "gb18030", "big5", "euc_kr", "cp1251", "cp1253", "cp1255", "cp1256"]
_SIGN_IN_WORD = re.compile(r"[a-zA-Z][¹³¿£¥][a-z]|\b[£¿¯][a-zó]")
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_MAX_CONTROL_SHARE = 0.01
_MOSTLY = 5


def detect_encoding(path: Path) -> str:
    """The codec that decodes the whole file. Raises UnreadableCsv where the file is not text, and says what it is."""
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableCsv("The file is empty.")
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise UnreadableCsv(f"This is {what}, not a CSV file. {_ADVICE}")
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    if wide := _utf16_without_mark(head):
        return wide
    if len(_CONTROL.findall(head)) > _MAX_CONTROL_SHARE * len(head):
        raise UnreadableCsv(f"This is a binary file, not a CSV file. {_ADVICE}")
    return "utf-8" if _decodes(path, "utf-8") or _is_mostly_utf8(path) else _legacy_encoding(path)


def _utf16_without_mark(head: bytes) -> str | None:
    """In UTF-16 every second byte of western text is zero; which one tells the byte order."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half and odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    if half and even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _is_mostly_utf8(path: Path) -> bool:
    """Whether a few bytes are wrong in text that is otherwise UTF-8, which any other code page would garble."""
    text = b"".join(_telling_lines(path)).decode("utf-8", errors="replace")
    wrong = text.count("\ufffd")
    return sum(sign > "\x7f" for sign in text) - wrong >= _MOSTLY * wrong


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb", buffering=0) as file:
            while chunk := file.read(CHUNK_BYTES):
                # ASCII is the same in all of them, and looking for that is ten times as fast.
                if not chunk.isascii() or decoder.getstate()[0]:
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _legacy_encoding(path: Path) -> str:
    """The likeliest code page by the lines that are not ASCII; latin-1 is the last resort, since it decodes anything."""
    from charset_normalizer import from_bytes

    sample = b"".join(_telling_lines(path))
    runs = _HIGH_BYTES.findall(sample)
    # A lone high byte among ASCII is a Latin letter with an accent, though together with the next it may decode as Chinese.
    accents = sum(len(run) == 1 and run >= b"\xa0" for run in runs)
    guesses = [_latin_page(sample)]
    if 2 * accents <= len(runs):
        guesses = [match.encoding for match in from_bytes(sample, cp_isolation=_LEGACY)] + guesses
    return next((guess for guess in guesses if _decodes(path, guess)), "latin-1")


def _latin_page(sample: bytes) -> str:
    """Western or Central European: what are letters within words in cp1250 are signs like ³ and £ in cp1252."""
    signs = _SIGN_IN_WORD.findall(sample.decode("cp1252", errors="replace"))
    return "cp1250" if len(signs) > 0.1 * len(_HIGH_BYTES.findall(sample)) else "cp1252"


def _telling_lines(path: Path) -> list[bytes]:
    found: list[bytes] = []
    with path.open("rb") as file:
        while len(found) < 200 and (line := file.readline(CHUNK_BYTES)):
            if not line.isascii():
                found.append(line[:1000])
    return found
