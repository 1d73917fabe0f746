"""The four probes: each measures its service by using it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import psutil

from dashapp.database.engine import Database
from dashapp.database.leases import HOST, Lease
from dashapp.database.times import iso
from dashapp.datasets.wording import count_of
from dashapp.errors import NotFound
from dashapp.models.compare import SCORE_METRICS
from dashapp.models.store import Deployments, Models
from dashapp.monitoring.health import HealthCheck, HealthState, Probe, ServiceHealth, ServiceName, size_in_words, time_in_words
from dashapp.monitoring.store import RequestCounts
from dashapp.training.run import Run, RunState
from dashapp.training.store import Runs

LEAST_FREE_BYTES = 10**9
FULL_PERCENT = 95.0
SLOW_DATABASE_MS = 500.0
LEAST_GROWTH_BYTES = 10**6
"""A disk that fills by less than this in a day is not said to fill."""
SILENT_S = 30.0
"""A trainer without a sign of life, or a queue that nobody takes from, is told of after so many seconds."""


class Growth(Protocol):
    """How fast the home fills, in bytes a day; None where that is not known."""

    def __call__(self, now: float) -> float | None: ...


def service_probes(
    database: Database,
    home: Path,
    runs: Runs,
    models: Models,
    deployments: Deployments,
    counts: RequestCounts,
    growth: Growth | None = None,
) -> Mapping[str, Probe]:
    """The probes by the names of their services, in the order of the screen."""
    return {
        ServiceName.TRAINING_PIPELINE.value: lambda: probe_training(runs, time.time()),
        ServiceName.MODEL_API.value: lambda: probe_model_api(models, deployments, counts, time.time()),
        ServiceName.FILE_STORAGE.value: lambda: probe_storage(home, None if growth is None else growth(time.time())),
        ServiceName.DATABASE.value: lambda: probe_database(database),
    }


def check_health(
    database: Database,
    home: Path,
    runs: Runs,
    models: Models,
    deployments: Deployments,
    counts: RequestCounts,
    growth: Growth | None = None,
) -> tuple[ServiceHealth, ...]:
    """Probe all services once, now."""
    return HealthCheck(service_probes(database, home, runs, models, deployments, counts, growth)).run()


def probe_training(runs: Runs, now: float) -> ServiceHealth:
    """Jobs at work, the queue, and how the last one ended; a warning where nobody works on them."""
    unfinished = runs.unfinished()
    queued = [run for run in unfinished if run.state is RunState.QUEUED]
    active = len(unfinished) - len(queued)
    waited_s = max((now - run.created_at.timestamp() for run in queued), default=0.0)
    beats = [trainer.heartbeat_at for trainer in runs.trainers() if trainer.heartbeat_at is not None]
    silent_s = max((now - beat for beat in beats), default=0.0)
    last = next((run for run in runs.all(limit=10) if run.state.is_finished), None)
    state, message = HealthState.OK, _last_result(last, now)
    if silent_s > SILENT_S:
        state, message = HealthState.WARNING, f"a training has given no sign of life for {silent_s:.0f} s"
    elif waited_s > SILENT_S and not active:
        state, message = HealthState.WARNING, f"a training has been queued for {waited_s:.0f} s and none is at work"
    figure = f"{active} job{'s' if active != 1 else ''} active" + (f", {len(queued)} queued" if queued else "")
    values = {"active": active, "queued": len(queued), "last": None if last is None else _last_values(last)}
    return ServiceHealth(ServiceName.TRAINING_PIPELINE, state, figure, message, values)


def _last_result(last: Run | None, now: float) -> str:
    if last is None:
        return "no training has ended yet"
    score, ended = _score(last), last.ended_at
    when = "" if ended is None else f" {time_in_words(max(now - ended.timestamp(), 0))} ago"
    scored = "" if score is None else f" with {last.score_name} {score:.3f}"
    return f"the last training ({last.dataset_name}) {'was ' if last.state in _PASSIVE else ''}{last.state.value}{when}{scored}"


def _last_values(last: Run) -> dict[str, Any]:
    return {
        "run": last.id,
        "dataset_name": last.dataset_name,
        "state": last.state.value,
        "score": _score(last),
        "score_name": last.score_name,
        "ended_at": None if last.ended_at is None else iso(last.ended_at),
    }


def _score(run: Run) -> float | None:
    return (run.metrics or {}).get(SCORE_METRICS[run.task])


_PASSIVE = (RunState.CANCELLED, RunState.INTERRUPTED)


def probe_model_api(models: Models, deployments: Deployments, counts: RequestCounts, now: float) -> ServiceHealth:
    """The live model's file, and how its predictions were answered in the last minute."""
    live = deployments.live()
    if live is None:
        return ServiceHealth(ServiceName.MODEL_API, HealthState.OK, "nothing deployed", "nothing deployed", {"version": None})
    window = counts.last_minute(now, kinds=("predict",))
    mean_ms, error_rate, p95_ms = window.mean_ms, window.error_rate, _p95_ms(counts, now) if window.count else None
    values = {
        "version": live.version, "requests": window.count, "requests_per_minute": window.count, "mean_ms": mean_ms, "p95_ms": p95_ms,
        "max_ms": window.max_ms, "error_rate": error_rate,
    }  # fmt: skip
    figure = "no requests in the last minute" if mean_ms is None else f"{mean_ms:.1f} ms"
    if not _is_file_intact(models, live.model_id):
        message = f"the file of version {live.version}, which is live, is missing or damaged; deploy another version"
        return ServiceHealth(ServiceName.MODEL_API, HealthState.FAILING, figure, message, values)
    if mean_ms is None or error_rate is None:
        return ServiceHealth(ServiceName.MODEL_API, HealthState.OK, figure, f"version {live.version} is live, {figure}", values)
    state = HealthState.FAILING if error_rate >= 50 else HealthState.WARNING if error_rate >= 5 else HealthState.OK
    most = "" if p95_ms is None else f" (95 % within {p95_ms:.1f} ms)"
    requests = count_of(window.count, "request")
    message = f"version {live.version}: {requests} in the last minute, {mean_ms:.1f} ms on average{most}, {error_rate:.3g} % errors"
    return ServiceHealth(ServiceName.MODEL_API, state, figure, message, values)


def _p95_ms(counts: RequestCounts, now: float) -> float | None:
    sketch = counts.sketches(now - 60, now).get("predict")
    value = None if sketch is None else sketch.quantile(0.95)
    return None if value is None else round(value, 3)


def _is_file_intact(models: Models, model_id: str) -> bool:
    try:
        return models.is_intact(models.get(model_id))
    except NotFound:
        return False


def probe_storage(home: Path, growth: float | None = None) -> ServiceHealth:
    """Free space where the home lies, and whether a file can be written there; `growth` is in bytes a day."""
    usage = psutil.disk_usage(str(home))
    usable = usage.used + usage.free  # what is reserved, or lies beyond a quota, is neither
    message = f"{size_in_words(usage.free)} free of {size_in_words(usable)} ({100 - usage.percent:.0f} %)"
    if growth is not None and abs(growth) >= LEAST_GROWTH_BYTES:
        message += f", {'filling' if growth > 0 else 'emptying'} by {size_in_words(abs(growth))} a day"
    state = HealthState.OK if usage.percent < FULL_PERCENT else HealthState.WARNING
    if usage.free < LEAST_FREE_BYTES:
        state = HealthState.FAILING
    try:
        with tempfile.TemporaryFile(dir=home) as file:
            file.write(b"can this be written?")
            file.flush()
    except OSError as error:
        state, message = HealthState.FAILING, f"{home} cannot be written to: {error.strerror}; {message}"
    values = {"free_bytes": usage.free, "total_bytes": usable, "used_percent": usage.percent, "growth_bytes_per_day": growth}
    return ServiceHealth(ServiceName.FILE_STORAGE, state, f"{size_in_words(usage.free)} free", message, values)


def probe_database(database: Database) -> ServiceHealth:
    """The time that a read takes, and that a write and its commit take, the wait for other writers included; and the size."""
    began = time.perf_counter()
    size = database.size_bytes()
    read = 1000 * (time.perf_counter() - began)
    began = time.perf_counter()
    # A lease that ends as soon as it begins: taking it is always a write.
    Lease(database, f"database-probe:{HOST}", seconds=0.0).hold()
    write = 1000 * (time.perf_counter() - began)
    latency_ms = round(read + write, 2)
    state = HealthState.WARNING if latency_ms > SLOW_DATABASE_MS else HealthState.OK
    message = f"a write took {write:.1f} ms, a read {read:.1f} ms; it holds {size_in_words(size)}"
    values = {"write_ms": round(write, 2), "read_ms": round(read, 2), "latency_ms": latency_ms, "size_bytes": size}
    return ServiceHealth(ServiceName.DATABASE, state, f"{latency_ms:.1f} ms", message, values)
