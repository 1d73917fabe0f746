"""The timeline: markers by importance, merged floods, and what is kept for how long."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from dashapp.application import timeline
from dashapp.application.services import Services
from dashapp.application.timeline import markers, retain_events, search_events, search_merged
from dashapp.events.fact import Event, EventSearch, EventType, Fact
from dashapp.monitoring.told import Link, LinkKind

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


def tell(services: Services, *facts: tuple[timedelta, Fact]) -> None:
    """Facts with their age, the oldest first."""
    with services.database.write() as transaction:
        for age, fact in facts:
            services.log.append(transaction, fact, NOW - age)


def predicted(count: int, version: int = 1) -> Fact:
    data = {"count": count, "requests": 1, "mean_ms": 2.0, "version": version, "versions": {str(version): count}}
    return Fact(EventType.PREDICTION_MADE, f"{count} predictions", data=data)


def every(services: Services) -> list[Event]:
    return services.log.since(0, 100_000)


def counted(events: list[Event]) -> Counter[str]:
    found: Counter[str] = Counter()
    for event in events:
        found.update(event.data.get("versions", {}))
    return found


def test_markers_tell_trainings_deployments_and_alerts_with_their_links(services: Services) -> None:
    tell(
        services,
        (timedelta(hours=5), Fact(EventType.TRAINING_STARTED, "began", {"run": "r", "dataset": "d"})),
        (timedelta(hours=4), Fact(EventType.TRAINING_COMPLETED, "ended", {"run": "r"}, {"outcome": "succeeded"})),
        (timedelta(hours=3), Fact(EventType.MODEL_DEPLOYED, "Version 1 is live", {"model": "m"})),
        (timedelta(hours=2), Fact(EventType.USER_ACTION, "a file came", {"dataset": "d"})),
        (timedelta(hours=1), Fact(EventType.SYSTEM_ALERT, "short of memory", {"alert": "4", "run": "r"}, {"action": "raised"})),
        (timedelta(0), Fact(EventType.SYSTEM_ALERT, "over", {"host": "h"}, {"action": "resolved"})),
    )
    found = markers(services, NOW - timedelta(hours=4, minutes=30), NOW)
    assert [(each.kind, each.words) for each in found] == [
        ("training", "ended"),
        ("deployment", "Version 1 is live"),
        ("alert", "short of memory"),
        ("alert", "over"),
    ]
    assert [each.link for each in found] == [
        Link(LinkKind.RUN, "r", "The run"),
        Link(LinkKind.MODEL, "m", "The model"),
        Link(LinkKind.ALERT, "4", "The alert"),
        None,
    ]
    assert found[0].at == NOW - timedelta(hours=4)


def test_of_many_markers_the_important_ones_stay(services: Services) -> None:
    tell(services, (timedelta(hours=9), Fact(EventType.SYSTEM_ALERT, "grave", data={"action": "raised", "severity": "critical"})))
    tell(services, *((timedelta(hours=8), Fact(EventType.TRAINING_STARTED, f"began {number}")) for number in range(300)))
    tell(services, (timedelta(hours=7), Fact(EventType.MODEL_DEPLOYED, "live")))
    found = markers(services, NOW - timedelta(days=1), NOW)
    assert len(found) == timeline.MOST_MARKERS
    assert (found[0].words, found[-1].words) == ("grave", "live")
    assert found[-2].words == "began 299"


def test_a_flood_is_merged_by_the_minute_for_who_asks_so(services: Services) -> None:
    start = NOW.replace(second=0)
    tell(services, (timedelta(minutes=10), Fact(EventType.USER_ACTION, "before")))
    with services.database.write() as transaction:
        for second in range(120):
            services.log.append(transaction, predicted(3), start + timedelta(seconds=second))
        services.log.append(transaction, Fact(EventType.USER_ACTION, "after"), start + timedelta(seconds=121))
    found = search_merged(services, EventSearch(limit=10))
    assert [event.message for event in found.events] == [
        "after",
        "180 predictions by version 1 in a minute (mean 2.0 ms)",
        "180 predictions by version 1 in a minute (mean 2.0 ms)",
        "before",
    ]
    assert found.next_id is None
    assert len(search_events(services, EventSearch(limit=500)).events) == 122


def test_what_is_older_than_two_years_goes(services: Services) -> None:
    tell(
        services,
        (timedelta(days=731), Fact(EventType.TRAINING_PROGRESS, "gone")),
        (timedelta(days=729), Fact(EventType.TRAINING_PROGRESS, "stays")),
        (timedelta(0), Fact(EventType.USER_ACTION, "new")),
    )
    retain_events(services, NOW.timestamp())
    assert [(event.id, event.message) for event in every(services)] == [(2, "stays"), (3, "new")]


def test_old_predictions_are_one_an_hour_and_version_and_nothing_else_changes(services: Services) -> None:
    facts: list[tuple[timedelta, Fact]] = []
    for second in range(0, 3 * 3600, 20):
        facts.append((timedelta(days=40) - timedelta(seconds=second), predicted(2, 1 + second % 40 // 20)))
        if second % 3600 == 0:
            facts.append((timedelta(days=40) - timedelta(seconds=second), Fact(EventType.TRAINING_PROGRESS, "a milestone", {"run": "r"})))
    facts += [(timedelta(days=5) - timedelta(seconds=second), predicted(1)) for second in range(0, 300, 10)]
    facts += [(timedelta(hours=1) - timedelta(seconds=second), predicted(1)) for second in range(5)]
    tell(services, *facts)
    before = every(services)
    last = services.log.last_id()
    retain_events(services, NOW.timestamp())
    after = every(services)
    assert counted(after) == counted(before)
    assert [event.id for event in after] == sorted({event.id for event in after} & {event.id for event in before})
    assert services.log.last_id() == last
    old = [event for event in after if event.at < NOW - timedelta(days=31) and event.type is EventType.PREDICTION_MADE]
    assert 2 * 3 <= len(old) <= 2 * 4 and {event.data["per"] for event in old} == {"hour"}
    assert sum(event.type is EventType.TRAINING_PROGRESS for event in after) == 3
    assert sum(event.data.get("per") == "minute" for event in after) in (5, 6)
    assert after[-5:] == before[-5:]
    retain_events(services, NOW.timestamp())
    assert every(services) == after


@pytest.mark.parametrize("at_once", [2, 7, 50])
def test_a_call_does_a_bounded_part_and_the_next_goes_on(services: Services, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(timeline, "AT_ONCE", at_once)
    monkeypatch.setattr(timeline, "ROUNDS", 1)
    tell(services, *((timedelta(days=33) - timedelta(minutes=minute), predicted(1)) for minute in range(0, 600, 7)))
    sizes = [len(every(services))]
    for _ in range(300):
        retain_events(services, NOW.timestamp())
        sizes.append(len(every(services)))
    assert sizes[1] > sizes[-1] and sizes == sorted(sizes, reverse=True)
    assert sizes[-1] in (10, 11)
    assert counted(every(services)) == Counter({"1": 86})


def test_an_id_is_not_given_again_when_all_are_gone(services: Services) -> None:
    tell(services, (timedelta(days=800), Fact(EventType.USER_ACTION, "old")))
    retain_events(services, NOW.timestamp())
    tell(services, (timedelta(0), Fact(EventType.USER_ACTION, "new")))
    assert [event.id for event in every(services)] == [2]
