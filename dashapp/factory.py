"""The composition root: Settings -> stores -> services -> Dash + API + live socket."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import time
from functools import cache
from types import FrameType
from typing import Any

import diskcache
import multiprocess
import psutil
from dash import Dash, DiskcacheManager
from dash.exceptions import DependencyException
from flask import Flask, Request, Response, g, request
from flask.sessions import NullSession, SessionInterface, SessionMixin
from werkzeug.serving import make_server

from dashapp.api.guard import register_guard, secret_key
from dashapp.api.problems import problem, register_problems
from dashapp.api.request_id import FILTER, HEADER, KEPT, RequestIds
from dashapp.api.routes import register_routes
from dashapp.application.dispatcher import interrupt_all
from dashapp.application.process import WebProcess
from dashapp.application.services import open_services
from dashapp.errors import InvalidSetting
from dashapp.log_format import configure_logs
from dashapp.monitoring.traffic import Kind
from dashapp.settings import ROOT, Settings
from dashapp.web.pages import PAGES
from dashapp.web.shell import create_shell


def create_app(settings: Settings | None = None) -> Dash:
    """The whole application; nothing runs beside it until its `WebProcess` (`server.extensions["dashapp"]`) is started."""
    settings = settings or _settings_or_exit()
    services = open_services(settings)
    process = WebProcess(services)
    server = Flask("dashapp", static_folder=None)
    server.secret_key = secret_key(settings.home)
    server.session_interface = _NoSessions()
    server.extensions["dashapp"] = process
    _register_meter(server, process, settings.url_prefix)
    app = Dash(
        "dashapp",
        server=server,  # type: ignore[arg-type]  # Dash's annotation leaves out what its documentation shows
        assets_folder=str(ROOT / "assets"),
        url_base_pathname=f"{settings.url_prefix}/",
        background_callback_manager=DiskcacheManager(_cache(settings)),  # type: ignore[no-untyped-call]
        use_pages=False,
    )
    register_guard(server, settings, cache(app.csp_hashes))
    register_problems(server, settings.url_prefix)
    _refuse_what_dash_stumbles_over(server, settings.url_prefix)
    register_routes(server, process, settings)
    create_shell(app, services, PAGES)
    return app


class _NoSessions(SessionInterface):
    """Nothing is kept in Flask's session, and to look for one takes a tenth of a small request."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin:
        return NullSession()


def _settings_or_exit() -> Settings:
    try:
        return Settings.from_environment()
    except InvalidSetting as error:
        sys.exit(f"dashapp cannot start: {error.message}")


def _cache(settings: Settings) -> diskcache.Cache:
    """Only the background callbacks' own traffic goes in here: diskcache unpickles what it reads, so nobody else may write to it."""
    settings.cache.mkdir(parents=True, exist_ok=True)
    settings.cache.chmod(0o700)
    with contextlib.suppress(RuntimeError):  # it was set by an earlier app of this process
        # A forked child of a process that has used OpenMP hangs in its first fit, and it would inherit the listening socket.
        multiprocess.set_start_method("forkserver")
    return diskcache.Cache(str(settings.cache))


def _register_meter(server: Flask, process: WebProcess, prefix: str) -> None:
    ids = RequestIds()

    @server.before_request
    def begin() -> None:
        asked, kept = _now()
        ids.give(asked.environ)
        kept.started = time.perf_counter()
        kept.kind = _kind(asked.path.removeprefix(prefix))
        if kept.kind is not None:
            process.metrics.begin_request()

    @server.after_request
    def end(response: Response) -> Response:
        asked, kept = _now()
        response.headers.add(HEADER, asked.environ[KEPT])
        if kept.kind is None:
            return response
        kind, started, counted, rule = kept.kind, kept.started, kept.get("counted"), asked.url_rule
        rows, version = kept.get("prediction", (0, None))
        method, name, client = asked.method, "" if rule is None else rule.rule, asked.environ.get("REMOTE_ADDR", "")

        def record() -> None:
            took_s = time.perf_counter() - started
            made = rows if counted is None else counted.rows
            process.meter.record(kind, response.status_code, took_s * 1e3, made, version, name, client)
            process.metrics.end_request(method, name, response.status_code, took_s)

        if counted is not None and response.is_streamed:
            response.call_on_close(record)  # what a stream held is known once it is over
        else:
            record()
        return response


def _now() -> tuple[Request, Any]:
    """The request and what is kept for it, looked up once: each name read through Flask's stand-ins takes a third of a microsecond."""
    return request._get_current_object(), g._get_current_object()  # type: ignore[attr-defined]


def _refuse_what_dash_stumbles_over(server: Flask, prefix: str) -> None:
    """Dash answers a callback request of no known shape, or a component file that does not exist, with a 500."""

    @server.before_request
    def check_callback() -> Response | None:
        if request.path != f"{prefix}/_dash-update-component" or request.method != "POST":
            return None
        body = request.get_json(silent=True)
        if isinstance(body, dict) and isinstance(body.get("output"), str) and isinstance(body.get("inputs", []), list):
            return None
        return problem(400, "This is not a request of the dashboard's own pages.")

    @server.errorhandler(DependencyException)
    def no_such_file(_error: DependencyException) -> Response:
        return problem(404, f"There is nothing at {request.path}.")


def _kind(path: str) -> Kind | None:
    if path in ("/api/predict", "/invocations") or (path.startswith("/v2/models/") and path.endswith("/infer")):
        return "predict"
    if path == "/ws":
        return None
    if path.startswith(("/assets/", "/_dash-component-suites/")):
        return "asset"
    return "api" if path.startswith(("/api/", "/v2", "/ping", "/version")) else "page"


def serve(app: Dash) -> None:
    """The development server: one process, until SIGINT or SIGTERM; then no process and no socket is left."""
    process: WebProcess = app.server.extensions["dashapp"]
    settings = process.services.settings
    configure_logs(settings.log_format, [FILTER])
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request tells nobody anything
    listening = make_server(settings.host, settings.port, app.server, threaded=True)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        process.start(guardian_pid=os.getpid())
        sys.stdout.write(f"Open http://{settings.host}:{settings.port}{settings.url_prefix}/ (Ctrl+C stops it)\n")
        sys.stdout.flush()
        listening.serve_forever()
    except KeyboardInterrupt:
        sys.stdout.write("Stopping\n")
    finally:
        process.feed.tail.end()
        listening.server_close()
        interrupt_all(process.services, "The server was stopped while this was training. Train again to start over.")
        stop(process)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def stop(process: WebProcess) -> None:
    """Stop what runs in this process and the callback jobs that it started; trainers are the server's to end."""
    process.stop()
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            if os.getsid(child.pid) != child.pid:
                child.kill()
    process.services.close()
