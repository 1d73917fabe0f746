"""The report: whole with nothing, whole with everything, and never markup of a user's text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from dashapp.application import report, report_sections
from dashapp.application.deployment import deploy_model
from dashapp.application.report import keep_weekly_report, kept_report, kept_reports, report_html
from dashapp.application.report_charts import chart
from dashapp.application.report_sections import lasting
from dashapp.application.services import Services
from dashapp.application.timeline import Marker
from dashapp.errors import InvalidRequest, NotFound
from dashapp.events.fact import EventType, Fact
from dashapp.monitoring.history import Point
from dashapp.monitoring.told import Advice, Alert, Anomaly, Cause, ColumnDrift, Drift, Forecast, Milestone, Reach, Severity

NOW = datetime.now(UTC)
NASTY = '<script>alert("1")</script> & שלום'


class Seen(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [str(value) for name, value in attrs if name in ("src", "href", "xlink:href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_with_no_data_every_section_says_so_in_a_sentence(services: Services) -> None:
    seen = Seen(report_html(services))
    for words in ("No model was in use", "Nothing was trained", "No alert was raised", "Nothing was measured", "no prediction was made"):
        assert words in seen.text
    for words in ("Drift was not measured", "little past for a forecast", "no change of a setting", "Nothing was reached"):
        assert words in seen.text
    assert seen.tags.count("h2") == 10
    assert seen.addresses == [] and "script" not in seen.tags and "link" not in seen.tags


def test_a_timeframe_that_does_not_exist_is_told(services: Services) -> None:
    with pytest.raises(InvalidRequest, match="24h, 7d, 30d"):
        report_html(services, "1y")


def test_trainings_and_deployments_stand_in_it_with_their_reasons(install: Services) -> None:
    model = install.models.all()[0]
    deploy_model(install, model.id, by="me", reason=NASTY, anyway=True)
    html = report_html(install, "24h")
    text = Seen(html).text
    assert f"Version {model.version} was in use at the end" in text
    assert "changed once, the last time to version" in text
    assert model.dataset_name in text and model.score_name in text
    assert NASTY in text and "<script" not in html


def told(monkeypatch: pytest.MonkeyPatch, **values: Any) -> None:
    def give(value: Any) -> Callable[..., Any]:
        return lambda *_args, **_named: value

    for name, value in values.items():
        monkeypatch.setattr(report_sections, name, give(value))


def test_what_the_monitor_tells_stands_in_it_escaped(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    cause = Cause(f"cause {NASTY}", (f"evidence {NASTY}",))
    alert = Alert("3", "memory", "", Severity.CRITICAL, f"alert {NASTY}", NOW - timedelta(minutes=30), cause=cause)
    over = replace(alert, id="2", message="over now", resolved_at=NOW - timedelta(minutes=18))
    column = ColumnDrift("c", "number", 0.4, 0.3, 0.5, True, 0, 0, 0, 0, f"column {NASTY}")
    drift = Drift("m", 1, NOW, NOW, 500, (column,), None, True, "One column drifts.")
    reach = Reach(1, NOW, NOW, None, "The disk is full in 6 h.")
    told(
        monkeypatch,
        latest_drift=drift,
        forecasts=(Forecast("storage_usage", "%", (), 0.81, "The disk fills.", reach),),
        advice=(Advice("workers", "Use more workers.", ("They were busy.",), "DASHAPP_WORKERS"),),
        milestones=(Milestone("first", NOW - timedelta(hours=1), f"first {NASTY}"), Milestone("old", NOW - timedelta(days=99), "too old")),
        anomalies=(Anomaly("cpu_usage", NOW, NOW, 99, 1, 9, "CPU was unusual."),),
    )
    pages = iter([[alert], [alert, over], []])
    monkeypatch.setattr(report_sections, "alerts", lambda *_args, **_named: next(pages))
    html = report_html(services, "24h")
    text = re.sub(r"\s+", " ", Seen(html).text)
    for words in (f"cause {NASTY}", f"evidence {NASTY}", f"column {NASTY}", f"first {NASTY}", "It lasted 12 min.", "It still stands."):
        assert words in text
    for words in (
        "2 alerts were raised and 1 of them still stands",
        "The disk is full in 6 h.",
        "held 81%",
        "DASHAPP_WORKERS",
        "CPU was unusual.",
    ):
        assert words in text
    assert "too old" not in text and "<script" not in html


def test_a_chart_breaks_at_gaps_and_stays_inside() -> None:
    start, end = NOW, NOW + timedelta(hours=1)
    values = [1.0, 4.0, None, 2.0, None]
    points = [Point(start.timestamp() + 600 * n, None, value, None if value is None else value + 1) for n, value in enumerate(values)]
    drawn = chart("CPU", "%", points, start, end, [Marker(start + timedelta(hours=9), "alert", NASTY)])
    assert drawn is not None
    assert len(drawn.lines) == len(drawn.bands) == 2
    assert drawn.marks[0].x == "100.00"
    for shape in (*drawn.lines, *drawn.bands):
        assert all(0 <= float(x) <= 100 and 0 <= float(y) <= 30 for x, y in (pair.split(",") for pair in shape.split()))
    assert chart("CPU", "%", [Point(1, None, None, None)], start, end, []) is None
    assert chart("CPU", "%", [Point(1, 0, 0, 0)], start, end, []) is not None


@pytest.mark.parametrize(("seconds", "words"), [(42, "42 s"), (720, "12 min"), (11_100, "3 h 5 min"), (187_200, "2 days 4 h")])
def test_a_duration_in_words(seconds: int, words: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == words


MONDAY = datetime(2026, 1, 5, 0, 30, tzinfo=UTC)


def happen(services: Services, at: datetime) -> None:
    with services.database.write() as transaction:
        services.log.append(transaction, Fact(EventType.USER_ACTION, "something"), at)


def test_the_week_that_ended_is_kept_once_and_only_if_something_happened(services: Services) -> None:
    happen(services, MONDAY)  # of the week that runs
    keep_weekly_report(services, MONDAY.timestamp())
    assert kept_reports(services) == []
    keep_weekly_report(services, (MONDAY + timedelta(days=8)).timestamp())
    assert kept_reports(services) == ["2026-W02.html"]
    file = services.settings.home / "reports" / "2026-W02.html"
    assert "2026-01-05 00:00 to 2026-01-11 23:59 UTC" in kept_report(services, "2026-W02.html")
    file.write_text("kept")
    keep_weekly_report(services, (MONDAY + timedelta(days=9)).timestamp())
    assert kept_report(services, "2026-W02.html") == "kept"
    assert [each.name for each in file.parent.iterdir()] == ["2026-W02.html"]


def test_the_first_days_of_january_belong_to_their_iso_week(services: Services) -> None:
    happen(services, datetime(2026, 1, 1, tzinfo=UTC))
    keep_weekly_report(services, MONDAY.timestamp())
    assert kept_reports(services) == ["2026-W01.html"]


def test_two_years_of_reports_are_kept(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST_KEPT", 2)
    monkeypatch.setattr(report, "_html", lambda *_args: "x")
    for week in range(4):
        happen(services, MONDAY + timedelta(days=7 * week))
        keep_weekly_report(services, (MONDAY + timedelta(days=7 * week + 7)).timestamp())
    assert kept_reports(services) == ["2026-W05.html", "2026-W04.html"]


@pytest.mark.parametrize("name", ["../dashapp.db", "secret.key", "2026-W01.html/../../secret.key", "", "2026-W99.html"])
def test_only_names_of_the_list_are_read(services: Services, name: str) -> None:
    (services.settings.home / "reports").mkdir()
    (services.settings.home / "reports" / "secret.key").write_text("secret")
    with pytest.raises(NotFound):
        kept_report(services, name)
