"""The values and words of the monitor's charts: gaps stay gaps, forecasts end where the chart does, nobody's text becomes HTML."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashapp.monitoring.told import ForecastPoint
from dashapp.web import charts_view, figures_monitor
from dashapp.web.figures_monitor import ERRORS, PREDICTIONS, RESOURCES, RESPONSE_MEAN, STORAGE, Line
from tests.web.pages_values import AT, NASTY, links_in, text_of
from tests.web.told_values import a_forecast, a_marker, an_anomaly, points_of

HOUR = timedelta(hours=1)
LINE = Line("Errors", "error_rate")


def test_a_gap_in_the_history_stays_a_gap() -> None:
    values = figures_monitor.line_values(LINE, points_of(1.0, None, 2.0))
    assert values["y"] == [1.0, None, 2.0]
    assert values["x"][1] - values["x"][0] == 60_000
    assert "low" not in values


def test_the_band_is_there_only_where_it_is_wider_than_the_line() -> None:
    assert "low" not in figures_monitor.line_values(LINE, points_of(1.0, 2.0))
    banded = figures_monitor.line_values(LINE, points_of(1.0, None, width=0.5))
    assert (banded["low"], banded["high"]) == ([0.5, None], [1.5, None])


def test_figures_are_sent_as_short_as_they_can_be_seen() -> None:
    assert figures_monitor.line_values(LINE, points_of(12.3456789))["y"] == [12.346]


def test_a_forecast_ends_where_the_chart_does() -> None:
    points = [ForecastPoint(AT + HOUR, 0.0, 10.0, 20.0), ForecastPoint(AT + 3 * HOUR, 20.0, 30.0, 60.0)]
    assert figures_monitor.cut_at(points, AT + 2 * HOUR)[-1] == ForecastPoint(AT + 2 * HOUR, 10.0, 20.0, 40.0)
    assert figures_monitor.cut_at(points, AT + 3 * HOUR) == points
    assert figures_monitor.cut_at(points, AT + 9 * HOUR) == points
    assert figures_monitor.cut_at(points, AT) == points[:1]
    assert figures_monitor.cut_at([], AT) == []


def test_a_forecast_is_drawn_within_what_there_can_be() -> None:
    beyond = a_forecast(points=(ForecastPoint(AT, -20.0, 99.0, 140.0),))
    ahead = figures_monitor.chart_values(STORAGE, {}, [beyond], [], AT + HOUR)["ahead"][0]
    assert (ahead["low"], ahead["middle"], ahead["high"]) == ([0.0], [99.0], [100.0])


def test_a_chart_has_its_own_forecasts_and_anomalies_alone() -> None:
    series = {"cpu_usage": points_of(5.0)}
    forecasts = [a_forecast(), a_forecast(metric="memory_usage"), a_forecast(metric="memory_usage", points=())]
    values = figures_monitor.chart_values(
        RESOURCES, series, forecasts, [an_anomaly(words=NASTY), an_anomaly(metric="error_rate")], AT + HOUR
    )
    assert [each["line"] for each in values["ahead"]] == [1]
    assert values["ahead"][0]["x"][-1] == 1000 * (AT + HOUR).timestamp()
    assert len(values["unusual"]) == 1
    assert "<script>" not in values["unusual"][0]["words"]


def test_the_mean_is_drawn_where_percentiles_are_not_known() -> None:
    assert RESPONSE_MEAN in figures_monitor.plans_for({"api_response_time": points_of(1.0)})
    assert RESPONSE_MEAN not in figures_monitor.plans_for({"api_response_time_p95": points_of(1.0)})


def test_of_storage_that_is_drawn_which_is_forecast() -> None:
    assert STORAGE in figures_monitor.plans_for({}, [a_forecast()])
    assert STORAGE not in figures_monitor.plans_for({}, [a_forecast(metric="storage_free_bytes")])


def test_marks_too_close_to_tell_apart_are_one_of_the_gravest_kind() -> None:
    near = [
        a_marker(AT + timedelta(seconds=each), kind, words)
        for each, kind, words in ((1, "training", NASTY), (2, "alert", "b"), (3, "x", "c"))
    ]
    far = a_marker(AT + timedelta(minutes=30), "deployment", "Version 2")
    marks = figures_monitor.mark_values([*near, far, a_marker(AT - HOUR)], AT, AT + HOUR)
    assert [each["kind"] for each in marks] == ["alert", "deployment"]
    assert marks[0]["words"].endswith("<br>and 2 more")
    assert "<script>" not in marks[0]["words"]


def test_many_marks_are_no_more_than_a_chart_can_hold() -> None:
    markers = [a_marker(AT + timedelta(seconds=each)) for each in range(3600)]
    assert len(figures_monitor.mark_values(markers, AT, AT + HOUR)) == figures_monitor.MARK_PLACES


def test_the_sentence_says_mean_and_peak_and_when() -> None:
    words = text_of(charts_view.line_sentence(Line("CPU", "cpu_usage"), points_of(10.0, None, 30.0), "percent"))
    assert words.startswith("CPU: 20.0 % on average, 30.0 % at most ( 2026-11-23 12:02 UTC")
    banded = text_of(charts_view.line_sentence(Line("CPU", "cpu_usage"), points_of(10.0, width=5.0), "percent"))
    assert "15.0 % at most" in banded
    assert charts_view.line_sentence(LINE, points_of(None), "percent") == []


def test_a_chart_without_figures_says_so() -> None:
    assert "Nothing was measured" in text_of(charts_view.chart_with_words(ERRORS, {}, [], []))


@pytest.mark.parametrize(
    ("coverage", "points", "words"),
    [(0.78, True, "it held 78%"), (None, True, "too little history to test"), (None, False, "Disk full")],
)
def test_a_forecast_says_how_far_it_can_be_trusted(coverage: float | None, points: bool, words: str) -> None:
    known = a_forecast(coverage=coverage) if points else a_forecast(coverage=coverage, points=())
    assert words in charts_view.forecast_words(known)
    drawn = text_of(charts_view.chart_with_words(STORAGE, {"storage_usage": points_of(1.0)}, [known], []))
    assert words in drawn
    assert words not in text_of(charts_view.chart_with_words(PREDICTIONS, {}, [known], []))


def test_marks_are_listed_newest_first_with_their_links() -> None:
    assert charts_view.marks_list([], "") is None
    listed = charts_view.marks_list([a_marker(), a_marker(AT + HOUR, words=NASTY, link=None)], "/ml")
    assert listed is not None
    words = text_of(listed)
    assert words.index("<script>") < words.index("churn.csv")
    assert links_in(listed) == ["/ml/?run=run1"]
    many = charts_view.marks_list([a_marker()] * 120, "")
    assert "and 70 before" in text_of(many)
