"""Files that hold lines until they are in the database: appended to by many threads at once, read by one, left over by who is killed.

A spool is locked by the process that writes to it, and the kernel lets go of the lock with the process: what can be locked is adopted.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from dashapp.database.leases import HOST

SUFFIX = ".spool"
CHUNK = 256 * 1024


class Spool:
    """One file. `append` from any thread, everything else from one."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.name = path.name
        self.moved = 0
        self.opened_at = time.monotonic()
        self.writing: list[None] = []
        self._descriptor = descriptor

    @classmethod
    def create(cls, directory: Path) -> Spool:
        """A new file under a name of its own; it gets this name only once it is locked, so that nobody adopts it before."""
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = directory / f"{HOST[:64].replace('/', '_')}-{os.getpid()}-{uuid4().hex}{SUFFIX}"
        new = path.with_suffix(".new")
        descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            new.rename(path)
        except OSError:
            os.close(descriptor)
            raise
        return cls(path, descriptor)

    @classmethod
    def adopt(cls, path: Path) -> Spool | None:
        """The spool of a process that is gone; None while it lives, or where somebody else was faster."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return cls(path, descriptor)
        except OSError:
            pass
        os.close(descriptor)
        return None

    def append(self, line: bytes) -> None:
        """Raises `OSError` where it cannot be written whole. One system call: what it took outlives the process."""
        # A line feed on both sides, so that a line that a full disk has cut off spoils no other one.
        if os.write(self._descriptor, b"\n" + line) <= len(line):
            raise OSError("the disk took a part of a line only")

    def size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def waiting(self) -> int:
        """Bytes that are not moved yet."""
        return self.size() - self.moved

    def lines(self) -> tuple[list[bytes], int]:
        """The next lines that are whole, and where they end; that is where they begin once all was read."""
        size = CHUNK
        while True:
            block = os.pread(self._descriptor, size, self.moved)
            end = block.rfind(b"\n") + 1
            if end or len(block) < size:
                return [line for line in block[:end].split(b"\n") if line], self.moved + end
            size *= 4

    def remove(self) -> bool:
        """Delete and close the file; False where it stays on the disk."""
        with contextlib.suppress(OSError):
            self.path.unlink()
        self.close()
        return not self.path.exists()

    def close(self) -> None:
        os.close(self._descriptor)


def left_over(directory: Path, own: set[str]) -> Iterator[Spool]:
    """The spools of processes that are gone, locked for this one."""
    for path in sorted(directory.glob(f"*{SUFFIX}")):
        if path.name not in own and (spool := Spool.adopt(path)) is not None:
            yield spool


def ends(directory: Path) -> dict[str, int]:
    """How many bytes each spool has now."""
    found = {}
    for path in directory.glob(f"*{SUFFIX}"):
        with contextlib.suppress(OSError):  # it was moved and deleted meanwhile
            found[path.name] = path.stat().st_size
    return found
