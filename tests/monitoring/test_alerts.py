from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import HealthCheck as Check
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.database.engine import Database
from dashapp.events.fact import Event, EventType, Fact
from dashapp.events.store import EventLog
from dashapp.monitoring.alerts import RULES, Alerts
from dashapp.monitoring.sample import Sample

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def step(database: Database, log: EventLog, alerts: Alerts, *recent: Sample, host: str = "here") -> list[Fact]:
    with database.write() as transaction:
        found = alerts.changes(recent, host)
        for fact in found:
            log.append(transaction, fact)
    return found


def memory(*values: float | None) -> list[Sample]:
    return [Sample(NOW, memory_usage=value) for value in values]


def test_memory_must_last_to_raise_and_to_resolve(database: Database, log: EventLog) -> None:
    alerts = Alerts(log)
    assert step(database, log, alerts, *memory(95, 95)) == []
    assert step(database, log, alerts, *memory(95, 89, 95)) == []
    (raised,) = step(database, log, alerts, *memory(95, 91, 92.5))
    assert raised.message == "Memory in use: 92.5 % (limit 90 %)"
    assert raised.data == {"action": "raised", "rule": "memory_usage", "value": 92.5, "threshold": 90.0}
    assert raised.subject == {"host": "here"}
    assert step(database, log, alerts, *memory(93, 93, 93)) == []
    assert step(database, log, alerts, *memory(88, 88, 88)) == []
    assert step(database, log, alerts, *memory(None, None, None)) == []
    (resolved,) = step(database, log, alerts, *memory(80, 80, 71))
    assert resolved.message == "Memory in use: back to 71 % (limit 90 %)"
    assert alerts.standing() == []


def test_a_restart_repeats_nothing_and_resolves_what_was_raised(database: Database, log: EventLog) -> None:
    assert len(step(database, log, Alerts(log), *memory(95, 95, 95))) == 1
    after = Alerts(log)
    assert [event.data["rule"] for event in after.standing()] == ["memory_usage"]
    assert step(database, log, after, *memory(95, 95, 95)) == []
    assert len(step(database, log, after, *memory(50, 50, 50))) == 1
    assert step(database, log, Alerts(log), *memory(50, 50, 50)) == []


def test_storage_by_percent_and_by_bytes(database: Database, log: EventLog) -> None:
    full = Sample(NOW, storage_usage=96.0, storage_free_bytes=400_000_000)
    found = step(database, log, Alerts(log), full)
    assert [fact.message for fact in found] == ["Storage in use: 96 % (limit 95 %)", "Free storage: 400 MB (limit 1.0 GB)"]
    assert step(database, log, Alerts(log), Sample(NOW, storage_usage=94.0, storage_free_bytes=1_200_000_000)) == []
    freed = Sample(NOW, storage_usage=50.0, storage_free_bytes=40_000_000_000)
    assert [fact.data["action"] for fact in step(database, log, Alerts(log), freed)] == ["resolved", "resolved"]


def test_errors_need_enough_requests_and_are_told_once_for_all_hosts(database: Database, log: EventLog) -> None:
    few = Sample(NOW, error_rate=50.0, requests_per_minute=19)
    many = Sample(NOW, error_rate=50.0, requests_per_minute=20)
    assert step(database, log, Alerts(log), few) == []
    here, there = Alerts(log), Alerts(log)
    assert len(step(database, log, here, many, host="here")) == 1
    assert step(database, log, there, many, host="there") == []
    assert step(database, log, there, Sample(NOW, requests_per_minute=0), host="there") == []
    assert len(step(database, log, there, Sample(NOW, error_rate=0.0, requests_per_minute=3), host="there")) == 1


def test_each_host_has_its_own_memory(database: Database, log: EventLog) -> None:
    alerts = Alerts(log)
    assert len(step(database, log, alerts, *memory(95, 95, 95), host="here")) == 1
    assert step(database, log, alerts, *memory(50, 50, 50), host="there") == []
    assert len(step(database, log, alerts, *memory(95, 95, 95), host="there")) == 1
    assert len(alerts.standing()) == 2


@settings(max_examples=25, deadline=None, suppress_health_check=[Check.function_scoped_fixture])
@given(st.lists(st.none() | st.floats(0, 100), max_size=25))
def test_raised_and_resolved_take_turns(database: Database, log: EventLog, values: list[float | None]) -> None:
    start = log.last_id()
    settled = memory(0, 0, 0)
    series = [*settled, *memory(*values), *settled]
    alerts = Alerts(log)
    for end in range(1, len(series) + 1):
        if end % 5 == 0:  # a restart
            alerts = Alerts(log)
        step(database, log, alerts, *series[max(end - 4, 0) : end])
    facts: list[Event] = log.since(start, types=[EventType.SYSTEM_ALERT])
    assert [fact.data["action"] for fact in facts] == ["raised", "resolved"] * (len(facts) // 2)


def test_every_rule_watches_a_metric() -> None:
    assert all(hasattr(Sample(NOW), rule.metric) for rule in RULES)
    assert len({rule.metric for rule in RULES}) == len(RULES)
