"""The install at a glance, for machines: what `/api/status`, `/api/health` and `/api/system/resources` answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dashapp.application.alerts import alerts
from dashapp.application.deployment import live_model
from dashapp.application.history import history_of
from dashapp.application.services import Services
from dashapp.monitoring.growth import StorageGrowth
from dashapp.monitoring.health import HealthState, headline
from dashapp.monitoring.probes import check_health
from dashapp.monitoring.snapshot import latest_snapshot

METRICS = (
    "cpu_usage",
    "memory_usage",
    "active_trainings",
    "api_response_time",
    "model_predictions_per_minute",
    "system_uptime",
    "error_rate",
)
RESOURCES = (
    "cpu_usage",
    "memory_usage",
    "memory_used_bytes",
    "memory_total_bytes",
    "swap_usage",
    "storage_usage",
    "storage_free_bytes",
    "network_received_bytes_per_s",
    "network_sent_bytes_per_s",
    "disk_read_bytes_per_s",
    "disk_written_bytes_per_s",
    "load_average",
    "temperature_celsius",
)


def status(services: Services) -> dict[str, Any]:
    """The seven metrics of the monitor, the live model, runs and models; what is not known yet is null."""
    snapshot = latest_snapshot(services.samples)
    live = live_model(services)
    unfinished = services.runs.unfinished()
    return {
        "at": snapshot.get("at"),
        **{name: snapshot.get(name) for name in METRICS},
        "headline": snapshot.get("headline"),
        "live_model": None if live is None else {"id": live.id, "version": live.version, "name": live.name},
        "models": len(services.models.all()),
        "datasets": services.datasets.count(),
        "runs": {"total": services.runs.count(), "unfinished": [run.id for run in unfinished]},
    }


def resources(services: Services) -> dict[str, Any]:
    """The machine as it was sampled last."""
    snapshot = latest_snapshot(services.samples)
    return {"at": snapshot.get("at"), **{name: snapshot.get(name) for name in RESOURCES}, "cores": snapshot["cores"]}


def processes(services: Services) -> dict[str, Any]:
    """The server's processes as they were looked at last, the server itself first."""
    snapshot = latest_snapshot(services.samples)
    return {"at": snapshot["at"], "processes": snapshot["processes"], "total": len(snapshot["processes"])}


def health(services: Services) -> dict[str, Any]:
    """The four services, probed now; `ready` is False where one of them fails."""
    growth = services.recent.get("storage growth", "", lambda: StorageGrowth(history_of(services)))
    stores = (services.runs, services.models, services.deployments, services.requests)
    found = check_health(services.database, services.settings.home, *stores, growth)
    ready = all(each.state is not HealthState.FAILING for each in found)
    words = headline(found, alerts(services, is_standing=True))
    return {"ready": ready, "headline": words, "services": [asdict(each) for each in found]}
