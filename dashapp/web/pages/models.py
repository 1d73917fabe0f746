"""Models: every version with its score and state, "Use This Model", "Roll back", deletion, and the ledger of what was live when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashapp.application.deployment import delete_model, live_model, roll_back
from dashapp.application.services import Services
from dashapp.errors import DashappError
from dashapp.models.model import Deployment, ModelVersion
from dashapp.web import deploying, live
from dashapp.web.components import Child, aria, card, confirmation, data_table, empty_state, local_time, note, page_heading
from dashapp.web.model_view import ledger_table, model_badge, model_state, score_cell

PATH = "/models"
TITLE = "Models"

BODY = "models-body"
NOTICE = "models-notice"
CHANGED = "models-changed"
DEPLOY_BUTTON = "models-deploy"
ROLL_BACK_BUTTON = "roll-back-button"
DELETE_BUTTON = "models-delete"
DELETE_DIALOG = "models-delete-dialog"
DELETE_TEXT = "models-delete-text"
DELETE_ID = "models-delete-id"
DELETE_CONFIRM = "models-delete-confirm"
DELETE_CANCEL = "models-delete-cancel"
USE_DIALOGUE = deploying.Dialogue("models")


def layout(services: Services, **_: str) -> Component:
    lead = "Every training that ends well adds a version. One of them is live and answers; the step back is always one button."
    return html.Div(
        [
            page_heading("Models", lead),
            dcc.Store(id=CHANGED, data=services.log.last_id()),
            html.Div(id=NOTICE, role="status"),
            html.Div(models_body(services), id=BODY),
            _delete_dialog(),
            USE_DIALOGUE.layout(),
        ],
        id="models-page",
    )


def models_body(services: Services) -> Component:
    """All that a deployment, a rollback or a deletion changes."""
    models = services.models.all()
    ledger = services.deployments.all()
    live_now = live_model(services)
    live_id = None if live_now is None else live_now.id
    states = {model.id: model_state(model, live_id, is_intact=services.models.is_intact(model)) for model in models}
    return render_models(models, states, ledger, _step_back(services), services.settings.url_prefix)


def _step_back(services: Services) -> Deployment | str:
    """What a rollback would put back, or the sentence that says why there is nothing."""
    try:
        with services.database.read() as connection:
            return services.deployments.before(connection)
    except DashappError as error:
        return error.message


def render_models(
    models: list[ModelVersion], states: dict[str, str], ledger: list[Deployment], step_back: Deployment | str, prefix: str
) -> Component:
    if not models and not ledger:
        train = dcc.Link("Train a model on a CSV file", href=f"{prefix}/")
        return card("Versions", empty_state("No models yet", [train, "; it is then listed here, ready to use."]))
    known = {model.id: model for model in models}
    return html.Div(
        [
            card("Versions", versions_table(models, states, prefix), aside=f"{len(models)} kept"),
            card("What was live when", roll_back_line(step_back, known), _ledger(ledger, known, prefix)),
        ]
    )


def versions_table(models: list[ModelVersion], states: dict[str, str], prefix: str) -> Component:
    if not models:
        return empty_state("No versions are left", [dcc.Link("Train a model", href=f"{prefix}/"), " to have one again."])
    heads = ("Version", "State", "Model", "Score", "Trained", html.Span("Actions", className="visually-hidden"))
    rows = [
        (
            dcc.Link(f"Version {model.version}", href=f"{prefix}/models/{model.id}"),
            model_badge(states[model.id]),
            _description(model),
            score_cell(model),
            local_time(model.created_at),
            _actions(model, states[model.id]),
        )
        for model in models
    ]
    return html.Div(data_table(heads, rows, caption="Model versions, newest first"), className="versions")


def _description(model: ModelVersion) -> Component:
    told = f"predicts {model.target} ({model.task.value}) with {model.candidate}, from {model.dataset_name}"
    return html.Span([html.Span(model.name, className="cell-name"), html.Span(told, className="cell-note")])


def _actions(model: ModelVersion, state: str) -> Component:
    version = html.Span(f", version {model.version}", className="visually-hidden")
    use = dbc.Button(
        ["Use This Model", version],
        id={"type": DEPLOY_BUTTON, "model": model.id},
        color="primary",
        size="sm",
        disabled=state != "ready",
    )
    delete = dbc.Button(
        ["Delete", version],
        id={"type": DELETE_BUTTON, "model": model.id},
        color="link",
        class_name="btn-quiet",
        size="sm",
        disabled=state == "live",
    )
    return html.Div([use, delete], className="row-actions")


def roll_back_line(step_back: Deployment | str, models: dict[str, ModelVersion]) -> Component:
    if isinstance(step_back, str):
        words: Child = step_back
    else:
        name = models[step_back.model_id].name if step_back.model_id in models else "deleted"
        words = [f"Puts back version {step_back.version} ({name}), which was deployed ", local_time(step_back.at), "."]
    button = html.Button(
        "Roll back",
        id=ROLL_BACK_BUTTON,
        className="btn btn-quiet",
        type="button",
        disabled=isinstance(step_back, str),
        **aria(describedby="roll-back-words"),
    )
    return html.Div([button, html.Span(words, id="roll-back-words", className="muted small")], className="button-row roll-back")


def _ledger(ledger: list[Deployment], models: dict[str, ModelVersion], prefix: str) -> Component:
    if not ledger:
        return empty_state("Nothing has been live yet", 'Press "Use This Model" on a version and it answers predictions at once.')
    return ledger_table(ledger, models, prefix)


def _delete_dialog() -> Component:
    delete = dbc.Button("Delete", id=DELETE_CONFIRM, color="danger")
    keep = dbc.Button("Keep it", id=DELETE_CANCEL, class_name="btn-quiet", color="link")
    dialog = confirmation(DELETE_DIALOG, "Delete this model?", html.P(id=DELETE_TEXT), delete, keep)
    return html.Div([dcc.Store(id=DELETE_ID), dialog])


def register(app: Dash, services: Services) -> None:
    _register_switching(app, services)
    _register_deleting(app, services)
    live.run_in_browser(app, "models", "changed", Output(CHANGED, "data"), Input(live.EVENTS, "data"), State(CHANGED, "data"))

    @app.callback(Output(BODY, "children", allow_duplicate=True), Input(CHANGED, "data"), prevent_initial_call=True)
    def follow(changed: int | None) -> Any:
        return no_update if changed is None else models_body(services)


def _register_switching(app: Dash, services: Services) -> None:
    USE_DIALOGUE.register(app)

    @app.callback(
        Output(BODY, "children"),
        Output(NOTICE, "children"),
        Input(ROLL_BACK_BUTTON, "n_clicks"),
        prevent_initial_call=True,
    )
    def step_back(clicks: int | None) -> Any:
        return _after(services, lambda: _rolled_back(services)) if clicks else (no_update, no_update)

    @app.callback(
        Output(BODY, "children", allow_duplicate=True),
        Output(NOTICE, "children", allow_duplicate=True),
        *USE_DIALOGUE.shown,
        Input({"type": DEPLOY_BUTTON, "model": ALL}, "n_clicks"),
        Input(USE_DIALOGUE.confirm, "n_clicks"),
        *USE_DIALOGUE.confirmed,
        prevent_initial_call=True,
    )
    def use(uses: list[int | None], confirms: int | None, asked: str | None, reason: str | None) -> Any:
        pressed = ctx.triggered_id
        if isinstance(pressed, dict) and any(uses):
            return _used(services, deploying.press(services, pressed["model"]))
        if pressed == USE_DIALOGUE.confirm and confirms:
            return _used(services, deploying.confirm(services, asked, reason))
        return no_update, no_update, *deploying.UNCHANGED


def _used(services: Services, pressed: deploying.Pressed) -> tuple[Any, ...]:
    if pressed.is_asking:
        return no_update, None, *pressed.shown
    if pressed.deployment is None:
        return models_body(services), note("bad", pressed.problem, role="alert"), *pressed.shown
    return models_body(services), note("good", deploying.success(pressed.deployment)), *pressed.shown


def _rolled_back(services: Services) -> str:
    done = roll_back(services, by=deploying.DASHBOARD)
    return f"Version {done.version} is live again, in place of version {done.replaced}."


def _after(services: Services, change: Callable[[], str]) -> tuple[Component, Component]:
    """The page after a change and the sentence that tells of it, or of why it could not be made."""
    try:
        notice = note("good", change())
    except DashappError as error:
        notice = note("bad", error.message, role="alert")
    return models_body(services), notice


def _register_deleting(app: Dash, services: Services) -> None:
    @app.callback(
        Output(DELETE_DIALOG, "is_open"),
        Output(DELETE_ID, "data"),
        Output(DELETE_TEXT, "children"),
        Input({"type": DELETE_BUTTON, "model": ALL}, "n_clicks"),
        Input(DELETE_CANCEL, "n_clicks"),
        prevent_initial_call=True,
    )
    def ask(clicks: list[int | None], _cancel: int | None) -> Any:
        asked = ctx.triggered_id
        if asked == DELETE_CANCEL:
            return False, None, no_update
        if not any(clicks):
            return no_update, no_update, no_update
        return True, asked["model"], _question(services, asked["model"])

    @app.callback(
        Output(BODY, "children", allow_duplicate=True),
        Output(NOTICE, "children", allow_duplicate=True),
        Output(DELETE_DIALOG, "is_open", allow_duplicate=True),
        Input(DELETE_CONFIRM, "n_clicks"),
        State(DELETE_ID, "data"),
        prevent_initial_call=True,
    )
    def delete(clicks: int | None, model_id: str | None) -> Any:
        if not clicks or model_id is None:
            return no_update, no_update, no_update
        return *_after(services, lambda: _delete(services, model_id)), False


def _question(services: Services, model_id: str) -> str:
    try:
        model = services.models.get(model_id)
    except DashappError as error:
        return error.message
    return f"Version {model.version} ({model.name}) and its file are removed from the disk. The ledger keeps its lines."


def _delete(services: Services, model_id: str) -> str:
    delete_model(services, model_id)
    return "The model was deleted and its disk space is free."
