"""`/ws`: carries the frames of the live feed to a page."""

from __future__ import annotations

import contextlib
import logging
from socket import SHUT_RDWR

from flask import Blueprint, Flask, Response, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed, Server

from dashapp.api.body import whole_number
from dashapp.api.problems import problem
from dashapp.application.process import WebProcess

RETRY_S = 5
WENT_WRONG = 1011  # RFC 6455, 7.4.1

_log = logging.getLogger(__name__)


def register_socket(server: Flask, process: WebProcess, url_prefix: str) -> None:
    """Each open socket holds one thread, so that past the cap a handshake is refused with 503, and requests keep theirs. What can be
    refused is refused before the handshake: after it there is no way to answer with a problem document."""
    server.config["SOCK_SERVER_OPTIONS"] = {"ping_interval": 25}
    routes = Blueprint("live", __name__)
    sock = Sock()

    @server.before_request
    def admit() -> Response | None:
        if request.path != f"{url_prefix}/ws":
            return None
        _after(process)
        if not request.headers.get("Sec-WebSocket-Key"):
            return problem(400, "This address speaks WebSocket; open it with a WebSocket client.")
        if process.sockets.has_room():
            return None
        return problem(503, "Too many live pages are open on this server; it will be tried again.", {"Retry-After": str(RETRY_S)})

    @sock.route("/ws", bp=routes)  # type: ignore[untyped-decorator]
    def live(socket: Server) -> None:
        with process.sockets:
            try:
                for frame in process.feed.frames(_after(process), lambda: bool(socket.connected)):
                    if frame is not None:
                        socket.send(frame.decode())
            except ConnectionClosed:
                return
            except Exception:  # an error page written into an open socket would only confuse the client
                _log.exception("a live client is sent away")
                socket.close(WENT_WRONG)
        _hang_up(socket)

    server.register_blueprint(routes, url_prefix=url_prefix)
    sock.init_app(server)


def _after(process: WebProcess) -> int:
    """Where the client wants to go on; an id that this log has not given yet (another database, say) counts as the newest."""
    newest = process.feed.tail.last_id
    after = whole_number("after", newest, 0, 2**62)
    return after if after <= newest else min(after, process.services.log.last_id())


def _hang_up(socket: Server) -> None:
    """Say goodbye and close the connection at once. Otherwise gunicorn's main thread waits up to two seconds for each client to close
    it, and the development server writes an HTTP answer after the last frame, which a browser reports as an invalid one."""
    with contextlib.suppress(OSError, ConnectionClosed):
        socket.close()
    with contextlib.suppress(OSError):
        socket.sock.shutdown(SHUT_RDWR)
    socket.thread.join(1)  # it must see the end before the server closes the descriptor, or it waits for the next ping
