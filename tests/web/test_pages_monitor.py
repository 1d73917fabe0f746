"""The Monitor and Activity pages: unknown is a dash, gaps stay gaps, the address chooses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from dashapp.application.services import Services
from dashapp.events.fact import Event, EventType, Fact
from dashapp.monitoring.sample import Sample
from dashapp.monitoring.snapshot import latest_snapshot
from dashapp.web import figures_monitor, monitor_view
from dashapp.web.pages import activity, monitor
from tests.web.pages_values import NASTY, ids_in, links_in, text_of

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


@pytest.mark.parametrize(("text", "kind"), [("ALL HEALTHY", "good"), ("Database: slow", "bad"), ("UNKNOWN: no sample", "plain")])
def test_the_headline_has_the_colour_of_its_words(text: str, kind: str) -> None:
    assert monitor_view.headline_class(text).endswith(f"note-{kind}")


def test_a_service_shows_state_figure_and_words() -> None:
    service = {"name": "Database", "state": "warning", "figure": "600 ms", "message": NASTY}
    words = text_of(monitor_view.services_list([service]))
    assert all(part in words for part in ("Database", "Warning", "600 ms", NASTY))


def test_a_gap_in_a_trend_stays_a_gap() -> None:
    trend = [{"at": "2026-11-23T12:00:00.000Z", "value": 1.0}, {"at": "2026-11-23T12:01:00.000Z", "value": None}]
    assert figures_monitor.trend_points(trend)[1] == [1.0, None]
    trace = figures_monitor.error_rate_over_time(trend).data[0]
    assert trace.connectgaps is False
    assert tuple(trace.y) == (1.0, None)


def test_charts_begin_with_the_history(services: Services) -> None:
    with services.database.write() as transaction:
        services.samples.add(transaction, Sample(datetime.now(UTC), cpu_usage=33.0), "here")
    page = monitor.layout(services, timeframe="24h")
    graph = next(each for each in page._traverse() if getattr(each, "id", None) == monitor.RESOURCES_CHART)
    assert list(graph.figure.data[0].y) == [33.0]
    assert list(graph.figure.data[1].y) == [None]


def test_a_timeframe_that_does_not_exist_is_the_default(services: Services) -> None:
    page = monitor.layout(services, timeframe="5y")
    history = next(each for each in page._traverse() if getattr(each, "id", None) == monitor.HISTORY)
    assert history.data["seconds"] == 3600


def test_the_busiest_second_of_the_network_counts_both_ways() -> None:
    points = {
        "network_received_bytes_per_s": [{"value": 5.0}, {"value": None}],
        "network_sent_bytes_per_s": [{"value": 1.0}, {"value": 9.0}],
    }
    assert monitor.network_peak(points) == 9.0


def test_ids_of_the_monitor_are_not_given_twice(services: Services) -> None:
    ids = ids_in(monitor.layout(services))
    assert len(ids) == len(set(ids))
    assert latest_snapshot(services.samples)["at"] is None


def test_activity_shows_one_type_where_the_address_says_so(services: Services) -> None:
    with services.database.write() as transaction:
        services.log.append(transaction, Fact(EventType.USER_ACTION, "a file came"))
        services.log.append(transaction, Fact(EventType.SYSTEM_ALERT, NASTY))
    assert "a file came" in text_of(activity.layout(services))
    chosen = text_of(activity.layout(services, type="system_alert"))
    assert "a file came" not in chosen
    assert NASTY in chosen
    assert "a file came" in text_of(activity.layout(services, type="no such type", before="x"))


def test_older_events_are_one_link_away_and_live_ones_stay_off_them(services: Services) -> None:
    with services.database.write() as transaction:
        for number in range(activity.PAGE_SIZE + 3):
            services.log.append(transaction, Fact(EventType.USER_ACTION, f"action {number}."))
    newest = activity.layout(services)
    assert any(each.endswith("before=4") for each in links_in(newest))
    assert activity.FEED in ids_in(newest)
    older = activity.layout(services, before="4")
    assert "action 0." in text_of(older)
    assert "action 3." not in text_of(older)
    assert activity.FEED not in ids_in(older)


def test_all_seven_types_can_be_chosen() -> None:
    event = Event(1, datetime.now(UTC), EventType.MODEL_DEPLOYED, {}, "live", {})
    page = activity.render_activity([event], None, "/ml", is_newest=True, has_older=False)
    assert {f"/ml/activity?type={each.value}" for each in EventType} < set(links_in(page))
