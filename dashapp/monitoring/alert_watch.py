"""The watch: holds what was found against what stands, and says what is to be raised and what is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from dashapp.monitoring.alert_rules import Finding, Rule
from dashapp.monitoring.told import Alert

Key = tuple[str, str]
"""Rule and what it is about."""

HELD_S = 600.0
"""A verdict that was not heard for so long says nothing any more."""


class Action(StrEnum):
    """As facts and deliveries have it."""

    RAISED = "raised"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Change:
    """`finding` raises an alert, or resolves `alert`."""

    finding: Finding
    alert: Alert | None = None


@dataclass(slots=True)
class _Held:
    """A verdict, since when, and when it was heard last."""

    verdict: tuple[bool | None, bool]
    since: float
    last: float


class AlertWatch:
    """How long each verdict holds already, in one process. What stands is not here but in the store: a process that takes over counts
    durations anew, and raises nothing a second time."""

    def __init__(self) -> None:
        self._held: dict[Key, _Held] = {}
        self._newest: dict[Key, Finding] = {}
        self._looked_at: dict[str, float] = {}
        self.seen: dict[str, float] = {}
        """The time of the newest sample that was looked at, by host."""
        self.usual: tuple[float, float | None] | None = None
        """When the usual latency was asked for, and what it was (ms)."""

    def is_due(self, rule: Rule, now: float) -> bool:
        """Whether to look at it now, where it is not looked at with every sample."""
        if now - self._looked_at.get(rule.name, float("-inf")) < rule.every_s:
            return False
        self._looked_at[rule.name] = now
        return True

    def hear(self, finding: Finding, at: float, gap_s: float) -> None:
        """In the order of time for each rule and what it is about. After a gap the verdict's time counts anew."""
        key, verdict = (finding.rule, finding.about), (finding.is_breached, finding.value is None)
        held = self._held.get(key)
        if held is None or held.verdict != verdict or at - held.last > gap_s:
            held = self._held[key] = _Held(verdict, at, at)
        held.last = at
        self._newest[key] = finding

    def changes(self, rules: Mapping[str, Rule], standing: Iterable[Alert], now: float) -> list[Change]:
        """What the findings heard since the last call raise and resolve."""
        alerts = {(each.rule, each.about): each for each in standing}
        found = [self._change(rules[key[0]], finding, alerts.get(key)) for key, finding in self._newest.items()]
        self._newest = {}
        self._held = {key: held for key, held in self._held.items() if now - held.last < HELD_S}
        return [change for change in found if change is not None]

    def _change(self, rule: Rule, finding: Finding, alert: Alert | None) -> Change | None:
        held = self._held[finding.rule, finding.about]
        lasted_s = held.last - held.since
        if alert is None:
            return Change(finding) if finding.is_breached and lasted_s >= rule.raises_after_s else None
        if finding.is_breached is False and lasted_s >= rule.clears_after_s:
            return Change(finding, alert)
        if finding.is_breached is None and finding.value is None and lasted_s >= rule.forgets_after_s:
            return Change(replace(finding, message=_forgotten(rule)), alert)
        return None


def _forgotten(rule: Rule) -> str:
    minutes = rule.forgets_after_s / 60
    return f"Nothing was heard about this for {minutes:.0f} min; the alert ends, though nobody can say that it is over"
