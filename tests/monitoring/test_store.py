from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck as Check
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from dashapp.database.engine import Database
from dashapp.database.tables import samples as table
from dashapp.errors import InvalidRequest
from dashapp.monitoring.health import HealthState, ServiceHealth
from dashapp.monitoring.sample import METRICS, UNITS, Sample
from dashapp.monitoring.store import RequestCounts, Samples
from dashapp.monitoring.traffic import summarise
from dashapp.monitoring.trends import get_trends

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


def test_since_and_prune(database: Database, samples: Samples) -> None:
    add(database, samples, *(sample(START + 5 * i, cpu_usage=i) for i in range(4)))
    assert [each.cpu_usage for each in samples.since(START + 5)] == [2, 3]
    with database.write() as transaction:
        assert samples.prune(transaction, START + 10) == 2
    assert len(samples.since(0)) == 2


def test_a_trend_has_means_and_shows_gaps(database: Database, samples: Samples) -> None:
    add(database, samples, *(sample(START + at, cpu_usage=value) for at, value in [(0, 10), (5, 20), (20, 30), (95, 40), (99, 60)]))
    points = samples.trend("cpu_usage", START, START + 100, points=10)
    assert [(point.at.timestamp() - START, point.value) for point in points] == [(2.5, 15), (20, 30), (57.5, None), (97, 50)]


def test_a_trend_of_what_was_not_known_has_no_values(database: Database, samples: Samples) -> None:
    add(database, samples, sample(START), sample(START + 5, api_response_time=2.5))
    assert [point.value for point in samples.trend("api_response_time", START, START + 10, 2)] == [None, 2.5]
    assert samples.trend("api_response_time", START + 50, START + 60, 2) == []


@pytest.mark.parametrize("metric", UNITS)
def test_every_metric_has_a_trend(database: Database, samples: Samples, metric: str) -> None:
    assert metric in METRICS
    add(database, samples, sample(START, **{metric: 3}))
    assert get_trends(samples, metric, "1h", now=START + 1) == [{"at": "2027-01-15T08:00:00.000Z", "value": 3.0}]


@settings(max_examples=30, deadline=None, suppress_health_check=[Check.function_scoped_fixture])
@given(st.sets(st.integers(0, 3599), max_size=80), st.integers(1, 50))
def test_a_trend_is_short_in_order_and_true(database: Database, samples: Samples, seconds: set[int], points: int) -> None:
    with database.write() as transaction:
        transaction.execute(delete(table))
    add(database, samples, *(sample(START + each, cpu_usage=each) for each in sorted(seconds)))
    found = samples.trend("cpu_usage", START, START + 3600, points)
    assert len(found) <= points
    assert [point.at for point in found] == sorted(point.at for point in found)
    values = [point.value for point in found if point.value is not None]
    assert values == sorted(values)
    assert all(min(seconds) <= value <= max(seconds) for value in values)
    assert bool(values) == bool(seconds)


def test_a_month_fits_into_500_points(database: Database) -> None:
    samples = Samples(database, sample_s=3600.0)
    add(database, samples, *(sample(START + 3600 * i, cpu_usage=50) for i in range(720)))
    points = get_trends(samples, "cpu_usage", "30d", now=START + 720 * 3600)
    assert 400 <= len(points) <= 500
    assert all(point["value"] == 50 for point in points)


def test_an_unknown_metric_or_timeframe_is_refused_with_what_there_is(samples: Samples) -> None:
    with pytest.raises(InvalidRequest) as caught:
        get_trends(samples, "cpu", "1h")
    assert caught.value.details["expected"] == list(UNITS)
    with pytest.raises(InvalidRequest) as caught:
        get_trends(samples, "cpu_usage", "1y")
    assert caught.value.details["expected"] == ["1h", "24h", "7d", "30d"]


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
