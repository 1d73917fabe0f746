"""How many connections each web process of a server has, where all of them see it, so that none takes far more than its share.

The kernel wakes all processes for a new connection, and the one that is awake already takes it: with few clients, all of them.
"""

from __future__ import annotations

from mmap import mmap

PLACES = 128
_NOBODY = -1


class Shares:
    """Made before the processes are forked. Each writes to its own place, which it has by its age (the number of its start)."""

    def __init__(self) -> None:
        self._counts = memoryview(mmap(-1, PLACES * 4)).cast("i")
        for place in range(PLACES):
            self._counts[place] = _NOBODY

    def tell(self, age: int, count: int) -> None:
        self._counts[age % PLACES] = count

    def forget(self, age: int) -> None:
        """The process has ended."""
        self._counts[age % PLACES] = _NOBODY

    def is_above(self, age: int) -> bool:
        """Whether another process has fewer connections."""
        own = self._counts[age % PLACES]
        return any(_NOBODY < count < own for count in self._counts)
