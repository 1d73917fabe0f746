"""The buttons of the challenger: start it on a model's page, stop it or put it to use where it is compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from dashapp.application.challenger import current_challenger, end_challenger, start_challenger
from dashapp.application.deployment import live_model
from dashapp.application.services import Services
from dashapp.errors import DashappError
from dashapp.models.model import ModelVersion
from dashapp.web import challenger_view as view
from dashapp.web import deploying
from dashapp.web.challenger_view import challenger_line
from dashapp.web.components import Child, note
from dashapp.web.predictions_view import PULSE

LINE = "model-challenger"
USE_DIALOGUE = deploying.Dialogue("challenger")


def line_of(services: Services, model: ModelVersion, state: str) -> Component | None:
    """What the page of a model says of challenging."""
    has_live = live_model(services) is not None
    return challenger_line(state, current_challenger(services), model.id, has_live, services.settings.url_prefix)


def register_line(app: Dash, services: Services, model_store: str, changed_store: str, state_of: Callable[[ModelVersion], str]) -> None:
    """On the page of a model; the id of the model stands in `model_store`, and `changed_store` changes with what is live."""

    def changed(starting: str | None, model_id: str) -> Child:
        refused = _change(services, starting)
        try:
            model = services.models.get(model_id)
        except DashappError:  # deleted meanwhile
            return refused
        return [refused, line_of(services, model, state_of(model))]

    @app.callback(Output(LINE, "children"), Input(view.START, "n_clicks"), State(model_store, "data"), prevent_initial_call=True)
    def start(clicks: int | None, model_id: str) -> Any:
        return changed(model_id, model_id) if clicks else no_update

    @app.callback(
        Output(LINE, "children", allow_duplicate=True),
        Input(view.LINE_STOP, "n_clicks"),
        State(model_store, "data"),
        prevent_initial_call=True,
    )
    def stop(clicks: int | None, model_id: str) -> Any:
        return changed(None, model_id) if clicks else no_update

    @app.callback(
        Output(LINE, "children", allow_duplicate=True), Input(changed_store, "data"), State(model_store, "data"), prevent_initial_call=True
    )
    def follow(_changed: Any, model_id: str) -> Any:
        try:
            model = services.models.get(model_id)
        except DashappError:
            return no_update
        return line_of(services, model, state_of(model))


def _change(services: Services, model_id: str | None) -> Component | None:
    """Start this challenger, or end the one there is; returns why it cannot be done."""
    try:
        if model_id is None:
            end_challenger(services)
        else:
            start_challenger(services, model_id)
    except DashappError as error:
        return note("bad", error.message, role="alert")
    return None


def register_comparison(app: Dash, services: Services, draw: Callable[[], Component]) -> None:
    """On the Predictions page; `draw` gives the comparison as it stands."""

    @app.callback(Output(view.BODY, "children"), Input(PULSE, "data"), prevent_initial_call=True)
    def follow(_pulse: Any) -> Component:
        return draw()

    USE_DIALOGUE.register(app)

    @app.callback(
        Output(view.BODY, "children", allow_duplicate=True),
        Output(view.NOTICE, "children"),
        Input(view.STOP, "n_clicks"),
        prevent_initial_call=True,
    )
    def stop(clicks: int | None) -> Any:
        if not clicks:
            return no_update, no_update
        end_challenger(services)
        return draw(), note("good", "The challenger was stopped. What it answered stays in the ledger.")

    @app.callback(
        Output(view.BODY, "children", allow_duplicate=True),
        Output(view.NOTICE, "children", allow_duplicate=True),
        *USE_DIALOGUE.shown,
        Input(view.USE, "n_clicks"),
        Input(USE_DIALOGUE.confirm, "n_clicks"),
        *USE_DIALOGUE.confirmed,
        prevent_initial_call=True,
    )
    def use(clicks: int | None, confirms: int | None, asked: str | None, reason: str | None) -> Any:
        if not (clicks or confirms):
            return no_update, no_update, *deploying.UNCHANGED
        is_confirmed = ctx.triggered_id == USE_DIALOGUE.confirm
        pressed = deploying.confirm(services, asked, reason) if is_confirmed else _press(services)
        if pressed.is_asking:
            return no_update, None, *pressed.shown
        if pressed.deployment is None:
            return draw(), note("bad", pressed.problem, role="alert"), *pressed.shown
        return draw(), note("good", [deploying.success(pressed.deployment), " The challenge is over."]), *pressed.shown


def _press(services: Services) -> deploying.Pressed:
    challenger = current_challenger(services)
    if challenger is None:
        return deploying.Pressed(problem="No challenger runs any more.")
    return deploying.press(services, challenger.model_id)
