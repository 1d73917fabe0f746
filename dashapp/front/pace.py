"""How slow a client may be."""

from __future__ import annotations

import time

LEAST_RATE = 2000
"""Bytes a second below which a body, or the reading of an answer, is given up: half of what the slowest mobile networks carry."""


class Pace:
    """A deadline that what arrives puts off: at the least rate it stands still, and it never lies further ahead than `patience_s`."""

    __slots__ = ("_patience_s", "deadline")

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self.deadline = time.monotonic() + patience_s

    def moved(self, size: int) -> None:
        self.deadline = min(self.deadline + size / LEAST_RATE, time.monotonic() + self._patience_s)

    def left_ms(self) -> float:
        return max(self.deadline - time.monotonic(), 0.0) * 1e3
