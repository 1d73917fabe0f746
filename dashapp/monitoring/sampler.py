"""The sampler: on each host one process takes a sample at every interval, whatever the number of workers."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dashapp.database.engine import Database
from dashapp.database.leases import HOST, Lease
from dashapp.models.store import Deployments, Models
from dashapp.monitoring.collect import Collector
from dashapp.monitoring.health import HealthCheck, ServiceHealth, ServiceName
from dashapp.monitoring.probes import Growth, service_probes
from dashapp.monitoring.processes import ProcessTree, ProcessUse, totals
from dashapp.monitoring.sample import PERCENTILES, Sample
from dashapp.monitoring.sketch import merged
from dashapp.monitoring.store import RequestCounts, Samples
from dashapp.training.store import Runs

TREE_EVERY = 3
"""Samples from one look at the process tree to the next: it takes longer than all the rest."""
FIRST_INTERVAL_S = 0.25
"""What the first sample's CPU and network figures are means over."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """What the sampler looks at. `started_at` (epoch seconds) is when the server started, not this worker; `tree` are the server's
    processes. `sockets` tells how many live clients all web processes of this host have, `event_lag_ms` the longest lag of the tail
    since it was asked last; None where that is not known. `growth` tells how fast the disk fills."""

    database: Database
    samples: Samples
    counts: RequestCounts
    runs: Runs
    models: Models
    deployments: Deployments
    home: Path
    started_at: float
    tree: ProcessTree | None = None
    sockets: Callable[[], int | None] = lambda: None
    event_lag_ms: Callable[[], float | None] = lambda: None
    growth: Growth | None = None


class Sampler:
    """A thread that samples while it holds the host's lease, every `samples.sample_s`. Start one in every worker, after the fork."""

    def __init__(self, sources: Sources, host: str = HOST, health: HealthCheck | None = None) -> None:
        self._sources, self._host = sources, host
        self._interval_s = sources.samples.sample_s
        self._health = health or HealthCheck(
            service_probes(
                sources.database, sources.home, sources.runs, sources.models, sources.deployments, sources.counts, sources.growth
            )
        )
        self._lease = Lease(sources.database, f"sampler:{host}", seconds=max(6.0, 3 * self._interval_s))
        self._collector = Collector(sources.home)
        self._is_holder = False
        self._processes: tuple[ProcessUse, ...] = ()
        self._samples_taken = 0
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

    def take_sample(self, now: datetime) -> Sample:
        """Measure, and keep it with the health beside it."""
        services = self._health.run()
        sample = self._measure(now, services)
        with self._sources.database.write() as transaction:
            self._sources.samples.add(transaction, sample, self._host, services, self._collector.cores, self._processes)
        return sample

    def _measure(self, now: datetime, services: Sequence[ServiceHealth]) -> Sample:
        counts, at = self._sources.counts, now.timestamp()
        api = counts.last_minute(at, kinds=("predict", "api"))
        sketches = counts.sketches(at - 60, at) if api.count else {}
        trainers = self._sources.runs.trainers()
        values = {each.name: each.values for each in services}
        database, training = values.get(ServiceName.DATABASE, {}), values.get(ServiceName.TRAINING_PIPELINE, {})
        measured: dict[str, Any] = {
            "active_trainings": len(trainers),
            "queued_runs": training.get("queued"),
            "api_response_time": api.mean_ms,
            "requests_per_minute": api.count,
            "model_predictions_per_minute": api.predictions,
            "system_uptime": round(at - self._sources.started_at, 1),
            "error_rate": api.error_rate,
            "websocket_clients": self._sources.sockets(),
            "event_lag_ms": self._sources.event_lag_ms(),
            "database_latency_ms": database.get("latency_ms"),
            "database_write_ms": database.get("write_ms"),
            "database_read_ms": database.get("read_ms"),
            "database_bytes": database.get("size_bytes"),
        }
        for name, (share, kinds) in PERCENTILES.items():
            value = merged(sketches[kind] for kind in kinds if kind in sketches).quantile(share)
            measured[name] = None if value is None else round(value, 3)
        self._look_at_processes({each.pid: each.run_id for each in trainers if each.host == HOST})
        return replace(self._collector.read(now), **measured, **totals(self._processes)).without_impossible()

    def _look_at_processes(self, trainers: Mapping[int, str]) -> None:
        if self._sources.tree is not None and self._samples_taken % TREE_EVERY == 0:
            self._processes = self._sources.tree.read(trainers)
        self._samples_taken += 1
