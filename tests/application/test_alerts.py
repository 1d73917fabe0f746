"""The watch over a real database, with samples and a clock of the tests'."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashapp.application import alert_clues, alert_findings, alerts
from dashapp.application.services import Services, open_services
from dashapp.database.leases import HOST
from dashapp.datasets.dataset import Task
from dashapp.errors import Conflict, InvalidRequest, NotFound
from dashapp.events.fact import Event, EventType, Fact
from dashapp.monitoring.alert_causes import NOTHING_FOUND
from dashapp.monitoring.alert_rules import limit_of
from dashapp.monitoring.alert_watch import AlertWatch
from dashapp.monitoring.health import HealthState, ServiceHealth
from dashapp.monitoring.history import Point
from dashapp.monitoring.sample import Sample
from dashapp.monitoring.told import Alert, ColumnDrift, Drift, Forecast, ForecastPoint, LinkKind, Reach
from dashapp.monitoring.traffic import Failure
from dashapp.settings import Settings
from dashapp.training.run import Run, RunState, Stage
from dashapp.training.store import Trainer

START = 1_800_000_000.0


class Clock:
    """Samples each second, the watch after each; `told` are the facts that this gave."""

    def __init__(self, services: Services) -> None:
        self.services, self.now = services, START

    def run(self, seconds: int, *, host: str = HOST, health: tuple[ServiceHealth, ...] = (), **metrics: Any) -> list[Event]:
        before = self.services.log.last_id()
        for _ in range(seconds):
            self.now += 1
            sample = Sample.of(datetime.fromtimestamp(self.now, UTC), metrics)
            with self.services.database.write() as transaction:
                self.services.samples.add(transaction, sample, host, health)
            alerts.watch_alerts(self.services, self.now)
        return self.services.log.since(before, types=[EventType.SYSTEM_ALERT])

    def watch(self, seconds: float = 0) -> list[Event]:
        """Without a new sample."""
        before = self.services.log.last_id()
        self.now += seconds
        alerts.watch_alerts(self.services, self.now)
        return self.services.log.since(before, types=[EventType.SYSTEM_ALERT])


@pytest.fixture
def clock(services: Services) -> Clock:
    return Clock(services)


def standing(services: Services) -> list[Alert]:
    return alerts.alerts(services, is_standing=True)


HIGH: Mapping[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "memory_high": ({"memory_usage": 95.0}, {"memory_usage": 40.0}, 31),
    "disk_nearly_full": ({"storage_usage": 97.0}, {"storage_usage": 60.0}, 11),
    "disk_low": ({"storage_free_bytes": 10**8}, {"storage_free_bytes": 10**10}, 11),
    "error_rate": ({"error_rate": 50.0, "requests_per_minute": 40}, {"error_rate": 0.0, "requests_per_minute": 40}, 31),
    "database_slow": ({"database_latency_ms": 900.0}, {"database_latency_ms": 3.0}, 11),
}


@pytest.mark.parametrize("rule", HIGH)
def test_a_metric_that_stays_past_its_limit_raises_one_alert_and_comes_back(clock: Clock, services: Services, rule: str) -> None:
    bad, good, seconds = HIGH[rule]
    (raised,) = clock.run(seconds + 30, **bad)
    (alert,) = standing(services)
    assert (raised.data["action"], raised.data["rule"], raised.data["alert"]) == ("raised", rule, alert.id)
    assert raised.subject["alert"] == alert.id and raised.message == alert.message
    assert alert.cause is not None and raised.data["cause"] == alert.cause.words
    (resolved,) = clock.run(seconds + 30, **good)
    assert (resolved.data["action"], resolved.subject) == ("resolved", raised.subject)
    (past,) = alerts.alerts(services, is_standing=False)
    assert (past.id, past.resolved_message) == (alert.id, resolved.message)
    assert standing(services) == []


def test_a_restart_raises_nothing_again_and_resolves_what_stands(clock: Clock, settings: Settings) -> None:
    assert len(clock.run(32, memory_usage=95.0)) == 1
    with closing(open_services(settings)) as again:
        later = Clock(again)
        later.now = clock.now
        assert later.run(60, memory_usage=95.0) == []
        assert [each.data["action"] for each in later.run(32, memory_usage=40.0)] == ["resolved"]


def test_a_restart_in_the_middle_of_a_breach_counts_from_its_samples(clock: Clock, settings: Settings) -> None:
    assert clock.run(25, memory_usage=95.0) == []
    with closing(open_services(settings)) as again:
        later = Clock(again)
        later.now = clock.now
        assert len(later.run(7, memory_usage=95.0)) == 1


def test_two_processes_that_watch_raise_once(clock: Clock, services: Services) -> None:
    clock.run(30, memory_usage=95.0)
    other = replace(services, alert_watch=AlertWatch())
    clock.run(1, memory_usage=95.0)
    alerts.watch_alerts(other, clock.now)
    assert alerts.count_alerts(services) == 1
    assert len(services.log.latest(10, [EventType.SYSTEM_ALERT])) == 1


def test_each_host_has_its_own_memory_and_one_that_is_gone_is_forgotten(clock: Clock, services: Services) -> None:
    clock.run(32, host="there", memory_usage=95.0)
    (alert,) = standing(services)
    assert alert.about == "there"
    found = []
    for _ in range(9):
        assert found == []
        clock.now += 500
        found = clock.run(1, memory_usage=20.0)
    (over,) = found
    assert "nobody can say" in over.message


def test_a_service_that_does_not_answer(clock: Clock) -> None:
    hangs = ServiceHealth("Database", HealthState.FAILING, "not answering", "not answering within 2 s")
    works = ServiceHealth("Database", HealthState.OK, "2 ms", "a write and a read took 2 ms")
    (raised,) = clock.run(10, health=(hangs,))
    assert (raised.message, raised.data["severity"]) == ("Database: not answering within 2 s", "critical")
    (resolved,) = clock.run(10, health=(works,))
    assert resolved.message == "Database answers again"


def test_a_service_that_fails_for_a_reason_of_its_own_is_told_by_the_rule_for_that(clock: Clock) -> None:
    full = ServiceHealth("File Storage", HealthState.FAILING, "400 MB free", "400 MB free of 80 GB (1 %)")
    assert clock.run(20, health=(full,)) == []


MEAN_FOR_P95 = replace(alerts.RULES["latency"], limit=replace(limit_of(alerts.RULES["latency"]), metric="api_response_time"))


class Latency:
    """A history in which the latency was always the same."""

    def __init__(self, usual_ms: float, points: int = 100) -> None:
        self._points = [Point(START - 5000 + i, usual_ms, usual_ms, usual_ms) for i in range(points)]
        self.asked = 0

    def points(self, metric: str, start: float, end: float, most: int = 500) -> list[Point]:
        assert metric == "api_response_time" and end - start > 80_000
        self.asked += 1
        return self._points


@pytest.mark.parametrize(
    ("usual_ms", "now_ms", "points", "expected"),
    [(1.0, 2.0, 100, 0), (1.0, 49.0, 100, 0), (20.0, 90.0, 100, 1), (100.0, 250.0, 100, 0), (100.0, 320.0, 100, 1), (1.0, 900.0, 5, 0)],
)
def test_latency_is_held_against_its_own_day(
    services: Services, monkeypatch: pytest.MonkeyPatch, usual_ms: float, now_ms: float, points: int, expected: int
) -> None:
    history = Latency(usual_ms, points)
    monkeypatch.setattr(alert_findings, "history_of", lambda _services: history)
    rule = MEAN_FOR_P95
    look = alert_findings.Look(services, alerts.RULES, [], START)
    sample = Sample(datetime.fromtimestamp(START, UTC), requests_per_minute=100, api_response_time=now_ms)
    limit = look._for_latency(rule, sample).limit
    look._for_latency(rule, sample)
    assert limit is not None and limit.is_breached(now_ms, 100) is (True if expected else False if now_ms <= limit.clears_at else None)
    assert history.asked == (0 if now_ms < 50 else 1)


def test_slow_answers_raise_and_the_limit_stands_until_they_are_fast_again(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alert_findings, "history_of", lambda _services: Latency(20.0))
    monkeypatch.setattr(alert_clues, "history_of", lambda _services: Latency(20.0))
    watched = {"latency": MEAN_FOR_P95}
    monkeypatch.setattr(alerts.watch_alerts, "__defaults__", (watched,))
    (raised,) = clock.run(70, api_response_time=200.0, requests_per_minute=100)
    assert (raised.data["rule"], raised.data["threshold"]) == ("latency", 70.0)
    monkeypatch.setattr(alert_findings, "history_of", lambda _services: Latency(200.0))
    assert clock.run(70, api_response_time=60.0, requests_per_minute=100) == []
    assert [each.data["action"] for each in clock.run(70, api_response_time=25.0, requests_per_minute=100)] == ["resolved"]


def a_run(services: Services, run_id: str, dataset: str, state: RunState, at: float, error: str | None = None) -> Run:
    moment = datetime.fromtimestamp(at, UTC)
    run = Run(
        id=run_id, dataset_id=dataset, dataset_name=f"{dataset}.csv", target="y", task=Task.BINARY, budget_s=5, seed=1, exclude=(),
        state=state, created_at=moment, stage=Stage.TRAINING, percent=40, message="m", stages=(), score_name="ROC AUC",
        loss_name="log loss", error=error,
    )  # fmt: skip
    with services.database.write() as transaction:
        services.runs.add(transaction, run)
        if state.is_finished:
            words = f"Training of y on {dataset}.csv {state.value}" + (f": {error}" if error else "")
            fact = Fact(EventType.TRAINING_COMPLETED, words, {"run": run_id, "dataset": dataset}, {"outcome": state.value})
            services.log.append(transaction, fact, moment)
    return run


def test_a_failed_run_is_told_once_with_its_error_until_a_later_one_succeeds(clock: Clock, services: Services) -> None:
    a_run(services, "r1", "d1", RunState.FAILED, clock.now, "The training ran out of memory.")
    (raised,) = clock.watch()
    assert raised.message == "Training of y on d1.csv failed: The training ran out of memory."
    assert raised.subject["run"] == "r1"
    (alert,) = standing(services)
    assert alert.cause is not None and alert.cause.words == "The training ran out of memory."
    assert {link.kind for link in alert.cause.links} == {LinkKind.RUN, LinkKind.DATASET}
    a_run(services, "r2", "d1", RunState.INTERRUPTED, clock.now + 1)
    a_run(services, "r3", "d1", RunState.CANCELLED, clock.now + 2)
    a_run(services, "r4", "d2", RunState.SUCCEEDED, clock.now + 3)
    assert clock.watch(10) == []
    a_run(services, "r5", "d1", RunState.SUCCEEDED, clock.now)
    (resolved,) = clock.watch(10)
    assert resolved.message == "A later one succeeded: Training of y on d1.csv succeeded"
    assert clock.watch(10) == []


def test_a_failed_run_is_forgotten_after_a_day_and_not_raised_again(clock: Clock, services: Services) -> None:
    a_run(services, "r1", "d1", RunState.INTERRUPTED, clock.now)
    assert len(clock.watch()) == 1
    assert clock.watch(86_000) == []
    assert [each.data["action"] for each in clock.watch(500)] == ["resolved"]
    assert clock.watch(500) == []


def test_a_failure_of_long_ago_is_not_raised(clock: Clock, services: Services) -> None:
    a_run(services, "r1", "d1", RunState.FAILED, clock.now - 90_000)
    assert clock.watch() == []


def set_trainer(services: Services, run_id: str, heartbeat_at: float) -> None:
    with services.database.write() as transaction:
        services.runs.set_trainer(transaction, Trainer(run_id, os.getpid(), 0.0, HOST, heartbeat_at))


def test_a_trainer_without_a_sign_of_life(clock: Clock, services: Services) -> None:
    a_run(services, "r1", "d1", RunState.RUNNING, clock.now)
    set_trainer(services, "r1", clock.now)
    assert clock.watch(29) == []
    (raised,) = clock.watch(2)
    assert raised.message == "The training of y on d1.csv has given no sign of life for 31 s"
    assert raised.subject["run"] == "r1"
    (alert,) = standing(services)
    assert alert.cause is not None and f"process {os.getpid()}" in alert.cause.words
    set_trainer(services, "r1", clock.now)
    assert [each.message for each in clock.watch(1)] == ["The training of y on d1.csv gives signs of life again"]


def test_a_stalled_trainer_whose_run_is_over_stands_no_more(clock: Clock, services: Services) -> None:
    run = a_run(services, "r1", "d1", RunState.RUNNING, clock.now)
    set_trainer(services, "r1", clock.now - 40)
    assert len(clock.watch()) == 1
    with services.database.write() as transaction:
        services.runs.save(transaction, replace(run, state=RunState.CANCELLED))
    assert [each.message for each in clock.watch(1)] == ["The training of y on d1.csv is over"]


def drift(*columns: str, model: str = "m1", is_enough: bool = True) -> Drift:
    found = tuple(ColumnDrift(each, "number", 0.4, 0.3, 0.5, True, 0, 0, 0, 0, f"{each} moved by 0.4") for each in columns)
    at = datetime.fromtimestamp(START, UTC)
    return Drift(model, 3, at, at, 1000, found, None, is_enough, f"{len(columns)} of 4 columns drift")


def test_drift_is_told_with_its_columns_and_ends(clock: Clock, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Drift | None] = [None]
    for module in (alert_findings, alert_clues):
        monkeypatch.setattr(module, "latest_drift", lambda _services, _model=None: found[0])
    assert clock.watch(60) == []
    found[0] = drift("age", is_enough=False)
    assert clock.watch(60) == []
    found[0] = drift("age", "income")
    (raised,) = clock.watch(60)
    assert raised.message == "Version 3 drifts: 2 of 4 columns drift" and raised.subject["model"] == "m1"
    assert [each.cause.words for each in standing(services) if each.cause] == ["age moved by 0.4"]
    found[0] = drift(is_enough=False)
    assert clock.watch(60) == []
    found[0] = drift()
    assert [each.data["action"] for each in clock.watch(60)] == ["resolved"]
    found[0] = drift("age")
    assert len(clock.watch(60)) == 1
    found[0] = drift("age", model="m2")
    assert sorted(each.data["action"] for each in clock.watch(60)) == ["raised", "resolved"]


def forecast(hours: float | None, coverage: float | None = 0.8) -> Forecast:
    at = datetime.fromtimestamp(START, UTC)
    reach = None if hours is None else Reach(100.0, at + timedelta(hours=hours), at, None, f"disk full in {hours:g} h ± 1 h")
    return Forecast("storage_usage", "%", (ForecastPoint(at, 1, 2, 3),), coverage, "words", reach)


@pytest.mark.parametrize("given", [(), (forecast(None),), (forecast(30),), (forecast(6, 0.5),), (forecast(6, None),)])
def test_a_forecast_that_is_not_soon_or_not_proved_is_no_alert(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, given: tuple[Forecast, ...]
) -> None:
    monkeypatch.setattr(alert_findings, "forecasts", lambda *_: given)
    assert [clock.watch(300) for _ in range(5)] == [[]] * 5


def test_a_disk_that_will_soon_be_full_is_told_before_it_is(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [forecast(6)]
    monkeypatch.setattr(alert_findings, "forecasts", lambda *_: tuple(given))
    assert clock.watch(300) == []
    (raised,) = clock.watch(300)
    assert (raised.message, raised.data["rule"]) == ("disk full in 6 h ± 1 h", "disk_full_soon")
    given[0] = forecast(30)
    assert [clock.watch(300) for _ in range(15)] == [[]] * 15
    given[0] = forecast(None)
    found = [event for _ in range(12) for event in clock.watch(300)]
    assert [each.data["action"] for each in found] == ["resolved"]


def test_memory_is_blamed_on_the_trainer_that_holds_it(clock: Clock, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    a_run(services, "r1", "d1", RunState.RUNNING, clock.now)
    set_trainer(services, "r1", clock.now + 1000)
    held = {"role": "trainer", "name": "python", "pid": 7, "run": "r1", "memory_bytes": 6 * 10**9}
    monkeypatch.setattr(alert_clues, "latest_snapshot", lambda *_: {"processes": [held], "memory_used_bytes": 8 * 10**9})
    clock.run(32, memory_usage=95.0)
    (alert,) = [each for each in standing(services) if each.rule == "memory_high"]
    assert alert.cause is not None
    assert alert.cause.words == "The trainer of y on d1.csv (process 7) holds 6.0 GB of 8.0 GB in use"
    assert alert.cause.links[0].id == "r1"


def test_errors_are_blamed_on_the_route_and_the_client(clock: Clock, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Failure(404, "/api/runs/<run_id>", "10.0.0.1", 900), Failure(507, "/api/datasets", "10.0.0.9", 30)]
    monkeypatch.setattr(type(services.requests), "failures", lambda *_: found)
    clock.run(12, error_rate=60.0, requests_per_minute=50)
    assert [each.cause.words for each in standing(services) if each.cause] == [
        "Most of it is /api/datasets answering 507 to 10.0.0.9: 30 of 30 failed requests"
    ]


def test_a_clue_that_cannot_be_asked_for_is_left_out(clock: Clock, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(type(services.requests), "failures", broken)
    clock.run(12, error_rate=60.0, requests_per_minute=50)
    assert [each.cause.words for each in standing(services) if each.cause] == [NOTHING_FOUND]


def test_what_fills_the_disk_is_measured(clock: Clock, services: Services) -> None:
    folder = services.datasets.directory / "d1"
    folder.mkdir()
    (folder / "data.csv").write_bytes(b"x" * 5000)
    found = {each.name: each for each in [alert_clues._measured("the datasets", [services.datasets.directory], time.time(), None)]}
    assert (found["the datasets"].bytes, found["the datasets"].new_bytes) == (5000, 5000)
    clock.run(12, storage_free_bytes=10**8)
    (alert,) = standing(services)
    assert alert.cause is not None and alert.cause.words.startswith("Most of it is not this dashboard's")


def test_acknowledging_is_told_once(clock: Clock, services: Services) -> None:
    clock.run(32, memory_usage=95.0)
    (alert,) = standing(services)
    first = alerts.acknowledge(services, alert.id, "ann\u202e\n")
    assert (first.acknowledged_by, alerts.acknowledge(services, alert.id, "bob").acknowledged_by) == ("ann", "ann")
    told = services.log.latest(10, [EventType.USER_ACTION])
    assert [(each.data["action"], each.subject) for each in told] == [("alert_acknowledged", {"alert": alert.id})]
    clock.run(40, memory_usage=10.0)
    with pytest.raises(Conflict):
        alerts.acknowledge(services, alert.id)
    with pytest.raises(NotFound):
        alerts.acknowledge(services, "99")
    with pytest.raises(InvalidRequest):
        alerts.acknowledge(services, alert.id, "x" * 101)


def test_muting_and_its_end(services: Services) -> None:
    muted = alerts.mute(services, "memory_high", 60, "ann")
    assert [each.rule for each in alerts.mutes(services)] == ["memory_high"] and muted.by == "ann"
    alerts.unmute(services, "memory_high")
    alerts.unmute(services, "memory_high")
    assert alerts.mutes(services) == []
    told = services.log.latest(10, [EventType.USER_ACTION])
    assert [each.data["action"] for each in told] == ["alerts_unmuted", "alerts_muted"]


def test_a_rule_that_does_not_exist_is_not_muted(services: Services) -> None:
    with pytest.raises(NotFound):
        alerts.mute(services, "none", 60)


@pytest.mark.parametrize(
    ("rule", "seconds"), [("memory_high", 0), ("memory_high", -1), ("memory_high", 1e9), ("memory_high", float("nan"))]
)
def test_a_mute_that_makes_no_sense_is_refused(services: Services, rule: str, seconds: float) -> None:
    with pytest.raises(InvalidRequest):
        alerts.mute(services, rule, seconds)


def test_without_a_change_the_watch_only_reads(clock: Clock, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.run(40, memory_usage=95.0)

    def refuse(*_: object) -> Iterator[None]:
        raise AssertionError("a write")

    monkeypatch.setattr(type(services.database), "write", refuse)
    alerts.watch_alerts(services, clock.now + 1)
    alerts.deliver_alerts(services, clock.now + 1)


def test_rules_are_named_with_their_sentences() -> None:
    assert list(alerts.rules()) == list(alerts.RULES)
