"""One model: what it scores beside guessing, what it expects, what it was made of, and the button that makes it the live one."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashapp.application.deployment import deploy_model, live_model
from dashapp.application.services import Services
from dashapp.errors import DashappError
from dashapp.models.model import ModelVersion
from dashapp.web.components import card, local_time, note, page_heading
from dashapp.web.model_view import facts, inputs_table, main_score, model_badge, model_state, parameters_table
from dashapp.web.run_view import metrics_table
from dashapp.web.words import count, duration, file_size

PATH = "/models/<model_id>"
TITLE = "Model"

MODEL = "model-id"
STATE = "model-state"
DEPLOY_BUTTON = "model-deploy-button"
NOTICE = "model-notice"


def layout(services: Services, model_id: str = "", **_: str) -> Component:
    """Raises `NotFound`."""
    model = services.models.get(model_id)
    return render_model(model, _state(services, model), services.settings.url_prefix)


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


def _is_live(version: int, prefix: str) -> Component:
    return note("good", [f"Version {version} is live and answers. ", dcc.Link("Try it on the API page", href=f"{prefix}/try")])
