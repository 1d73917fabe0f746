"""The samples and the counted requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, case, cast, delete, func, insert, select, update

from dashapp.database.engine import Database
from dashapp.database.tables import requests, samples
from dashapp.monitoring.health import ServiceHealth
from dashapp.monitoring.processes import ProcessUse
from dashapp.monitoring.sample import UNITS, Sample
from dashapp.monitoring.sketch import Sketch, merged
from dashapp.monitoring.traffic import FAILURES_KEPT, KINDS, Batch, Failure, Kind, KindTotals, RequestWindow

_SERVICES, _CORES, _PROCESSES = _DETAILS = ("services", "cores", "processes")


@dataclass(frozen=True, slots=True)
class Details:
    """What is kept of the newest sample alone: the health checked beside it, percent by core, and the process tree."""

    services: tuple[ServiceHealth, ...] = ()
    cores: tuple[float | None, ...] = ()
    processes: tuple[ProcessUse, ...] = ()


@dataclass(frozen=True, slots=True)
class Slice:
    """What is known of a metric between `first` and `last` (epoch seconds), from `count` values; with none of them it was not known."""

    bucket: int
    first: float
    last: float
    low: float | None
    mean: float | None
    high: float | None
    count: int


class Samples:
    """A row per sample and host. Only the newest row of a host carries details: what is older loses them, so that a day of samples stays
    small. `sample_s` is the interval at which samples are taken."""

    def __init__(self, database: Database, sample_s: float = 5.0) -> None:
        self._database = database
        self.sample_s = sample_s

    def add(
        self,
        transaction: Connection,
        sample: Sample,
        host: str,
        services: Sequence[ServiceHealth] = (),
        cores: Sequence[float | None] = (),
        processes: Sequence[ProcessUse] = (),
    ) -> None:
        before = transaction.execute(select(samples).where(samples.c.host == host).order_by(samples.c.at.desc()).limit(1)).one_or_none()
        if before is not None and not set(_DETAILS).isdisjoint(before.metrics):
            metrics = {name: value for name, value in before.metrics.items() if name not in _DETAILS}
            transaction.execute(update(samples).where(samples.c.at == before.at, samples.c.host == host).values(metrics=metrics))
        document: dict[str, Any] = {name: value for name, value in sample.metrics().items() if value is not None}
        details = {_SERVICES: [asdict(each) for each in services], _CORES: list(cores), _PROCESSES: [asdict(each) for each in processes]}
        document |= {name: found for name, found in details.items() if found}
        transaction.execute(insert(samples).values(at=sample.at.timestamp(), host=host, metrics=document))

    def latest(self, host: str | None = None) -> Sample | None:
        """The newest sample, of one host or of any."""
        row = self._newest(host)
        return None if row is None else _sample(row)

    def latest_with_services(self, host: str | None = None) -> tuple[Sample, tuple[ServiceHealth, ...]] | None:
        """The newest sample with the health that was checked beside it, in one query."""
        found = self.latest_with_details(host)
        return None if found is None else (found[0], found[1].services)

    def latest_with_details(self, host: str | None = None) -> tuple[Sample, Details] | None:
        """The newest sample with all that is kept of it, in one query."""
        row = self._newest(host)
        if row is None:
            return None
        services = tuple(ServiceHealth.of(each) for each in row.metrics.get(_SERVICES, ()))
        processes = tuple(ProcessUse.of(each) for each in row.metrics.get(_PROCESSES, ()))
        return _sample(row), Details(services, tuple(row.metrics.get(_CORES, ())), processes)

    def since(self, epoch: float, host: str | None = None) -> list[Sample]:
        """The samples after `epoch`, oldest first."""
        query = _of_host(select(samples).where(samples.c.at > epoch), host).order_by(samples.c.at)
        with self._database.read() as connection:
            return [_sample(row) for row in connection.execute(query)]

    def since_by_host(self, epoch: float) -> dict[str, list[Sample]]:
        """The samples after `epoch` of each host that has any, oldest first."""
        found: dict[str, list[Sample]] = {}
        with self._database.read() as connection:
            for row in connection.execute(select(samples).where(samples.c.at > epoch).order_by(samples.c.at)):
                found.setdefault(row.host, []).append(_sample(row))
        return found

    def prune(self, transaction: Connection, before_epoch: float) -> int:
        """Delete what is older; returns how many rows."""
        return transaction.execute(delete(samples).where(samples.c.at < before_epoch)).rowcount

    def oldest(self) -> float | None:
        """When the oldest was taken, in epoch seconds."""
        with self._database.read() as connection:
            at: float | None = connection.execute(select(func.min(samples.c.at))).scalar_one()
        return at

    def slices(self, metric: str, start: float, end: float, origin: float, width: float) -> list[Slice]:
        """Of the samples of all hosts from `start` to `end`, by buckets of `width` seconds that are counted from `origin`; in order."""
        if metric not in UNITS:
            raise KeyError(metric)
        bucket = floor((samples.c.at - origin) / width).label("bucket")
        value = samples.c.metrics[metric].as_float()
        known = (func.min(value), func.avg(value), func.max(value), func.count(value))
        query = select(bucket, func.min(samples.c.at), func.max(samples.c.at), *known).where(samples.c.at >= start, samples.c.at < end)
        with self._database.read() as connection:
            return [Slice(int(row[0]), *row[1:]) for row in connection.execute(query.group_by(bucket).order_by(bucket))]

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
        rows = [{"at": batch.at, "worker": worker, **_columns(each)} for each in batch.totals]
        transaction.execute(insert(requests), rows)
        return True

    def last_minute(self, now: float, kinds: Sequence[Kind] = KINDS) -> RequestWindow:
        """What was answered in the 60 s before `now`, by all processes."""
        counts = [func.sum(column) for column in (requests.c.count, requests.c.errors, requests.c.total_ms)]
        query = select(*counts, func.max(requests.c.max_ms), func.sum(requests.c.predictions))
        query = query.where(requests.c.at > now - 60, requests.c.at <= now, requests.c.kind.in_(kinds))
        with self._database.read() as connection:
            count, errors, total_ms, max_ms, predictions = tuple(connection.execute(query).one())
        return RequestWindow(int(count or 0), int(errors or 0), float(total_ms or 0), max_ms, int(predictions or 0))

    def sketches(self, start: float, end: float) -> dict[str, Sketch]:
        """How long requests took after `start`, up to `end`, by kind, in all processes."""
        by_kind: dict[str, list[Sketch]] = {}
        query = select(requests.c.kind, requests.c.latencies).where(requests.c.at > start, requests.c.at <= end)
        with self._database.read() as connection:
            for kind, kept in connection.execute(query):
                by_kind.setdefault(kind, []).append(Sketch.of_json(kept))
        return {kind: merged(found) for kind, found in by_kind.items()}

    def failures(self, start: float, end: float, kinds: Sequence[Kind] = KINDS) -> list[Failure]:
        """What failed most often after `start`, up to `end`, the most frequent first: at most 50, of the five of each batch."""
        counted: Counter[tuple[int, str, str]] = Counter()
        query = select(requests.c.failures).where(requests.c.at > start, requests.c.at <= end, requests.c.kind.in_(kinds))
        with self._database.read() as connection:
            for kept in connection.execute(query).scalars():
                for each in kept or ():
                    counted[each["status"], each["route"], each["client"]] += each["count"]
        return [Failure(*key, count) for key, count in counted.most_common(10 * FAILURES_KEPT)]

    def prune(self, transaction: Connection, before_epoch: float) -> int:
        """Delete what is older; returns how many rows."""
        return transaction.execute(delete(requests).where(requests.c.at < before_epoch)).rowcount


def _columns(totals: KindTotals) -> dict[str, Any]:
    named = {each.name: getattr(totals, each.name) for each in fields(totals)}
    failures = [asdict(each) for each in totals.failures]
    return named | {"latencies": totals.latencies.to_json(), "failures": failures or None}


def floor(number: ColumnElement[Any]) -> ColumnElement[Any]:
    """SQLite may be built without FLOOR, and a cast to a whole number cuts off in SQLite and rounds in PostgreSQL."""
    whole = cast(number, Integer)
    return whole - case((whole > number, 1), else_=0)


def _of_host(query: Select[Any], host: str | None) -> Select[Any]:
    return query if host is None else query.where(samples.c.host == host)


def _sample(row: Row[Any]) -> Sample:
    return Sample.of(_time(row.at), row.metrics)


def _time(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
