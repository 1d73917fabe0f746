"""What Prometheus is told: requests, latencies, predictions and warnings, counted as they happen.

Under gunicorn each process counts in files of its own that all of them can read (`metrics_folder`), so that any of them answers for
the whole server, and a process that is killed loses nothing. Without such a folder the counts are those of this process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from dashapp.monitoring.metrics_folder import VARIABLE, values_in

OTHER = "other"
SOCKETS = "dashapp_websocket_clients"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ALLOCATED_BYTES = {"counter": 2**17, "histogram": 2**18, "gauge_livesum": 2**12}
"""By kind of file; what an install of today counts takes a quarter of it."""

Read = Callable[[], float | None]


class Metrics:
    """One per web process; safe from many threads, and on the hot path: a count costs about a microsecond."""

    def __init__(self, url_prefix: str = "") -> None:
        self._prefix = url_prefix
        self._folder = os.environ.get(VARIABLE)
        if self._folder:
            _allocate(Path(self._folder))
        registry = self._registry = CollectorRegistry()
        self._requests = Counter("dashapp_http_requests", "Requests that were answered.", ["method", "route", "status"], registry=registry)
        self._seconds = Histogram(
            "dashapp_http_request_duration_seconds",
            "Seconds from a request's arrival in the application to the beginning of its answer.",
            ["method", "route"],
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._in_flight = Gauge(
            "dashapp_http_requests_in_flight", "Requests that are being answered now.", multiprocess_mode="livesum", registry=registry
        )
        self._sockets = Gauge(SOCKETS, "Live pages that are open.", multiprocess_mode="livesum", registry=registry)
        self._predictions = Counter("dashapp_predictions", "Rows that were predicted.", ["version", "source"], registry=registry)
        self._warnings = Counter("dashapp_prediction_warnings", "Warnings that predictions came with.", ["code"], registry=registry)
        self._readings = _Readings()
        registry.register(self._readings)
        # `labels()` costs as much as the counting: what has been counted once is found by one look into a dictionary.
        self._of_request: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._of_predictions: dict[tuple[int, str], Counter] = {}
        self._of_warning: dict[str, Counter] = {}

    def begin_request(self) -> None:
        self._in_flight.inc()

    def end_request(self, method: str, rule: str, status: int, seconds: float) -> None:
        """`rule` is the template of the path that the request was for, empty where there is none."""
        self._in_flight.dec()
        if method not in METHODS:
            method = OTHER
        known = self._of_request.get((method, rule, status))
        if known is None:
            known = self._of_request[method, rule, status] = self._counters(method, rule, status)
        count, latency = known
        count.inc()
        latency.observe(seconds)

    def count_sockets(self, change: int) -> None:
        """A live client came (1) or went (-1)."""
        self._sockets.inc(change)

    def open_sockets(self) -> int:
        """Live clients of all processes of this server."""
        if not self._folder:
            return int(sum(each.value for metric in self._sockets.collect() for each in metric.samples))
        return int(sum(values_in(Path(self._folder), "gauge_livesum", SOCKETS)))

    def count_predictions(self, version: int, source: str, rows: int, warnings: Iterable[str]) -> None:
        """`warnings` are the codes of all warnings that these rows came with."""
        count = self._of_predictions.get((version, source))
        if count is None:
            count = self._of_predictions[version, source] = self._predictions.labels(str(version), source)
        count.inc(rows)
        for code in warnings:
            told = self._of_warning.get(code)
            if told is None:
                told = self._of_warning[code] = self._warnings.labels(code)
            told.inc()

    def add_reading(self, name: str, words: str, read: Read) -> None:
        """A gauge that is read when somebody asks; `read` must give the same in every process, or None where nothing is known."""
        self._readings.every.append((name, words, read))

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """The document in the format that the header `Accept` asks for, and its content type."""
        registry = self._registry
        if self._folder:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, self._folder)  # type: ignore[no-untyped-call]
            registry.register(self._readings)
        encode, content_type = choose_encoder(accept)
        return encode(registry), content_type

    def _counters(self, method: str, rule: str, status: int) -> tuple[Counter, Histogram]:
        is_known = rule and not rule.endswith("<path:unknown>")
        route = rule.removeprefix(self._prefix) or "/" if is_known else OTHER
        return self._requests.labels(method, route, str(status)), self._seconds.labels(method, route)


class _Readings(Collector):
    def __init__(self) -> None:
        self.every: list[tuple[str, str, Read]] = []

    def collect(self) -> Iterator[Metric]:
        for name, words, read in self.every:
            value = read()
            if value is not None:
                yield GaugeMetricFamily(name, words, value=value)


def _allocate(folder: Path) -> None:
    """Make this process's files with their space. Otherwise a write on a full disk would kill the process (SIGBUS), and who reads a file
    in the moment of its making would find it empty."""
    for kind, size in ALLOCATED_BYTES.items():
        with (folder / f"{kind}_{os.getpid()}.db").open("ab") as file:
            os.posix_fallocate(file.fileno(), 0, size)
