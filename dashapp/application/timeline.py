"""The timeline: what happened, searched; what of it belongs on a chart; and for how long it is kept."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from dashapp.application.services import Services
from dashapp.events.fact import Event, EventSearch, EventType, FoundEvents
from dashapp.events.merging import Step, merge
from dashapp.monitoring.told import Link, LinkKind

SUBJECTS = ("run", "model", "dataset", "alert")
"""What an event may be about, and searched by."""

MOST_READ = 5_000
PATIENCE_S = 0.2
"""What a page of merged events may read, and for how long."""

MOST_MARKERS = 200
MOST_LOOKED_AT = 2_000

KEPT = timedelta(days=730)
MERGED = ((Step.MINUTE, timedelta(days=2)), (Step.HOUR, timedelta(days=31)))
"""From which age on facts about predictions are merged, into how long steps."""

AT_ONCE = 2_000
"""Facts that one transaction of the retention works on; others may write in between."""

ROUNDS = 20

_MARKED = (EventType.SYSTEM_ALERT, EventType.MODEL_DEPLOYED, EventType.TRAINING_COMPLETED, EventType.TRAINING_STARTED)
_KINDS = {EventType.SYSTEM_ALERT: "alert", EventType.MODEL_DEPLOYED: "deployment"}
_LINKS = (
    (LinkKind.ALERT, "The alert"),
    (LinkKind.RUN, "The run"),
    (LinkKind.MODEL, "The model"),
    (LinkKind.DATASET, "The dataset"),
)


@dataclass(frozen=True, slots=True)
class Marker:
    """Where something happened that may explain a chart; `kind` is training, deployment or alert. The words may hold a user's text."""

    at: datetime
    kind: str
    words: str
    link: Link | None = None


def search_events(services: Services, search: EventSearch) -> FoundEvents:
    return services.log.search(search)


def search_merged(services: Services, search: EventSearch) -> FoundEvents:
    """The same, newest first, with the facts about predictions merged by the minute, as they are in the older part of the log: a flood of
    them takes little room. A page may be longer than asked for."""
    found: list[Event] = []
    next_id, shown = search.before, found
    begun_at = time.monotonic()
    while len(found) < MOST_READ and time.monotonic() - begun_at < PATIENCE_S:
        page = services.log.search(replace(search, before=next_id, newest_first=True, limit=max(search.limit, len(found))))
        found += page.events
        next_id, shown = page.next_id, _merged(found)
        if next_id is None or len(shown) >= search.limit:
            break
    return FoundEvents(tuple(shown), next_id)


def _merged(events: Sequence[Event]) -> list[Event]:
    predictions = [event for event in events if event.type is EventType.PREDICTION_MADE and "per" not in event.data]
    changed, gone = merge(predictions, Step.MINUTE, least=2)
    stay, leave = {event.id: event for event in changed}, set(gone)
    return [stay.get(event.id, event) for event in events if event.id not in leave]


def markers(services: Services, start: datetime, end: datetime) -> list[Marker]:
    """Trainings that began or ended, deployments, alerts raised or resolved, oldest first. Of more than 200 the most important: alerts,
    deployments and trainings that failed, the newest of each first."""
    found = [
        event
        for type in _MARKED
        for event in services.log.search(EventSearch((type,), since=start, until=end, limit=MOST_LOOKED_AT)).events
    ]
    most = sorted(found, key=lambda event: (_unimportance(event), -event.id))[:MOST_MARKERS]
    return [_marker(event) for event in sorted(most, key=lambda event: event.id)]


def _unimportance(event: Event) -> int:
    """0 is what a reader must not miss."""
    if event.type is EventType.SYSTEM_ALERT:
        return 4 if event.data.get("action") == "resolved" else 0 if event.data.get("severity") == "critical" else 2
    if event.type is EventType.MODEL_DEPLOYED:
        return 1
    if event.type is EventType.TRAINING_STARTED:
        return 5
    return 2 if event.data.get("outcome") in ("failed", "interrupted") else 3


def _marker(event: Event) -> Marker:
    link = next((Link(kind, event.subject[kind.value], words) for kind, words in _LINKS if event.subject.get(kind.value)), None)
    return Marker(event.at, _KINDS.get(event.type, "training"), event.message, link)


def retain_events(services: Services, now: float) -> None:
    """Delete what is older than two years and merge old facts about predictions, as much as a few seconds allow. Ids and their order
    stay as they are."""
    at = datetime.fromtimestamp(now, UTC)
    for _ in range(ROUNDS):
        with services.database.write() as transaction:
            if services.log.purge(transaction, at - KEPT, AT_ONCE) < AT_ONCE:
                break
    for step, age in MERGED:
        before = step.start_of(at - age)
        start = services.log.oldest_without(step.mark, EventType.PREDICTION_MADE, before)
        for _ in range(ROUNDS):
            if start is None:
                break
            start = _merge_from(services, step, step.start_of(start), before)


def _merge_from(services: Services, step: Step, start: datetime, before: datetime) -> datetime | None:
    """Merge about `AT_ONCE` facts, never a part of a step; returns where to go on, None at the end."""
    with services.database.write() as transaction:
        facts = services.log.between(EventType.PREDICTION_MADE, start, before, AT_ONCE, transaction)
        go_on: datetime | None = None
        if len(facts) == AT_ONCE:
            go_on = step.start_of(facts[-1].at)
            facts = [fact for fact in facts if fact.at < go_on]
            if not facts:  # all of them are of one step
                go_on = start + step.length
                facts = services.log.between(EventType.PREDICTION_MADE, start, go_on, None, transaction)
        changed, gone = merge(facts, step)
        services.log.rewrite(transaction, changed)
        services.log.remove(transaction, gone)
    return go_on
