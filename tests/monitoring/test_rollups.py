"""The laws of the roll-ups: nothing is lost or counted twice, whoever rolls up and however often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck as Check
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text

from dashapp.database.engine import Database
from dashapp.database.tables import latencies, requests, rollups, samples, series
from dashapp.monitoring.rollups import DAY, HOUR, LATE_S, MINUTE, SETTLED_S, Rollups
from dashapp.monitoring.sketch import Sketch, merged
from dashapp.monitoring.store import RequestCounts, Samples
from dashapp.monitoring.traffic import Record, summarise
from tests.monitoring.test_store import add, sample

MIDNIGHT = 1_800_057_600.0  # a whole day
Known = dict[tuple[str, int, int], tuple[float, float, float, int]]


@pytest.fixture
def kept(database: Database) -> Iterator[Rollups]:
    yield Rollups(database)


def known(database: Database, metric: str = "cpu_usage") -> Known:
    """By host, resolution and time."""
    query = select(series.c.host, rollups).join(series, series.c.id == rollups.c.series_id).where(series.c.metric == metric)
    with database.read() as connection:
        return {(row.host, row.resolution, row.at): (row.low, row.mean, row.high, row.count) for row in connection.execute(query)}


def sketches(database: Database, resolution: int) -> dict[tuple[str, int], Any]:
    with database.read() as connection:
        rows = connection.execute(select(latencies).where(latencies.c.resolution == resolution)).all()
    return {(row.kind, row.at): (row.count, row.errors, Sketch.of_packed(row.sketch)) for row in rows}


def count(database: Database, counts: RequestCounts, at: float, *records: Record, worker: str = "w") -> None:
    with database.write() as transaction:
        counts.add(transaction, worker, summarise(records, at))


def test_a_minute_has_the_lowest_mean_highest_and_count(database: Database, samples: Samples, kept: Rollups) -> None:
    values = [10.0, 40.0, 25.0]
    add(database, samples, *(sample(MIDNIGHT + 20 * i, cpu_usage=value) for i, value in enumerate(values)))
    add(database, samples, sample(MIDNIGHT + 60, cpu_usage=5.0), host="there")
    assert kept.advance(MIDNIGHT + 2 * MINUTE + SETTLED_S)
    assert known(database) == {("here", 60, MIDNIGHT): (10, 25, 40, 3), ("there", 60, MIDNIGHT + 60): (5, 5, 5, 1)}
    assert known(database, "memory_usage") == {}
    assert kept.rolled_up_to(MINUTE) == MIDNIGHT + 120


def test_a_minute_that_is_not_over_waits(database: Database, samples: Samples, kept: Rollups) -> None:
    add(database, samples, sample(MIDNIGHT, cpu_usage=1.0))
    kept.advance(MIDNIGHT + MINUTE + SETTLED_S - 1)
    assert known(database) == {} and kept.rolled_up_to(MINUTE) == 0
    kept.advance(MIDNIGHT + MINUTE + SETTLED_S)
    assert len(known(database)) == 1


def test_an_hour_is_weighed_by_its_samples(database: Database, samples: Samples, kept: Rollups) -> None:
    add(database, samples, *(sample(MIDNIGHT + 5 * i, cpu_usage=0.0) for i in range(12)))
    add(database, samples, sample(MIDNIGHT + 600, cpu_usage=13.0))
    kept.advance(MIDNIGHT + HOUR + SETTLED_S)
    kept.advance(MIDNIGHT + HOUR + 3 * MINUTE + SETTLED_S)
    assert known(database).get(("here", HOUR, MIDNIGHT)) == (0, 1, 13, 13)


@settings(max_examples=25, deadline=None, suppress_health_check=[Check.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 30_000), st.floats(0, 100)), unique_by=lambda each: each[0], max_size=80),
    st.lists(st.integers(60, 40_000), max_size=6),
)
def test_it_is_the_same_however_often_and_by_whom(
    database: Database, samples: Samples, values: list[tuple[int, float]], stops: list[int]
) -> None:
    """Once at the end, or in steps, each step by another process and twice; every sample is counted once in each resolution."""
    found = []
    for steps in ([], sorted(stops)):
        clear(database)
        add(database, samples, *(sample(MIDNIGHT + at, cpu_usage=value) for at, value in sorted(values)))
        for step in [*steps, 50_000]:
            Rollups(database).advance(MIDNIGHT + step)
            Rollups(database).advance(MIDNIGHT + step)
        found.append(known(database))
    assert found[0] == found[1]
    for wanted in (MINUTE, HOUR):
        assert sum(each[3] for (_, resolution, _), each in found[0].items() if resolution == wanted) == len(values)
    for (_, resolution, at), (low, mean, high, n) in found[0].items():
        inside = [value for second, value in values if at <= MIDNIGHT + second < at + resolution]
        assert (low, high, n) == (min(inside), max(inside), len(inside))
        assert mean == pytest.approx(sum(inside) / len(inside), abs=2e-4)


def test_what_came_late_is_counted(database: Database, samples: Samples, counts: RequestCounts, kept: Rollups) -> None:
    count(database, counts, MIDNIGHT + 10, ("api", 200, 5.0, 0, None))
    kept.advance(MIDNIGHT + 200)
    count(database, counts, MIDNIGHT + 11, ("api", 500, 9.0, 0, None), worker="held up")
    count(database, counts, MIDNIGHT + 190, ("api", 200, 5.0, 0, None))
    kept.advance(MIDNIGHT + 300)
    assert sketches(database, MINUTE)["api", int(MIDNIGHT)][:2] == (2, 1)


def test_latencies_add_up_over_workers_hours_and_days(database: Database, counts: RequestCounts, kept: Rollups) -> None:
    random = np.random.default_rng(1)
    everything: list[Sketch] = []
    for hour in range(30):
        for worker in ("a", "b"):
            records: list[Record] = [("predict", 200 + 300 * (i % 2), float(ms), 1, 1) for i, ms in enumerate(random.lognormal(1, 1, 10))]
            batch = summarise(records, MIDNIGHT + hour * HOUR + 17)
            everything.append(batch.totals[0].latencies)
            with database.write() as transaction:
                counts.add(transaction, worker, batch)
    kept.advance(MIDNIGHT + 31 * HOUR + SETTLED_S)
    for resolution, parts in ((MINUTE, 30), (HOUR, 30), (DAY, 1)):
        found = sketches(database, resolution)
        assert len(found) == parts
        assert all(each.count == n for n, _, each in found.values())
    assert merged(each for _, _, each in sketches(database, HOUR).values()).counts == merged(everything).counts
    day = sketches(database, DAY)["predict", int(MIDNIGHT)]
    assert day[:2] == (24 * 20, 24 * 10) and day[2].counts == merged(everything[:48]).counts


def test_it_catches_up_after_a_long_downtime(database: Database, samples: Samples, kept: Rollups) -> None:
    add(database, samples, *(sample(MIDNIGHT + 30 * i, cpu_usage=1.0) for i in range(240)))
    kept.advance(MIDNIGHT + 5_000)
    later = MIDNIGHT + 40 * DAY
    add(database, samples, *(sample(later + 30 * i, cpu_usage=2.0) for i in range(240)))
    assert kept.advance(later + 2 * HOUR + SETTLED_S)
    found = known(database)
    assert sum(each[3] for key, each in found.items() if key[1] == MINUTE) == 480
    assert [(at, each[3]) for (_, resolution, at), each in sorted(found.items()) if resolution == HOUR] == [
        (MIDNIGHT + shift, 120) for shift in (0, HOUR, 40 * DAY, 40 * DAY + HOUR)
    ]


def test_only_what_is_rolled_up_is_deleted(database: Database, samples: Samples, counts: RequestCounts, kept: Rollups) -> None:
    add(database, samples, *(sample(MIDNIGHT + 600 * i, cpu_usage=1.0) for i in range(12)))
    count(database, counts, MIDNIGHT, ("api", 200, 5.0, 0, None))
    kept.prune(MIDNIGHT + 9 * DAY)
    assert rows(database, "samples") == 12 and rows(database, "requests") == 1
    kept.advance(MIDNIGHT + 9 * DAY)
    kept.prune(MIDNIGHT + 9 * DAY)
    assert rows(database, "requests") == 0 and rows(database, "samples") <= 2 + LATE_S // 600
    assert sum(each[3] for key, each in known(database).items() if key[1] == HOUR) == 12


def test_old_rollups_go_and_what_replaces_them_stays(database: Database, samples: Samples, kept: Rollups) -> None:
    for day in (0, 40, 41, 800):
        add(database, samples, *(sample(MIDNIGHT + day * DAY + 60 * i, cpu_usage=1.0) for i in range(60)))
        kept.advance(MIDNIGHT + day * DAY + 2 * HOUR)
        add(database, samples, sample(MIDNIGHT + day * DAY + 25 * HOUR, cpu_usage=1.0))
        kept.advance(MIDNIGHT + day * DAY + 27 * HOUR)
    kept.prune(MIDNIGHT + 41.5 * DAY)
    days = {(resolution, int(at - MIDNIGHT) // DAY) for _, resolution, at in known(database)}
    assert {(HOUR, 0), (HOUR, 40), (HOUR, 41), (MINUTE, 41)} <= days and (MINUTE, 0) not in days
    kept.prune(MIDNIGHT + 801 * DAY)
    assert min(at for _, _, at in known(database)) >= MIDNIGHT + 69 * DAY


def test_space_is_given_back(database: Database, samples: Samples, kept: Rollups) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL does so by itself")
    with database.write() as transaction:
        transaction.execute(text("CREATE TABLE filler (bytes BLOB)"))
        transaction.execute(text("INSERT INTO filler VALUES (zeroblob(16000000))"))
        transaction.execute(text("DELETE FROM filler"))
    before = pages(database)
    kept.prune(MIDNIGHT)
    assert pages(database) < before - 3_000


def test_a_database_that_was_made_without_it_keeps_working(tmp_path: Any) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    with database.write() as transaction:
        transaction.execute(text("CREATE TABLE filler (bytes BLOB)"))
    database.give_back_space()
    database.close()


def pages(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(text("PRAGMA page_count")).scalar_one())


def rows(database: Database, table: str) -> int:
    with database.read() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def clear(database: Database) -> None:
    with database.write() as transaction:
        for table in (samples, requests, rollups, latencies, series):
            transaction.execute(delete(table))
