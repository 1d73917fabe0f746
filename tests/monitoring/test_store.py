from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashapp.database.engine import Database
from dashapp.database.tables import samples as table
from dashapp.monitoring.health import HealthState, ServiceHealth
from dashapp.monitoring.processes import ProcessUse
from dashapp.monitoring.sample import Sample
from dashapp.monitoring.store import Details, RequestCounts, Samples
from dashapp.monitoring.traffic import Failure, summarise

START = 1_800_000_000.0
WELL = ServiceHealth("Database", HealthState.OK, "1.2 ms", "a write and a read took 1.2 ms", {"latency_ms": 1.2})


def sample(at: float, **metrics: float) -> Sample:
    return Sample.of(datetime.fromtimestamp(at, UTC), metrics)


def add(database: Database, samples: Samples, *added: Sample, host: str = "here", services: tuple[ServiceHealth, ...] = ()) -> None:
    with database.write() as transaction:
        for each in added:
            samples.add(transaction, each, host, services)


def test_a_sample_comes_back_as_it_went_in(database: Database, samples: Samples) -> None:
    assert samples.latest() is None
    kept = sample(START + 0.123, cpu_usage=12.5, memory_total_bytes=2**40, active_trainings=0)
    add(database, samples, kept)
    assert samples.latest() == kept
    assert samples.latest("elsewhere") is None
    assert kept.error_rate is None


def test_only_the_newest_row_of_a_host_carries_the_services(database: Database, samples: Samples) -> None:
    add(database, samples, sample(START), host="there", services=(WELL,))
    add(database, samples, sample(START), sample(START + 5), services=(WELL,))
    assert samples.latest_with_services("here") == (sample(START + 5), (WELL,))
    with database.read() as connection:
        rows = connection.execute(table.select().order_by(table.c.host, table.c.at)).all()
    assert [(row.host, "services" in row.metrics) for row in rows] == [("here", False), ("here", True), ("there", True)]


def test_the_newest_row_carries_its_details(database: Database, samples: Samples) -> None:
    trainer = ProcessUse("trainer", "python", 42, "r1", 99.5, 10**9, 10**7, 9, None)
    with database.write() as transaction:
        samples.add(transaction, sample(START), "here", (WELL,), (12.5, None), (trainer,))
    assert samples.latest_with_details("here") == (sample(START), Details((WELL,), (12.5, None), (trainer,)))
    add(database, samples, sample(START + 5))
    with database.read() as connection:
        assert [row.metrics for row in connection.execute(table.select())] == [{}, {}]


def test_since_and_prune(database: Database, samples: Samples) -> None:
    add(database, samples, *(sample(START + 5 * i, cpu_usage=i) for i in range(4)))
    assert [each.cpu_usage for each in samples.since(START + 5)] == [2, 3]
    with database.write() as transaction:
        assert samples.prune(transaction, START + 10) == 2
    assert len(samples.since(0)) == 2


def test_the_last_minute_adds_up_the_workers(database: Database, counts: RequestCounts) -> None:
    with database.write() as transaction:
        counts.add(transaction, "a", summarise([("api", 200, 10.0, 0, None), ("asset", 200, 1.0, 0, None)], START))
        counts.add(transaction, "b", summarise([("predict", 500, 20.0, 0, None), ("predict", 200, 30.0, 5, 1)], START))
        counts.add(transaction, "b", summarise([("predict", 200, 900.0, 7, 1)], START - 60))
    window = counts.last_minute(START, kinds=("predict", "api"))
    assert (window.count, window.errors, window.mean_ms, window.max_ms, window.predictions) == (3, 1, 20.0, 30.0, 5)
    assert window.error_rate == pytest.approx(33.33)
    assert counts.last_minute(START).count == 4
    empty = counts.last_minute(START + 61)
    assert (empty.count, empty.mean_ms, empty.max_ms, empty.error_rate) == (0, None, None, None)


def test_counts_are_kept_once_and_pruned(database: Database, counts: RequestCounts) -> None:
    batch = summarise([("api", 200, 10.0, 0, None)], START)
    with database.write() as transaction:
        assert counts.add(transaction, "a", batch)
        assert not counts.add(transaction, "a", batch)
        assert counts.prune(transaction, START + 1) == 1


def test_latencies_and_failures_are_kept_and_added_up(database: Database, counts: RequestCounts) -> None:
    failed = [("predict", 422, "/api/predict", "10.0.0.7")] * 3 + [("predict", 500, "/api/predict", "10.0.0.8")]
    many = [("api", 404, "/api/runs/<run_id>", f"10.0.1.{number}") for number in range(20)]
    with database.write() as transaction:
        counts.add(transaction, "a", summarise([("predict", 422, 10.0, 0, None)] * 3 + [("predict", 500, 80.0, 0, None)], START, failed))
        counts.add(transaction, "b", summarise([("predict", 422, 10.0, 0, None)] * 3, START, failed[:3]))
        counts.add(transaction, "b", summarise([("api", 404, 1.0, 0, None)] * 20, START + 1, many))
    sketches = counts.sketches(START - 1, START + 1)
    assert {kind: each.count for kind, each in sketches.items()} == {"predict": 7, "api": 20}
    assert sketches["predict"].quantile(1.0) == pytest.approx(80, rel=0.01)
    found = counts.failures(START - 1, START, kinds=("predict",))
    assert found == [Failure(422, "/api/predict", "10.0.0.7", 6), Failure(500, "/api/predict", "10.0.0.8", 1)]
    assert len(counts.failures(START, START + 1)) == 5
    assert counts.failures(START + 1, START + 2) == []
