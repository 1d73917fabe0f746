"""Kept predictions: written in batches from spools, counted exactly, searched page by page, bounded by age and size."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from dashapp.database.engine import Database
from dashapp.database.tables import feedback, prediction_counts, prediction_spools, predictions
from dashapp.errors import NotFound
from dashapp.serving.ledger.entry import HOUR_S, Count, Counts, add, hour_of
from dashapp.serving.ledger.kept import Found, KeptPrediction, MadeByVersion, Search
from dashapp.serving.ledger.store.rows import KEPT_COLUMNS, kept_prediction
from dashapp.serving.ledger.store.searching import conditions, counted, needs_a_scan

WINDOW = 20_000
"""Predictions that one query of a search looks at."""

AT_ONCE = 1_000
"""Numbers that are looked up in one query."""

PATIENCE_S = 0.4
"""After so long a search answers with what it has found; the next page goes on where it stopped."""

_SIZES = select(predictions.c.number, predictions.c.at, predictions.c.version, predictions.c.bytes)
_COUNTS = ("made", "kept", "warned", "bytes")


class Predictions:
    """`get` raises `NotFound`. A `number` is never given twice, and grows with time but for what a killed process left behind."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def move(self, transaction: Connection, spool: str, start: int, end: int, records: Sequence[Mapping[str, Any]], counts: Counts) -> bool:
        """Keep what the lines of a spool from byte `start` to `end` say; False, and nothing is changed, where the bytes up to `start` are
        not those that were moved before."""
        if self.moved(spool, transaction) != start:
            return False
        place = self._insert(prediction_spools).values(name=spool, moved=end)
        transaction.execute(place.on_conflict_do_update(index_elements=["name"], set_={"moved": end}))
        if records:
            _execute_many(transaction, self._insert(predictions).on_conflict_do_nothing(index_elements=["id"]), records)
        self.count(transaction, counts)
        return True

    def moved(self, spool: str, transaction: Connection | None = None) -> int:
        """Up to which byte of the spool all is kept."""
        query = select(prediction_spools.c.moved).where(prediction_spools.c.name == spool)
        with self._database.read(within=transaction) as connection:
            return connection.execute(query).scalar_one_or_none() or 0

    def forget_spool(self, transaction: Connection, spool: str) -> None:
        """Once its file is gone."""
        transaction.execute(delete(prediction_spools).where(prediction_spools.c.name == spool))

    def count(self, transaction: Connection, counts: Counts) -> None:
        """Add to the exact counts."""
        if not counts:
            return
        rows = [{"hour": hour, "version": version} | _members(each) for (hour, version), each in sorted(counts.items())]
        query = self._insert(prediction_counts)
        total = {name: prediction_counts.c[name] + query.excluded[name] for name in _COUNTS}
        transaction.execute(query.on_conflict_do_update(index_elements=["hour", "version"], set_=total), rows)

    def get(self, prediction_id: str) -> KeptPrediction:
        query = KEPT_COLUMNS.where(predictions.c.id == prediction_id)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"There is no prediction {prediction_id[:80]} in the ledger, or it is no longer kept.")
        return kept_prediction(row)

    def answers(self, ids: Sequence[str]) -> dict[str, str]:
        """The answers (JSON) of those that are kept."""
        query = select(predictions.c.id, predictions.c.answer).where(predictions.c.id.in_(ids))
        with self._database.read() as connection:
            return {row.id: row.answer for row in connection.execute(query)}

    def search(self, search: Search) -> Found:
        """Newest first. A page may be short, even empty, where much had to be looked at; `next_before` then goes on."""
        with self._database.read() as connection:
            made, kept, warned = connection.execute(counted(search)).one()
            found, next_before = self._page(connection, search)
        return Found(tuple(found), next_before, int(made or 0), int(kept or 0), int(warned or 0))

    def _page(self, connection: Connection, search: Search) -> tuple[list[KeptPrediction], int | None]:
        lowest, highest = self._bounds(connection, search)
        if lowest is None or highest is None:
            return [], None
        top = highest + 1 if search.before is None else min(search.before, highest + 1)
        window = WINDOW if needs_a_scan(search) else highest + 1
        wanted = conditions(search)
        found: list[KeptPrediction] = []
        give_up_at = time.monotonic() + PATIENCE_S
        while top > lowest and len(found) < search.limit and (not found or time.monotonic() < give_up_at):
            bottom = max(lowest, top - window)
            query = KEPT_COLUMNS.where(predictions.c.number < top, predictions.c.number >= bottom, *wanted)
            query = query.order_by(predictions.c.number.desc()).limit(search.limit - len(found))
            found += [kept_prediction(row) for row in connection.execute(query)]
            top = found[-1].number if len(found) == search.limit else bottom
            if time.monotonic() > give_up_at:
                break
        return found, top if top > lowest else None

    def _bounds(self, connection: Connection, search: Search) -> tuple[int | None, int | None]:
        query = select(func.min(predictions.c.number), func.max(predictions.c.number))
        if search.since is not None:
            query = query.where(predictions.c.at >= search.since.timestamp())
        if search.until is not None:
            query = query.where(predictions.c.at <= search.until.timestamp())
        if search.since is None and search.until is None:  # two queries, as SQLite looks up one end at a time
            ends = [connection.execute(select(end(predictions.c.number))).scalar_one() for end in (func.min, func.max)]
            return ends[0], ends[1]
        lowest, highest = connection.execute(query).one()
        return lowest, highest

    def newest(self, count: int, search: Search | None = None) -> list[KeptPrediction]:
        """Up to `count` that fit the search, newest first; fewer where much would have to be looked at for the others."""
        with self._database.read() as connection:
            return self._page(connection, replace(search or Search(), limit=count))[0]

    def last(self, version: int, transaction: Connection | None = None) -> int | None:
        """The number of the newest of a version."""
        query = select(func.max(predictions.c.number)).where(predictions.c.version == version)
        with self._database.read(within=transaction) as connection:
            newest: int | None = connection.execute(query).scalar_one()
        return newest

    def spread(self, version: int, since: float, most: int) -> list[KeptPrediction]:
        """Up to `most` of those that a version made since then (epoch seconds), spread evenly over all of them, oldest first."""
        number, mine = predictions.c.number, (predictions.c.version == version, predictions.c.at >= since)
        with self._database.read() as connection:
            oldest = select(number).where(predictions.c.at >= since).order_by(predictions.c.at, number).limit(1)
            first = connection.execute(oldest).scalar_one_or_none()
            last = self.last(version, connection)
            if first is None or last is None:
                return []
            places = [first + (last - first) * place // max(1, most - 1) for place in range(most)]
            chosen = range(first, last + 1) if last - first < most else places
            found: list[KeptPrediction] = []
            for start in range(0, len(chosen), AT_ONCE):
                query = KEPT_COLUMNS.where(number.in_(chosen[start : start + AT_ONCE]), *mine).order_by(number)
                found += [kept_prediction(row) for row in connection.execute(query)]
            return found

    def by_version(self) -> dict[int, Count]:
        """What was counted, over all hours."""
        sums = [func.sum(prediction_counts.c[name]) for name in _COUNTS]
        query = select(prediction_counts.c.version, *sums).group_by(prediction_counts.c.version)
        with self._database.read() as connection:
            return {row[0]: Count(*(int(each or 0) for each in row[1:])) for row in connection.execute(query)}

    def times(self, version: int, most: int) -> list[tuple[float, float]]:
        """The ms and the share of the newest that are kept of a version."""
        query = select(predictions.c.ms, predictions.c.share).where(predictions.c.version == version)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(predictions.c.number.desc()).limit(most))
            return [(row.ms, row.share) for row in rows]

    def kept_bytes(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute(select(func.sum(prediction_counts.c.bytes))).scalar_one() or 0)

    def made_by_version(self) -> list[MadeByVersion]:
        """All that were ever made, newest version first."""
        hour, made, warned = prediction_counts.c.hour, func.sum(prediction_counts.c.made), func.sum(prediction_counts.c.warned)
        query = select(prediction_counts.c.version, made, warned, func.min(hour), func.max(hour)).group_by(prediction_counts.c.version)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(prediction_counts.c.version.desc())).all()
        return [MadeByVersion(row[0], int(row[1]), int(row[2]), _of_hour(row[3]), _of_hour(row[4] + 1)) for row in rows]

    def newest_ms(self, version: int, limit: int) -> list[float]:
        """How long the requests of the newest kept predictions of a version took, newest first."""
        query = select(predictions.c.ms).where(predictions.c.version == version).order_by(predictions.c.number.desc()).limit(limit)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def oldest(self) -> float | None:
        """When the oldest was made, in epoch seconds."""
        with self._database.read() as connection:
            oldest: float | None = connection.execute(select(func.min(predictions.c.at))).scalar_one()
        return oldest

    def purge_older(self, transaction: Connection, before: float, limit: int) -> int:
        """Delete at most `limit` of those made before that time (epoch seconds), with their truth; returns how many."""
        oldest = _SIZES.where(predictions.c.at < before).order_by(predictions.c.at).limit(limit)
        return self._delete(transaction, transaction.execute(oldest).all())

    def purge_oldest(self, transaction: Connection, size: int, limit: int) -> int:
        """Delete the oldest, with their truth, until so many bytes are free, but at most `limit`; returns how many."""
        oldest = transaction.execute(_SIZES.order_by(predictions.c.number).limit(limit)).all()
        before = accumulate((row.bytes for row in oldest), initial=0)
        return self._delete(transaction, [row for row, freed in zip(oldest, before, strict=False) if freed < size])

    def _delete(self, transaction: Connection, rows: Sequence[Row[*tuple[Any, ...]]]) -> int:
        counts: Counts = {}
        for row in rows:
            add(counts, (hour_of(row.at), row.version), Count(kept=-1, bytes=-row.bytes))
        gone = predictions.c.number.in_([row.number for row in rows])
        transaction.execute(delete(feedback).where(feedback.c.prediction_id.in_(select(predictions.c.id).where(gone))))
        transaction.execute(delete(predictions).where(gone))
        self.count(transaction, counts)
        return len(rows)

    def _insert(self, table: Table) -> Any:
        return upsert(self._database, table)


def upsert(database: Database, table: Table) -> Any:
    """An insert that can say what is to be done about a row that is there already."""
    return sqlite.insert(table) if database.is_sqlite else postgresql.insert(table)


def _execute_many(connection: Connection, query: Any, records: Sequence[Mapping[str, Any]]) -> None:
    """For plain values only: to look at the type of each would take as long as to write them down."""
    compiled = query.compile(dialect=connection.dialect, column_keys=list(records[0]))
    names = compiled.positiontup
    parameters = records if names is None else [tuple(map(record.__getitem__, names)) for record in records]
    connection.exec_driver_sql(str(compiled), list(parameters))


def _members(count: Count) -> dict[str, int]:
    return {name: getattr(count, name) for name in _COUNTS}


def _of_hour(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * HOUR_S, UTC)
