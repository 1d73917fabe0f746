"""One model: what it scores beside guessing, what it expects, what it was made of, and the button that makes it the live one."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashapp.application.deployment import deploy_model, live_model
from dashapp.application.services import Services
from dashapp.errors import DashappError, NotFound
from dashapp.models.model import ModelVersion
from dashapp.web import live
from dashapp.web.components import card, local_time, note, page_heading
from dashapp.web.model_view import facts, inputs_table, main_score, model_badge, model_state, parameters_table
from dashapp.web.run_view import metrics_table
from dashapp.web.words import count, duration, file_size

PATH = "/models/<model_id>"
TITLE = "Model"

MODEL = "model-id"
CHANGED = "model-changed"
STATE = "model-state"
DEPLOY_BUTTON = "model-deploy-button"
NOTICE = "model-notice"


def layout(services: Services, model_id: str = "", **_: str) -> Component:
    """Raises `NotFound`."""
    told = dcc.Store(id=CHANGED, data=services.log.last_id())
    model = services.models.get(model_id)
    return html.Div([told, render_model(model, _state(services, model), services.settings.url_prefix)])


def _state(services: Services, model: ModelVersion) -> str:
    live_now = live_model(services)
    return model_state(model, None if live_now is None else live_now.id, is_intact=services.models.is_intact(model))


def render_model(model: ModelVersion, state: str, prefix: str) -> Component:
    return html.Div(
        [
            page_heading(f"Version {model.version}", sentence(model)),
            dcc.Store(id=MODEL, data=model.id),
            html.Div(_use_line(state, prefix), className="button-row model-use"),
            html.Div(_damage(state), id=NOTICE, role="status"),
            card("Measured on rows that were held out", metrics_table(model.metrics, model.baseline)),
            card("What it expects", inputs_table(model.inputs), aside=count(len(model.inputs), "column")),
            card("What it is made of", facts(_origin(model, prefix)), _parameters(model)),
        ],
        id="model-page",
    )


def sentence(model: ModelVersion) -> str:
    name, value, guessing = main_score(model)
    return f"{model.candidate} predicts {model.target} ({model.task.value}). {name} {value} on held-out rows; guessing reaches {guessing}."


def _use_line(state: str, prefix: str) -> list[Component]:
    use = dbc.Button("Use This Model", id=DEPLOY_BUTTON, color="primary", disabled=state != "ready")
    return [use, html.Span(model_badge(state), id=STATE), dcc.Link("All models", href=f"{prefix}/models")]


def _damage(state: str) -> Component | None:
    if state != "damaged":
        return None
    return note("bad", "The file of this model is missing or differs from what was registered. Train it again or use another version.")


def _origin(model: ModelVersion, prefix: str) -> list[tuple[str, Any]]:
    artifact = model.artifact
    rows = ", ".join(f"{number:,} {part}" for part, number in model.rows.items())
    return [
        ("Name", model.name),
        ("Trained", [local_time(model.created_at), f", in {duration(model.training_s)}, seed {model.seed}"]),
        ("Run", dcc.Link(f"Run {model.run_id}", href=f"{prefix}/?run={model.run_id}")),
        ("Data", dcc.Link(model.dataset_name, href=f"{prefix}/?dataset={model.dataset_id}")),
        ("Fingerprint of the data (SHA-256)", html.Code(model.dataset_sha256)),
        ("Rows", rows),
        ("Classes", ", ".join(model.labels) or "none, it predicts a number"),
        ("File", f"{artifact.file}, {file_size(artifact.bytes)}"),
        ("Checksum of the file (SHA-256)", html.Code(artifact.sha256)),
        ("Model id", html.Code(model.id)),
    ]


def _parameters(model: ModelVersion) -> Component | None:
    if not model.parameters:
        return None
    summary = html.Summary(count(len(model.parameters), "parameter"), className="section-summary")
    return html.Details([summary, parameters_table(model.parameters)])


def register(app: Dash, services: Services) -> None:
    _register_following(app, services)

    @app.callback(
        Output(NOTICE, "children"),
        Output(STATE, "children"),
        Output(DEPLOY_BUTTON, "disabled"),
        Input(DEPLOY_BUTTON, "n_clicks"),
        State(MODEL, "data"),
        prevent_initial_call=True,
    )
    def use(clicks: int | None, model_id: str) -> Any:
        if not clicks:
            return no_update, no_update, no_update
        try:
            version = deploy_model(services, model_id).version
        except DashappError as error:
            return note("bad", error.message, role="alert"), no_update, False
        return _is_live(version, services.settings.url_prefix), model_badge("live"), True


def _register_following(app: Dash, services: Services) -> None:
    """What is live may change in another tab, or by a program."""
    live.run_in_browser(app, "models", "switched", Output(CHANGED, "data"), Input(live.EVENTS, "data"), State(CHANGED, "data"))

    @app.callback(
        Output(STATE, "children", allow_duplicate=True),
        Output(DEPLOY_BUTTON, "disabled", allow_duplicate=True),
        Output(NOTICE, "children", allow_duplicate=True),
        Input(CHANGED, "data"),
        State(MODEL, "data"),
        prevent_initial_call=True,
    )
    def follow(_changed: int, model_id: str) -> Any:
        try:
            state = _state(services, services.models.get(model_id))
        except NotFound:  # deleted meanwhile; the page stays as it was
            return no_update, no_update, no_update
        return model_badge(state), state != "ready", no_update if state == "live" else _damage(state)


def _is_live(version: int, prefix: str) -> Component:
    return note("good", [f"Version {version} is live and answers. ", dcc.Link("Try it on the API page", href=f"{prefix}/try")])
