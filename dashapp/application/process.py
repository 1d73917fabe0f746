"""What runs beside the requests in each web process: the live feed, the request meter, and the two roles that one process plays."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

import psutil

from dashapp.application.counting import counting
from dashapp.application.dispatcher import Dispatcher
from dashapp.application.ledger import open_ledger
from dashapp.application.live import LiveFeed
from dashapp.application.predicting import Predicting
from dashapp.application.services import Services
from dashapp.monitoring.meter import RequestMeter
from dashapp.monitoring.metrics import Metrics
from dashapp.monitoring.sampler import Sampler, Sources
from dashapp.serving.live import LiveModel


class WebProcess:
    """Made once per web process; nothing runs before `start()`, and nothing is left after `stop()`."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.live_model = LiveModel(services.models, services.deployments, services.predictors)
        self.metrics = Metrics(services.settings.url_prefix)
        self.ledger = open_ledger(services)
        listeners = (counting(self.metrics, self.live_model), self.ledger.keep)
        self.predicting = Predicting(self.live_model, services.settings.max_concurrent_predictions, listeners)
        self.feed = LiveFeed(services, self.live_model)
        self.meter = RequestMeter(services.database, services.requests, services.log)
        self.sockets = SocketCount(services.settings.max_sockets)
        self._parts: list[Part] = []
        self._watch: threading.Thread | None = None
        self._over = threading.Event()

    def start(self, guardian_pid: int, is_alive: Callable[[], bool] = lambda: True) -> None:
        """`guardian_pid`: the process that no trainer may outlive. `is_alive` turns False when the server wants to stop, so that
        open sockets end by themselves."""
        self.live_model.refresh()
        sampler = Sampler(_sources(self.services, psutil.Process(guardian_pid).create_time()))
        self._parts = [self.feed.tail, self.meter, self.ledger, sampler, Dispatcher(self.services, guardian_pid)]
        for part in self._parts:
            part.start()
        self._watch = threading.Thread(target=self._end_sockets, args=(is_alive,), name="watch", daemon=True)
        self._watch.start()

    def _end_sockets(self, is_alive: Callable[[], bool]) -> None:
        while is_alive() and not self._over.wait(0.1):
            continue
        self.feed.tail.end()

    def stop(self) -> None:
        self._over.set()
        if self._watch is not None:
            self._watch.join()
        for part in reversed(self._parts):
            part.stop()
        self._parts = []


class Part(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


def _sources(services: Services, started_at: float) -> Sources:
    return Sources(
        database=services.database,
        log=services.log,
        samples=services.samples,
        counts=services.requests,
        runs=services.runs,
        models=services.models,
        deployments=services.deployments,
        home=services.settings.home,
        started_at=started_at,
    )


class SocketCount:
    """How many live clients this process has, against the most it takes. Safe from many threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open = 0
        self._lock = threading.Lock()

    def has_room(self) -> bool:
        return self._open < self._most

    def __enter__(self) -> None:
        with self._lock:
            self._open += 1

    def __exit__(self, *_error: object) -> None:
        with self._lock:
            self._open -= 1
