"""Bytes on the wire -> a file on the disk, with its size and fingerprint."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dashapp.errors import DiskFull, InvalidRequest, TooLarge

CHUNK_BYTES = 1024 * 1024
RESERVE_BYTES = 200 * 1024 * 1024
MAX_NAME_CHARS = 120
DEFAULT_NAME = "upload.csv"


@dataclass(frozen=True, slots=True)
class Received:
    """A file that lies in the directory given, complete and closed; whoever asked for it moves or deletes it."""

    path: Path
    bytes: int
    sha256: str
    seconds: float


def receive(
    stream: BinaryIO, directory: Path, *, limit_bytes: int, reserve_bytes: int = RESERVE_BYTES, expected_bytes: int | None = None
) -> Received:
    """Write `stream` to a new file in `directory`, one chunk in memory at a time; on any error nothing is left behind.

    `reserve_bytes` of the disk stay free. `expected_bytes` is what the sender announced; None where it did not.
    Raises TooLarge, DiskFull, or InvalidRequest for an upload that was cut off.
    """
    started = time.perf_counter()
    if expected_bytes is not None and expected_bytes > limit_bytes:
        raise _too_large(limit_bytes)
    require_space(directory, expected_bytes or 0, reserve_bytes)
    handle, name = tempfile.mkstemp(prefix="upload-", suffix=".part", dir=directory)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            size, sha256 = _copy(stream, file, directory, limit_bytes, reserve_bytes)
        if expected_bytes is not None and size < expected_bytes:
            raise InvalidRequest(f"The upload was cut off: {size:,} of {expected_bytes:,} bytes arrived. Send the file again.")
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno in NO_SPACE:
            raise disk_full(directory) from error
        raise
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Received(path, size, sha256, time.perf_counter() - started)


def safe_name(name: str) -> str:
    """A name that is harmless to show and to send in a header: the last path part, without characters that cannot be seen."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    # Every category C is unseen: controls, bidi marks and other format characters, lone surrogates.
    seen = "".join(char for char in last if unicodedata.category(char)[0] != "C" and char not in "\u2028\u2029").strip()
    if not seen.strip("."):
        return DEFAULT_NAME
    if len(seen) <= MAX_NAME_CHARS:
        return seen
    suffix = Path(seen).suffix[:10]
    return seen[: MAX_NAME_CHARS - len(suffix)] + suffix


NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})


def _copy(stream: BinaryIO, file: BinaryIO, directory: Path, limit_bytes: int, reserve_bytes: int) -> tuple[int, str]:
    digest = hashlib.sha256()
    size = 0
    while chunk := stream.read(CHUNK_BYTES):
        size += len(chunk)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        require_space(directory, len(chunk), reserve_bytes)
        digest.update(chunk)
        file.write(chunk)
    return size, digest.hexdigest()


def require_space(directory: Path, needed_bytes: int, reserve_bytes: int = RESERVE_BYTES) -> None:
    """Raises DiskFull where less than both together is free."""
    if shutil.disk_usage(directory).free < needed_bytes + reserve_bytes:
        raise disk_full(directory)


def disk_full(directory: Path) -> DiskFull:
    """The error that says how much is free and what to do."""
    free_mb = shutil.disk_usage(directory).free / 1e6
    return DiskFull(f"The disk is too full to keep this file ({free_mb:,.0f} MB free). Delete old datasets or models and try again.")


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(
        f"The file is larger than the limit of {limit_bytes / 1e6:,.0f} MB. Send fewer rows, or raise DASHAPP_MAX_UPLOAD_BYTES.",
        expected=f"at most {limit_bytes} bytes",
    )
