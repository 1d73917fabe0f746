"""The callbacks that keep the plan together: a target, its task, the columns that give this target away, and what will happen."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from dashapp.application.services import Services
from dashapp.datasets.dataset import Dataset, Task
from dashapp.errors import DashappError
from dashapp.web import live, plan_preview, plan_view
from dashapp.web.column_view import COLUMN_FILTER, COLUMN_GRID, SHOW_ALL, ColumnsShown, column_cards
from dashapp.web.plan_view import BUDGET, LEAVE_OUT, LEAVE_OUT_TITLE, LEFT_OUT_BY_DEFAULT, OTHERS, PREDICT, TARGET, TASK, Choice
from dashapp.web.quality_view import QUALITY_REMARK, other_target_remark


def register(app: Dash, services: Services, dataset_store: str) -> None:
    """`dataset_store` is the id of the store with the id of the dataset that the page shows."""
    _register_choosing(app, services, dataset_store)
    _register_preview(app, services, dataset_store)
    live.run_in_browser(app, "plan", "remember", Input(TARGET, "value"), Input(TASK, "value"), Input(BUDGET, "value"))


def _register_choosing(app: Dash, services: Services, dataset_store: str) -> None:
    @app.callback(
        Output(TARGET, "value"),
        Output(TASK, "value"),
        Output(OTHERS, "children"),
        Output(LEAVE_OUT, "options"),
        Output(LEAVE_OUT, "value"),
        Output(LEFT_OUT_BY_DEFAULT, "data"),
        Output(LEAVE_OUT_TITLE, "children"),
        Output(QUALITY_REMARK, "children"),
        Output(COLUMN_GRID, "children", allow_duplicate=True),
        Input(TARGET, "value"),
        Input(TASK, "value"),
        Input({"type": PREDICT, "target": ALL, "task": ALL}, "n_clicks"),
        State(dataset_store, "data"),
        State(LEAVE_OUT, "value"),
        State(LEFT_OUT_BY_DEFAULT, "data"),
        State(COLUMN_FILTER, "value"),
        State(SHOW_ALL, "className"),
        prevent_initial_call=True,
    )
    def plan(
        target: str | None,
        task: str | None,
        _clicks: list[int | None],
        dataset_id: str | None,
        checked: list[str] | None,
        by_default: list[str] | None,
        wanted: str | None,
        show_all: str | None,
    ) -> Any:
        try:
            dataset = services.datasets.get(dataset_id or "")
            choice = _chosen(dataset, target, task)
            if choice is None:
                return (no_update,) * 9
            left_out = plan_view.left_out_for(services, dataset, choice)
        except DashappError:  # deleted in another tab, say; Train tells why
            return (no_update,) * 9
        now = plan_view.still_checked(left_out, choice.target, by_default or (), checked or ())
        others = plan_view.other_targets(dataset.profile, choice)
        options = plan_view.leave_out_options(dataset.profile, choice.target, left_out)
        title = plan_view.leave_out_title(now)
        remark = other_target_remark(dataset.profile, choice.target)
        cards = column_cards(dataset, left_out, ColumnsShown.of_page(wanted, show_all))
        return choice.target, plan_view.task_value(choice.task), others, options, now, list(left_out), title, remark, cards


def _register_preview(app: Dash, services: Services, dataset_store: str) -> None:
    """Dash drops the answer to an older question where a newer one of the same callback was asked meanwhile."""

    @app.callback(
        Output(plan_preview.PREVIEW, "children"),
        Output(plan_preview.BRIEF, "children"),
        Input(TARGET, "value"),
        Input(TASK, "value"),
        Input(BUDGET, "value"),
        Input(LEAVE_OUT, "value"),
        State(LEFT_OUT_BY_DEFAULT, "data"),
        State(dataset_store, "data"),
        running=[(Output(plan_preview.PREVIEW, "className"), plan_preview.COMING, plan_preview.SHOWN)],
        prevent_initial_call=True,
    )
    def preview(
        target: str | None,
        task: str | None,
        budget: str | None,
        checked: list[str] | None,
        by_default: list[str] | None,
        dataset_id: str | None,
    ) -> Any:
        try:
            dataset = services.datasets.get(dataset_id or "")
        except DashappError as error:
            return no_update, error.message
        choice = Choice(target, plan_view.chosen_task(dataset.profile, target, task))
        shown = plan_view.preview_of(services, dataset.id, choice, budget, checked or (), by_default or ())
        return shown.body, shown.brief


def _chosen(dataset: Dataset, target: str | None, task: str | None) -> Choice | None:
    """What is to be predicted after a press or a choice; None where a button only appeared."""
    pressed = ctx.triggered_id
    if isinstance(pressed, dict):
        return Choice(pressed["target"], Task(pressed["task"])) if ctx.triggered[0]["value"] else None
    if pressed == TARGET:
        return Choice(target, plan_view.proposed_task(dataset.profile, target))
    return Choice(target, plan_view.chosen_task(dataset.profile, target, task))
