"""Wait for a condition, never for a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], timeout_s: float = 20.0, every_s: float = 0.05) -> T:
    """The first truthy answer of `condition`; fails the test where none came in time."""
    pause = threading.Event()
    deadline = time.monotonic() + timeout_s
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not so after {timeout_s} s: {condition}; the last answer was {answer!r}")
        pause.wait(every_s)
