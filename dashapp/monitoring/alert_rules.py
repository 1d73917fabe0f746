"""The rules of the alerts: what each looks at, when it raises and when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from dashapp.monitoring.health import size_in_words
from dashapp.monitoring.probes import FULL_PERCENT, LEAST_FREE_BYTES, SILENT_S, SLOW_DATABASE_MS
from dashapp.monitoring.sample import Sample
from dashapp.monitoring.told import Severity

SLOWER, LEAST_SLOWER_MS = 3.0, 50.0
"""Latency is slow at so many times what is usual, and at least so many milliseconds above it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`metric` at or past `threshold` is a breach, at or past `clears_at` on the other side it is clear, and in between it is neither. A
    `clears_at` above the threshold makes it a lower limit. With fewer than `needs_requests` requests in the minute it is never a breach.
    One that is not `is_per_host` speaks for all hosts."""

    metric: str
    subject: str
    threshold: float
    clears_at: float
    unit: str
    needs_requests: int = 0
    is_per_host: bool = True

    def is_breached(self, value: float | None, requests: int | None = None) -> bool | None:
        """None where it is not known, or between the two."""
        if value is None:
            return None
        is_lower = self.clears_at > self.threshold
        if value >= self.clears_at if is_lower else value <= self.clears_at:
            return False
        if (requests or 0) < self.needs_requests:
            return None
        return True if (value <= self.threshold if is_lower else value >= self.threshold) else None

    def in_words(self, value: float) -> str:
        return size_in_words(value) if self.unit == "bytes" else f"{value:.4g} {self.unit}"


@dataclass(frozen=True, slots=True)
class Rule:
    """`words` says in a sentence what it looks at. A breach that lasts `raises_after_s` raises, clearness that lasts `clears_after_s`
    resolves, and so does an hour, or `forgets_after_s`, in which nothing is known. It is looked at every `every_s` (0: at every sample)."""

    name: str
    words: str
    severity: Severity
    raises_after_s: float = 0.0
    clears_after_s: float = 0.0
    forgets_after_s: float = 3600.0
    every_s: float = 0.0
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look found for one rule and one thing that it is `about`; `is_breached` None: not known, or neither. `message` is what an
    alert says that is raised, or resolved, by it."""

    rule: str
    about: str
    is_breached: bool | None
    message: str = ""
    value: float | None = None
    threshold: float | None = None
    subject: Mapping[str, str] = field(default_factory=dict)


def measured(rule: Rule, sample: Sample, host: str) -> Finding:
    """What a sample says about a rule that has a limit."""
    limit = limit_of(rule)
    value = getattr(sample, limit.metric, None)
    about, subject = (host, {"host": host}) if limit.is_per_host else ("", {})
    is_breached = limit.is_breached(value, sample.requests_per_minute)
    message = "" if value is None else limit_words(limit, value, is_breached is False)
    return Finding(rule.name, about, is_breached, message, value, limit.threshold, subject)


def limit_words(limit: Limit, value: float, is_back: bool) -> str:
    return f"{limit.subject} {'is back at' if is_back else 'is at'} {limit.in_words(value)} (limit {limit.in_words(limit.threshold)})"


def limit_of(rule: Rule) -> Limit:
    if rule.limit is None:
        raise ValueError(f"{rule.name} has no limit")
    return rule.limit


def against_baseline(rule: Rule, baseline_ms: float) -> Rule:
    """The latency rule with the limit that a usual latency gives it: 2 ms beside 1 ms is no alarm."""
    return with_threshold(rule, max(SLOWER * baseline_ms, baseline_ms + LEAST_SLOWER_MS))


def with_threshold(rule: Rule, threshold: float) -> Rule:
    """The rule with another limit; what clears it moves along."""
    limit = limit_of(rule)
    clears_at = threshold * limit.clears_at / limit.threshold
    return replace(rule, limit=replace(limit, threshold=threshold, clears_at=clears_at))


_ALL = (
    Rule(
        "memory_high",
        "Memory in use stays at 90 % or more for 30 s.",
        Severity.WARNING,
        raises_after_s=30,
        clears_after_s=30,
        limit=Limit("memory_usage", "Memory in use", 90.0, 85.0, "%"),
    ),
    Rule(
        "disk_nearly_full",
        f"The file system of the home stays {FULL_PERCENT:g} % full or more for 10 s.",
        Severity.WARNING,
        raises_after_s=10,
        clears_after_s=10,
        limit=Limit("storage_usage", "Storage in use", FULL_PERCENT, FULL_PERCENT - 2, "%"),
    ),
    Rule(
        "disk_low",
        f"Less than {size_in_words(LEAST_FREE_BYTES)} stays free on the file system of the home for 10 s.",
        Severity.CRITICAL,
        raises_after_s=10,
        clears_after_s=10,
        limit=Limit("storage_free_bytes", "Free storage", LEAST_FREE_BYTES, 1.5 * LEAST_FREE_BYTES, "bytes"),
    ),
    Rule(
        "disk_full_soon",
        "A forecast that held in tests on the past says that the disk will be full within 24 h.",
        Severity.WARNING,
        raises_after_s=300,
        clears_after_s=600,
        every_s=300,
    ),
    Rule(
        "error_rate",
        "5 % or more of the last minute's requests to the API, of 20 at least, fail for 10 s (status 500 and above).",
        Severity.CRITICAL,
        raises_after_s=10,
        clears_after_s=30,
        forgets_after_s=600,
        limit=Limit("error_rate", "The share of API requests that fail", 5.0, 2.0, "%", needs_requests=20, is_per_host=False),
    ),
    Rule(
        "latency",
        "The 95th percentile of the API's response time, of 20 requests a minute at least, stays 3 times above the last day's median of it,"
        " and 50 ms at least, for 60 s.",
        Severity.WARNING,
        raises_after_s=60,
        clears_after_s=60,
        forgets_after_s=600,
        limit=Limit(
            "api_response_time_p95", "The API's response time (95th percentile)", 150.0, 90.0, "ms", needs_requests=20, is_per_host=False
        ),
    ),
    Rule(
        "trainer_stalled",
        f"A trainer gives no sign of life for {SILENT_S:g} s.",
        Severity.WARNING,
        limit=Limit("heartbeat_age_s", "The trainer's last sign of life", SILENT_S, 5.0, "s"),
    ),
    Rule(
        "run_failed",
        "A training failed or was interrupted; a later one of the same dataset that succeeds ends the alert, or 24 h.",
        Severity.WARNING,
    ),
    Rule(
        "drift",
        "What the live model is asked, or what it answers, is no longer as it was in its training.",
        Severity.WARNING,
        every_s=60,
    ),
    Rule(
        "database_slow",
        f"A write and a read of the database take {SLOW_DATABASE_MS:g} ms or more for 10 s.",
        Severity.WARNING,
        raises_after_s=10,
        clears_after_s=10,
        limit=Limit("database_latency_ms", "The database's write and read time", SLOW_DATABASE_MS, SLOW_DATABASE_MS / 2, "ms"),
    ),
    Rule(
        "event_lag",
        "Events reach the live pages 1,000 ms or more after they were written, for 10 s.",
        Severity.WARNING,
        raises_after_s=10,
        clears_after_s=10,
        forgets_after_s=300,
        limit=Limit("event_lag_ms", "The way of an event to the pages", 1000.0, 300.0, "ms"),
    ),
    Rule(
        "service_down",
        "The check of a service does not come to an end, or fails itself, for 5 s.",
        Severity.CRITICAL,
        raises_after_s=5,
        clears_after_s=5,
    ),
)
RULES: Mapping[str, Rule] = MappingProxyType({each.name: each for each in _ALL})
"""By name."""
