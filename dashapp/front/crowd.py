"""The main loop of a web process and the crowd of its clients: who is let in, watched, and sent away."""

from __future__ import annotations

import errno
import resource
import socket
import sys
import time
from abc import ABC, abstractmethod
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from dashapp.front.connection import MOST_UNSENT, ClientSocket, Connection, State
from dashapp.front.places import Limits
from dashapp.front.shares import Shares
from dashapp.settings import Settings

SWEEP_S = 0.5
LINGER_S = 2.0
MOST_HELD = 64 * 1024 * 1024
"""Bytes of all connections' unfinished bodies in one process, and again of all unsent answers."""
SPARE_FILES = 200
NO_FILES = (errno.EMFILE, errno.ENFILE)
YIELD_S = 0.001
"""For so long a process leaves a new connection to one that has fewer."""
MOST_SHARED = 32
"""With more connections than these no process waits for another: many are spread well enough by chance, and a flood wants no waiting."""
WAITS_FOR_CLIENT = (State.IDLE, State.HEAD, State.BODY)


class Crowd(ThreadWorker, ABC):  # type: ignore[misc]  # gunicorn is untyped
    """What is done with a connection's bytes is another's duty: `on_readable`, `on_writable` and `give_up`."""

    shares: Shares | None = None
    """Given before the fork (`gunicorn.conf.py`)."""

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        if cfg.is_ssl or cfg.proxy_protocol != "off":
            sys.exit("dashapp cannot start: TLS and the PROXY protocol end at the proxy before it, or add --worker-class gthread.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        connections = max(min(self.cfg.worker_connections, files - SPARE_FILES), 10)
        self.limits = Limits.of(Settings.from_environment(), self.cfg.threads, connections, self.cfg.keepalive)
        self.connections: set[Connection] = set()
        self.held = 0
        # Whether a new connection is left to others, and until when.
        self.is_leaving = False
        self.accept_at = 0.0

    @abstractmethod
    def on_readable(self, connection: Connection, file: Any) -> None: ...

    @abstractmethod
    def on_writable(self, connection: Connection, file: Any) -> None: ...

    @abstractmethod
    def give_up(self, connection: Connection) -> None:
        """The connection is past its deadline."""

    def run(self) -> None:
        self.tell_share()
        self.poller.register(self.method_queue.fileno(), EVENT_READ, self.method_queue.run_callbacks)
        self.set_accept_enabled(True)
        sweep_at = 0.0
        while self.alive:
            if time.monotonic() >= sweep_at:
                self.notify()
                if not self.is_parent_alive():
                    break
                self.sweep()
                sweep_at = time.monotonic() + SWEEP_S
            if self.is_leaving and time.monotonic() >= self.accept_at:
                self.is_leaving = False
                self.set_accept_enabled(True)
            self.wait_for_and_dispatch_events(YIELD_S if self.is_leaving else SWEEP_S)
        self.finish_all()

    def finish_all(self) -> None:
        """Answer what is being asked, within `graceful_timeout`; clients that stay silent are waited for as long as by gthread."""
        self.set_accept_enabled(False)
        if self.shares is not None:
            self.shares.forget(self.age)
        now = time.monotonic()
        silent_until, end = now + LINGER_S, now + self.cfg.graceful_timeout
        while self.connections and time.monotonic() < end:
            self.notify()
            self.sweep(silent_until)
            if self.connections:
                self.wait_for_and_dispatch_events(0.05)
        for connection in list(self.connections):
            self.drop(connection)
        self.tpool.shutdown(wait=False)
        self.poller.close()
        self.method_queue.close()
        for listener in self.sockets:
            listener.close()

    def sweep(self, silent_until: float = float("inf")) -> None:
        """End what is past its deadline; connections that wait for their client end at `silent_until` at the latest."""
        now = time.monotonic()
        for connection in list(self.connections):
            if connection.state is State.BUSY:
                continue
            deadline = min(connection.deadline, silent_until) if connection.state in WAITS_FOR_CLIENT else connection.deadline
            if now >= deadline:
                self.give_up(connection)
        self.set_accept_enabled(self.alive and len(self.connections) < self.limits.connections)

    def accept(self, listener: Any) -> None:
        if self.leaves_it_to_others():
            self.is_leaving = True
            self.set_accept_enabled(False)
            return
        if len(self.connections) >= self.limits.connections:
            self.make_room()
            if len(self.connections) >= self.limits.connections:
                self.set_accept_enabled(False)
                return
        try:
            plain, client = listener.accept()
        except OSError as error:
            if error.errno in NO_FILES:
                self.make_room()
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED):
                raise
            return
        sock = ClientSocket(plain, self.limits.patience_s, self.most_unsent)
        connection = Connection(self.cfg, sock, client, listener.getsockname(), time.monotonic() + self.limits.patience_s)
        self.connections.add(connection)
        self.tell_share()
        self.watch(connection, EVENT_READ)

    def leaves_it_to_others(self) -> bool:
        """A process with more connections than another waits a moment with the next one, but not twice for the same."""
        if self.shares is None or len(self.connections) > MOST_SHARED or not self.shares.is_above(self.age):
            return False
        now = time.monotonic()
        has_waited = now < self.accept_at + YIELD_S
        self.accept_at = 0.0 if has_waited else now + YIELD_S
        return not has_waited

    def tell_share(self) -> None:
        if self.shares is not None and self.alive:
            self.shares.tell(self.age, len(self.connections))

    def make_room(self) -> None:
        """Close a twentieth of the connections: first those that say goodbye, then those that are slow to ask or to read their
        answer, then those kept alive; the ones nearest to their deadline first. Requests that are being answered stay."""
        closable = [each for each in self.connections if each.state not in (State.BUSY, State.WAITING)]
        closable.sort(key=_worth)
        for connection in closable[: max(self.limits.connections // 20, 1)]:
            self.drop(connection)

    def most_unsent(self) -> int:
        """How much one connection may leave unsent without its thread's waiting: nothing when all together have too much."""
        return MOST_UNSENT if sum(len(each.sock.unsent) for each in list(self.connections)) < MOST_HELD else 0

    def watch(self, connection: Connection, events: int) -> None:
        """Hear of `events` on the connection; 0 for none."""
        if events == connection.events:
            return
        on_event = partial(self.on_writable if events == EVENT_WRITE else self.on_readable, connection)
        if not connection.events:
            self.poller.register(connection.sock, events, on_event)
        elif events:
            self.poller.modify(connection.sock, events, on_event)
        else:
            self.poller.unregister(connection.sock)
        connection.events = events

    def drop(self, connection: Connection) -> None:
        self.watch(connection, 0)
        self.let_go(connection)
        connection.sock.release()
        self.connections.discard(connection)
        self.tell_share()

    def say_goodbye(self, connection: Connection) -> None:
        """Closing with unread bytes would take the answer back from the client (RFC 9112, 9.6)."""
        if connection.has_ended:
            self.drop(connection)
            return
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.drop(connection)
            return
        connection.state = State.LINGERING
        connection.deadline = time.monotonic() + LINGER_S
        connection.buffer.clear()
        self.watch(connection, EVENT_READ)

    def let_go(self, connection: Connection) -> None:
        """The connection's bytes are no longer those of a body that is waited for."""
        if connection.state is State.BODY and connection.pace is not None:
            self.held -= len(connection.buffer)
            connection.pace = None


def _worth(connection: Connection) -> tuple[int, float]:
    if connection.state is State.LINGERING:
        return (0, connection.deadline)
    return (2 if connection.state is State.IDLE and connection.has_served else 1, connection.deadline)
