"""The thread beside a training that keeps it honest: alive, measured, within its memory, and gone with its server."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable

import psutil

from dashapp.application.memory import resident_bytes, used_bytes
from dashapp.application.reporter import Reporter
from dashapp.application.services import Services
from dashapp.training.run import ResourcePoint

STEP_S = 0.2
BEAT_S = 1.0
MOST_POINTS = 600
"""A long training is sampled less often, so that its document stays small."""

_log = logging.getLogger(__name__)


class Watch:
    """Says that this trainer is alive, hears of a cancellation, writes down what the trainer uses, keeps its progress going, and ends the
    process group when its guardian is gone. `on_full` is called where the group holds more than `limit_bytes`."""

    def __init__(self, services: Services, run_id: str, guardian: psutil.Process, limit_bytes: int, on_full: Callable[[], None]) -> None:
        self._services, self._run_id = services, run_id
        self._guardian, self._limit_bytes, self._on_full = guardian, limit_bytes, on_full
        self._process = psutil.Process()
        self._beaten_at = 0.0
        self._over = threading.Event()
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._followed: tuple[Reporter, Meter] | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def follow(self, reporter: Reporter, budget_s: float) -> None:
        """The training begins: from here on its progress is kept going, and what it uses is measured."""
        self._followed = reporter, Meter(self._process, max(BEAT_S, budget_s / MOST_POINTS))

    def is_cancelled(self) -> bool:
        """True once somebody asked to stop and to keep the best model so far."""
        return self._cancelled.is_set()

    def _watch(self) -> None:
        while not self._over.wait(STEP_S):
            if not self._guardian.is_running():
                os.killpg(os.getpgrp(), signal.SIGKILL)
            try:
                if used_bytes(self._process) > self._limit_bytes:
                    self._on_full()
                if not self._cancelled.is_set() and self._services.runs.get(self._run_id).is_best_kept:
                    self._cancelled.set()
                if self._followed is not None:
                    self._followed[0].tick()
                if time.monotonic() - self._beaten_at > BEAT_S - STEP_S / 2:
                    self._beat()
            except Exception:  # a locked or full database must not end the watch over the guardian
                _log.exception("no heartbeat this time")

    def _beat(self) -> None:
        meter = None if self._followed is None else self._followed[1]
        points = [meter.read()] if meter is not None and meter.is_due() else []
        with self._services.database.write() as transaction:
            self._services.runs.beat(transaction, self._run_id)
            self._services.runs.add_resources(transaction, self._run_id, points)
        self._beaten_at = time.monotonic()


class Meter:
    """Measures a process with its children; the CPU share is the mean since the last reading."""

    def __init__(self, process: psutil.Process, every_s: float) -> None:
        self._process, self._every_s = process, every_s
        self._began = self._at = time.monotonic()
        self._busy_s = _busy_s(process)

    def is_due(self) -> bool:
        return time.monotonic() - self._at > self._every_s - STEP_S / 2

    def read(self) -> ResourcePoint:
        now, busy_s = time.monotonic(), _busy_s(self._process)
        share = max(0.0, busy_s - self._busy_s) / max(now - self._at, 1e-3)
        self._at, self._busy_s = now, busy_s
        return ResourcePoint(round(now - self._began, 2), round(share, 3), resident_bytes(self._process))


def _busy_s(process: psutil.Process) -> float:
    """CPU seconds, those of children that are over included."""
    times = process.cpu_times()
    busy = times.user + times.system + times.children_user + times.children_system
    for child in process.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            busy += sum(child.cpu_times()[:2])
    return float(busy)
