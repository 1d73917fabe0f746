"""A real webhook on a free port: what Apprise posts is kept, and it can be told to refuse or to hang."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Webhook:
    """`answers` are the statuses of the next requests (0: no answer before `release()`), 200 after them."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.asked = 0
        self.answers: list[int] = []
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self._server.server_port}/secret-path"

    @property
    def titles(self) -> list[str]:
        return [each["title"] for each in self.got]

    def release(self) -> None:
        self._released.set()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.asked += 1
                status = hook.answers.pop(0) if hook.answers else 200
                if status == 0:
                    hook._released.wait(60)
                    return
                if status == 200:
                    hook.got.append(json.loads(body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_words: object) -> None: ...

        return Handler


@contextmanager
def listening() -> Iterator[Webhook]:
    hook = Webhook()
    thread = threading.Thread(target=hook._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        hook.release()
        hook._server.shutdown()
        hook._server.server_close()
        thread.join()
