"""gunicorn's gthread with another main loop: it waits for requests to be whole, and only then gives them a thread.

A connection belongs to the main loop, except while it is BUSY; then the main loop only reads ahead on it. So neither needs a lock: a
thread that is done sets IDLE and then looks whether more has arrived, the main loop adds what arrived and then looks for IDLE.
"""

from __future__ import annotations

import contextlib
import errno
import time
from collections import deque
from http import HTTPStatus
from selectors import EVENT_READ, EVENT_WRITE
from typing import Any

from gunicorn.http.errors import NoMoreData

from dashapp.front.connection import BODY_READ, FIRST_READ, SLOW, ClientSocket, Connection, State
from dashapp.front.crowd import MOST_HELD, WAITS_FOR_CLIENT, Crowd
from dashapp.front.framing import Verdict
from dashapp.front.pace import Pace
from dashapp.front.places import Lane, Places, Threads, Tokens, give_back
from dashapp.front.refusal import refusal, refusal_of

SMALL_BODY = 64 * 1024
"""Bytes of a body that are held however much the others hold."""
MOST_READ_AHEAD = 64 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
NO_PLACE = "This server is busy with other requests; send this one again in a moment."
CUT_OFF = "The request ended before it was whole; send it again."
LONG_HEAD = "The request line and its headers are too long together."
GONE = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.EBADF)


class FrontWorker(Crowd):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = Places(self.limits)
        self.waiting: dict[Lane, deque[Connection]] = {lane: deque() for lane in Lane}

    def get_thread_pool(self) -> Threads:
        return Threads(self.work)

    # Reading

    def on_readable(self, connection: Connection, _file: Any) -> None:
        try:
            data = connection.sock.recv(FIRST_READ if connection.framing.body < FIRST_READ else BODY_READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if connection.state is State.LINGERING:
            if not data:
                self.drop(connection)
            return
        if data:
            connection.buffer += data
            if connection.pace is not None:
                self.held += len(data)
                connection.pace.moved(len(data))
                connection.deadline = connection.pace.deadline
        else:
            connection.has_ended = True
            self.watch(connection, 0)
        # Asked only now: a thread may have set IDLE meanwhile, and would not know of the new bytes.
        if connection.state in WAITS_FOR_CLIENT:
            self.look(connection)
        elif len(connection.buffer) > MOST_READ_AHEAD:
            self.watch(connection, 0)

    def resume(self, connection: Connection) -> None:
        """More arrived while a thread was at work."""
        if connection.state is State.IDLE and connection in self.connections:
            self.look(connection)

    def look(self, connection: Connection) -> None:
        """See whether a whole request has arrived."""
        if not connection.buffer:
            if connection.has_ended:
                self.drop(connection)
            return
        verdict = connection.framing.look(connection.buffer)
        if verdict is Verdict.WHOLE:
            self.serve(connection, connection.framing.end, self.lane(connection))
        elif verdict is Verdict.ODD:
            connection.is_reusable = False
            self.serve(connection, len(connection.buffer), Lane.PLAIN)
        elif verdict is Verdict.LONG_HEAD:
            self.refuse(connection, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, LONG_HEAD)
        elif connection.has_ended:
            self.refuse(connection, HTTPStatus.BAD_REQUEST, CUT_OFF)
        elif verdict is Verdict.LARGE or (self.held > MOST_HELD and len(connection.buffer) > SMALL_BODY):
            self.serve(connection, len(connection.buffer), Lane.LARGE)
        else:
            self.wait_for_more(connection)

    def lane(self, connection: Connection) -> Lane:
        target = connection.buffer.find(b" ") + 1
        return Lane.FAST if connection.buffer.startswith(self.limits.fast_paths, target) else Lane.PLAIN

    def wait_for_more(self, connection: Connection) -> None:
        if not connection.framing.head:
            if connection.state is State.IDLE:
                connection.state = State.HEAD
                connection.deadline = time.monotonic() + self.limits.patience_s
        elif connection.pace is None:
            connection.state = State.BODY
            connection.pace = Pace(self.limits.patience_s)
            connection.deadline = connection.pace.deadline
            self.held += len(connection.buffer)
            if connection.framing.wants_continue:
                with contextlib.suppress(OSError):
                    connection.sock.send(CONTINUE)
        self.watch(connection, EVENT_READ)

    # Places and threads

    def serve(self, connection: Connection, size: int, lane: Lane) -> None:
        self.let_go(connection)
        if connection.framing.is_upgrade or lane is Lane.LARGE:
            self.watch(connection, 0)
            connection.sock.setblocking(connection.framing.is_upgrade)
        connection.hand_over(size, is_whole=lane is not Lane.LARGE)
        connection.state = State.WAITING
        connection.deadline = time.monotonic() + self.limits.patience_s
        taken = () if self.waiting[lane] else self.places.take(lane)
        if taken:
            self.start(connection, taken)
        else:
            self.waiting[lane].append(connection)
            self.serve_waiting()

    def serve_waiting(self) -> None:
        for lane, queue in self.waiting.items():
            while queue and (taken := self.places.take(lane)):
                self.start(queue.popleft(), taken)

    def start(self, connection: Connection, taken: tuple[Tokens, ...]) -> None:
        connection.taken = taken
        connection.state = State.BUSY
        self.tpool.give(connection, self.places.threads_in_use())

    def work(self, connection: Connection) -> None:
        """In a thread."""
        try:
            connection.is_reusable = self.answer(connection) and connection.is_reusable
        except BaseException:  # SystemExit too: this thread has others to serve
            self.log.exception("A connection is given up")
            connection.is_reusable = False
        self.finish(connection)

    def answer(self, connection: Connection) -> bool:
        """In a thread: whether the connection can take another request."""
        request = None
        try:
            if not connection.is_whole:
                connection.incoming.stream_from(connection.sock, Pace(self.limits.patience_s))
            request = next(connection.parser)
            if connection.is_whole:
                request._expected_100_continue = False  # it was said, or the body was there anyway
            if not (connection.is_whole and connection.is_reusable):
                request.force_close()
            return bool(self._keepalive_after(connection, self.handle_request(request, connection)))
        except (NoMoreData, StopIteration) as error:
            self.log.debug("A connection ends: %s", error)
        except OSError as error:
            if error.errno not in GONE and not isinstance(error, TimeoutError):
                self.log.exception("A request fails with its connection")
        except Exception as error:
            self.handle_error(request, connection.sock, connection.client, error)
        return False

    def handle_error(self, req: Any, client: ClientSocket, addr: Any, exc: Exception) -> None:
        answer = refusal_of(exc)
        if answer is None:
            super().handle_error(req, client, addr, exc)
            return
        self.log.debug("A request is refused: %s", exc)
        client.sendall(answer)

    def finish(self, connection: Connection) -> None:
        """In a thread: send the rest of the answer and leave the connection to the main loop, which hears of it only where it must."""
        if connection.incoming.stop():
            connection.is_reusable = False  # the parser saw another end of the request
        is_sent = False
        try:
            is_sent = connection.sock.push() < 0
        except OSError:
            connection.sock.unsent.clear()
            connection.is_reusable = False
        give_back(connection.taken)
        if is_sent and connection.is_reusable and connection.events == EVENT_READ:
            connection.has_served = True
            connection.deadline = time.monotonic() + self.limits.keepalive_s
            connection.state = State.IDLE
            if connection.buffer or connection.has_ended:
                self.method_queue.defer(self.resume, connection)
        else:
            self.method_queue.defer(self.settle, connection)
        if any(self.waiting.values()):
            self.method_queue.defer(self.serve_waiting)

    # After the answer

    def settle(self, connection: Connection) -> None:
        """Send what is unsent, then wait for the next request or say goodbye."""
        if connection.sock.is_closed:
            self.drop(connection)
            return
        connection.sock.setblocking(False)
        try:
            is_sent = connection.sock.push() < 0
        except OSError:
            self.drop(connection)
            return
        if not is_sent:
            connection.state = State.SENDING
            connection.pace = Pace(self.limits.patience_s)
            connection.deadline = connection.pace.deadline
            self.watch(connection, EVENT_WRITE)
        elif connection.is_reusable:
            connection.has_served = True
            connection.state = State.IDLE
            connection.deadline = time.monotonic() + self.limits.keepalive_s
            self.watch(connection, 0 if connection.has_ended else EVENT_READ)
            self.look(connection)
        else:
            self.say_goodbye(connection)

    def on_writable(self, connection: Connection, _file: Any) -> None:
        try:
            sent = connection.sock.push()
        except OSError:
            self.drop(connection)
            return
        if sent < 0:
            self.settle(connection)
        elif connection.pace is not None:
            connection.pace.moved(sent)
            connection.deadline = connection.pace.deadline

    # What is sent away

    def give_up(self, connection: Connection) -> None:
        if connection.state in (State.HEAD, State.BODY):
            self.refuse(connection, HTTPStatus.REQUEST_TIMEOUT, SLOW)
        elif connection.state is State.WAITING:
            for queue in self.waiting.values():
                if connection in queue:
                    queue.remove(connection)
            self.refuse(connection, HTTPStatus.SERVICE_UNAVAILABLE, NO_PLACE)
        else:
            self.drop(connection)

    def refuse(self, connection: Connection, status: HTTPStatus, detail: str) -> None:
        self.let_go(connection)
        connection.sock.unsent += refusal(status, detail)
        connection.is_reusable = False
        self.settle(connection)
