"""What was reached for the first time: each milestone once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from dashapp.database.engine import Database
from dashapp.database.tables import milestones
from dashapp.monitoring.told import Link, LinkKind, Milestone


class Milestones:
    """The name of a milestone is its key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def names(self) -> Collection[str]:
        with self._database.read() as connection:
            return set(connection.execute(select(milestones.c.name)).scalars())

    def add(self, transaction: Connection, milestone: Milestone) -> bool:
        """False where it was told before."""
        known = select(milestones.c.name).where(milestones.c.name == milestone.name)
        if transaction.execute(known).one_or_none() is not None:
            return False
        subject = [{"kind": link.kind.value, "id": link.id, "words": link.words} for link in milestone.links]
        at = milestone.at.timestamp()
        transaction.execute(insert(milestones).values(name=milestone.name, at=at, message=milestone.message, subject=subject))
        return True

    def all(self) -> tuple[Milestone, ...]:
        """The newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(milestones).order_by(milestones.c.at.desc(), milestones.c.name)).all()
        return tuple(
            Milestone(
                row.name,
                datetime.fromtimestamp(row.at, UTC),
                row.message,
                tuple(Link(LinkKind(each["kind"]), each["id"], each["words"]) for each in row.subject),
            )
            for row in rows
        )
