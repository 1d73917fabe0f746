"""The newest sample and the health beside it, as one object for `/api/status`, `/api/health` and the live socket."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from dashapp.database.leases import HOST
from dashapp.database.times import iso
from dashapp.monitoring.health import HealthState, ServiceHealth, ServiceName, headline
from dashapp.monitoring.sample import METRICS
from dashapp.monitoring.store import Details, Samples

STALE_INTERVALS = 6
"""A sample older than so many intervals says nothing about now."""
SHOWN = ("role", "name", "pid", "run", "cpu", "memory_bytes", "threads", "files")


def latest_snapshot(samples: Samples, now: float | None = None, host: str | None = HOST) -> dict[str, Any]:
    """JSON-ready: `at`, every metric of `Sample`, `services` (`{name, state, figure, message, values}`), `cores` (percent of each),
    `processes` (`{role, name, pid, run, cpu, memory_bytes, threads, files}`) and `headline`; one query.

    Before the first sample `at` is None; while nobody samples, `at` is the time of the last one. Then all metrics are None and
    the services are unknown. `host` None takes the newest sample of any host.
    """
    found = samples.latest_with_details(host)
    if found is None:
        return _unknown(None, "there is no sample yet")
    sample, details = found
    age_s = (time.time() if now is None else now) - sample.at.timestamp()
    if age_s > STALE_INTERVALS * samples.sample_s:
        return _unknown(iso(sample.at), f"no sample for {age_s:.0f} s")
    return _document(iso(sample.at), sample.metrics(), details)


def _unknown(at: str | None, why: str) -> dict[str, Any]:
    services = tuple(ServiceHealth(name.value, HealthState.UNKNOWN, "unknown", why) for name in ServiceName)
    return {**_document(at, dict.fromkeys(METRICS), Details(services)), "headline": f"UNKNOWN: {why}"}


def _document(at: str | None, metrics: dict[str, float | None], details: Details) -> dict[str, Any]:
    return {
        "at": at,
        **metrics,
        "services": [asdict(each) for each in details.services],
        "cores": list(details.cores),
        "processes": [{name: value for name, value in asdict(each).items() if name in SHOWN} for each in details.processes],
        "headline": headline(details.services),
    }
