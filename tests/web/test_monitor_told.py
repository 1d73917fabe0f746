"""What will come, what to do, drift, versions, processes and reports: what each says, and the calm line where there is nothing."""

from __future__ import annotations

from datetime import timedelta

from dashapp.web import drift_view, foresight_view, processes_view, reports_view
from tests.web.pages_values import AT, NASTY, ids_in, links_in, text_of
from tests.web.told_values import a_column, a_drift, a_forecast, a_milestone, a_score, a_version, an_advice, calm_column


def test_forecasts_say_when_and_how_far_they_can_be_trusted() -> None:
    waiting = a_forecast(metric="error_rate", points=(), reach=None, words="Error rate: too little history for a forecast.")
    words = text_of(foresight_view.forecasts_list([waiting, a_forecast()]))
    assert words.index("Disk full in 30 h ± 6 h.") < words.index("too little history for a forecast")
    assert "Around 2026-11-24 18:00 UTC , between 2026-11-24 13:00 UTC and 2026-11-25 01:00 UTC" in words
    assert "it held 78%" in words


def test_a_limit_that_may_never_be_reached_has_no_latest_time() -> None:
    reach = a_forecast().reach
    assert reach is not None
    never = type(reach)(reach.limit, reach.at, reach.earliest, None, reach.words)
    assert "later than can be seen" in text_of(foresight_view.forecasts_list([a_forecast(reach=never)]))


def test_advice_has_evidence_and_its_setting() -> None:
    words = text_of(foresight_view.advice_list([an_advice(words=NASTY), an_advice(code="b", setting="", evidence=())]))
    for part in (NASTY, "Setting: DASHAPP_WORKERS", "Evidence", "41 of the last 60 minutes"):
        assert part in words
    assert words.count("Setting:") == words.count("Evidence") == 1


def test_where_there_is_nothing_to_tell_the_page_says_what_will_stand_there() -> None:
    words = text_of(foresight_view.foresight_part([], [], [], AT, ""))
    for part in ("Forecasts appear here", "Nothing needs to be changed", "will be told here"):
        assert part in words


def test_the_newest_milestones_have_their_links() -> None:
    listed = foresight_view.milestones_list([a_milestone(AT - timedelta(days=each), message=f"{each} {NASTY}") for each in range(9)], "/ml")
    assert f"4 {NASTY}" in text_of(listed)
    assert f"5 {NASTY}" not in text_of(listed)
    assert links_in(listed) == ["/ml/?run=run1"] * 5


def test_what_drifts_comes_first_with_its_interval() -> None:
    words = text_of(drift_view.production_part(a_drift(), [], "/ml"))
    assert words.index("The answers themselves") < words.index("0.42 (0.35 to 0.49)") < words.index("0.03 (0.00 to 0.06)")
    for part in ("Drift age has drifted", "4,210 rows", "2.0% training 1.0%", "12.5%"):
        assert part in words
    assert "/ml/models/model1" in links_in(drift_view.production_part(a_drift(), [], "/ml"))


def test_few_rows_have_no_verdict_and_no_drift_is_said() -> None:
    assert "Too few rows" in text_of(drift_view.drift_part(a_drift(is_enough=False), ""))
    calm = a_drift(columns=(calm_column("a"),), prediction=None, words="As in the training.")
    assert text_of(drift_view.drift_part(calm, "")).startswith("No drift")
    assert "Drift is measured once" in text_of(drift_view.drift_part(None, ""))


def test_three_hundred_columns_are_folded() -> None:
    wide = a_drift(columns=tuple(calm_column(f"column {each} {NASTY}") for each in range(300)))
    part = drift_view.production_part(wide, [], "")
    assert "292 more columns" in text_of(part)
    assert drift_view.SHOW_ALL in ids_in(part)
    assert drift_view.SHOW_ALL not in ids_in(drift_view.production_part(a_drift(), [], ""))


def test_an_effect_beyond_the_scale_stays_in_its_bar() -> None:
    bar = drift_view.effect_bar(a_column(effect=1.2, low=-0.1, high=1.4))
    assert next(each.style for each in bar._traverse() if getattr(each, "style", None)) == {
        "--low": "0.0%",
        "--at": "100.0%",
        "--high": "100.0%",
    }


def test_versions_stand_beside_each_other_and_unknown_is_a_dash() -> None:
    words = text_of(
        drift_view.versions_part([a_version(3, score=a_score()), a_version(2, model_id=None, warnings_rate=None, p95_ms=None)], "")
    )
    for part in ("Version 3", "12,345", "91.2% accuracy 88.0% to 94.0%, 210 judged", "1.2 ms", "–", "Version 2 (deleted)"):
        assert part in words
    assert drift_view.versions_part([], "") == []


def test_processes_are_counted_and_their_table_waits() -> None:
    fold = processes_view.processes_fold({"processes": [{}, {}], "cores": [1.0]}, "/ml")
    assert "Processes and cores (2 processes, 1 core)" in text_of(fold)
    assert "(" not in text_of(processes_view.processes_fold({}, ""))


def test_reports_can_be_taken_away() -> None:
    card = reports_view.reports_card(["2026-W47.html", "a b.html"], "/ml")
    assert links_in(card) == ["/ml/api/report?timeframe=7d", "/ml/api/reports/2026-W47.html", "/ml/api/reports/a%20b.html"]
    assert "kept report" not in text_of(reports_view.reports_card([], ""))
