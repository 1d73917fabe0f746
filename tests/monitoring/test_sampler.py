from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from dashapp.database.leases import HOST
from dashapp.events.fact import EventType
from dashapp.monitoring.health import ALL_HEALTHY, HealthCheck, HealthState, ServiceHealth
from dashapp.monitoring.sample import METRICS
from dashapp.monitoring.sampler import SAMPLES_KEPT_S, Sampler, Sources
from dashapp.monitoring.snapshot import latest_snapshot
from dashapp.monitoring.traffic import Record, summarise
from tests.monitoring.test_store import START, add, sample
from tests.waiting import wait_until


def database_taking(latency_ms: float) -> HealthCheck:
    health = ServiceHealth("Database", HealthState.OK, "", "", {"latency_ms": latency_ms})
    return HealthCheck({"Database": lambda: health})


def test_it_samples_at_once_and_goes_on(sources: Sources) -> None:
    sampler = Sampler(sources)
    sampler.start()
    wait_until(lambda: len(sources.samples.since(0)) >= 3)
    sampler.stop()
    assert sources.samples.since(0)[0].cpu_usage is not None
    snapshot = latest_snapshot(sources.samples, now=0)
    assert snapshot["memory_usage"] > 0
    assert snapshot["active_trainings"] == 0 and snapshot["api_response_time"] is None and snapshot["error_rate"] is None
    assert snapshot["headline"] == ALL_HEALTHY
    assert [each["name"] for each in snapshot["services"]] == ["Training Pipeline", "Model API", "File Storage", "Database"]
    assert {"at", "headline", "services", *METRICS} == set(json.loads(json.dumps(snapshot)))


def test_one_of_two_samples_and_the_other_takes_over(sources: Sources) -> None:
    first, second = Sampler(sources), Sampler(sources)
    first.start()
    wait_until(lambda: sources.samples.latest())
    second.start()
    assert not second._is_holder
    first.stop()
    wait_until(lambda: second._is_holder)
    count = len(sources.samples.since(0))
    wait_until(lambda: len(sources.samples.since(0)) > count)
    second.stop()


def test_stop_does_not_wait_for_the_interval(quiet: Sources) -> None:
    sampler = Sampler(quiet)
    sampler.start()
    wait_until(quiet.samples.latest)
    began = time.monotonic()
    sampler.stop()
    assert time.monotonic() - began < 5
    assert len(quiet.samples.since(0)) == 1


def test_a_round_that_fails_does_not_end_it(sources: Sources, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    sampler = Sampler(sources)
    take_sample, failures = sampler.take_sample, iter([ConnectionError, ValueError])

    def fail_twice(now: datetime) -> None:
        for failure in failures:
            raise failure
        take_sample(now)

    monkeypatch.setattr(sampler, "take_sample", fail_twice)
    sampler.start()
    wait_until(sources.samples.latest)
    sampler.stop()
    assert caplog.text.count("this round of the sampler failed") == 2


def test_a_sample_counts_the_requests_to_the_api(quiet: Sources) -> None:
    now = datetime.fromtimestamp(START, UTC)
    records: list[Record] = [("predict", 200, 2.0, 10, 1), ("api", 500, 4.0, 0, None), ("page", 500, 900.0, 0, None)]
    with quiet.database.write() as transaction:
        quiet.counts.add(transaction, "w", summarise(records, START - 1))
    found = Sampler(quiet).take_sample(now)
    assert (found.api_response_time, found.error_rate, found.requests_per_minute) == (3.0, 50.0, 2)
    assert (found.model_predictions_per_minute, found.system_uptime) == (10, START)


def test_a_slow_database_raises_one_alert_that_a_restart_does_not_repeat(quiet: Sources) -> None:
    for second in range(6):  # a new sampler each time: as after a restart
        Sampler(quiet, health=database_taking(812.0)).take_sample(datetime.fromtimestamp(START + second, UTC))
    (alert,) = quiet.log.since(0, types=[EventType.SYSTEM_ALERT])
    assert alert.message == "A write and a read of the database: 812 ms (limit 500 ms)"
    assert alert.subject == {"host": HOST}
    for second in range(6, 12):
        Sampler(quiet, health=database_taking(2.0)).take_sample(datetime.fromtimestamp(START + second, UTC))
    assert [event.data["action"] for event in quiet.log.since(0)] == ["raised", "resolved"]


def test_what_is_old_is_pruned(sources: Sources) -> None:
    add(sources.database, sources.samples, sample(START - SAMPLES_KEPT_S - 1), sample(START - SAMPLES_KEPT_S + 1))
    Sampler(sources).prune(START)
    assert len(sources.samples.since(0)) == 1


def test_nothing_is_claimed_without_a_fresh_sample(sources: Sources) -> None:
    nothing = latest_snapshot(sources.samples)
    assert nothing["at"] is None and nothing["cpu_usage"] is None
    assert nothing["headline"] == "UNKNOWN: there is no sample yet"
    assert {each["state"] for each in nothing["services"]} == {"unknown"}
    add(sources.database, sources.samples, sample(START, cpu_usage=50), host=HOST)
    stale = latest_snapshot(sources.samples, now=START + 42)
    assert stale["headline"] == "UNKNOWN: no sample for 42 s"
    assert stale["at"] is not None and stale["cpu_usage"] is None
