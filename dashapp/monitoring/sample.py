"""The values of this room that are measured: a sample, and the metrics that have a trend."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

UNITS: Mapping[str, str] = {
    "cpu_usage": "%",
    "memory_usage": "%",
    "memory_used_bytes": "B",
    "swap_usage": "%",
    "storage_usage": "%",
    "storage_free_bytes": "B",
    "network_received_bytes_per_s": "B/s",
    "network_sent_bytes_per_s": "B/s",
    "disk_read_bytes_per_s": "B/s",
    "disk_written_bytes_per_s": "B/s",
    "load_average": "",
    "temperature_celsius": "°C",
    "active_trainings": "",
    "queued_runs": "",
    "api_response_time": "ms",
    "api_response_time_p50": "ms",
    "api_response_time_p95": "ms",
    "api_response_time_p99": "ms",
    "prediction_time_p95": "ms",
    "requests_per_minute": "/min",
    "model_predictions_per_minute": "/min",
    "error_rate": "%",
    "websocket_clients": "",
    "event_lag_ms": "ms",
    "database_latency_ms": "ms",
    "database_write_ms": "ms",
    "database_read_ms": "ms",
    "database_bytes": "B",
    "process_count": "",
    "process_memory_bytes": "B",
    "process_cpu": "% of a core",
    "open_files": "",
    "threads": "",
}
"""The metrics that have a trend, with their units."""

PERCENTILES: Mapping[str, tuple[float, tuple[str, ...]]] = {
    "api_response_time_p50": (0.50, ("predict", "api")),
    "api_response_time_p95": (0.95, ("predict", "api")),
    "api_response_time_p99": (0.99, ("predict", "api")),
    "prediction_time_p95": (0.95, ("predict",)),
}
"""The metrics that come from sketches, never from means: the share, and the kinds of requests."""

POSSIBLE_CELSIUS = (-60.0, 150.0)


@dataclass(frozen=True, slots=True)
class Sample:
    """The system at one moment, on one host; None is "not known".

    Those with the unit "%" are percentages. CPU, network and disk are means since the sample before. CPU and memory are measured against
    the control group's limits where these are below the host's. `api_response_time` (mean, ms) and its percentiles, `error_rate`
    (answers of status 500 and above) and `requests_per_minute` are of the last minute's requests to the API in all processes,
    predictions included, pages and assets left out; those of time and `error_rate` are None when there were none. `system_uptime` is in
    seconds since the server started; `database_latency_ms` is what a write and a read took; `event_lag_ms` the longest between an event
    and its being noticed by a web process since the sample before, None without events. `process_...`, `threads` and `open_files` are of
    the server and all that it started, `process_cpu` in percent of one core. `load_average` is of a minute, `temperature_celsius` of the
    hottest sensor.
    """

    at: datetime
    cpu_usage: float | None = None
    memory_usage: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    swap_usage: float | None = None
    storage_usage: float | None = None
    storage_free_bytes: int | None = None
    network_received_bytes_per_s: float | None = None
    network_sent_bytes_per_s: float | None = None
    disk_read_bytes_per_s: float | None = None
    disk_written_bytes_per_s: float | None = None
    load_average: float | None = None
    temperature_celsius: float | None = None
    active_trainings: int | None = None
    queued_runs: int | None = None
    api_response_time: float | None = None
    api_response_time_p50: float | None = None
    api_response_time_p95: float | None = None
    api_response_time_p99: float | None = None
    prediction_time_p95: float | None = None
    requests_per_minute: int | None = None
    model_predictions_per_minute: int | None = None
    system_uptime: float | None = None
    error_rate: float | None = None
    websocket_clients: int | None = None
    event_lag_ms: float | None = None
    database_latency_ms: float | None = None
    database_write_ms: float | None = None
    database_read_ms: float | None = None
    database_bytes: int | None = None
    process_count: int | None = None
    process_memory_bytes: int | None = None
    process_cpu: float | None = None
    open_files: int | None = None
    threads: int | None = None

    def metrics(self) -> dict[str, float | None]:
        """Everything but the time."""
        return {name: getattr(self, name) for name in METRICS}

    def without_impossible(self) -> Sample:
        """What cannot be is not known: no number, below nothing, more than all."""
        impossible = [name for name, value in self.metrics().items() if value is not None and not is_possible(name, value)]
        if self.memory_used_bytes is not None and self.memory_total_bytes is not None and self.memory_used_bytes > self.memory_total_bytes:
            impossible.append("memory_used_bytes")
        nothing: dict[str, Any] = dict.fromkeys(impossible)
        return replace(self, **nothing) if impossible else self

    @classmethod
    def of(cls, at: datetime, metrics: Mapping[str, Any]) -> Sample:
        """A sample from what was kept, by this version of the program or by another."""
        return cls(at, **{name: metrics[name] for name in METRICS if name in metrics})


METRICS = tuple(field.name for field in fields(Sample) if field.name != "at")


def is_possible(metric: str, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    if metric == "temperature_celsius":
        return POSSIBLE_CELSIUS[0] <= value <= POSSIBLE_CELSIUS[1]
    return 0 <= value <= (100 if UNITS.get(metric) == "%" else math.inf)
