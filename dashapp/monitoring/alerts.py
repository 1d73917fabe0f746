"""Alerts: a limit that a metric stays past raises one, and one that it stays clear of again resolves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashapp.events.fact import Event, EventType, Fact
from dashapp.events.store import EventLog
from dashapp.monitoring.health import size_in_words
from dashapp.monitoring.probes import FULL_PERCENT, LEAST_FREE_BYTES, SLOW_DATABASE_MS
from dashapp.monitoring.sample import Sample


@dataclass(frozen=True, slots=True)
class Rule:
    """`metric` at or past `threshold` for `lasts` samples in a row raises; at or past `clears_at` on the other side for as many resolves. A
    `clears_at` above the threshold makes it a lower limit. With fewer than `needs_requests` requests in the minute it does not raise.
    A rule that is not `is_per_host` speaks for all hosts."""

    metric: str
    subject: str
    threshold: float
    clears_at: float
    unit: str
    lasts: int = 1
    needs_requests: int = 0
    is_per_host: bool = True

    def is_breached(self, sample: Sample) -> bool:
        value = getattr(sample, self.metric)
        if value is None or (sample.requests_per_minute or 0) < self.needs_requests:
            return False
        return bool(value <= self.threshold if self.clears_at > self.threshold else value >= self.threshold)

    def is_clear(self, sample: Sample) -> bool:
        value = getattr(sample, self.metric)
        if value is None:
            return False
        return bool(value >= self.clears_at if self.clears_at > self.threshold else value <= self.clears_at)

    def in_words(self, value: float) -> str:
        return size_in_words(value) if self.unit == "bytes" else f"{value:.4g} {self.unit}"


RULES = (
    Rule("memory_usage", "Memory in use", 90.0, 85.0, "%", lasts=3),
    Rule("storage_usage", "Storage in use", FULL_PERCENT, FULL_PERCENT - 2, "%"),
    Rule("storage_free_bytes", "Free storage", LEAST_FREE_BYTES, 1.5 * LEAST_FREE_BYTES, "bytes"),
    Rule("error_rate", "API requests of the last minute that failed", 5.0, 2.0, "%", needs_requests=20, is_per_host=False),
    Rule("database_latency_ms", "A write and a read of the database", SLOW_DATABASE_MS, SLOW_DATABASE_MS / 2, "ms", lasts=3),
)


class Alerts:
    """What is raised and not yet resolved, followed in the log: a restart repeats nothing, and other processes' alerts count too."""

    def __init__(self, log: EventLog, rules: Sequence[Rule] = RULES) -> None:
        self._log, self._rules = log, rules
        self._seen = 0
        self._standing: dict[tuple[str, str], Event] = {}

    def standing(self) -> list[Event]:
        """The facts that raised what still lasts, oldest first."""
        while facts := self._log.since(self._seen, types=[EventType.SYSTEM_ALERT]):
            for fact in facts:
                key = (str(fact.data.get("rule")), fact.subject.get("host", ""))
                if fact.data.get("action") == "raised":
                    self._standing[key] = fact
                else:
                    self._standing.pop(key, None)
            self._seen = facts[-1].id
        return sorted(self._standing.values(), key=lambda each: each.id)

    def changes(self, recent: Sequence[Sample], host: str) -> list[Fact]:
        """What `recent` (samples in a row of one host, oldest first) raises and resolves. Call and append it in one `write()`
        transaction, or two hosts may raise the same."""
        self.standing()
        found = [_change(rule, recent, host, (rule.metric, _host_of(rule, host)) in self._standing) for rule in self._rules]
        return [fact for fact in found if fact is not None]


def _change(rule: Rule, recent: Sequence[Sample], host: str, is_raised: bool) -> Fact | None:
    window = recent[-rule.lasts :]
    if len(window) < rule.lasts or not all(rule.is_clear(each) if is_raised else rule.is_breached(each) for each in window):
        return None
    value = getattr(window[-1], rule.metric)
    limit = f"(limit {rule.in_words(rule.threshold)})"
    message = f"{rule.subject}: {'back to ' if is_raised else ''}{rule.in_words(value)} {limit}"
    subject: Mapping[str, str] = {"host": host} if rule.is_per_host else {}
    action = "resolved" if is_raised else "raised"
    return Fact(
        EventType.SYSTEM_ALERT, message, subject, {"action": action, "rule": rule.metric, "value": value, "threshold": rule.threshold}
    )


def _host_of(rule: Rule, host: str) -> str:
    return host if rule.is_per_host else ""
