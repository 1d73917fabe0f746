"""What happens in the panel of one prediction: it opens, takes the truth, and explains the row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.development.base_component import Component

from dashapp.application.explaining import row_explanation
from dashapp.application.ledger import kept_prediction, record_feedback
from dashapp.application.services import Services
from dashapp.errors import DashappError, NotFound
from dashapp.models.model import ModelVersion
from dashapp.web import prediction_view as view
from dashapp.web.components import Child, note
from dashapp.web.worst_view import reasons_list


def register(app: Dash, services: Services) -> None:
    @app.callback(
        Output(view.PANEL_BODY, "children"),
        Output(view.PANEL, "is_open"),
        Output(view.SHOWN, "data"),
        Input(view.OPENED, "data"),
    )
    def open(opened: dict[str, Any] | None) -> Any:
        if not opened:
            return no_update, no_update, no_update
        return opened_prediction(services, str(opened["id"])), True, opened["id"]

    @app.callback(
        Output(view.SAVED, "children"),
        Input(view.SAVE, "n_clicks"),
        Input(view.ACTUAL, "n_submit"),
        State(view.ACTUAL, "value"),
        State(view.SHOWN, "data"),
        prevent_initial_call=True,
    )
    def save(clicks: int | None, submits: int | None, given: Any, prediction_id: str) -> Any:
        return saved_truth(services, prediction_id, given) if clicks or submits else no_update

    @app.callback(
        Output(view.REASONS, "children"),
        Input(view.EXPLAIN, "n_clicks"),
        State(view.SHOWN, "data"),
        running=[(Output(view.EXPLAIN, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def explain(clicks: int | None, prediction_id: str) -> Any:
        return explained_prediction(services, prediction_id) if clicks else no_update


def opened_prediction(services: Services, prediction_id: str) -> Component:
    try:
        kept = kept_prediction(services, prediction_id)
    except DashappError as error:
        return note("bad", error.message, role="alert")
    return view.details(kept, _model(services, kept.model_id), services.settings.url_prefix)


def saved_truth(services: Services, prediction_id: str, given: Any) -> Child:
    """The form again, with what was written down or why not."""
    try:
        kept = kept_prediction(services, prediction_id)
        model = _model(services, kept.model_id)
        actual = view.said_to_be_true(kept, model, given)
        if actual is None:
            return view.truth_form(kept, model, note("warn", "Say first what turned out to be true.", role="alert"))
        record_feedback(services, [(prediction_id, actual)])
        return view.truth_form(kept_prediction(services, prediction_id), model, note("good", "Written down.", role="status"))
    except DashappError as error:
        return note("bad", error.message, role="alert")


def explained_prediction(services: Services, prediction_id: str) -> Component:
    try:
        kept = kept_prediction(services, prediction_id)
    except DashappError as error:
        return note("warn", error.message)
    return explained(services, kept.model_id, kept.inputs)


def explained(services: Services, model_id: str, row: Mapping[str, Any]) -> Component:
    """What each column of a row added to its answer, or why nobody can say."""
    try:
        return reasons_list(row_explanation(services, model_id, row))
    except DashappError as error:
        return note("warn", error.message)


def _model(services: Services, model_id: str) -> ModelVersion | None:
    try:
        return services.models.get(model_id)
    except NotFound:
        return None
