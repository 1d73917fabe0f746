"""Who gets a thread: predictions have some of their own, large bodies at most a few, and nobody waits for long."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from queue import SimpleQueue
from typing import Any

from dashapp.settings import Settings

Tokens = deque[None]
"""As many items as there are free places: a deque's `pop` and `append` are safe from many threads without a lock."""


class Lane(Enum):
    FAST = "fast"
    """Predictions and probes: they take the places of the others too."""
    PLAIN = "plain"
    LARGE = "large"
    """Bodies that are read while they arrive, whose senders a thread has to wait for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one web process grants its clients. `fast_paths` are the starts of the request targets of the fast lane."""

    threads: int
    fast_threads: int
    large_at_once: int
    connections: int
    patience_s: float
    keepalive_s: float
    fast_paths: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, settings: Settings, threads: int, connections: int, keepalive_s: float) -> Limits:
        """Open pages may hold `max_sockets` threads; a quarter of what remains is for large bodies."""
        prefix = settings.url_prefix
        exact = ("/api/predict", "/invocations", "/health", "/ping", "/metrics")
        paths = ("/v2/", *(path + end for path in exact for end in (" ", "?")))
        return cls(
            threads=threads,
            fast_threads=max(2, threads // 8),
            large_at_once=max(1, (settings.threads - settings.max_sockets) // 4),
            connections=connections,
            patience_s=settings.patience_s,
            keepalive_s=keepalive_s,
            fast_paths=tuple((prefix + path).encode() for path in paths),
        )


class Places:
    """Taken by the main loop alone, given back by any thread."""

    def __init__(self, limits: Limits) -> None:
        self._most = limits.threads
        self._fast: Tokens = deque([None] * limits.fast_threads)
        self._plain: Tokens = deque([None] * (limits.threads - limits.fast_threads))
        self._large: Tokens = deque([None] * limits.large_at_once)

    def take(self, lane: Lane) -> tuple[Tokens, ...]:
        """What `give_back` wants later; empty where there is no place."""
        if lane is Lane.FAST and (fast := _taken(self._fast)):
            return fast
        if lane is not Lane.LARGE:
            return _taken(self._plain)
        large = _taken(self._large)
        plain = _taken(self._plain) if large else ()
        if large and not plain:
            give_back(large)
        return large + plain if plain else ()

    def threads_in_use(self) -> int:
        return self._most - len(self._fast) - len(self._plain)


def _taken(tokens: Tokens) -> tuple[Tokens, ...]:
    try:
        tokens.pop()
    except IndexError:
        return ()
    return (tokens,)


def give_back(taken: tuple[Tokens, ...]) -> None:
    for tokens in taken:
        tokens.append(None)


class Threads:
    """A pool whose queue never grows, since each item of work has a place before it comes here. Much lighter than futures."""

    def __init__(self, work: Callable[[Any], None]) -> None:
        self._work = work
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._started = 0

    def give(self, item: Any, in_use: int) -> None:
        """`in_use`: how many items are being worked on, this one included."""
        if in_use > self._started:
            self._started += 1
            threading.Thread(target=self._run, name=f"request-{self._started}", daemon=True).start()
        self._queue.put(item)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            self._work(item)

    def shutdown(self, wait: bool = False) -> None:
        """Idle threads end; those at work go on until they are done, or the process ends."""
        for _ in range(self._started):
            self._queue.put(None)
