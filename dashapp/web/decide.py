"""The callbacks by which a person looks closer at the data, tries another reading, decides for it, and takes that back."""

from __future__ import annotations

import json
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from dashapp.application.reading import change_reading, preview_reading
from dashapp.application.services import Services
from dashapp.datasets.dataset import Dataset, DatasetState
from dashapp.errors import DashappError, InvalidRequest, NotFound
from dashapp.web import column_view, dialect_view, live, plan_view
from dashapp.web.column_view import COLUMN_FILTER, COLUMN_GRID, COLUMN_KIND, COLUMNS_FOUND, SHOW_ALL, ColumnsShown
from dashapp.web.components import note
from dashapp.web.data_section import DECISION, READING_AGAIN, SECTION, WAITING, Looked, data_section
from dashapp.web.decisions import DECIDE, DISMISS, decision_note, emptied, news, undo_patch
from dashapp.web.dialect_view import FIELDS, OTHER_SEPARATOR, READ_BUTTON, READ_PREVIEW, SEPARATOR
from dashapp.web.plan_view import BUDGET, LEAVE_OUT, LEFT_OUT_BY_DEFAULT, TARGET, TASK, Choice
from dashapp.web.preview_view import PREVIEW_ROWS, PREVIEW_SOURCE


def register(app: Dash, services: Services, dataset_store: str) -> None:
    """`dataset_store` is the id of the store with the id of the dataset that the page shows."""
    live.run_in_browser(app, "preview", "mount", Output(PREVIEW_ROWS, "className"), Input(PREVIEW_SOURCE, "data"), on_load=True)
    _register_deciding(app, services, dataset_store)
    _register_trying(app, services, dataset_store)
    _register_columns(app, services, dataset_store)
    _register_waiting(app, services, dataset_store)


def _register_deciding(app: Dash, services: Services, dataset_store: str) -> None:
    @app.callback(
        Output(SECTION, "children"),
        Output(DECISION, "children"),
        Input({"type": DECIDE, "place": ALL, "patch": ALL}, "n_clicks"),
        Input({"type": COLUMN_KIND, "column": ALL}, "value"),
        Input(READ_BUTTON, "n_clicks"),
        State(dataset_store, "data"),
        State(TARGET, "value"),
        State(TASK, "value"),
        State(LEAVE_OUT, "value"),
        State(LEFT_OUT_BY_DEFAULT, "data"),
        State(BUDGET, "value"),
        State(COLUMN_FILTER, "value"),
        State(SHOW_ALL, "className"),
        *[State(each, "value") for each in FIELDS],
        running=[(Output(READING_AGAIN, "className"), "reading-again", "is-hidden")],
        prevent_initial_call=True,
    )
    def decide(
        _decided: list[int | None],
        _kinds: list[str | None],
        _read: int | None,
        dataset_id: str | None,
        target: str | None,
        task: str | None,
        checked: list[str] | None,
        by_default: list[str] | None,
        budget: str | None,
        wanted: str | None,
        show_all: str | None,
        *form: Any,
    ) -> Any:
        try:
            asked = _asked(form)
            if asked is None or dataset_id is None:
                return no_update, no_update
            before = services.datasets.get(dataset_id)
            reading = before.reading
            patch = news(reading, asked)
            if not patch:
                return no_update, no_update
            undo = undo_patch(reading, patch)
            dataset = change_reading(services, dataset_id, patch)
        except DashappError as error:
            return no_update, note("bad", error.message, role="alert")
        choice = Choice(target, plan_view.chosen_task(dataset.profile, target, task))
        columns = ColumnsShown.of_page(wanted, show_all)
        looked = Looked(choice, tuple(checked or ()), tuple(by_default or ()), budget, columns)
        return data_section(services, dataset, looked=looked), decision_note(patch, undo, emptied(before.profile, dataset.profile, patch))

    @app.callback(Output(DECISION, "children", allow_duplicate=True), Input(DISMISS, "n_clicks"), prevent_initial_call=True)
    def dismiss(clicks: int | None) -> Any:
        return None if clicks else no_update


def _asked(form: tuple[Any, ...]) -> dict[str, Any] | None:
    """The patch of what was pressed or chosen; None where a component only appeared."""
    asked, value = ctx.triggered_id, ctx.triggered[0]["value"] if ctx.triggered else None
    if asked == READ_BUTTON:
        return dialect_view.form_patch(*form) if value else None
    if asked is None or value is None:
        return None
    if asked["type"] == COLUMN_KIND:
        return {"columns": {asked["column"]: {"kind": None if value == column_view.FOUND else value}}}
    try:
        patch = json.loads(asked["patch"])
    except ValueError:
        patch = None
    if not isinstance(patch, dict):
        raise InvalidRequest("This button asks for nothing that can be done. Load the page again.")
    return patch


def _register_trying(app: Dash, services: Services, dataset_store: str) -> None:
    @app.callback(
        Output(READ_PREVIEW, "children"),
        Output(READ_BUTTON, "disabled"),
        Output(SEPARATOR, "value"),
        Output(OTHER_SEPARATOR, "value"),
        *[Input(each, "value") for each in FIELDS],
        State(dataset_store, "data"),
        prevent_initial_call=True,
    )
    def try_reading(*given: Any) -> Any:
        separator, other, *form, dataset_id = given
        if dataset_id is None:
            return (no_update,) * 4
        now = dialect_view.agreed(ctx.triggered_id, separator, other)
        patch = dialect_view.form_patch(*now, *form)
        agreed = [no_update if new == old else new for new, old in zip(now, (separator, other), strict=True)]
        try:
            if not news(services.datasets.get(dataset_id).reading, patch):
                return None, True, *agreed
            return dialect_view.reading_preview(preview_reading(services, dataset_id, patch)), False, *agreed
        except DashappError as error:
            return dialect_view.reading_problem(error.message), True, *agreed


def _register_columns(app: Dash, services: Services, dataset_store: str) -> None:
    @app.callback(
        Output(COLUMN_GRID, "children"),
        Output(COLUMNS_FOUND, "children"),
        Output(SHOW_ALL, "className"),
        Input(COLUMN_FILTER, "value"),
        Input(SHOW_ALL, "n_clicks"),
        State(dataset_store, "data"),
        State(TARGET, "value"),
        State(TASK, "value"),
        prevent_initial_call=True,
    )
    def look(wanted: str | None, clicks: int | None, dataset_id: str | None, target: str | None, task: str | None) -> Any:
        dataset = _found(services, dataset_id)
        if dataset is None:
            return (no_update,) * 3
        choice = Choice(target, plan_view.chosen_task(dataset.profile, target, task))
        shown = ColumnsShown(wanted or "", is_all=ctx.triggered_id == SHOW_ALL and bool(clicks))
        _, fit = shown.of(dataset.profile.columns)
        cards = column_view.column_cards(dataset, plan_view.left_out_for(services, dataset, choice), shown)
        return cards, column_view.found_in_words(shown, fit), column_view.show_all_class(shown, fit)


def _register_waiting(app: Dash, services: Services, dataset_store: str) -> None:
    @app.callback(
        Output(SECTION, "children", allow_duplicate=True),
        Input(WAITING, "n_intervals"),
        State(dataset_store, "data"),
        prevent_initial_call=True,
    )
    def wait(ticks: int | None, dataset_id: str | None) -> Any:
        dataset = _found(services, dataset_id)
        if not ticks or dataset is None:
            return no_update
        is_same = dataset.state is DatasetState.PROFILING and not dataset.profile.rows
        return no_update if is_same else data_section(services, dataset)


def _found(services: Services, dataset_id: str | None) -> Dataset | None:
    """None where another tab has deleted it meanwhile."""
    try:
        return services.datasets.get(dataset_id) if dataset_id else None
    except NotFound:
        return None
