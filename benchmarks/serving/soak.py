"""A long time at half of the highest rate: errors, and the memory of the web processes."""

from __future__ import annotations

import statistics
import threading
from pathlib import Path

import psutil

from benchmarks.serving.load import post
from benchmarks.serving.table import Line, at_most
from tests.server.running import Server

WHOLE_S = 600
FIRST_S = 60
AROUND = 10
CONNECTIONS = 32
MOST_GROWTH = 0.05


def soaked(server: Server, url: str, body: Path, a_second: float, seconds: int) -> list[Line]:
    """`FIRST_S` (of a shorter run the first third) does not count for the memory."""
    sizes: list[int] = []
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(server, sizes, over))
    watch.start()
    try:
        found = post(url, body, CONNECTIONS, seconds, a_second)
    finally:
        over.set()
        watch.join()
    first = min(FIRST_S, len(sizes) // 3)
    before, after = statistics.median(sizes[first : first + AROUND]), statistics.median(sizes[-AROUND:])
    growth = after / before - 1
    how_long = f"{seconds} s" + ("" if seconds >= WHOLE_S else f" of the {WHOLE_S} that count")
    measure = f"{how_long} at half of the highest rate"
    told = f"{found.requests:,} requests ({found.rate:.0f}/s of {a_second:.0f}/s), {found.errors} errors, p99 {found.p99_ms:.1f} ms"
    memory = f"{before / 1e6:.0f} MB -> {after / 1e6:.0f} MB ({growth:+.1%})"
    return [
        at_most(f"{measure}: errors", found.errors, 0, told),
        Line(f"{measure}: resident memory", memory, f"at most {MOST_GROWTH:+.0%}", growth <= MOST_GROWTH),
    ]


def _watch(server: Server, sizes: list[int], over: threading.Event) -> None:
    web = psutil.Process(server.process.pid).children()
    while not over.wait(1.0):
        sizes.append(sum(each.memory_info().rss for each in web if each.is_running()))
