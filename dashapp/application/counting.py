"""What Prometheus is told beside the requests: predictions as they are counted, and the newest snapshot."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from dashapp.application.predicting import Listener
from dashapp.application.services import Services
from dashapp.monitoring.metrics import Metrics
from dashapp.monitoring.snapshot import latest_snapshot
from dashapp.serving.answered import Answered
from dashapp.serving.live import LiveModel

READINGS = {
    "dashapp_cpu_usage_percent": ("cpu_usage", "CPU in use, of what this server may use."),
    "dashapp_memory_usage_percent": ("memory_usage", "Memory in use, of what this server may use."),
    "dashapp_memory_used_bytes": ("memory_used_bytes", "Memory in use."),
    "dashapp_swap_usage_percent": ("swap_usage", "Swap in use."),
    "dashapp_storage_usage_percent": ("storage_usage", "Storage in use where the home lies."),
    "dashapp_storage_free_bytes": ("storage_free_bytes", "Storage that is free where the home lies."),
    "dashapp_network_received_bytes_per_second": ("network_received_bytes_per_s", "Bytes that came over the network."),
    "dashapp_network_sent_bytes_per_second": ("network_sent_bytes_per_s", "Bytes that went over the network."),
    "dashapp_disk_read_bytes_per_second": ("disk_read_bytes_per_s", "Bytes that were read from disks."),
    "dashapp_disk_written_bytes_per_second": ("disk_written_bytes_per_s", "Bytes that were written to disks."),
    "dashapp_load_average": ("load_average", "Processes that want to run, on average over a minute."),
    "dashapp_temperature_celsius": ("temperature_celsius", "Of the hottest sensor."),
    "dashapp_active_trainings": ("active_trainings", "Trainings that run."),
    "dashapp_queued_runs": ("queued_runs", "Trainings that wait."),
    "dashapp_event_lag_milliseconds": ("event_lag_ms", "From an event to its being noticed by a web process."),
    "dashapp_database_latency_milliseconds": ("database_latency_ms", "What a write and a read of the database took."),
    "dashapp_database_size_bytes": ("database_bytes", "Size of the database."),
    "dashapp_process_cpu_percent": ("process_cpu", "CPU that the server's processes use, in percent of one core."),
    "dashapp_process_resident_bytes": ("process_memory_bytes", "Memory of the server's processes."),
}
"""By the name of the gauge: the metric of the newest snapshot, and its words."""

SNAPSHOT_S = 1.0


def tell_newest_snapshot(metrics: Metrics, services: Services) -> None:
    """A gauge for each of `READINGS`; one look at the database answers all of them."""
    newest: Callable[[], dict[str, Any]] = _Newest(services)
    for name, (metric, words) in READINGS.items():
        metrics.add_reading(name, words, lambda metric=metric: newest().get(metric))  # type: ignore[misc]


class _Newest:
    """The newest snapshot, read again after `SNAPSHOT_S`."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._read_at = float("-inf")
        self._snapshot: dict[str, Any] = {}

    def __call__(self) -> dict[str, Any]:
        now = time.monotonic()
        if now - self._read_at > SNAPSHOT_S:
            self._read_at, self._snapshot = now, latest_snapshot(self._services.samples)
        return self._snapshot


def counting(metrics: Metrics, live_model: LiveModel) -> Listener:
    """A listener that counts what was answered; the version that is live is read when somebody asks."""

    def version() -> float:
        live = live_model.current
        return 0.0 if live is None else float(live.version)

    def count(answered: Answered) -> None:
        codes = [str(warning["code"]) for prediction in answered.predictions for warning in prediction.warnings]
        metrics.count_predictions(answered.version, answered.source, len(answered.predictions), codes)

    metrics.add_reading("dashapp_live_model_version", "The version that answers; 0 where none is deployed.", version)
    return count
