"""The Monitor and Activity pages: unknown is a dash, gaps stay gaps, the address chooses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dashapp.application.services import Services
from dashapp.monitoring.sample import Sample
from dashapp.monitoring.snapshot import latest_snapshot
from dashapp.web import monitor_view
from dashapp.web.pages import monitor
from tests.web.pages_values import NASTY, ids_in, text_of
from tests.web.told_values import points_of

SNAPSHOT: dict[str, Any] = {
    "cpu_usage": 12.34,
    "memory_usage": 50.0,
    "memory_used_bytes": 2_000_000_000,
    "memory_total_bytes": 4_000_000_000,
    "storage_usage": 70.0,
    "storage_free_bytes": 83_000_000_000,
    "network_received_bytes_per_s": 1500.0,
    "network_sent_bytes_per_s": 500.0,
    "active_trainings": 1,
    "api_response_time": 1.25,
    "model_predictions_per_minute": 1234,
    "system_uptime": 3725.0,
    "error_rate": 0.0,
}


def store(page: Any, id: str) -> Any:
    return next(each.data for each in page._traverse() if getattr(each, "id", None) == id)


def test_before_the_first_sample_nothing_is_invented(services: Services) -> None:
    words = text_of(monitor.layout(services))
    assert "UNKNOWN" in words
    assert "0.0" not in words.split("Over time")[0]


def test_every_metric_has_its_words_and_unit() -> None:
    words = text_of(monitor_view.tiles(SNAPSHOT))
    for part in ("CPU usage 12.3 %", "1.2 ms", "1,234", "1 h 2 min", "Error rate 0.0 %", "Active trainings 1"):
        assert part in words


@pytest.mark.parametrize("name", [name for name, _, _ in monitor_view.METRICS])
def test_an_unknown_metric_is_a_dash(name: str) -> None:
    assert monitor_view.metric_words(name, None) == "–"


def test_bars_have_numbers_and_the_network_its_peak() -> None:
    known = monitor_view.resource_figures(SNAPSHOT, network_peak=4000.0)
    assert known["cpu"] == (12.34, "12.3\u00a0%")
    assert known["memory"] == (50.0, "50.0\u00a0% · 2.0\u00a0GB of 4.0\u00a0GB")
    assert known["network"] == (50.0, "↓ 1.5\u00a0kB/s · ↑ 500\u00a0B/s")
    assert monitor_view.resource_figures({}, 0.0)["network"] == (None, "–")


FAILING = {"name": "Database", "state": "failing", "figure": "-", "message": "locked", "values": {}}
CRITICAL = {"words": "Memory in use: 97 %", "kind": "bad"}


@pytest.mark.parametrize(
    ("text", "services", "alert", "words", "kind"),
    [
        ("ALL HEALTHY", [], None, "ALL HEALTHY", "good"),
        ("ALL HEALTHY", [], CRITICAL, "Memory in use: 97 %", "bad"),
        ("Database: slow", [{**FAILING, "state": "warning"}], CRITICAL, "Database: slow", "warn"),
        ("Database: locked", [FAILING], None, "Database: locked", "bad"),
        ("UNKNOWN: no sample", [], CRITICAL, "UNKNOWN: no sample", "plain"),
    ],
)
def test_the_headline_is_the_worst_in_words(text: str, services: list[Any], alert: dict[str, str] | None, words: str, kind: str) -> None:
    snapshot = {"headline": text, "services": services, "at": "2026-11-23T12:00:00.000Z"}
    assert monitor_view.headline_of(snapshot, alert) == (words, kind)
    drawn = monitor_view.headline(snapshot, alert)
    assert words in text_of(drawn)
    assert [each.dateTime for each in drawn._traverse() if getattr(each, "dateTime", None)] == ["2026-11-23T12:00:00.000Z"]


def test_a_service_shows_state_figures_and_words() -> None:
    values = {"read_ms": 0.4, "write_ms": 612.0}
    service = {"name": "Database", "state": "warning", "figure": "612 ms", "message": NASTY, "values": values}
    words = text_of(monitor_view.services_list({"services": [service], "database_read_ms": 9.9, "database_bytes": 52_000_000}))
    for part in ("Database", "Warning", "Read 0.4 ms", "Write 612 ms", "Size 52.0 MB", NASTY):
        assert part in words


def test_a_service_without_figures_shows_words_alone() -> None:
    assert monitor_view.service_facts("Model API", {"version": None, "mean_ms": None}, {}) is None
    assert "–" in text_of(monitor_view.service_facts("Model API", {"mean_ms": 1.5}, {}))


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (None, "ms", "–"),
        (12.34, "percent", "12.3\u00a0%"),
        (3.14159, "ms", "3.1\u00a0ms"),
        (1234.5, "ms", "1,234\u00a0ms"),
        (-5_000_000, "bytes", "−5.0\u00a0MB"),
        (1500, "rate", "1.5\u00a0kB/s"),
        (7.0, "per_minute", "7"),
        (7.25, "per_minute", "7.2"),
        (12345, "count", "12,345"),
    ],
)
def test_figures_have_their_unit(value: float | None, unit: str, words: str) -> None:
    assert monitor_view.in_words(value, unit) == words


def test_charts_begin_with_the_history(services: Services) -> None:
    with services.database.write() as transaction:
        services.samples.add(transaction, Sample(datetime.now(UTC), cpu_usage=33.0), "here")
    page = monitor.layout(services, timeframe="24h")
    values = store(page, monitor.CHARTS)
    assert [each["id"] for each in values["charts"]] == list(monitor.CHART_IDS)
    cpu, memory = values["charts"][0]["lines"]
    assert (cpu["y"], memory["y"]) == ([33.0], [None])
    assert "CPU: 33.0 % on average, 33.0 % at most" in text_of(page)


def test_a_timeframe_that_does_not_exist_is_the_default(services: Services) -> None:
    assert store(monitor.layout(services, timeframe="5y"), monitor.CHARTS)["seconds"] == 3600


def test_the_busiest_second_of_the_network_counts_both_ways() -> None:
    series = {"network_received_bytes_per_s": points_of(5.0, None), "network_sent_bytes_per_s": points_of(1.0, 9.0)}
    assert monitor.network_peak(series) == 9.0


def test_the_growth_of_what_is_stored_is_told_after_an_hour() -> None:
    assert monitor.storage_growth(points_of(100.0, 90.0, step_s=7200)) == 120.0
    assert monitor.storage_growth(points_of(100.0, 90.0, step_s=60)) is None
    assert monitor.storage_growth(points_of(None, None, step_s=7200)) is None


def test_ids_of_the_monitor_are_not_given_twice(services: Services) -> None:
    ids = ids_in(monitor.layout(services))
    assert len(ids) == len(set(ids))
    assert latest_snapshot(services.samples)["at"] is None
