"""The alerts that stand and that were, and what is muted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from dashapp.database.engine import Database
from dashapp.database.tables import alert_deliveries, alert_mutes, alerts
from dashapp.errors import Conflict, NotFound
from dashapp.monitoring.alert_outbox import Outbox
from dashapp.monitoring.alert_rules import Finding
from dashapp.monitoring.told import Alert, Cause, Mute, Severity

_CAUSE = TypeAdapter(Cause)
_LARGEST_ID = 2**63 - 1


class AlertStore:
    """At most one alert stands for each rule and what it is about, whoever raises it: the write transaction decides. What is raised and
    resolved waits in the outbox from the same transaction on. `get` raises `NotFound`."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database, self._outbox = database, outbox

    def standing(self) -> list[Alert]:
        """Oldest first."""
        query = select(alerts).where(alerts.c.resolved_at.is_(None)).order_by(alerts.c.id)
        with self._database.read() as connection:
            return [_alert(row, {}) for row in connection.execute(query)]

    def get(self, alert_id: str, transaction: Connection | None = None) -> Alert:
        number = int(alert_id) if alert_id.isascii() and alert_id.isdigit() and len(alert_id) < 20 else 0
        with self._database.read(within=transaction) as connection:
            row = connection.execute(select(alerts).where(alerts.c.id == min(number, _LARGEST_ID))).one_or_none()
            if row is None:
                raise NotFound(f"There is no alert {alert_id}.")
            return _alert(row, _muted(connection, time.time()))

    def all(self, is_standing: bool | None = None, before: int | None = None, limit: int = 50) -> list[Alert]:
        """Newest first, with an id below `before`."""
        query = select(alerts).where(*_in_state(is_standing)).order_by(alerts.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(alerts.c.id < before)
        with self._database.read() as connection:
            muted = _muted(connection, time.time())
            return [_alert(row, muted) for row in connection.execute(query)]

    def count(self, is_standing: bool | None = None) -> int:
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(alerts).where(*_in_state(is_standing))).scalar_one()

    def add(self, transaction: Connection, finding: Finding, severity: Severity, cause: Cause | None, now: float) -> Alert | None:
        """Raise what was found; None where it stands already."""
        same = (alerts.c.rule == finding.rule, alerts.c.about == finding.about, alerts.c.resolved_at.is_(None))
        if transaction.execute(select(alerts.c.id).where(*same).limit(1)).one_or_none() is not None:
            return None
        values = {
            "rule": finding.rule, "about": finding.about, "severity": severity.value, "message": finding.message, "value": finding.value,
            "threshold": finding.threshold, "raised_at": now, "cause": None if cause is None else _CAUSE.dump_python(cause, mode="json"),
        }  # fmt: skip
        row = transaction.execute(insert(alerts).values(**values).returning(alerts)).one()
        self._outbox.add_raised(transaction, row.id, now)
        return _alert(row, {})

    def resolve(self, transaction: Connection, alert: Alert, message: str, now: float) -> Alert | None:
        """Write down that it is over; None where it was already."""
        still = (alerts.c.id == int(alert.id), alerts.c.resolved_at.is_(None))
        values = {"resolved_at": now, "resolved_message": message}
        row = transaction.execute(update(alerts).where(*still).values(**values).returning(alerts)).one_or_none()
        if row is None:
            return None
        is_muted = alert.rule in _muted(transaction, now)
        self._outbox.add_resolved(transaction, row.id, now, is_muted=is_muted)
        return _alert(row, {})

    def acknowledge(self, transaction: Connection, alert_id: str, by: str, now: float) -> bool:
        """False where somebody has acknowledged it before; raises `Conflict` where it is over."""
        alert = self.get(alert_id, transaction)
        if not alert.is_standing:
            raise Conflict("This alert is over already, so there is nothing to see to.")
        if alert.acknowledged_at is not None:
            return False
        transaction.execute(update(alerts).where(alerts.c.id == int(alert.id)).values(acknowledged_at=now, acknowledged_by=by))
        return True

    def mute(self, transaction: Connection, rule: str, until: float, by: str) -> Mute:
        """It takes the place of the one before."""
        self.unmute(transaction, rule)
        transaction.execute(insert(alert_mutes).values(rule=rule, until=until, by=by))
        return Mute(rule, _time(until), by)

    def unmute(self, transaction: Connection, rule: str) -> bool:
        """False where it was not muted."""
        return bool(transaction.execute(delete(alert_mutes).where(alert_mutes.c.rule == rule)).rowcount)

    def mutes(self, now: float) -> Sequence[Mute]:
        """Those that hold, by rule."""
        query = select(alert_mutes).where(alert_mutes.c.until > now).order_by(alert_mutes.c.rule)
        with self._database.read() as connection:
            return [Mute(row.rule, _time(row.until), row.by) for row in connection.execute(query)]

    def prune(self, transaction: Connection, before_epoch: float) -> int:
        """Delete what was over before; returns how many alerts."""
        old = select(alerts.c.id).where(alerts.c.resolved_at < before_epoch)
        transaction.execute(delete(alert_deliveries).where(alert_deliveries.c.alert_id.in_(old)))
        return transaction.execute(delete(alerts).where(alerts.c.resolved_at < before_epoch)).rowcount


def _in_state(is_standing: bool | None) -> list[Any]:
    if is_standing is None:
        return []
    return [alerts.c.resolved_at.is_(None) if is_standing else alerts.c.resolved_at.is_not(None)]


def _muted(connection: Connection, now: float) -> dict[str, float]:
    """Until when, by rule."""
    return {row.rule: row.until for row in connection.execute(select(alert_mutes).where(alert_mutes.c.until > now))}


def _alert(row: Row[Any], muted: Mapping[str, float]) -> Alert:
    return Alert(
        id=str(row.id),
        rule=row.rule,
        about=row.about,
        severity=Severity(row.severity),
        message=row.message,
        raised_at=_time(row.raised_at),
        value=row.value,
        threshold=row.threshold,
        cause=None if row.cause is None else _CAUSE.validate_python(row.cause),
        resolved_at=None if row.resolved_at is None else _time(row.resolved_at),
        resolved_message=row.resolved_message,
        acknowledged_at=None if row.acknowledged_at is None else _time(row.acknowledged_at),
        acknowledged_by=row.acknowledged_by,
        muted_until=_time(muted[row.rule]) if row.rule in muted else None,
    )


def _time(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
