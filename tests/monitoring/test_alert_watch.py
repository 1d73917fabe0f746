from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.monitoring.alert_rules import RULES, Finding, measured
from dashapp.monitoring.alert_watch import AlertWatch, Change
from dashapp.monitoring.sample import Sample
from dashapp.monitoring.told import Alert, Severity

START, STEP_S, GAP_S = 1_800_000_000.0, 5.0, 15.0
RULE = RULES["memory_high"]


class Series:
    """Memory, a value each 5 s, watched after each; `standing` is what a store would hold."""

    def __init__(self) -> None:
        self.watch, self.standing, self.at, self.told = AlertWatch(), list[Alert](), START, list[str]()

    def run(self, *values: float | None) -> list[str]:
        """What was told while these came in."""
        before = len(self.told)
        for value in values:
            self.at += STEP_S
            sample = Sample(datetime.fromtimestamp(self.at, UTC), memory_usage=value)
            self.watch.hear(measured(RULE, sample, "here"), self.at, GAP_S)
            self.look()
        return self.told[before:]

    def look(self) -> None:
        for change in self.watch.changes(RULES, self.standing, self.at):
            self.told.append("raised" if change.alert is None else "resolved")
            self.standing = [alert_of(change)] if change.alert is None else []

    def restart(self) -> None:
        self.watch = AlertWatch()


def alert_of(change: Change) -> Alert:
    finding = change.finding
    return Alert("1", finding.rule, finding.about, Severity.WARNING, finding.message, datetime.now(UTC))


def test_a_breach_must_last_and_so_must_the_recovery() -> None:
    series = Series()
    assert series.run(*[95.0] * 6) == []
    assert series.run(89.0, *[95.0] * 6) == []
    assert series.run(91.0) == ["raised"]
    assert series.run(*[93.0] * 20, *[88.0] * 20, *[80.0] * 6, 86.0, *[80.0] * 6) == []
    assert series.run(71.0) == ["resolved"]
    assert series.run(*[71.0] * 50) == []


def test_a_gap_makes_the_time_count_anew() -> None:
    series = Series()
    series.run(*[95.0] * 6)
    series.at += GAP_S
    assert series.run(*[95.0] * 6) == []
    assert series.run(95.0) == ["raised"]


def test_a_restart_repeats_nothing() -> None:
    series = Series()
    assert series.run(*[95.0] * 7) == ["raised"]
    series.restart()
    assert series.run(*[95.0] * 20) == []
    series.restart()
    assert series.run(*[50.0] * 7) == ["resolved"]


def test_what_nobody_hears_of_any_more_ends_in_words_that_say_so() -> None:
    series = Series()
    series.run(*[95.0] * 7)
    assert series.run(*[None] * 720) == []
    series.at += STEP_S
    series.watch.hear(Finding("memory_high", "here", None), series.at, GAP_S)
    (change,) = series.watch.changes(RULES, series.standing, series.at)
    assert change.alert is not None and "nobody can say" in change.finding.message


def test_a_value_between_the_limits_is_not_unknown() -> None:
    series = Series()
    series.run(*[95.0] * 7)
    assert series.run(*[88.0] * 1000) == []


def test_things_of_one_rule_are_told_apart() -> None:
    watch = AlertWatch()
    for second in range(0, 40, 5):
        for host, is_breached in (("here", True), ("there", second > 20)):
            watch.hear(Finding("memory_high", host, is_breached, "full"), START + second, GAP_S)
    (change,) = watch.changes(RULES, [], START + 35)
    assert change.finding.about == "here"


@pytest.mark.parametrize("rule", ["run_failed", "drift", "trainer_stalled"])
def test_what_needs_no_time_is_told_at_once(rule: str) -> None:
    watch = AlertWatch()
    watch.hear(Finding(rule, "x", True, "it failed"), START, GAP_S)
    (change,) = watch.changes(RULES, [], START)
    assert change.finding.message == "it failed"
    watch.hear(Finding(rule, "x", False, "it works"), START, GAP_S)
    (over,) = watch.changes(RULES, [alert_of(change)], START)
    assert over.alert is not None


def test_a_costly_rule_is_looked_at_from_time_to_time() -> None:
    watch = AlertWatch()
    looked_at = [second for second in range(0, 200, 5) if watch.is_due(RULES["drift"], START + second)]
    assert looked_at == [0, 60, 120, 180]


@settings(deadline=None)
@given(st.lists(st.none() | st.floats(0, 100), max_size=60), st.sets(st.integers(0, 60)))
def test_raised_and_resolved_take_turns(values: list[float | None], restarts: set[int]) -> None:
    series = Series()
    for place, value in enumerate(values):
        if place in restarts:
            series.restart()
        series.run(value)
    series.run(*[0.0] * 7)
    assert series.told == ["raised", "resolved"] * (len(series.told) // 2)
