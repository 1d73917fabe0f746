"""A minute of everything at once: no request fails and no process grows."""

from __future__ import annotations

import threading
from contextlib import ExitStack, closing
from pathlib import Path

import orjson
import psutil
import pytest

from tests.server.running import GUNICORN, Server, running
from tests.server.test_socket import connect
from tests.server.test_switching import CLIENTS, Answers, example, send, two_models
from tests.waiting import wait_until

SECONDS = 60
PAGES = 10


@pytest.mark.slow
def test_a_minute_of_predictions_with_pages_open_leaves_memory_flat(tmp_path: Path) -> None:
    with running(GUNICORN, tmp_path, workers="2") as server, ExitStack() as pages:
        models = two_models(server)
        server.post(f"/api/models/{models[0]}/deploy")
        body = orjson.dumps({"rows": [example(server)]})
        for _ in range(PAGES):
            pages.enter_context(closing(connect(server, 0)))
        answers = Answers()
        clients = [threading.Thread(target=send, args=(server.url, body, number, answers)) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        wait_until(lambda: len(answers.seen) > 1000, timeout_s=60)
        before = memory(server)
        answers.over.wait(SECONDS)
        after = memory(server)
        answers.over.set()
        for client in clients:
            client.join()
        assert {status for _, status, _ in answers.seen} == {200}
        assert after < 1.1 * before


def memory(server: Server) -> int:
    """Resident bytes of the web processes."""
    return sum(child.memory_info().rss for child in psutil.Process(server.process.pid).children())
