"""What runs beside the requests in each web process: the live feed, the request meter, and the two roles that one process plays."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

import psutil

from dashapp.application.alerts import deliver_alerts, retain_alerts, watch_alerts
from dashapp.application.chores import Chore, Chores
from dashapp.application.counting import counting, tell_newest_snapshot
from dashapp.application.dispatcher import Dispatcher
from dashapp.application.drift import measure_drift
from dashapp.application.foresight import tell_milestones
from dashapp.application.history import history_of, retain, roll_up
from dashapp.application.ledger import open_ledger
from dashapp.application.live import LiveFeed
from dashapp.application.predicting import Predicting
from dashapp.application.report import keep_weekly_report
from dashapp.application.services import Services
from dashapp.application.timeline import retain_events
from dashapp.monitoring.growth import StorageGrowth
from dashapp.monitoring.meter import RequestMeter
from dashapp.monitoring.metrics import Metrics
from dashapp.monitoring.processes import tree_below
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
        self.sockets = SocketCount(services.settings.max_sockets, self.metrics.count_sockets)
        tell_newest_snapshot(self.metrics, services)
        self._parts: list[Part] = []
        self._watch: threading.Thread | None = None
        self._over = threading.Event()

    def start(self, guardian_pid: int, is_alive: Callable[[], bool] = lambda: True) -> None:
        """`guardian_pid`: the process that no trainer may outlive. `is_alive` turns False when the server wants to stop, so that
        open sockets end by themselves."""
        self.live_model.refresh()
        sampler = Sampler(self._sources(guardian_pid))
        self._parts = [
            self.feed.tail,
            self.meter,
            self.ledger,
            sampler,
            Dispatcher(self.services, guardian_pid),
            Chores(self.services, _chores(self.services)),
        ]
        for part in self._parts:
            part.start()
        self._watch = threading.Thread(target=self._end_sockets, args=(is_alive,), name="watch", daemon=True)
        self._watch.start()

    def _end_sockets(self, is_alive: Callable[[], bool]) -> None:
        while is_alive() and not self._over.wait(0.1):
            continue
        self.feed.tail.end()

    def _sources(self, guardian_pid: int) -> Sources:
        services = self.services
        return Sources(
            database=services.database,
            samples=services.samples,
            counts=services.requests,
            runs=services.runs,
            models=services.models,
            deployments=services.deployments,
            home=services.settings.home,
            started_at=psutil.Process(guardian_pid).create_time(),
            tree=tree_below(guardian_pid),
            sockets=self.metrics.open_sockets,
            event_lag_ms=self.feed.tail.take_lag_ms,
            growth=StorageGrowth(history_of(services)),
        )

    def stop(self) -> None:
        self._over.set()
        if self._watch is not None:
            self._watch.join()
        for part in reversed(self._parts):
            part.stop()
        self._parts = []


def _chores(services: Services) -> list[Chore]:
    return [
        Chore("watch_alerts", services.settings.sample_s, watch_alerts),
        Chore("deliver_alerts", 1.0, deliver_alerts),
        Chore("roll_up", 60.0, roll_up),
        Chore("tell_milestones", 60.0, tell_milestones),
        Chore("measure_drift", 300.0, measure_drift),
        Chore("keep_weekly_report", 3600.0, keep_weekly_report),
        Chore("retain", 3600.0, retain),
        Chore("retain_events", 3600.0, retain_events),
        Chore("retain_alerts", 3600.0, retain_alerts),
    ]


class Part(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


class SocketCount:
    """How many live clients this process has, against the most it takes; `tell` hears of each that comes (1) and goes (-1). Safe from
    many threads."""

    def __init__(self, most: int, tell: Callable[[int], None] = lambda _change: None) -> None:
        self._most, self._tell = most, tell
        self._open = 0
        self._lock = threading.Lock()

    def has_room(self) -> bool:
        return self._open < self._most

    def __enter__(self) -> None:
        with self._lock:
            self._open += 1
        self._tell(1)

    def __exit__(self, *_error: object) -> None:
        with self._lock:
            self._open -= 1
        self._tell(-1)
