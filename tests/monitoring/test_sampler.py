from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dashapp.database.leases import HOST
from dashapp.monitoring.health import ALL_HEALTHY, HealthCheck, HealthState, ServiceHealth
from dashapp.monitoring.processes import ProcessTree
from dashapp.monitoring.sample import METRICS
from dashapp.monitoring.sampler import Sampler, Sources
from dashapp.monitoring.snapshot import latest_snapshot
from dashapp.monitoring.traffic import Record, summarise
from tests.monitoring.test_store import START, add, sample
from tests.waiting import wait_until


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
    assert {"at", "headline", "services", "cores", "processes", *METRICS} == set(json.loads(json.dumps(snapshot)))


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


def test_a_sample_says_what_others_know(quiet: Sources) -> None:
    """The probes' figures, the sockets, the lag and the process tree."""
    values = {"latency_ms": 3.0, "write_ms": 2.0, "read_ms": 1.0, "size_bytes": 4096}
    services = {
        "Database": lambda: ServiceHealth("Database", HealthState.OK, "", "", values),
        "Training Pipeline": lambda: ServiceHealth("Training Pipeline", HealthState.OK, "", "", {"queued": 2}),
    }
    known = replace(quiet, tree=ProcessTree(os.getpid(), workers_below=False), sockets=lambda: 7, event_lag_ms=lambda: 41.5)
    found = Sampler(known, health=HealthCheck(services)).take_sample(datetime.fromtimestamp(START, UTC))
    assert (found.database_write_ms, found.database_read_ms, found.database_bytes, found.queued_runs) == (2.0, 1.0, 4096, 2)
    assert (found.websocket_clients, found.event_lag_ms) == (7, 41.5)
    assert found.process_count is not None and found.process_count >= 1
    snapshot = latest_snapshot(quiet.samples, now=START)
    assert snapshot["processes"][0]["role"] == "web worker" and snapshot["processes"][0]["pid"] == os.getpid()
    assert set(snapshot["processes"][0]) == {"role", "name", "pid", "run", "cpu", "memory_bytes", "threads", "files"}


def test_percentiles_of_the_last_minute_are_of_all_workers(quiet: Sources) -> None:
    with quiet.database.write() as transaction:
        quiet.counts.add(transaction, "a", summarise([("predict", 200, 2.0, 1, 1)] * 90, START - 5))
        quiet.counts.add(transaction, "b", summarise([("api", 200, 50.0, 0, None)] * 10 + [("page", 200, 9e4, 0, None)], START - 1))
    found = Sampler(quiet).take_sample(datetime.fromtimestamp(START, UTC))
    assert found.api_response_time_p50 == pytest.approx(2, rel=0.01)
    assert found.api_response_time_p95 == found.api_response_time_p99 == pytest.approx(50, rel=0.01)
    assert found.prediction_time_p95 == pytest.approx(2, rel=0.01)


def test_a_server_that_started_in_the_future_has_no_uptime(quiet: Sources) -> None:
    found = Sampler(replace(quiet, started_at=START + 60)).take_sample(datetime.fromtimestamp(START, UTC))
    assert found.system_uptime is None


def test_nothing_is_claimed_without_a_fresh_sample(sources: Sources) -> None:
    nothing = latest_snapshot(sources.samples)
    assert nothing["at"] is None and nothing["cpu_usage"] is None
    assert nothing["headline"] == "UNKNOWN: there is no sample yet"
    assert {each["state"] for each in nothing["services"]} == {"unknown"}
    add(sources.database, sources.samples, sample(START, cpu_usage=50), host=HOST)
    stale = latest_snapshot(sources.samples, now=START + 42)
    assert stale["headline"] == "UNKNOWN: no sample for 42 s"
    assert stale["at"] is not None and stale["cpu_usage"] is None
