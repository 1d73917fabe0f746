"""Leases: a role that one process of the install holds at a time, taken over when its holder dies."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass, field
from uuid import uuid4

import psutil
from sqlalchemy import Connection, delete, insert, select, update

from dashapp.database.engine import Database
from dashapp.database.tables import leases

HOST = socket.gethostname()


@dataclass(frozen=True)
class Lease:
    """The right to play a role (`dispatcher`, `sampler:<host>`) for `seconds` from the last `hold()`."""

    database: Database
    name: str
    seconds: float = 6.0
    holder: str = field(default_factory=lambda: uuid4().hex)
    _until: list[float] = field(default_factory=lambda: [0.0], init=False, repr=False, compare=False)

    def hold(self) -> bool:
        """Take or renew the lease; False while another living process holds it. Costs nothing while less than half of it is over: until
        it ends nobody else takes it from a process that lives."""
        if self._until[0] - time.time() > self.seconds / 2:
            return True
        self._until[0] = 0.0
        with self.database.read() as connection:
            row = connection.execute(select(leases).where(leases.c.name == self.name)).one_or_none()
        now = time.time()
        if row is not None and row.holder == self.holder and row.expires_at - now > self.seconds / 2:
            self._until[0] = row.expires_at
            return True
        if row is not None and row.holder != self.holder and _is_alive(row.host, row.pid, row.expires_at):
            return False
        with self.database.write() as connection:
            return self._take(connection, None if row is None else row.holder)

    def _take(self, connection: Connection, previous: str | None) -> bool:
        until = time.time() + self.seconds
        values = {"holder": self.holder, "host": HOST, "pid": os.getpid(), "expires_at": until}
        current = connection.execute(select(leases.c.holder).where(leases.c.name == self.name)).scalar_one_or_none()
        if current != previous:
            return False
        if current is None:
            connection.execute(insert(leases).values(name=self.name, **values))
        else:
            connection.execute(update(leases).where(leases.c.name == self.name).values(**values))
        self._until[0] = until
        return True

    def release(self) -> None:
        self._until[0] = 0.0
        with self.database.write() as connection:
            connection.execute(delete(leases).where(leases.c.name == self.name, leases.c.holder == self.holder))


def _is_alive(host: str, pid: int, expires_at: float) -> bool:
    if host == HOST and not psutil.pid_exists(pid):
        return False
    return expires_at > time.time()
