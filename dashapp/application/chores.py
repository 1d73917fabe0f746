"""What one process of the install does from time to time: rolls up, warns, foresees, looks for drift, writes the weekly report."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashapp.application.services import Services
from dashapp.database.leases import Lease

TICK_S = 0.5
LEASE_S = 6.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """`run(services, now)` (epoch seconds) is called every `every_s` seconds by the process that holds the lease."""

    name: str
    every_s: float
    run: Callable[[Services, float], object]


class Chores:
    """A thread in every worker; one of them works at a time. A chore that fails is told of once, and tried again when it is due."""

    def __init__(self, services: Services, chores: Sequence[Chore]) -> None:
        self._services, self._chores = services, chores
        self._lease = Lease(services.database, "chores", LEASE_S)
        self._due = {chore.name: 0.0 for chore in chores}
        self._failing: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="chores", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and give the lease back, so that another process goes on at once."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self._lease.release()

    def round(self, now: float) -> None:
        """Do what is due."""
        for chore in self._chores:
            if now < self._due[chore.name]:
                continue
            self._due[chore.name] = now + chore.every_s
            try:
                chore.run(self._services, now)
            except Exception:
                if chore.name not in self._failing:
                    _log.exception("%s failed; it will be tried again", chore.name)
                self._failing.add(chore.name)
            else:
                self._failing.discard(chore.name)

    def _work(self) -> None:
        while not self._over.wait(TICK_S):
            try:
                if self._lease.hold():
                    self.round(time.time())
            except Exception:
                _log.exception("this round of the chores failed; the next one goes on")
