from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import text

from dashapp.database.engine import Database
from dashapp.events.fact import EventType
from dashapp.events.store import EventLog
from dashapp.monitoring import meter as meter_module
from dashapp.monitoring.meter import RequestMeter
from dashapp.monitoring.store import RequestCounts
from tests.waiting import wait_until


@pytest.fixture
def meter(database: Database, counts: RequestCounts, log: EventLog) -> RequestMeter:
    return RequestMeter(database, counts, log, interval_s=0.02)


def test_drain_takes_each_record_once(meter: RequestMeter) -> None:
    meter.record("api", 503, 5.0)
    meter.record("predict", 200, 2.0, predictions=3, version=1)
    batch = meter.drain(7.0)
    assert [(each.kind, each.count, each.errors, each.predictions) for each in batch.totals] == [("api", 1, 1, 0), ("predict", 1, 0, 3)]
    assert meter.drain(8.0).totals == ()


def test_who_was_refused_where_is_kept_of_failures_alone(meter: RequestMeter, counts: RequestCounts) -> None:
    meter.record("api", 200, 1.0, route="/api/models", client="10.0.0.1")
    meter.record("api", 404, 1.0, route="/api/runs/<run_id>", client="10.0.0.2")
    meter.flush(7.0)
    meter.record("api", 200, 1.0)
    assert [(each.route, each.client) for each in counts.failures(0, 7.0)] == [("/api/runs/<run_id>", "10.0.0.2")]
    assert meter.drain(8.0).totals[0].failures == ()


def test_records_of_many_threads_reach_the_store_by_stop(meter: RequestMeter, counts: RequestCounts, log: EventLog) -> None:
    def answer_requests() -> None:
        for _ in range(2000):
            meter.record("predict", 200, 1.0, predictions=2, version=1)

    meter.start()
    threads = [threading.Thread(target=answer_requests) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    meter.stop()
    window = counts.last_minute(time.time())
    assert (window.count, window.predictions, window.mean_ms) == (8000, 16000, 1.0)
    assert sum(event.data["count"] for event in log.latest(500, [EventType.PREDICTION_MADE])) == 16000


def test_nothing_recorded_writes_nothing(meter: RequestMeter, log: EventLog) -> None:
    meter.flush(7.0)
    meter.start()
    meter.stop()
    assert log.last_id() == 0


def test_many_predictions_in_one_flush_are_one_fact(meter: RequestMeter, log: EventLog) -> None:
    for _ in range(37):
        meter.record("predict", 200, 2.0, predictions=1, version=4)
    meter.flush(time.time())
    assert [event.message for event in log.since(0)] == ["37 predictions by version 4 (mean 2.0 ms)"]


def test_a_database_error_keeps_the_data_and_the_thread(
    meter: RequestMeter, database: Database, counts: RequestCounts, log: EventLog, caplog: pytest.LogCaptureFixture
) -> None:
    rename(database, "requests", "away")
    meter.record("predict", 200, 2.0, predictions=1, version=1)
    meter.start()
    wait_until(lambda: "kept and tried again" in caplog.text)
    meter.record("predict", 200, 2.0, predictions=1, version=1)
    rename(database, "away", "requests")
    wait_until(lambda: counts.last_minute(time.time()).predictions == 2)
    meter.stop()
    assert sum(event.data["count"] for event in log.since(0)) == 2
    assert caplog.text.count("kept and tried again") == 1


def test_what_waits_is_bounded(meter: RequestMeter, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    rename(database, "requests", "away")
    for second in range(meter_module.BATCHES_KEPT + 5):
        meter.record("api", 200, 1.0)
        monkeypatch.setattr(database, "write", _refuse)
        with pytest.raises(ConnectionError):
            meter.flush(float(second))
    monkeypatch.undo()
    rename(database, "away", "requests")
    meter.flush(1e6)
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM requests")).scalar_one() == meter_module.BATCHES_KEPT


def test_a_commit_that_was_not_confirmed_is_not_told_twice(meter: RequestMeter, database: Database, log: EventLog) -> None:
    meter.record("predict", 200, 2.0, predictions=1, version=1)
    batch = meter.drain(7.0)
    for _ in range(2):
        meter._waiting.append(batch)
        meter.flush(8.0)
    assert len(log.since(0)) == 1


def rename(database: Database, name: str, to: str) -> None:
    with database.write() as transaction:
        transaction.execute(text(f"ALTER TABLE {name} RENAME TO {to}"))


def _refuse() -> None:
    raise ConnectionError
