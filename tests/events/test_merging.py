"""Merging facts about predictions: counts are exact, means are weighted, versions stay apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dashapp.events.fact import Event, EventType
from dashapp.events.merging import Step, merge

START = datetime(2026, 1, 1, 10, tzinfo=UTC)


def fact(id: int, second: float, count: int, version: int | None = 1, mean_ms: float | None = 2.0, requests: int = 1) -> Event:
    versions = {} if version is None else {str(version): count}
    data = {"count": count, "requests": requests, "mean_ms": mean_ms, "version": version, "versions": versions}
    return Event(id, START + timedelta(seconds=second), EventType.PREDICTION_MADE, {}, "x", data)


def test_one_hour_becomes_one_fact_for_each_version() -> None:
    facts = [fact(1, 0, 10, 1, 2.0, 1), fact(2, 60, 5, 2), fact(3, 3599, 30, 1, 4.0, 3), fact(4, 3600, 1, 1)]
    changed, gone = merge(facts, Step.HOUR)
    assert gone == [1]
    kept = {event.id: event for event in changed}
    assert kept[3].at == facts[2].at
    assert kept[3].data == {
        "count": 40, "requests": 4, "mean_ms": 3.5, "version": 1, "versions": {"1": 40}, "since": "2026-01-01T10:00:00.000Z", "per": "hour",
    }  # fmt: skip
    assert kept[3].message == "40 predictions by version 1 in an hour (mean 3.5 ms)"
    assert kept[2].message == "5 predictions by version 2 in an hour (mean 2.0 ms)"
    assert kept[4].message == "1 prediction by version 1 in an hour (mean 2.0 ms)"
    assert merge([*changed], Step.HOUR) == ([], [])


def test_facts_of_several_versions_and_of_none_keep_their_counts() -> None:
    mixed = Event(5, START, EventType.PREDICTION_MADE, {}, "x", {"count": 7, "mean_ms": None, "versions": {"10": 3, "9": 4}})
    bare = Event(6, START, EventType.PREDICTION_MADE, {}, "x", {"count": 2})
    old = Event(7, START, EventType.PREDICTION_MADE, {}, "x", {"count": 2, "version": 3})
    changed, gone = merge([mixed, bare, old], Step.MINUTE)
    assert gone == []
    assert [event.message for event in changed] == [
        "7 predictions by versions 9 and 10 in a minute",
        "2 predictions in a minute",
        "2 predictions by version 3 in a minute",
    ]


def test_few_facts_may_be_left_as_they_are() -> None:
    assert merge([fact(1, 0, 1)], Step.MINUTE, least=2) == ([], [])


@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 999), st.sampled_from([1, 2, None]), st.integers(1, 9)), max_size=60))
def test_counts_are_exact_through_both_steps(made: list[tuple[int, int, int | None, int]]) -> None:
    facts = [
        fact(id, second, count, version, requests=requests)
        for id, (second, count, version, requests) in enumerate(sorted(made, key=lambda each: each[0]), 1)
    ]
    through = facts
    for step in (Step.MINUTE, Step.HOUR):
        changed, gone = merge(through, step)
        new = {event.id: event for event in changed}
        through = [new.get(event.id, event) for event in through if event.id not in gone]
    for member in ("count", "requests"):
        assert sum(event.data[member] for event in through) == sum(event.data[member] for event in facts)
    assert [event.id for event in through] == sorted(event.id for event in through)
    keys = [(Step.HOUR.start_of(event.at), event.data["version"]) for event in through]
    assert len(keys) == len(set(keys))
    assert [event.at for event in through] == [next(f.at for f in facts if f.id == event.id) for event in through]
