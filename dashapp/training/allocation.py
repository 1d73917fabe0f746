"""Asks the allocator to give large blocks back to the system as soon as they are free, and knows when it has none to give."""

from __future__ import annotations

import ctypes

LARGE_BYTES = 1_000_000
# Of glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_SIGNS = ("bad_alloc", "can't start new thread", "Cannot allocate memory")


def give_back_large_blocks() -> None:
    """For this process, from now on; nothing happens where the C library has no such setting.

    glibc raises its own limit with every large block that is freed, up to 32 MB; blocks below it stay, and a training on a million rows
    kept 70 MB of gaps.
    """
    try:
        set_limit = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    for parameter in (_MMAP_THRESHOLD, _TRIM_THRESHOLD):
        set_limit(parameter, LARGE_BYTES)


def is_shortage(error: BaseException) -> bool:
    """Whether memory was refused, in the words of Python or of a library."""
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in _SIGNS)
