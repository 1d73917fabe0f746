"""Old facts about predictions, merged: one for each minute, later one for each hour, and version, with exact counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from dashapp.database.times import iso
from dashapp.events.fact import Event


class Step(StrEnum):
    """What one merged fact covers; it stands in its data as `per`."""

    MINUTE = "minute"
    HOUR = "hour"

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=1) if self is Step.MINUTE else timedelta(hours=1)

    @property
    def mark(self) -> str:
        """The JSON text that the data of every fact has that needs no merging to this step."""
        return '"per":' if self is Step.MINUTE else f'"per":"{self.value}"'

    def start_of(self, at: datetime) -> datetime:
        seconds = int(self.length.total_seconds())
        return datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)


def merge(facts: Sequence[Event], step: Step, least: int = 1) -> tuple[list[Event], list[int]]:
    """The facts that stay, changed, and the ids of those that went into them. The newest id and time of each step and version stay; fewer
    than `least` facts are left as they are."""
    groups: dict[tuple[datetime, tuple[str, ...]], list[Event]] = {}
    for fact in facts:
        groups.setdefault((step.start_of(fact.at), tuple(sorted(_versions(fact.data)))), []).append(fact)
    changed, gone = [], []
    for group in groups.values():
        if len(group) < least or (len(group) == 1 and group[0].data.get("per") == step.value):
            continue
        newest = max(group, key=lambda fact: fact.id)
        changed.append(_one(group, newest, step))
        gone += [fact.id for fact in group if fact is not newest]
    return changed, gone


def _versions(data: Mapping[str, Any]) -> dict[str, int]:
    known = data.get("versions") or ({} if data.get("version") is None else {str(data["version"]): data.get("count", 0)})
    return {str(version): int(count) for version, count in known.items()}


def _one(group: Sequence[Event], newest: Event, step: Step) -> Event:
    versions: dict[str, int] = {}
    for fact in group:
        for version, count in _versions(fact.data).items():
            versions[version] = versions.get(version, 0) + count
    data = {
        "count": sum(int(fact.data.get("count", 0)) for fact in group),
        "requests": sum(_requests(fact) for fact in group),
        "mean_ms": _mean_ms(group),
        "version": int(next(iter(versions))) if len(versions) == 1 else None,
        "versions": versions,
        "since": min(str(fact.data.get("since") or iso(fact.at)) for fact in group),
        "per": step.value,
    }
    return replace(newest, message=_message(data, step), data=data)


def _requests(fact: Event) -> int:
    return int(fact.data.get("requests") or 1)


def _mean_ms(group: Sequence[Event]) -> float | None:
    """Weighted by requests, as that of each fact is a mean over them."""
    known = [(float(fact.data["mean_ms"]), _requests(fact)) for fact in group if fact.data.get("mean_ms") is not None]
    return round(sum(mean * requests for mean, requests in known) / sum(requests for _, requests in known), 3) if known else None


def _message(data: Mapping[str, Any], step: Step) -> str:
    count, versions, mean_ms = data["count"], sorted(data["versions"], key=int), data["mean_ms"]
    by = f" by version{'s' if len(versions) > 1 else ''} {' and '.join(versions)}" if versions else ""
    took = "" if mean_ms is None else f" (mean {mean_ms:.1f} ms)"
    return f"{count:,} prediction{'s' if count != 1 else ''}{by} in {'an hour' if step is Step.HOUR else 'a minute'}{took}"
