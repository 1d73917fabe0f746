"""The sampler: on each host one process takes a sample at every interval, whatever the number of workers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from dashapp.database.engine import Database
from dashapp.database.leases import HOST, Lease
from dashapp.events.store import EventLog
from dashapp.models.store import Deployments, Models
from dashapp.monitoring.alerts import RULES, Alerts
from dashapp.monitoring.collect import Collector
from dashapp.monitoring.health import HealthCheck, ServiceHealth, ServiceName
from dashapp.monitoring.probes import service_probes
from dashapp.monitoring.sample import Sample
from dashapp.monitoring.store import RequestCounts, Samples
from dashapp.training.store import Runs

SAMPLES_KEPT_S = 31 * 86400
REQUESTS_KEPT_S = 2 * 86400
PRUNE_S = 3600.0
FIRST_INTERVAL_S = 0.25
"""What the first sample's CPU and network figures are means over."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """What the sampler looks at. `started_at` (epoch seconds) is when the server started, not this worker."""

    database: Database
    log: EventLog
    samples: Samples
    counts: RequestCounts
    runs: Runs
    models: Models
    deployments: Deployments
    home: Path
    started_at: float


class Sampler:
    """A thread that samples while it holds the host's lease, every `samples.sample_s`. Start one in every worker, after the fork."""

    def __init__(self, sources: Sources, host: str = HOST, health: HealthCheck | None = None) -> None:
        self._sources, self._host = sources, host
        self._interval_s = sources.samples.sample_s
        self._health = health or HealthCheck(
            service_probes(sources.database, sources.home, sources.runs, sources.models, sources.deployments, sources.counts)
        )
        self._lease = Lease(sources.database, f"sampler:{host}", seconds=max(6.0, 3 * self._interval_s))
        self._collector = Collector(sources.home)
        self._alerts = Alerts(sources.log)
        self._is_holder = False
        self._pruned_s = float("-inf")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sampler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and give the lease back, so that another process goes on at once."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._is_holder:
            self._lease.release()

    def _work(self) -> None:
        due_s = time.monotonic()
        while not self._over.is_set():
            try:
                self._round()
            except Exception:
                _log.exception("this round of the sampler failed; the next one goes on")
            due_s = max(due_s + self._interval_s, time.monotonic())
            self._over.wait(due_s - time.monotonic())

    def _round(self) -> None:
        was_holder, self._is_holder = self._is_holder, self._lease.hold()
        if not self._is_holder:
            return
        if not was_holder:
            self._collector.prime()
            if self._over.wait(FIRST_INTERVAL_S):
                return
        self.take_sample(datetime.now(UTC))
        if time.monotonic() - self._pruned_s >= PRUNE_S:
            self.prune(time.time())
            self._pruned_s = time.monotonic()

    def take_sample(self, now: datetime) -> Sample:
        """Measure, keep it with the health beside it, and tell of the alerts that it raises and resolves."""
        services = self._health.run()
        sample = self._measure(now, services)
        lasts = max(rule.lasts for rule in RULES)
        recent = self._sources.samples.since(now.timestamp() - 2 * lasts * self._interval_s, self._host)
        with self._sources.database.write() as transaction:
            self._sources.samples.add(transaction, sample, self._host, services)
            for fact in self._alerts.changes([*recent, sample], self._host):
                self._sources.log.append(transaction, fact)
        return sample

    def _measure(self, now: datetime, services: Sequence[ServiceHealth]) -> Sample:
        api = self._sources.counts.last_minute(now.timestamp(), kinds=("predict", "api"))
        uptime_s = now.timestamp() - self._sources.started_at
        return replace(
            self._collector.read(now),
            active_trainings=len(self._sources.runs.trainers()),
            api_response_time=api.mean_ms,
            requests_per_minute=api.count,
            model_predictions_per_minute=api.predictions,
            system_uptime=round(uptime_s, 1) if uptime_s >= 0 else None,
            error_rate=api.error_rate,
            database_latency_ms=next((each.values.get("latency_ms") for each in services if each.name == ServiceName.DATABASE), None),
        )

    def prune(self, now: float) -> None:
        """Delete samples older than 31 days and counts older than 2 days."""
        with self._sources.database.write() as transaction:
            self._sources.samples.prune(transaction, now - SAMPLES_KEPT_S)
            self._sources.counts.prune(transaction, now - REQUESTS_KEPT_S)
