"""The meter: counts the requests of one process without slowing them, and hands the counts over about once a second."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from uuid import uuid4

from dashapp.database.engine import Database
from dashapp.database.leases import HOST
from dashapp.events.store import EventLog
from dashapp.monitoring.store import RequestCounts
from dashapp.monitoring.traffic import FAILED_FROM, Batch, FailedRequest, Kind, Record, prediction_fact, summarise

RECORDS_KEPT = 200_000
"""Requests that may wait for the next drain."""

FAILED_KEPT = 20_000
"""Of failed requests, that are also kept with their route and client until the next drain."""

BATCHES_KEPT = 600
"""Drained batches (ten minutes of them) that may wait for a database that does not answer."""

_log = logging.getLogger(__name__)


class RequestMeter:
    """One per process: `record` from any thread; `start` after the process was forked, `stop` before it ends (it flushes)."""

    def __init__(self, database: Database, counts: RequestCounts, log: EventLog, interval_s: float = 1.0) -> None:
        self._database, self._counts, self._log, self._interval_s = database, counts, log, interval_s
        self._records: deque[Record] = deque(maxlen=RECORDS_KEPT)
        self._failed: deque[FailedRequest] = deque(maxlen=FAILED_KEPT)
        self._waiting: deque[Batch] = deque(maxlen=BATCHES_KEPT)
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_failing = False
        self._worker = ""

    def record(
        self,
        kind: Kind,
        status: int,
        milliseconds: float,
        predictions: int = 0,
        version: int | None = None,
        route: str = "",
        client: str = "",
    ) -> None:
        """Count one answered request. On the hot path: no lock, no clock, no input or output."""
        self._records.append((kind, status, milliseconds, predictions, version))
        if status >= FAILED_FROM:
            self._failed.append((kind, status, route, client))

    def start(self) -> None:
        self._over.clear()
        self._thread = threading.Thread(target=self._work, name="meter", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and end the thread."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def drain(self, now: float) -> Batch:
        """Take out what was recorded so far and add it up. One caller at a time."""
        failed = [self._failed.popleft() for _ in range(len(self._failed))]  # first: what failed is among the records already
        taken = [self._records.popleft() for _ in range(len(self._records))]
        return summarise(taken, now, failed)

    def flush(self, now: float) -> None:
        """Write what was recorded, and what an earlier attempt could not write; on an error it is kept for the next one."""
        batch = self.drain(now)
        if batch.totals:
            self._waiting.append(batch)
        if not self._waiting:
            return
        self._worker = self._worker or f"{HOST}:{os.getpid()}:{uuid4().hex[:8]}"
        with self._database.write() as transaction:
            for each in self._waiting:
                # A commit whose confirmation was lost is tried again: what is already there must not be told twice.
                is_new = self._counts.add(transaction, self._worker, each)
                if is_new and (fact := prediction_fact(each)):
                    self._log.append(transaction, fact)
        self._waiting.clear()

    def _work(self) -> None:
        while not self._over.wait(self._interval_s):
            self._try_flush()
        self._try_flush()

    def _try_flush(self) -> None:
        try:
            self.flush(time.time())
        except Exception:
            if not self._is_failing:
                _log.exception("the counts of the requests cannot be written; they are kept and tried again")
            self._is_failing = True
        else:
            if self._is_failing:
                _log.info("the counts of the requests are written again")
            self._is_failing = False
