"""Alerts: what stands, what was, and what a person does about it; the watch that raises them, and their delivery."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from dashapp.application.alert_clues import probable_cause
from dashapp.application.alert_findings import Look
from dashapp.application.deployment import MOST_BY
from dashapp.application.services import Services
from dashapp.datasets.wording import INVISIBLE
from dashapp.errors import InvalidRequest, NotFound
from dashapp.events.fact import EventType, Fact
from dashapp.monitoring.alert_causes import span_in_words
from dashapp.monitoring.alert_outbox import Delivery
from dashapp.monitoring.alert_rules import RULES, Finding, Rule
from dashapp.monitoring.alert_watch import Action, Change
from dashapp.monitoring.told import Alert, Cause, Mute

LONGEST_MUTE_S = 30 * 86400.0
KEPT_S = 2 * 365 * 86400.0


def alerts(services: Services, *, is_standing: bool | None = None, before: int | None = None, limit: int = 50) -> list[Alert]:
    """The newest first, of all or of those that stand (or do not)."""
    return services.alerts.all(is_standing, before, limit)


def count_alerts(services: Services, *, is_standing: bool | None = None) -> int:
    return services.alerts.count(is_standing)


def deliveries(services: Services, alert: Alert) -> Sequence[Delivery]:
    """What became of the messages about an alert, by channel."""
    return services.outbox.deliveries(alert.id)


def acknowledge(services: Services, alert_id: str, by: str = "") -> Alert:
    """Say that somebody sees to it, the first time; raises `NotFound`, `Conflict` where it is over."""
    name = _by(by)
    with services.database.write() as transaction:
        if services.alerts.acknowledge(transaction, alert_id, name, time.time()):
            message = f"{services.alerts.get(alert_id, transaction).message}: {name or 'somebody'} sees to it"
            _tell(services, transaction, message, {"alert": alert_id}, {"action": "alert_acknowledged", "by": name})
    return services.alerts.get(alert_id)


def mute(services: Services, rule: str, seconds: float, by: str = "") -> Mute:
    """Send nothing about a rule for so long; raises `NotFound` for a rule that does not exist."""
    check_rule(rule)
    if not 0 < seconds <= LONGEST_MUTE_S:
        raise InvalidRequest(f"seconds must be above 0 and at most {LONGEST_MUTE_S:,.0f}.", field="seconds", got=seconds)
    now, name = time.time(), _by(by)
    with services.database.write() as transaction:
        muted = services.alerts.mute(transaction, rule, now + seconds, name)
        message = f"Messages about {rule} are muted for {span_in_words(seconds)}"
        _tell(services, transaction, message, {}, {"action": "alerts_muted", "rule": rule, "seconds": seconds, "by": name})
    return muted


def unmute(services: Services, rule: str) -> None:
    """Send again; what waited and still stands is told now. Raises `NotFound` for a rule that does not exist."""
    check_rule(rule)
    with services.database.write() as transaction:
        if services.alerts.unmute(transaction, rule):
            _tell(services, transaction, f"Messages about {rule} are sent again", {}, {"action": "alerts_unmuted", "rule": rule})


def mutes(services: Services) -> Sequence[Mute]:
    """Those that still hold."""
    return services.alerts.mutes(time.time())


def rules() -> Mapping[str, str]:
    """What each rule looks at, in words, by its name."""
    return {each.name: each.words for each in RULES.values()}


def watch_alerts(services: Services, now: float, watched: Mapping[str, Rule] = RULES) -> None:
    """Raise and resolve. Without a change it only reads."""
    standing = services.alerts.standing()
    Look(services, watched, standing, now).take()
    changes = services.alert_watch.changes(watched, standing, now)
    causes = {id(each): probable_cause(services, each.finding, now) for each in changes if each.alert is None}
    if not changes:
        return
    with services.database.write() as transaction:
        for each in changes:
            _carry_out(services, transaction, watched[each.finding.rule], each, causes.get(id(each)), now)


def deliver_alerts(services: Services, now: float) -> None:
    """Send what is due, again until it is delivered; the sending itself is done elsewhere, so that this is soon over."""
    services.messenger.send_due(now)


def _carry_out(services: Services, transaction: Connection, rule: Rule, change: Change, cause: Cause | None, now: float) -> None:
    """Nothing where another process was faster."""
    finding = change.finding
    if change.alert is None:
        alert = services.alerts.add(transaction, finding, rule.severity, cause, now)
    else:
        alert = services.alerts.resolve(transaction, change.alert, finding.message, now)
    if alert is not None:
        action = Action.RAISED if change.alert is None else Action.RESOLVED
        services.log.append(transaction, _fact(finding, alert, action), alert.raised_at if alert.is_standing else alert.resolved_at)


def _fact(finding: Finding, alert: Alert, action: Action) -> Fact:
    subject = {**{kind: name for kind, name in finding.subject.items() if name}, "alert": alert.id}
    data = {
        "action": action.value, "rule": alert.rule, "alert": alert.id, "severity": alert.severity.value, "value": finding.value,
        "threshold": alert.threshold, "cause": None if alert.cause is None else alert.cause.words,
    }  # fmt: skip
    return Fact(EventType.SYSTEM_ALERT, finding.message, subject, data)


def check_rule(rule: str) -> None:
    """Raises `NotFound`."""
    if rule not in RULES:
        raise NotFound(f"There is no rule {rule[:80]}; there are {', '.join(RULES)}.")


def _by(by: str) -> str:
    """On one line, without characters that cannot be seen; raises `InvalidRequest` where it is too long."""
    if len(by) > MOST_BY:
        raise InvalidRequest(f"by has {len(by):,} characters; send {MOST_BY} at most.", field="by", expected=f"{MOST_BY} characters")
    return " ".join(re.sub(INVISIBLE, "", by).encode("utf-8", "replace").decode().split())


def _tell(services: Services, transaction: Connection, message: str, subject: Mapping[str, str], data: Mapping[str, object]) -> None:
    services.log.append(transaction, Fact(EventType.USER_ACTION, message, subject, data))


def retain_alerts(services: Services, now: float) -> None:
    """Forget alerts that ended two years ago."""
    with services.database.write() as transaction:
        services.alerts.prune(transaction, now - KEPT_S)
