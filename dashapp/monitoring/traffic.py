"""Counted requests: what one process saw between two drains, and the window of the last minute over all of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from dashapp.events.fact import EventType, Fact
from dashapp.monitoring.sketch import Sketch, sketch_of

Kind = Literal["predict", "api", "page", "asset"]
KINDS: tuple[Kind, ...] = ("predict", "api", "page", "asset")
Record = tuple[Kind, int, float, int, int | None]
"""Kind, HTTP status, milliseconds, predictions made, version of the model that made them."""

FailedRequest = tuple[Kind, int, str, str]
"""Kind, HTTP status, route (the template of its path) and the client's address."""

FAILED_FROM = 400
FAILURES_KEPT = 5
"""Of each kind, in one batch: the most frequent."""


@dataclass(frozen=True, slots=True)
class Failure:
    """`count` requests of one client to one route that were answered with `status`, 400 or above."""

    status: int
    route: str
    client: str
    count: int


@dataclass(frozen=True, slots=True)
class KindTotals:
    """Requests of one kind; `errors` are answers of status 500 and above, `latencies` a sketch of what each took, in milliseconds."""

    kind: Kind
    count: int
    errors: int
    total_ms: float
    max_ms: float
    predictions: int
    latencies: Sketch = field(default_factory=Sketch)
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """The requests of one process up to `at` (epoch seconds). `predictions` counts by model version (None: not said); they took
    `prediction_ms` in all, in `prediction_requests` requests."""

    at: float
    totals: tuple[KindTotals, ...] = ()
    predictions: Mapping[int | None, int] | None = None
    prediction_ms: float = 0.0
    prediction_requests: int = 0


@dataclass(frozen=True, slots=True)
class RequestWindow:
    """Requests over some time; `errors` are answers of status 500 and above."""

    count: int
    errors: int
    total_ms: float
    max_ms: float | None
    predictions: int

    @property
    def mean_ms(self) -> float | None:
        """None with no requests."""
        return round(self.total_ms / self.count, 3) if self.count else None

    @property
    def error_rate(self) -> float | None:
        """Percent; None with no requests."""
        return round(100 * self.errors / self.count, 2) if self.count else None


def summarise(records: Iterable[Record], at: float, failed: Iterable[FailedRequest] = ()) -> Batch:
    """Add up `records`, and those of them that `failed`."""
    failures = _failures(failed)
    by_kind: dict[Kind, list[Record]] = defaultdict(list)
    for record in records:
        by_kind[record[0]].append(record)
    predicting = [each for group in by_kind.values() for each in group if each[3] > 0]
    by_version: dict[int | None, int] = defaultdict(int)
    for _, _, _, predictions, version in predicting:
        by_version[version] += predictions
    totals = tuple(_totals(kind, by_kind[kind], failures.get(kind, ())) for kind in sorted(by_kind))
    return Batch(at, totals, dict(by_version), sum(each[2] for each in predicting), len(predicting))


def _failures(failed: Iterable[FailedRequest]) -> dict[Kind, tuple[Failure, ...]]:
    counted: dict[Kind, Counter[tuple[int, str, str]]] = defaultdict(Counter)
    for kind, status, route, client in failed:
        counted[kind][status, route, client] += 1
    return {kind: most_frequent(each) for kind, each in counted.items()}


def most_frequent(counted: Counter[tuple[int, str, str]]) -> tuple[Failure, ...]:
    """By status, route and client."""
    return tuple(Failure(*key, count) for key, count in counted.most_common(FAILURES_KEPT))


def _totals(kind: Kind, records: list[Record], failures: tuple[Failure, ...]) -> KindTotals:
    return KindTotals(
        kind=kind,
        count=len(records),
        errors=sum(status >= 500 for _, status, _, _, _ in records),
        total_ms=sum(milliseconds for _, _, milliseconds, _, _ in records),
        max_ms=max(milliseconds for _, _, milliseconds, _, _ in records),
        predictions=sum(predictions for _, _, _, predictions, _ in records),
        latencies=sketch_of(milliseconds for _, _, milliseconds, _, _ in records),
        failures=failures,
    )


def prediction_fact(batch: Batch) -> Fact | None:
    """One sentence for all predictions of the batch; None where there were none. The mean is per request."""
    if not batch.predictions:
        return None
    count = sum(batch.predictions.values())
    versions = sorted(version for version in batch.predictions if version is not None)
    mean_ms = batch.prediction_ms / batch.prediction_requests
    by = f" by version{'s' if len(versions) > 1 else ''} {' and '.join(map(str, versions))}" if versions else ""
    return Fact(
        EventType.PREDICTION_MADE,
        f"{count} prediction{'s' if count != 1 else ''}{by} (mean {mean_ms:.1f} ms)",
        data={
            "count": count,
            "requests": batch.prediction_requests,
            "mean_ms": round(mean_ms, 3),
            "version": versions[0] if len(versions) == 1 else None,
            "versions": {str(version): batch.predictions[version] for version in versions},
        },
    )
