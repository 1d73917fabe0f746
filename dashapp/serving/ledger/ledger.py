"""The ledger of one web process: takes answers off the hot path, and has a thread that brings them into the database."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from pathlib import Path

from dashapp.serving.answered import Answered
from dashapp.serving.ledger.entry import Count, Counts, add, hour_of, sampled_line, warned_in, whole_line
from dashapp.serving.ledger.purge import Purge
from dashapp.serving.ledger.shadow import Shadow
from dashapp.serving.ledger.spool import Spool, left_over
from dashapp.serving.ledger.writer import Writer

STEP_BYTES = 8 * 2**20
"""With so much waiting for the writer only every second prediction is kept, with twice as much every fourth, and so on."""

MOST_BYTES = 8 * STEP_BYTES
"""With so much waiting nothing but the counts is."""

ROWS_A_ROUND = 5_000
ROTATE_BYTES, ROTATE_S = 4 * 2**20, 60.0
LOOK_AROUND_S = 10.0

_log = logging.getLogger(__name__)


class Ledger:
    """`keep` from any thread; `start` after the process was forked, `stop` before it ends (it moves what is left)."""

    def __init__(self, directory: Path, writer: Writer, shadow: Shadow, purge: Purge, interval_s: float = 1.0) -> None:
        self._directory, self._writer, self._shadow, self._purge, self._interval_s = directory, writer, shadow, purge, interval_s
        self._spool: Spool | None = None
        self._old: list[Spool] = []
        self._waiting = 0
        self._seen = 0
        # Requests that are counted, but could not be written down: their hour and version, the predictions, and those with a warning.
        self._unkept: deque[tuple[tuple[int, int], int, int]] = deque()
        self._uncounted: Counts = {}
        self._failure: Exception | None = None
        self._is_on = False
        self._is_failing = False
        self._looked_at = 0.0
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def keep(self, answered: Answered) -> None:
        """Write an answered request down before its answer is sent: one system call, no lock, no database; it never raises."""
        if not self._is_on:
            return
        try:
            spool = self._hold()
            try:
                line = self._line(answered)
                spool.append(line)
            finally:
                spool.writing.pop()
            self._waiting += len(line)
        except Exception as error:
            predictions = answered.predictions
            self._unkept.append(((hour_of(answered.at), answered.version), len(predictions), warned_in(predictions)))
            self._failure = error

    def _line(self, answered: Answered) -> bytes:
        waiting, made = self._waiting, len(answered.predictions)
        if not self._purge.keeps_any or waiting >= MOST_BYTES:
            if waiting >= 2 * MOST_BYTES:
                raise OSError("too much is waiting for the database")
            return sampled_line(answered, made, 1)
        if waiting < STEP_BYTES:
            return whole_line(answered)
        step = 1 << (waiting // STEP_BYTES)
        seen = self._seen
        self._seen = seen + made
        return sampled_line(answered, -seen % step, step)

    def _hold(self) -> Spool:
        """The spool that is written to now, marked as being written to: it is not removed before that mark is taken off."""
        while True:
            spool = self._spool
            if spool is None:
                raise OSError("there is no spool")
            spool.writing.append(None)
            if spool is self._spool:
                return spool
            spool.writing.pop()

    def start(self) -> None:
        self._over.clear()
        self._is_on = True
        self._rotate()
        self._thread = threading.Thread(target=self._work, name="ledger", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Move what is left and end the thread; what the database does not take stays on the disk for the next process."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._is_on = False
        self._retire()
        self._try_round(rows=10**9)
        for spool in self._old:
            if not spool.writing:
                spool.close()
        self._old = []
        with contextlib.suppress(Exception):  # a database that is away keeps nobody from stopping
            self._purge.stop()

    def round(self, now: float, rows: int = ROWS_A_ROUND) -> None:
        """Move up to so many rows (and the rest of their chunk), and see to what others left and to the bounds. One caller at a time."""
        self._rotate_if_due()
        if now - self._looked_at >= LOOK_AROUND_S:
            self._looked_at = now
            self._adopt()
        self._shadow.refresh()
        for spool in self._spools():
            # In this order: nobody can begin to write to an old spool, so what it holds once nobody writes is all.
            is_closed = spool is not self._spool and not spool.writing
            while rows > 0 and (moved := self._writer.move(spool)) is not None:
                rows -= max(moved, 1)
            if rows > 0 and is_closed:
                self._old.remove(spool)
                self._writer.finish(spool)
        self._waiting = sum(spool.waiting() for spool in self._spools())
        self._count_unkept()
        self._purge.round(now)

    def _spools(self) -> list[Spool]:
        """The oldest first."""
        return [*self._old, *([] if self._spool is None else [self._spool])]

    def _adopt(self) -> None:
        for spool in left_over(self._directory, {spool.name for spool in self._spools()}):
            self._writer.resume(spool)
            self._old.append(spool)

    def _rotate_if_due(self) -> None:
        spool = self._spool
        if spool is None:
            if self._is_on:
                self._rotate()
        elif (size := spool.size()) >= ROTATE_BYTES or (size and time.monotonic() - spool.opened_at > ROTATE_S):
            self._rotate()

    def _rotate(self) -> None:
        try:
            new = Spool.create(self._directory)
        except OSError as error:
            self._failure = error
            return
        self._retire(new)

    def _retire(self, successor: Spool | None = None) -> None:
        before, self._spool = self._spool, successor
        if before is not None:
            self._old.append(before)

    def _count_unkept(self) -> None:
        for _ in range(len(self._unkept)):
            key, made, warned = self._unkept.popleft()
            add(self._uncounted, key, Count(made=made, warned=warned))
        if self._uncounted:
            self._writer.count(self._uncounted)
            self._uncounted = {}

    def _work(self) -> None:
        while not self._over.wait(self._interval_s):
            self._try_round()

    def _try_round(self, rows: int = ROWS_A_ROUND) -> None:
        failure, self._failure = self._failure, None
        try:
            if self._is_failing and self._spool is not None:
                self._spool.append(b"\n")  # no line, to see whether it can be written to again
            self.round(time.time(), rows)
        except Exception as error:
            failure = error
        if failure is not None and not self._is_failing:
            _log.error("predictions cannot be kept in the ledger, only counted, until this is mended: %s", failure, exc_info=failure)
        elif failure is None and self._is_failing:
            _log.info("predictions are kept in the ledger again")
        self._is_failing = failure is not None
