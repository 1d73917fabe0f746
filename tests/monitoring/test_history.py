"""A trend over any time: whatever was rolled up and whatever is still kept, each sample counts once, and a gap stays a gap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck as Check
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy import insert as add_rows

from dashapp.database.engine import Database
from dashapp.database.tables import latencies
from dashapp.database.tables import samples as table
from dashapp.errors import InvalidRequest
from dashapp.monitoring.history import History, Point
from dashapp.monitoring.rollups import DAY, HOUR, MINUTE, Rollups
from dashapp.monitoring.sample import METRICS, PERCENTILES, UNITS
from dashapp.monitoring.sketch import sketch_of
from dashapp.monitoring.store import RequestCounts, Samples
from dashapp.monitoring.traffic import summarise
from dashapp.monitoring.trends import TIMEFRAMES_S, get_trends
from tests.monitoring.test_rollups import MIDNIGHT, clear
from tests.monitoring.test_store import START, add, sample


@pytest.fixture
def kept(database: Database) -> Rollups:
    return Rollups(database)


@pytest.fixture
def history(samples: Samples, counts: RequestCounts, kept: Rollups) -> History:
    return History(samples, counts, kept)


def test_points_have_means_and_show_gaps(database: Database, samples: Samples, history: History) -> None:
    add(database, samples, *(sample(START + at, cpu_usage=value) for at, value in [(0, 10), (5, 20), (20, 30), (95, 40), (99, 60)]))
    points = history.points("cpu_usage", START, START + 100, most=10)
    assert [(each.at - START, each.low, each.mean, each.high) for each in points] == [
        (2.5, 10, 15, 20),
        (20, 30, 30, 30),
        (57.5, None, None, None),
        (97, 40, 50, 60),
    ]


def test_what_was_not_known_has_no_value(database: Database, samples: Samples, history: History) -> None:
    add(database, samples, sample(START), sample(START + 5, api_response_time=2.5))
    assert [each.mean for each in history.points("api_response_time", START, START + 10, 2)] == [None, 2.5]
    assert history.points("api_response_time", START + 50, START + 60, 2) == []
    assert history.points("api_response_time", START, START, 2) == []


@pytest.mark.parametrize("metric", [name for name in UNITS if name not in PERCENTILES])
def test_every_metric_has_a_trend(database: Database, samples: Samples, history: History, metric: str) -> None:
    assert metric in METRICS
    add(database, samples, sample(START, **{metric: 3}))
    assert get_trends(history, metric, "1h", now=START + 1) == [{"at": "2027-01-15T08:00:00.000Z", "value": 3.0, "low": 3.0, "high": 3.0}]


@settings(max_examples=25, deadline=None, suppress_health_check=[Check.function_scoped_fixture])
@given(st.sets(st.integers(0, 3599), max_size=80), st.integers(1, 50))
def test_a_trend_is_short_in_order_and_true(database: Database, samples: Samples, history: History, seconds: set[int], most: int) -> None:
    clear(database)
    add(database, samples, *(sample(START + each, cpu_usage=each % 100) for each in sorted(seconds)))
    found = history.points("cpu_usage", START, START + 3600, most)
    assert len(found) <= most
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert bool([each for each in found if each.mean is not None]) == bool(seconds)


@settings(max_examples=25, deadline=None, suppress_health_check=[Check.function_scoped_fixture])
@given(st.integers(3, 60 * HOUR), st.integers(0, 60 * HOUR), st.integers(0, 60 * HOUR), st.integers(1, 20))
def test_each_sample_counts_once_across_all_borders(
    database: Database, samples: Samples, history: History, kept: Rollups, span: int, rolled_up: int, pruned: int, most: int
) -> None:
    """60 hours of samples, rolled up to any moment, the raw ones deleted up to any other: the weighted mean of one point is their mean."""
    clear(database)
    values = {MIDNIGHT + at: float(at // 600 % 7) for at in range(0, 60 * HOUR, 600)}
    with database.write() as transaction:
        transaction.execute(add_rows(table), [{"at": at, "host": "here", "metrics": {"cpu_usage": value}} for at, value in values.items()])
    kept.advance(MIDNIGHT + rolled_up)
    mark = kept.rolled_up_to(MINUTE)
    with database.write() as transaction:
        transaction.execute(delete(table).where(table.c.at < min(mark, MIDNIGHT + pruned // MINUTE * MINUTE)))
    end = MIDNIGHT + 60 * HOUR
    start = end - -(-span // HOUR) * HOUR
    (point,) = history.points("cpu_usage", start, end, 1)
    inside = [value for at, value in values.items() if start <= at < end]
    assert point.mean == pytest.approx(sum(inside) / len(inside), abs=2e-3)
    assert (point.low, point.high) == (min(inside), max(inside))
    assert len(history.points("cpu_usage", start, end, most)) <= most


def test_a_downtime_is_a_gap_in_every_resolution(database: Database, history: History, kept: Rollups) -> None:
    times = [at for at in range(0, 6 * DAY, 60) if not 2 * DAY <= at < 4 * DAY]
    with database.write() as transaction:
        transaction.execute(add_rows(table), [{"at": MIDNIGHT + at, "host": "here", "metrics": {"cpu_usage": 5.0}} for at in times])
    now = MIDNIGHT + 6 * DAY
    kept.advance(now)
    for timeframe in ("7d", "30d", "90d"):
        points = get_trends(History(Samples(database, 60.0), RequestCounts(database), kept), "cpu_usage", timeframe, now)
        values = [each["value"] for each in points]
        assert values.count(None) == 1 and set(values) == {5.0, None}
        assert points[values.index(None)]["at"].startswith("2027-01-19")


def test_percentiles_are_those_of_all_requests_never_means(
    database: Database, counts: RequestCounts, history: History, kept: Rollups
) -> None:
    random = np.random.default_rng(2)
    everything: list[float] = []
    for minute in range(90):
        took = random.lognormal(minute / 45, 1, size=3 if minute % 2 else 60).tolist()
        everything += took
        for worker in ("a", "b"):
            mine = took[worker == "b" :: 2]
            with database.write() as transaction:
                counts.add(transaction, worker, summarise([("predict", 200, ms, 1, 1) for ms in mine], MIDNIGHT + 60 * minute + 5))
    now = MIDNIGHT + 90 * MINUTE
    exact = sorted(everything)[int(0.95 * (len(everything) - 1))]
    for rolled_up in (0, 30 * MINUTE, 80 * MINUTE, 2 * HOUR):
        kept.advance(MIDNIGHT + rolled_up)
        if rolled_up < 75 * MINUTE:  # what is not rolled up for longer is not looked at
            continue
        for metric in ("prediction_time_p95", "api_response_time_p95"):
            (point,) = history.points(metric, MIDNIGHT, now, 1)
            assert point.mean == pytest.approx(exact, rel=0.0101)
            assert point.low is not None and point.high is not None and point.low < point.mean < point.high
    assert history.points("api_response_time_p99", MIDNIGHT - DAY, MIDNIGHT - HOUR) == []
    assert 45 <= len(history.points("api_response_time_p50", MIDNIGHT, now)) <= 500


def test_percentiles_of_a_year_come_from_days(database: Database, history: History, kept: Rollups) -> None:
    sketch = sketch_of([1.0, 2.0, 100.0]).packed()
    rows = [
        {"kind": "api", "resolution": DAY, "at": int(MIDNIGHT) + day * DAY, "count": 3, "errors": 0, "sketch": sketch} for day in range(365)
    ]
    with database.write() as transaction:
        transaction.execute(add_rows(latencies), rows)
        kept._set_mark(transaction, DAY, int(MIDNIGHT) + 365 * DAY)
    points = get_trends(history, "api_response_time_p50", "1y", MIDNIGHT + 365 * DAY)
    assert len(points) == 365 and {round(each["value"], 1) for each in points} == {2.0}


_LONG = ("90d", "1y", "2y")


@pytest.mark.parametrize("timeframe", [pytest.param(each, marks=[pytest.mark.slow] * (each in _LONG)) for each in TIMEFRAMES_S])
def test_no_timeframe_has_more_than_500_points(database: Database, history: History, kept: Rollups, timeframe: str) -> None:
    length = TIMEFRAMES_S[timeframe]
    step = max(length // 2000, 5)
    rows = [{"at": MIDNIGHT + at, "host": "here", "metrics": {"cpu_usage": 5.0}} for at in range(0, length, step)]
    with database.write() as transaction:
        transaction.execute(add_rows(table), rows)
    while not kept.advance(MIDNIGHT + length):
        continue
    found = get_trends(history, "cpu_usage", timeframe, MIDNIGHT + length)
    assert 60 <= len(found) <= 500
    assert {each["value"] for each in found} <= {5.0, None}


def test_an_unknown_metric_or_timeframe_is_refused_with_what_there_is(history: History) -> None:
    with pytest.raises(InvalidRequest) as caught:
        get_trends(history, "cpu", "1h")
    assert caught.value.details["expected"] == list(UNITS)
    with pytest.raises(InvalidRequest) as caught:
        get_trends(history, "cpu_usage", "5y")
    assert caught.value.details["expected"] == ["1h", "24h", "7d", "30d", "90d", "1y", "2y"]
    with pytest.raises(KeyError):
        history.points("cpu", 0, 1)
    assert Point(1.0, None, None, None).mean is None
