"""Columns that are too large for memory: arrays are kept there up to a limit, and beyond it in a file that has no name."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa

from dashapp.datasets.receive import NO_SPACE, disk_full, require_space

MEMORY_BYTES = 16 * 1024 * 1024
_RESERVE_BYTES = 200 * 1024 * 1024


class Spool:
    """A context: on leaving it the file is gone, and it goes too where the process dies. Safe from many threads.

    Raises DiskFull where the disk of `directory` has no space for more.
    """

    def __init__(self, directory: Path, memory_bytes: int | None = None) -> None:
        self._directory = directory
        self._left = MEMORY_BYTES if memory_bytes is None else memory_bytes
        self._lock = threading.Lock()
        self._file: Any = None
        self._size = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    def keep(self, array: Any) -> Any:
        """The array itself, or where it lies. `array`: numbers or text, not a slice."""
        size = array.nbytes
        with self._lock:
            if size <= self._left:
                self._left -= size
                return array
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115  (closed on leaving)
            place, self._size = self._size, self._size + sum(len(buffer) for buffer in array.buffers() if buffer is not None)
        require_space(self._directory, size, _RESERVE_BYTES)
        return self._write(array, place)

    def read(self, kept: Any) -> Any:
        if not isinstance(kept, _Place):
            return kept
        buffers = [None if size is None else pa.py_buffer(os.pread(self._file.fileno(), size, place)) for place, size in kept.buffers]
        return pa.Array.from_buffers(kept.type, kept.length, buffers)

    def _write(self, array: Any, place: int) -> _Place:
        written: list[tuple[int, int | None]] = []
        try:
            for buffer in array.buffers():
                written.append((place, None if buffer is None else len(buffer)))
                view = memoryview(buffer) if buffer is not None else memoryview(b"")
                while view:
                    done = os.pwrite(self._file.fileno(), view, place)
                    view, place = view[done:], place + done
        except OSError as error:
            if error.errno in NO_SPACE:
                raise disk_full(self._directory) from error
            raise
        return _Place(array.type, len(array), tuple(written))


@dataclass(frozen=True, slots=True)
class _Place:
    type: Any
    length: int
    buffers: tuple[tuple[int, int | None], ...]


@dataclass(slots=True)
class Chunks:
    """The parts of one column in order."""

    spool: Spool
    rows: int = 0
    _kept: list[Any] = field(default_factory=list)

    def append(self, array: Any) -> None:
        self._kept.append(self.spool.keep(array))
        self.rows += len(array)

    def __iter__(self) -> Iterator[Any]:
        return (self.spool.read(kept) for kept in self._kept)
