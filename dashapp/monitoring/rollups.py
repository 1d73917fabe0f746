"""The roll-ups: what the samples and the requests come to by minute, hour and day, kept long after they are gone.

A minute is rolled up from samples and counted requests, an hour from minutes, a day (of latencies alone) from hours. A mark for each says
up to when all is rolled up; work and mark are one transaction, so that any process can go on where another was cut off. What is rolled up
a second time, with what came late, takes the place of the first.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from dashapp.database.engine import Database
from dashapp.database.tables import latencies, requests, rollups, samples, series
from dashapp.monitoring.sample import PERCENTILES, UNITS
from dashapp.monitoring.sketch import Sketch, merged
from dashapp.monitoring.store import Slice, floor
from dashapp.monitoring.traffic import KINDS

MINUTE, HOUR, DAY = 60, 3600, 86400
SAMPLES_KEPT_S = DAY
REQUESTS_KEPT_S = 2 * HOUR
KEPT_S = {MINUTE: 30 * DAY, HOUR: 2 * 366 * DAY, DAY: 2 * 366 * DAY}

SETTLED_S = 15
"""A minute is over for us so long after its end: what was counted in it takes a moment to be written."""
LATE_S = 600
"""So far back is rolled up again each time, for what a database that did not answer has held up."""
CHUNK_S = HOUR
MOST_CHUNKS = 400
"""Of one call: after a long time without roll-ups the next ones go on."""

_MARK = "rolled up"
_ROLLED_UP = tuple(name for name in UNITS if name not in PERCENTILES)

Row = dict[str, Any]


class Rollups:
    """Safe from many processes. `resolution` is in seconds: `MINUTE`, `HOUR`, and for latencies `DAY`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = sqlite.insert if database.is_sqlite else postgresql.insert

    def advance(self, now: float) -> bool:
        """Roll up all that is complete; False where there is more to do than one call should."""
        until = _down(now - SETTLED_S, MINUTE)
        for _ in range(MOST_CHUNKS):
            with self._database.write() as transaction:
                mark = self._mark(transaction, MINUTE)
                start = self._first(transaction, mark)
                is_new = start is not None and start < until
                if mark >= until or not (mark or is_new):
                    return True
                end = min(_down(max(start, mark), CHUNK_S) + CHUNK_S, until) if start is not None and is_new else until
                begin = _down(mark - LATE_S, MINUTE) if mark else start or 0
                self._roll_minutes(transaction, begin, end)
                self._set_mark(transaction, MINUTE, end)
                self._roll_longer(transaction, HOUR, begin, end, MINUTE)
                self._roll_longer(transaction, DAY, begin, end, HOUR)
        return False

    def prune(self, now: float) -> int:
        """Delete what is past its time, and rolled up; returns how many rows. Then give a part of the free space back."""
        with self._database.write() as transaction:
            marks = {each: self._mark(transaction, each) for each in KEPT_S}
            rolled_up = {
                samples: min(now - SAMPLES_KEPT_S, marks[MINUTE] - LATE_S),
                requests: min(now - REQUESTS_KEPT_S, marks[MINUTE] - LATE_S),
            }
            count = 0
            for table, before in rolled_up.items():
                count += transaction.execute(delete(table).where(table.c.at < _down(before, MINUTE))).rowcount
            for resolution, kept_s in KEPT_S.items():
                longer = marks[HOUR] - LATE_S if resolution == MINUTE else marks[DAY] - LATE_S if resolution == HOUR else now
                before = _down(min(now - kept_s, longer), DAY)
                for table in (rollups, latencies):
                    whose = latencies.c.kind.in_(KINDS) if table is latencies else rollups.c.series_id.in_(_every_series())
                    old = delete(table).where(whose, table.c.resolution == resolution, table.c.at < before)
                    count += transaction.execute(old).rowcount
            kept = select(rollups.c.at).where(rollups.c.series_id == series.c.id).exists()
            count += transaction.execute(delete(series).where(~kept)).rowcount
        self._database.give_back_space()
        return count

    def rolled_up_to(self, resolution: int) -> int:
        """Epoch seconds; 0 before the first time."""
        with self._database.read() as connection:
            return self._mark(connection, resolution)

    def oldest(self, metric: str, resolution: int) -> int | None:
        """When the first roll-up of a metric begins."""
        with self._database.read() as connection:
            firsts = [
                connection.execute(
                    select(func.min(rollups.c.at)).where(rollups.c.series_id == each, rollups.c.resolution == resolution)
                ).scalar_one()
                for each in connection.execute(select(series.c.id).where(series.c.metric == metric)).scalars().all()
            ]
        return min((each for each in firsts if each is not None), default=None)

    def slices(self, metric: str, resolution: int, start: float, end: float, origin: float, width: float) -> list[Slice]:
        """Of the roll-ups of all hosts that begin from `start` on and have their middle before `end`, by buckets of `width` seconds that
        are counted from `origin`; in order."""
        at = rollups.c.at
        bucket = floor((at + resolution / 2 - origin) / width).label("bucket")
        total = func.sum(rollups.c.count)
        mean = func.sum(rollups.c.mean * rollups.c.count) / total
        query = select(bucket, func.min(at), func.max(at) + resolution, func.min(rollups.c.low), mean, func.max(rollups.c.high), total)
        of_metric = rollups.c.series_id.in_(select(series.c.id).where(series.c.metric == metric))
        query = (
            query.where(of_metric, rollups.c.resolution == resolution, at >= start, at < end - resolution / 2)
            .group_by(bucket)
            .order_by(bucket)
        )
        with self._database.read() as connection:
            return [Slice(int(row[0]), row[1], row[2], row[3], row[4], row[5], int(row[6])) for row in connection.execute(query)]

    def kept_sketches(self, kinds: Sequence[str], resolution: int, start: float, end: float) -> list[tuple[int, str]]:
        """When each begins, and the packed sketch, in order."""
        query = select(latencies.c.at, latencies.c.sketch).where(latencies.c.kind.in_(kinds))
        query = query.where(latencies.c.resolution == resolution, latencies.c.at >= start, latencies.c.at < end)
        with self._database.read() as connection:
            return sorted((int(at), text) for at, text in connection.execute(query))

    def _mark(self, connection: Connection, resolution: int) -> int:
        query = select(rollups.c.at).join(series, series.c.id == rollups.c.series_id)
        query = query.where(series.c.metric == _MARK, rollups.c.resolution == resolution)
        return int(connection.execute(query).scalar_one_or_none() or 0)

    def _set_mark(self, transaction: Connection, resolution: int, at: int) -> None:
        id = self._series(transaction, {(_MARK, "")})[_MARK, ""]
        transaction.execute(delete(rollups).where(rollups.c.series_id == id, rollups.c.resolution == resolution))
        transaction.execute(insert(rollups).values(series_id=id, resolution=resolution, at=at, low=0, mean=0, high=0, count=0))

    def _first(self, transaction: Connection, mark: int) -> int | None:
        """The minute of the first sample or request that is not rolled up yet."""
        firsts = [transaction.execute(select(func.min(each.c.at)).where(each.c.at >= mark)).scalar_one() for each in (samples, requests)]
        found = [each for each in firsts if each is not None]
        return _down(min(found), MINUTE) if found else None

    def _roll_minutes(self, transaction: Connection, start: int, end: int) -> None:
        within = select(samples.c.at, samples.c.host, samples.c.metrics).where(samples.c.at >= start, samples.c.at < end)
        values: dict[tuple[str, str, int], list[float]] = defaultdict(list)
        for at, host, metrics in transaction.execute(within):
            minute = _down(at, MINUTE)
            for name in _ROLLED_UP:
                value = metrics.get(name)
                if value is not None:
                    values[name, host, minute].append(value)
        ids = self._series(transaction, {(name, host) for name, host, _ in values})
        rows = [
            {"series_id": ids[name, host], "resolution": MINUTE, "at": at, **_figures(found)} for (name, host, at), found in values.items()
        ]
        self._replace(transaction, rollups, ["series_id", "resolution", "at"], rows)
        counted = select(requests.c.at, requests.c.kind, requests.c.count, requests.c.errors, requests.c.latencies)
        found = transaction.execute(counted.where(requests.c.at >= start, requests.c.at < end)).all()
        self._add_latencies(
            transaction, MINUTE, [(kind, _down(at, MINUTE), n, errors, Sketch.of_json(sketch)) for at, kind, n, errors, sketch in found]
        )

    def _roll_longer(self, transaction: Connection, resolution: int, start: int, end: int, parts: int) -> None:
        """Roll up the hours (of minutes) or days (of hours) that were touched and are over."""
        begin, until = _down(min(start, self._mark(transaction, resolution) or start), resolution), _down(end, resolution)
        if until <= begin:
            return
        at = (floor((rollups.c.at + 0.5) / resolution) * resolution).label("begin")
        total = func.sum(rollups.c.count)
        mean = func.sum(rollups.c.mean * rollups.c.count) / total
        query = select(rollups.c.series_id, at, func.min(rollups.c.low), mean, func.max(rollups.c.high), total)
        query = query.where(
            rollups.c.series_id.in_(_every_series()), rollups.c.resolution == parts, rollups.c.at >= begin, rollups.c.at < until
        )
        if resolution == HOUR:
            names = ("series_id", "at", "low", "mean", "high", "count")
            found = transaction.execute(query.group_by(rollups.c.series_id, at)).all()
            rows = [dict(zip(names, each, strict=True)) | {"resolution": resolution, "mean": _short(each[3])} for each in found]
            self._replace(transaction, rollups, ["series_id", "resolution", "at"], rows)
        kept = select(latencies.c.kind, latencies.c.at, latencies.c.count, latencies.c.errors, latencies.c.sketch)
        kept = kept.where(latencies.c.kind.in_(KINDS), latencies.c.resolution == parts, latencies.c.at >= begin, latencies.c.at < until)
        parts_of = transaction.execute(kept).all()
        sketches = [(kind, _down(at, resolution), n, errors, Sketch.of_packed(sketch)) for kind, at, n, errors, sketch in parts_of]
        self._add_latencies(transaction, resolution, sketches)
        self._set_mark(transaction, resolution, until)

    def _add_latencies(self, transaction: Connection, resolution: int, found: Iterable[Any]) -> None:
        """Each is a kind, a time, a count, errors and a sketch."""
        groups: dict[tuple[str, int], list[Any]] = defaultdict(list)
        for kind, at, *figures in found:
            groups[kind, at].append(figures)
        rows = [
            {
                "kind": kind,
                "resolution": resolution,
                "at": at,
                "count": sum(each[0] for each in group),
                "errors": sum(each[1] for each in group),
                "sketch": merged(each[2] for each in group).packed(),
            }
            for (kind, at), group in groups.items()
        ]
        self._replace(transaction, latencies, ["kind", "resolution", "at"], rows)

    def _series(self, transaction: Connection, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The ids of series by metric and host, made where they are new."""
        known = {(metric, host): id for id, metric, host in transaction.execute(select(series.c.id, series.c.metric, series.c.host))}
        new = [{"metric": metric, "host": host} for metric, host in sorted(wanted - set(known))]
        if not new:
            return known
        transaction.execute(insert(series), new)
        return self._series(transaction, wanted)

    def _replace(self, transaction: Connection, table: Any, keys: list[str], rows: list[Row]) -> None:
        if not rows:
            return
        query = self._insert(table)
        newest = {each.name: query.excluded[each.name] for each in table.columns if each.name not in keys}
        statement = query.on_conflict_do_update(index_elements=keys, set_=newest)
        transaction.execute(statement, sorted(rows, key=lambda row: [row[key] for key in keys]))


def _every_series() -> Select[Any]:
    return select(series.c.id).where(series.c.metric != _MARK)


def _figures(values: Sequence[float]) -> Row:
    return {"low": min(values), "mean": _short(sum(values) / len(values)), "high": max(values), "count": len(values)}


def _short(mean: float) -> float:
    """Whole numbers take less room, and no one needs a part of a byte."""
    return float(round(mean)) if mean >= 1e5 else round(mean, 4)


def _down(at: float, step: int) -> int:
    return math.floor(at / step) * step
