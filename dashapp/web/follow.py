"""The background callback that follows a run in the log, for the tab that pressed Train.

Law: the job runs in a fresh process, so it holds settings and ids only and opens its own stores. It changes nothing: whether Dash
kills it (a second click) or loses it (a reload), the run goes on, and the socket and the run's own row tell how it ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output, no_update

from dashapp.application.documents import run_document
from dashapp.application.services import Services, open_services
from dashapp.errors import NotFound
from dashapp.settings import Settings
from dashapp.web import live

RUN_FOLLOWED = "run-followed"
RUN_PROGRESS = "run-progress"
RUN_OUTCOME = "run-outcome"
TRAIN_BUTTON = "train-button"
LOOK_EVERY_S = 0.5
TELL_EVERY_MS = 1000

Snapshot = dict[str, Any]


def register(app: Dash, settings: Settings) -> None:
    """Follow the run whose id stands in `RUN_FOLLOWED`; its snapshots go to `RUN_PROGRESS` and the last one to `RUN_OUTCOME`.

    They are two stores because Dash holds back every callback that takes the output of a running one.
    """
    live.run_in_browser(app, "training", "settle", Input(RUN_OUTCOME, "data"))

    @app.callback(
        Output(RUN_OUTCOME, "data"),
        Input(RUN_FOLLOWED, "data"),
        background=True,
        progress=[Output(RUN_PROGRESS, "data")],
        running=[(Output(TRAIN_BUTTON, "disabled"), True, False)],
        interval=TELL_EVERY_MS,
        prevent_initial_call=True,
    )
    def follow(set_progress: Callable[[tuple[Snapshot]], None], run_id: str | None) -> Any:
        if run_id is None:
            return no_update
        return follow_run(settings, run_id, lambda snapshot: set_progress((snapshot,)))


def follow_run(settings: Settings, run_id: str, tell: Callable[[Snapshot], None], look_every_s: float = LOOK_EVERY_S) -> Snapshot:
    """Tell each new snapshot of a run until it is over; returns the last one, or `{}` where the run does not exist (any more)."""
    services = open_services(settings, migrate=False)
    try:
        return _follow(services, run_id, tell, look_every_s)
    except NotFound:
        return {}
    finally:
        services.close()


def _follow(services: Services, run_id: str, tell: Callable[[Snapshot], None], look_every_s: float) -> Snapshot:
    """The curves stay out of the snapshots; `curves_after` lets the page see which points it lacks and fetch them."""
    told, number = -1, 0
    while True:
        run = services.runs.get(run_id)
        if run.version > told:
            told = run.version
            points = services.runs.points(run_id, after=number)
            number = points[-1]["number"] if points else number
            snapshot = run_document(run) | {"curves_after": number}
            tell(snapshot)
        if run.state.is_finished:
            return snapshot
        time.sleep(look_every_s)
