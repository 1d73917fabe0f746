"""The values of this room that are measured: a sample, and the metrics that have a trend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

UNITS: Mapping[str, str] = {
    "cpu_usage": "%",
    "memory_usage": "%",
    "storage_usage": "%",
    "network_received_bytes_per_s": "B/s",
    "network_sent_bytes_per_s": "B/s",
    "active_trainings": "",
    "api_response_time": "ms",
    "model_predictions_per_minute": "/min",
    "error_rate": "%",
}
"""The metrics that have a trend, with their units."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The system at one moment, on one host; None is "not known".

    `cpu_usage`, `memory_usage`, `storage_usage` and `error_rate` are percentages. CPU and network are means since the sample before.
    CPU and memory are measured against the control group's limits where these are below the host's. `api_response_time` (mean, ms),
    `error_rate` (answers of status 500 and above) and `requests_per_minute` are of the last minute's requests to the API in all processes,
    predictions included, pages and assets left out; the first two are None when there were none. `system_uptime` is in seconds since the
    server started; `database_latency_ms` is what a write and a read took.
    """

    at: datetime
    cpu_usage: float | None = None
    memory_usage: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    storage_usage: float | None = None
    storage_free_bytes: int | None = None
    network_received_bytes_per_s: float | None = None
    network_sent_bytes_per_s: float | None = None
    active_trainings: int | None = None
    api_response_time: float | None = None
    requests_per_minute: int | None = None
    model_predictions_per_minute: int | None = None
    system_uptime: float | None = None
    error_rate: float | None = None
    database_latency_ms: float | None = None

    def metrics(self) -> dict[str, float | None]:
        """Everything but the time."""
        return {name: getattr(self, name) for name in METRICS}

    @classmethod
    def of(cls, at: datetime, metrics: Mapping[str, Any]) -> Sample:
        """A sample from what was kept, by this version of the program or by another."""
        return cls(at, **{name: metrics[name] for name in METRICS if name in metrics})


METRICS = tuple(field.name for field in fields(Sample) if field.name != "at")
