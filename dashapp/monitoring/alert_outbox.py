"""The outbox: what is to be sent about which alert over which channel, until it is delivered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, insert, or_, select, update

from dashapp.database.engine import Database
from dashapp.database.tables import alert_deliveries, alert_mutes, alerts
from dashapp.monitoring.alert_watch import Action

CLAIM_S = 60.0
"""So long a claimed delivery belongs to the process that claimed it; one that died has it tried again after that."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 10.0, 1800.0
GIVES_UP_AFTER_S = 86400.0
NEVER = 1e12
"""The time of the next attempt where there is none to come."""
AT_ONCE = 20

_raised = alert_deliveries.alias("raised")


@dataclass(frozen=True, slots=True)
class Due:
    """One message to send, for the delivery `id`; `is_over` where the alert was resolved before anybody was told that it was raised."""

    id: int
    alert_id: str
    action: Action
    channel: str
    attempts: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message; `error` is that of the last attempt."""

    action: Action
    channel: str
    attempts: int
    delivered_at: datetime | None
    next_at: datetime | None
    error: str


def channel_of(url: str) -> str:
    """What a URL, which may hold secrets, is called everywhere."""
    return hashlib.sha256(url.encode()).hexdigest()[:12]


def pause_s(attempts: int) -> float | None:
    """How long to wait after so many failed attempts; None where a day of them is enough."""
    waits = [min(FIRST_PAUSE_S * 2.0**before, LONGEST_PAUSE_S) for before in range(attempts)]
    return waits[-1] if sum(waits) <= GIVES_UP_AFTER_S else None


class Outbox:
    """A row for each alert, action and channel. "resolved" waits until "raised" was delivered over the same channel; where both wait, one
    message tells both. What is muted waits, and is let go of where the alert is over before the mute is."""

    def __init__(self, database: Database, channels: Sequence[str]) -> None:
        self._database, self.channels = database, tuple(channels)

    def add_raised(self, transaction: Connection, alert_id: int, now: float) -> None:
        rows = [{"alert_id": alert_id, "action": Action.RAISED.value, "channel": each, "next_at": now} for each in self.channels]
        if rows:
            transaction.execute(insert(alert_deliveries), rows)

    def add_resolved(self, transaction: Connection, alert_id: int, now: float, *, is_muted: bool) -> None:
        """To those that were, or will be, told that it was raised."""
        of_alert = (alert_deliveries.c.alert_id == alert_id, alert_deliveries.c.action == Action.RAISED.value)
        if is_muted:
            unsent = (alert_deliveries.c.delivered_at.is_(None), alert_deliveries.c.attempts == 0)
            transaction.execute(update(alert_deliveries).where(*of_alert, *unsent).values(next_at=NEVER))
        query = select(alert_deliveries.c.channel).where(*of_alert, alert_deliveries.c.next_at < NEVER)
        rows = [
            {"alert_id": alert_id, "action": Action.RESOLVED.value, "channel": each, "next_at": now}
            for each in transaction.execute(query).scalars()
        ]
        if rows:
            transaction.execute(insert(alert_deliveries), rows)

    def claim(self, now: float) -> list[Due]:
        """What is to be sent now, oldest first; nobody else gets it for `CLAIM_S`. Without anything due this is one query."""
        if not self.channels:
            return []
        with self._database.read() as connection:
            if connection.execute(_due(now).limit(1)).first() is None:
                return []
        with self._database.write() as transaction:
            rows = transaction.execute(_due(now).limit(AT_ONCE)).all()
            known = [row for row in rows if row.channel in self.channels]
            _set(transaction, [row.id for row in rows if row.channel not in self.channels], next_at=NEVER, error="this channel is no more")
            _set(transaction, [row.id for row in known], next_at=now + CLAIM_S, attempts=alert_deliveries.c.attempts + 1)
        return [_to_send(row) for row in known]

    def delivered(self, due: Due, now: float) -> None:
        """Written down; with a message that told both, for both."""
        with self._database.write() as transaction:
            _set(transaction, [due.id], delivered_at=now, error="")
            if due.is_over:
                _set(transaction, self._resolved_of(transaction, due), delivered_at=now)

    def failed(self, due: Due, error: str, now: float) -> None:
        """Tried again later, or, after a day of attempts, never; then nobody is told of its end either."""
        pause = pause_s(due.attempts)
        with self._database.write() as transaction:
            _set(transaction, [due.id], next_at=NEVER if pause is None else now + pause, error=error)
            if pause is None and due.action is Action.RAISED:
                _set(transaction, self._resolved_of(transaction, due), next_at=NEVER)

    def deliveries(self, alert_id: str) -> list[Delivery]:
        """In the order in which they were put in."""
        query = select(alert_deliveries).where(alert_deliveries.c.alert_id == int(alert_id)).order_by(alert_deliveries.c.id)
        with self._database.read() as connection:
            return [_delivery(row) for row in connection.execute(query)]

    def _resolved_of(self, transaction: Connection, due: Due) -> list[int]:
        same = (alert_deliveries.c.alert_id == int(due.alert_id), alert_deliveries.c.channel == due.channel)
        query = select(alert_deliveries.c.id).where(*same, alert_deliveries.c.action == Action.RESOLVED.value)
        return list(transaction.execute(query).scalars())


def _due(now: float) -> Select[Any]:
    """Of rules that are not muted: "raised", and "resolved" where "raised" was delivered."""
    muted = select(alert_mutes.c.rule).where(alert_mutes.c.until > now)
    is_told = select(_raised.c.id).where(
        _raised.c.alert_id == alert_deliveries.c.alert_id,
        _raised.c.channel == alert_deliveries.c.channel,
        _raised.c.action == Action.RAISED.value,
        _raised.c.delivered_at.is_not(None),
    )
    return (
        select(alert_deliveries, alerts.c.resolved_at)
        .join(alerts, alerts.c.id == alert_deliveries.c.alert_id)
        .where(
            alert_deliveries.c.delivered_at.is_(None),
            alert_deliveries.c.next_at <= now,
            alerts.c.rule.not_in(muted),
            or_(
                alert_deliveries.c.action == Action.RAISED.value,
                and_(alert_deliveries.c.action == Action.RESOLVED.value, is_told.exists()),
            ),
        )
        .order_by(alert_deliveries.c.id)
    )


def _set(transaction: Connection, ids: list[int], **values: Any) -> None:
    if ids:
        transaction.execute(update(alert_deliveries).where(alert_deliveries.c.id.in_(ids)).values(**values))


def _to_send(row: Row[Any]) -> Due:
    action = Action(row.action)
    return Due(row.id, str(row.alert_id), action, row.channel, row.attempts + 1, action is Action.RAISED and row.resolved_at is not None)


def _delivery(row: Row[Any]) -> Delivery:
    waits = row.delivered_at is None and row.next_at < NEVER
    return Delivery(
        Action(row.action), row.channel, row.attempts, _time(row.delivered_at), _time(row.next_at) if waits else None, row.error
    )


def _time(epoch: float | None) -> datetime | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC)
