"""The samples and the counted requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, case, cast, delete, func, insert, select, update

from dashapp.database.engine import Database
from dashapp.database.tables import requests, samples
from dashapp.monitoring.health import ServiceHealth
from dashapp.monitoring.sample import UNITS, Sample
from dashapp.monitoring.traffic import Batch, Kind, RequestWindow

_SERVICES = "services"
GAP_INTERVALS = 3
"""Samples further apart than so many intervals have a gap between them."""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The mean of a metric over one bucket of time; None where it was not known."""

    at: datetime
    value: float | None


class Samples:
    """A row per sample and host. Only the newest row of a host carries the health of the services: what is older loses it, so that a month
    of samples stays small. `sample_s` is the interval at which samples are taken."""

    def __init__(self, database: Database, sample_s: float = 5.0) -> None:
        self._database = database
        self.sample_s = sample_s

    def add(self, transaction: Connection, sample: Sample, host: str, services: Sequence[ServiceHealth] = ()) -> None:
        before = transaction.execute(select(samples).where(samples.c.host == host).order_by(samples.c.at.desc()).limit(1)).one_or_none()
        if before is not None and _SERVICES in before.metrics:
            metrics = {name: value for name, value in before.metrics.items() if name != _SERVICES}
            transaction.execute(update(samples).where(samples.c.at == before.at, samples.c.host == host).values(metrics=metrics))
        document: dict[str, Any] = dict(sample.metrics())
        if services:
            document[_SERVICES] = [asdict(each) for each in services]
        transaction.execute(insert(samples).values(at=sample.at.timestamp(), host=host, metrics=document))

    def latest(self, host: str | None = None) -> Sample | None:
        """The newest sample, of one host or of any."""
        row = self._newest(host)
        return None if row is None else _sample(row)

    def latest_with_services(self, host: str | None = None) -> tuple[Sample, tuple[ServiceHealth, ...]] | None:
        """The newest sample with the health that was checked beside it, in one query."""
        row = self._newest(host)
        if row is None:
            return None
        return _sample(row), tuple(ServiceHealth.of(each) for each in row.metrics.get(_SERVICES, ()))

    def since(self, epoch: float, host: str | None = None) -> list[Sample]:
        """The samples after `epoch`, oldest first."""
        query = _of_host(select(samples).where(samples.c.at > epoch), host).order_by(samples.c.at)
        with self._database.read() as connection:
            return [_sample(row) for row in connection.execute(query)]

    def prune(self, transaction: Connection, before_epoch: float) -> int:
        """Delete what is older; returns how many rows."""
        return transaction.execute(delete(samples).where(samples.c.at < before_epoch)).rowcount

    def trend(self, metric: str, start: float, end: float, points: int = 500, host: str | None = None) -> list[TrendPoint]:
        """At most `points` means of `metric` (a key of `UNITS`) over equal parts of `start` to `end` (epoch seconds), oldest first. A part
        with no samples has no point; a gap has one point without a value in its middle."""
        found = self._buckets(metric, start, end, points, host)
        if len(found) > points:
            found = self._buckets(metric, start, end, max(points // 2, 1), host)
        return found[:points]

    def _buckets(self, metric: str, start: float, end: float, count: int, host: str | None) -> list[TrendPoint]:
        if metric not in UNITS:
            raise KeyError(metric)
        bucket = _floor((samples.c.at - start) / ((end - start) / count)).label("bucket")
        value = func.avg(samples.c.metrics[metric].as_float())
        query = select(func.min(samples.c.at), func.max(samples.c.at), value).where(samples.c.at >= start, samples.c.at < end)
        with self._database.read() as connection:
            rows = connection.execute(_of_host(query, host).group_by(bucket).order_by(func.min(samples.c.at))).all()
        found: list[TrendPoint] = []
        last_at: float | None = None
        for first, last, mean in rows:
            if last_at is not None and first - last_at > GAP_INTERVALS * self.sample_s:
                found.append(TrendPoint(_time((first + last_at) / 2), None))
            found.append(TrendPoint(_time((first + last) / 2), None if mean is None else round(mean, 3)))
            last_at = last
        return found

    def _newest(self, host: str | None) -> Row[Any] | None:
        with self._database.read() as connection:
            return connection.execute(_of_host(select(samples), host).order_by(samples.c.at.desc()).limit(1)).one_or_none()


class RequestCounts:
    """Counts by second, process and kind. `add` of the same batch a second time changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, transaction: Connection, worker: str, batch: Batch) -> bool:
        """Keep what `worker` (any name that is unique to the process) counted; False where it was kept already."""
        known = select(requests.c.at).where(requests.c.at == batch.at, requests.c.worker == worker).limit(1)
        if transaction.execute(known).one_or_none() is not None:
            return False
        transaction.execute(insert(requests), [{"at": batch.at, "worker": worker, **asdict(each)} for each in batch.totals])
        return True

    def last_minute(self, now: float, kinds: Sequence[Kind] = ("predict", "api", "page", "asset")) -> RequestWindow:
        """What was answered in the 60 s before `now`, by all processes."""
        counts = [func.sum(column) for column in (requests.c.count, requests.c.errors, requests.c.total_ms)]
        query = select(*counts, func.max(requests.c.max_ms), func.sum(requests.c.predictions))
        query = query.where(requests.c.at > now - 60, requests.c.at <= now, requests.c.kind.in_(kinds))
        with self._database.read() as connection:
            count, errors, total_ms, max_ms, predictions = tuple(connection.execute(query).one())
        return RequestWindow(int(count or 0), int(errors or 0), float(total_ms or 0), max_ms, int(predictions or 0))

    def prune(self, transaction: Connection, before_epoch: float) -> int:
        """Delete what is older; returns how many rows."""
        return transaction.execute(delete(requests).where(requests.c.at < before_epoch)).rowcount


def _floor(number: ColumnElement[Any]) -> ColumnElement[Any]:
    """SQLite may be built without FLOOR, and a cast to a whole number cuts off in SQLite and rounds in PostgreSQL."""
    whole = cast(number, Integer)
    return whole - case((whole > number, 1), else_=0)


def _of_host(query: Select[Any], host: str | None) -> Select[Any]:
    return query if host is None else query.where(samples.c.host == host)


def _sample(row: Row[Any]) -> Sample:
    return Sample.of(_time(row.at), row.metrics)


def _time(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
