"""Train: from a CSV file to a model in use, downwards on one page.

`/` shows the drop zone and the datasets (and a run that is not finished); `/?dataset=<id>` a dataset; `/?run=<id>` a run on its dataset.
`target`, `task` and `budget` in the address keep what was chosen over a reload; `assets/plan.js` writes them.
"""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashapp.application.datasets import delete_dataset
from dashapp.application.deployment import live_model
from dashapp.application.documents import run_document
from dashapp.application.services import Services
from dashapp.application.training import cancel_training, start_training
from dashapp.datasets.dataset import Dataset, Task
from dashapp.errors import DashappError, NotFound
from dashapp.models.model import ModelVersion
from dashapp.training.run import Run
from dashapp.web import dataset_view, decide, deploying, live, plan_view, planning, result_view, run_view
from dashapp.web.components import button, confirmation, note, page_heading
from dashapp.web.data_section import DECISION, READING_AGAIN, SECTION, Looked, data_section
from dashapp.web.dataset_view import DATASETS, DATASETS_TITLE, DELETE_BUTTON, DELETE_ERROR
from dashapp.web.follow import RUN_FOLLOWED, RUN_PROGRESS, TRAIN_BUTTON
from dashapp.web.plan_view import BUDGET, LEAVE_OUT, LEFT_OUT_BY_DEFAULT, TARGET, TASK, TRAIN_ERROR, Choice
from dashapp.web.words import count

PATH = "/"
TITLE = "Train"

LOCATION = "location"
DATASET = "train-dataset"
SHOWN_RUN = "train-run"
SWITCHED = "train-switched"
RESULT = "train-result"
DELETE_DIALOG = "delete-dialog"
USE_DIALOGUE = deploying.Dialogue("train")
DELETE_TEXT = "delete-text"
DELETE_ID = "delete-id"
DELETE_CONFIRM = "delete-confirm"
DELETE_CANCEL = "delete-cancel"


def layout(services: Services, dataset: str = "", run: str = "", target: str = "", task: str = "", budget: str = "", **_: str) -> Component:
    """`target`, `task` and `budget` are what was chosen before a reload. Raises `NotFound` for a dataset or run that does not exist."""
    shown_run = _run_to_show(services, dataset, run)
    shown_dataset = _dataset_to_show(services, dataset, shown_run)
    prefix = services.settings.url_prefix
    parts = [
        page_heading("From a CSV to a model in use", "Drop a file, press Train, watch what it learns, and use the model."),
        dcc.Store(id=DATASET, data=None if shown_dataset is None else shown_dataset.id),
        dcc.Store(id=SHOWN_RUN, data=None if shown_run is None else shown_run.id),
        dcc.Store(id=SWITCHED, data=services.log.last_id()),
        dataset_view.upload_area(is_small=shown_dataset is not None),
        dataset_view.datasets_card(services.datasets.all(), prefix, is_open=shown_dataset is None),
    ]
    if shown_dataset is not None:
        parts += [
            html.Div(data_section(services, shown_dataset, shown_run, _looked(shown_dataset, target, task, budget)), id=SECTION),
            html.Div("Reading the file again…", id=READING_AGAIN, className="is-hidden", role="status"),
            html.Div(id=DECISION, role="status"),
        ]
    if shown_run is not None:
        snapshot = run_document(shown_run, services.runs.points(shown_run.id), services.runs.resources(shown_run.id))
        parts.append(run_view.training_card(shown_run, snapshot))
    result = None if shown_run is None else _result(services, shown_run)
    return html.Div([*parts, html.Div(result, id=RESULT), _delete_dialog(), USE_DIALOGUE.layout()], id="train-page")


def _looked(dataset: Dataset, target: str, task: str, budget: str) -> Looked | None:
    """What the address says that was chosen; an address that no page has made says nothing."""
    known = plan_view.known_budget(budget)
    if dataset.profile.column(target) is None:
        return None if known is None else Looked(budget=known, is_checked=False)
    kind = task if task in (Task.MULTICLASS.value, Task.REGRESSION.value) else None
    chosen = plan_view.chosen_task(dataset.profile, target, kind) or plan_view.proposed_task(dataset.profile, target)
    return Looked(Choice(target, chosen), budget=known, is_checked=False)


def _run_to_show(services: Services, dataset_id: str, run_id: str) -> Run | None:
    if run_id:
        return services.runs.get(run_id)
    unfinished = [run for run in services.runs.unfinished() if not dataset_id or run.dataset_id == dataset_id]
    return unfinished[0] if unfinished else None


def _dataset_to_show(services: Services, dataset_id: str, run: Run | None) -> Dataset | None:
    if run is None:
        return services.datasets.get(dataset_id) if dataset_id else None
    try:
        return services.datasets.get(run.dataset_id)
    except NotFound:  # deleted since; what the run found stays
        return None


def _result(services: Services, run: Run) -> Component | None:
    live_version = _live_version(services, run)
    return result_view.result_card(run, services.settings.url_prefix, live_version=live_version, model=_model_of(services, run))


def _model_of(services: Services, run: Run) -> ModelVersion | None:
    """What this run made, where it was not deleted since."""
    try:
        return None if run.model_id is None else services.models.get(run.model_id)
    except NotFound:
        return None


def _live_version(services: Services, run: Run) -> int | None:
    """The version that this run made, where it is the live one."""
    model = live_model(services)
    return None if model is None or model.id != run.model_id else model.version


def _delete_dialog() -> Component:
    delete = button("Delete", DELETE_CONFIRM, "danger")
    keep = button("Keep it", DELETE_CANCEL)
    return html.Div([dcc.Store(id=DELETE_ID), confirmation(DELETE_DIALOG, "Delete this data?", html.P(id=DELETE_TEXT), delete, keep)])


def register(app: Dash, services: Services) -> None:
    _register_drawing(app)
    decide.register(app, services, DATASET)
    planning.register(app, services, DATASET)
    _register_starting(app, services)
    _register_running(app, services)
    _register_deleting(app, services)
    USE_DIALOGUE.register(app)


def _register_drawing(app: Dash) -> None:
    live.run_in_browser(app, "upload", "mount", Output("upload-slot", "className"), Input("upload-slot", "id"), on_load=True)
    live.run_in_browser(
        app,
        "training",
        "draw",
        *run_view.DRAWN,
        Input(run_view.SNAPSHOT, "data"),
        Input(RUN_PROGRESS, "data"),
        Input(live.RUNS, "data"),
        *[State(each, "figure") for each in run_view.CHARTS],
        on_load=True,
    )


def _register_starting(app: Dash, services: Services) -> None:
    @app.callback(
        Output(LOCATION, "search"),
        Output(RUN_FOLLOWED, "data"),
        Output(TRAIN_ERROR, "children"),
        Input(TRAIN_BUTTON, "n_clicks"),
        State(DATASET, "data"),
        State(TARGET, "value"),
        State(TASK, "value"),
        State(BUDGET, "value"),
        State(LEAVE_OUT, "value"),
        State(LEFT_OUT_BY_DEFAULT, "data"),
        prevent_initial_call=True,
    )
    def start(
        clicks: int | None,
        dataset_id: str,
        target: str | None,
        task: str | None,
        budget: str,
        checked: list[str] | None,
        by_default: list[str] | None,
    ) -> Any:
        if not clicks:
            return no_update, no_update, no_update
        if not target:
            return no_update, no_update, note("bad", "Choose the target column first: the one that the model is to predict.")
        try:
            chosen = Task(task) if task else None
            exclude, include = plan_view.asked_columns(checked or (), by_default or (), target)
            run = start_training(services, dataset_id, target=target, task=chosen, budget_s=float(budget), exclude=exclude, include=include)
        except DashappError as error:
            return no_update, no_update, note("bad", error.message)
        return f"?run={run.id}", run.id, None


def _register_running(app: Dash, services: Services) -> None:
    @app.callback(
        Output(run_view.MESSAGE, "children", allow_duplicate=True),
        Input(run_view.CANCEL_BUTTON, "n_clicks"),
        Input(run_view.KEEP_BUTTON, "n_clicks"),
        State(run_view.SNAPSHOT, "data"),
        prevent_initial_call=True,
    )
    def cancel(cancel_clicks: int | None, keep_clicks: int | None, snapshot: dict[str, Any]) -> Any:
        if not (cancel_clicks or keep_clicks):
            return no_update
        try:
            cancel_training(services, snapshot["id"], keep_best=ctx.triggered_id == run_view.KEEP_BUTTON)
        except DashappError as error:
            return error.message
        return no_update  # the run says so itself, and by now perhaps already that it is over

    @app.callback(Output(RESULT, "children"), Input(run_view.ENDED, "data"), prevent_initial_call=True)
    def show_result(ended: dict[str, Any] | None) -> Any:
        if not ended:
            return no_update
        return _result(services, services.runs.get(ended["run"]))

    live.run_in_browser(app, "models", "switched", Output(SWITCHED, "data"), Input(live.EVENTS, "data"), State(SWITCHED, "data"))

    @app.callback(
        Output(RESULT, "children", allow_duplicate=True),
        Input(SWITCHED, "data"),
        State(SHOWN_RUN, "data"),
        prevent_initial_call=True,
    )
    def follow_deployments(_switched: int, run_id: str | None) -> Any:
        return no_update if run_id is None else _result(services, services.runs.get(run_id))

    @app.callback(
        Output(result_view.USE_ANSWER, "children"),
        Output(result_view.USE_BUTTON, "disabled"),
        *USE_DIALOGUE.shown,
        Input(result_view.USE_BUTTON, "n_clicks"),
        Input(USE_DIALOGUE.confirm, "n_clicks"),
        State(run_view.SNAPSHOT, "data"),
        *USE_DIALOGUE.confirmed,
        prevent_initial_call=True,
    )
    def use(clicks: int | None, confirms: int | None, snapshot: dict[str, Any], asked: str | None, reason: str | None) -> Any:
        if not (clicks or confirms):
            return no_update, no_update, *deploying.UNCHANGED
        if ctx.triggered_id == USE_DIALOGUE.confirm:
            pressed = deploying.confirm(services, asked, reason)
        else:
            pressed = deploying.press(services, str(services.runs.get(snapshot["id"]).model_id))
        if pressed.is_asking:
            return None, False, *pressed.shown
        if pressed.deployment is None:
            return note("bad", pressed.problem, role="alert"), False, *pressed.shown
        return result_view.use_answer(services.settings.url_prefix, pressed.deployment.version), True, *pressed.shown


def _register_deleting(app: Dash, services: Services) -> None:
    @app.callback(
        Output(DELETE_DIALOG, "is_open"),
        Output(DELETE_ID, "data"),
        Output(DELETE_TEXT, "children"),
        Input({"type": DELETE_BUTTON, "dataset": ALL}, "n_clicks"),
        Input(DELETE_CANCEL, "n_clicks"),
        prevent_initial_call=True,
    )
    def ask(clicks: list[int | None], _cancel: int | None) -> Any:
        asked = ctx.triggered_id
        if asked == DELETE_CANCEL or not any(clicks):
            return False, None, None
        dataset = services.datasets.get(asked["dataset"])
        rows = count(dataset.profile.rows, "row")
        return True, dataset.id, f"{dataset.name} and its {rows} are removed from the disk. Models that were trained on it stay."

    @app.callback(
        Output(DATASETS, "children"),
        Output(DATASETS_TITLE, "children"),
        Output(DELETE_ERROR, "children"),
        Output(DELETE_DIALOG, "is_open", allow_duplicate=True),
        Output(LOCATION, "search", allow_duplicate=True),
        Input(DELETE_CONFIRM, "n_clicks"),
        State(DELETE_ID, "data"),
        State(DATASET, "data"),
        prevent_initial_call=True,
    )
    def delete(clicks: int | None, dataset_id: str | None, shown_id: str | None) -> Any:
        if not clicks or dataset_id is None:
            return (no_update,) * 5
        try:
            delete_dataset(services, dataset_id)
        except DashappError as error:
            return no_update, no_update, note("bad", error.message), False, no_update
        datasets = services.datasets.all()
        left = dataset_view.dataset_list(datasets, services.settings.url_prefix)
        return left, dataset_view.datasets_title(datasets), None, False, "" if shown_id == dataset_id else no_update
