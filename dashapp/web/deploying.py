"""Using a model from a page: one click where the gate has nothing to say, else a dialogue with what it found and a place for the reason.

A page has a `Dialogue` of its own, puts its `layout()` into the page's, and calls `press` for the page's button and `confirm` for that of
the dialogue; both give what the outputs `shown` take.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashapp.application.deployment import MOST_REASON, deploy_model, deploy_quietly
from dashapp.application.services import Services
from dashapp.errors import DashappError
from dashapp.models.model import Deployment, Gate
from dashapp.web.checks_view import checks_list
from dashapp.web.components import Child, button, confirmation, field
from dashapp.web.words import count

DASHBOARD = "dashboard"
_CLOSED: tuple[Any, ...] = (False, no_update, no_update, no_update, "", None)
UNCHANGED: tuple[Any, ...] = (no_update,) * len(_CLOSED)


class Dialogue:
    """The ids of one page's dialogue: pages come and go, and a callback must find all that it names."""

    def __init__(self, page: str) -> None:
        self.id = f"{page}-use-dialog"
        self.title = f"{self.id}-title"
        self.found = f"{page}-use-found"
        self.asked = f"{page}-use-asked"
        self.reason = f"{page}-use-reason"
        self.confirm = f"{page}-use-confirm"
        self.cancel = f"{page}-use-cancel"

    @property
    def shown(self) -> list[Output]:
        """What `Pressed.shown` is for."""
        known = {self.id: "is_open", self.title: "children", self.found: "children", self.confirm: "children"}
        known |= {self.reason: "value", self.asked: "data"}
        return [Output(id, name, allow_duplicate=True) for id, name in known.items()]

    @property
    def confirmed(self) -> list[State]:
        """What `confirm` takes from the page."""
        return [State(self.asked, "data"), State(self.reason, "value")]

    def layout(self) -> Component:
        reason = dcc.Textarea(id=self.reason, maxLength=MOST_REASON, rows=2, className="form-control")
        body: Child = [
            html.Div(id=self.found),
            field("Why (optional)", reason, "Kept in the ledger of what was live when."),
            dcc.Store(id=self.asked),
        ]
        use = button("Use it anyway", self.confirm, "primary")
        return confirmation(self.id, "Use this model?", body, use, button("Leave it as it is", self.cancel))

    def register(self, app: Dash) -> None:
        @app.callback(Output(self.id, "is_open"), Input(self.cancel, "n_clicks"), prevent_initial_call=True)
        def leave(clicks: int | None) -> Any:
            return False if clicks else no_update


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a click came to: the deployment, or the sentence that says why there is none, or neither where the dialogue asks."""

    deployment: Deployment | None = None
    problem: str | None = None
    shown: tuple[Any, ...] = _CLOSED

    @property
    def is_asking(self) -> bool:
        return self.deployment is None and self.problem is None


def press(services: Services, model_id: str) -> Pressed:
    try:
        found = deploy_quietly(services, model_id, by=DASHBOARD)
        if isinstance(found, Deployment):
            return Pressed(found)
        if not found.can_serve:
            return Pressed(problem=found.words)
        version = services.models.get(model_id).version
    except DashappError as error:
        return Pressed(problem=error.message)
    words = "Use it anyway" if found.is_worse else "Use This Model"
    return Pressed(shown=(True, question(found, version), found_view(found), words, "", model_id))


def confirm(services: Services, model_id: str | None, reason: str | None) -> Pressed:
    if model_id is None:
        return Pressed(shown=UNCHANGED)
    try:
        return Pressed(deploy_model(services, model_id, by=DASHBOARD, reason=reason or "", anyway=True))
    except DashappError as error:
        return Pressed(problem=error.message)


def question(gate: Gate, version: int) -> str:
    return f"Use version {version} although it is worse?" if gate.is_worse else f"Use version {version}?"


def found_view(gate: Gate) -> Component:
    """What failed and what is worth knowing; the rest is folded away."""
    told = [check for check in gate.checks if not check.passed] + [check for check in gate.checks if check.passed and check.is_notable]
    quiet = [check for check in gate.checks if check.passed and not check.is_notable]
    live = "" if gate.against is None else f"Version {gate.against} stays live until you decide. "
    lead = f"{live}Rolling back is one click at any time."
    folded = html.Details([html.Summary(f"{count(len(quiet), 'check')} passed", className="fold-summary"), checks_list(quiet)])
    return html.Div([html.P(lead, className="muted"), checks_list(told), folded if quiet else None])


def success(deployment: Deployment) -> str:
    """ "Version 3 is live, in place of version 2." """
    beside = "" if deployment.replaced is None else f", in place of version {deployment.replaced}"
    return f"Version {deployment.version} is live{beside}."
