"""A CSV of any size is answered in flat memory, by the real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import psutil
import pytest
import requests

from benchmarks.reference_model import deployed, reference_model
from tests.server.running import GUNICORN, Server, running

FEW, MANY = 100_000, 1_000_000
MOST_GROWTH = 24 * 2**20
TIMEOUT_S = 1_800


@pytest.mark.slow
def test_a_million_rows_take_no_more_memory_than_a_tenth_of_them(tmp_path: Path) -> None:
    model = reference_model()
    names = [column.name for column in model.inputs]
    block = "".join(",".join("" if row[name] is None else str(row[name]) for name in names) + "\n" for row in model.check_rows).encode()
    head = (",".join(names) + "\n").encode()
    deployed(tmp_path / "home", model)
    with running(GUNICORN, tmp_path, workers="1") as server:
        few, many = (_peak(server, head, block, rows // len(model.check_rows)) for rows in (FEW, MANY))
    assert many - few < MOST_GROWTH, (few, many)


def _peak(server: Server, head: bytes, block: bytes, blocks: int) -> int:
    """The most resident memory of the worker while so many blocks are sent and their answer is read."""
    (worker,) = psutil.Process(server.process.pid).children()
    found, over = [worker.memory_info().rss], threading.Event()

    def watch() -> None:
        while not over.is_set():
            found.append(worker.memory_info().rss)
            sleep(0.05)

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(blocks):
            yield block

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        headers = {"Content-Type": "text/csv"}
        with requests.post(f"{server.url}/api/predict", data=body(), headers=headers, stream=True, timeout=TIMEOUT_S) as answer:
            assert answer.status_code == 200
            lines = sum(part.count(b"\n") for part in answer.iter_content(1 << 16))
    finally:
        over.set()
        watcher.join()
    assert lines == 1 + blocks * block.count(b"\n")
    return max(found)
