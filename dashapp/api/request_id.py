"""The id of a request: that of its header `X-Request-Id` where this is sane, else one of our own; sent back, and written into the log."""

from __future__ import annotations

import itertools
import logging
import os
import secrets
from typing import Any

from flask import has_request_context, request

HEADER = "X-Request-Id"
LONGEST = 128
FILTER = f"{__name__}.WithRequestId"
KEPT = "dashapp.request_id"


class RequestIds:
    """One per app. Ids of our own are a name that no other process has, and a count: to draw one for each request would take longer."""

    def __init__(self) -> None:
        self._pid, self._name = 0, ""
        self._numbers = itertools.count(1)

    def give(self, environ: dict[str, Any]) -> None:
        """Keep the id in the request's WSGI environment; on the hot path."""
        given = environ.get("HTTP_X_REQUEST_ID")
        if given and len(given) <= LONGEST and given.isascii() and given.isprintable():
            environ[KEPT] = given
            return
        if self._pid != os.getpid():  # the process was forked after the app was made
            self._pid, self._name = os.getpid(), secrets.token_hex(6)
        environ[KEPT] = f"{self._name}-{next(self._numbers):x}"


def request_id() -> str | None:
    """Of the request that this thread is at; None without one."""
    return request.environ.get(KEPT) if has_request_context() else None


class WithRequestId(logging.Filter):
    """Gives each line that is written during a request the request's id."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id()
        return True
