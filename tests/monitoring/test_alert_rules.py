from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashapp.monitoring.alert_rules import RULES, Limit, against_baseline, limit_of, measured, with_threshold
from dashapp.monitoring.sample import Sample

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
UPPER = Limit("memory_usage", "Memory", 90.0, 85.0, "%")
LOWER = Limit("storage_free_bytes", "Free storage", 1e9, 1.5e9, "bytes")
BUSY = Limit("error_rate", "Errors", 5.0, 2.0, "%", needs_requests=20)


@pytest.mark.parametrize(
    ("limit", "value", "requests", "expected"),
    [
        (UPPER, None, None, None),
        (UPPER, 90.0, None, True),
        (UPPER, 87.0, None, None),
        (UPPER, 85.0, None, False),
        (LOWER, 1e9, None, True),
        (LOWER, 1.2e9, None, None),
        (LOWER, 1.5e9, None, False),
        (BUSY, 50.0, 19, None),
        (BUSY, 50.0, None, None),
        (BUSY, 50.0, 20, True),
        (BUSY, 0.0, 3, False),
        (BUSY, None, 0, None),
    ],
)
def test_a_limit_has_two_edges(limit: Limit, value: float | None, requests: int | None, expected: bool | None) -> None:
    assert limit.is_breached(value, requests) is expected


@pytest.mark.parametrize(
    ("rule", "metrics", "message"),
    [
        ("memory_high", {"memory_usage": 92.5}, "Memory in use is at 92.5 % (limit 90 %)"),
        ("memory_high", {"memory_usage": 71.0}, "Memory in use is back at 71 % (limit 90 %)"),
        ("disk_low", {"storage_free_bytes": 400_000_000}, "Free storage is at 400 MB (limit 1.0 GB)"),
        ("database_slow", {"database_latency_ms": 812.0}, "The database's write and read time is at 812 ms (limit 500 ms)"),
    ],
)
def test_a_finding_says_the_figure_and_the_limit(rule: str, metrics: dict[str, float], message: str) -> None:
    finding = measured(RULES[rule], Sample.of(NOW, metrics), "here")
    assert finding.message == message
    assert (finding.about, finding.subject) == ("here", {"host": "here"})


def test_what_speaks_for_all_hosts_is_about_none() -> None:
    finding = measured(RULES["error_rate"], Sample(NOW, error_rate=50.0, requests_per_minute=40), "here")
    assert (finding.about, finding.subject, finding.is_breached) == ("", {}, True)


def test_a_metric_that_is_not_measured_here_is_not_known() -> None:
    assert measured(RULES["event_lag"], Sample(NOW), "here").is_breached is None


@pytest.mark.parametrize(("usual_ms", "limit_ms"), [(0.0, 50.0), (1.0, 51.0), (20.0, 70.0), (25.0, 75.0), (100.0, 300.0)])
def test_latency_is_held_against_what_is_usual_with_a_floor(usual_ms: float, limit_ms: float) -> None:
    limit = limit_of(against_baseline(RULES["latency"], usual_ms))
    assert limit.threshold == limit_ms
    assert limit.clears_at == pytest.approx(0.6 * limit_ms)
    assert limit.is_breached(2.0, 1000) is False


def test_another_threshold_moves_what_clears_along() -> None:
    assert limit_of(with_threshold(RULES["memory_high"], 9.0)).clears_at == pytest.approx(8.5)
    assert limit_of(with_threshold(RULES["disk_low"], 100.0)).clears_at == pytest.approx(150.0)


def test_every_rule_says_what_it_looks_at_in_a_sentence() -> None:
    assert all(each.words.endswith(".") and each.name == name for name, each in RULES.items())
    assert len({each.words for each in RULES.values()}) == len(RULES) == 12
