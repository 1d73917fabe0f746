"""How the plan of a training is asked for: target, kind of answer, time, columns to leave out, and the Train button."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dashapp.datasets.dataset import ColumnKind, Dataset, Profile, Task
from dashapp.settings import Settings
from dashapp.training.run import Run
from dashapp.web.components import button, card, field, note
from dashapp.web.follow import TRAIN_BUTTON
from dashapp.web.words import duration

TARGET = "target-select"
TASK = "task-choice"
BUDGET = "budget-select"
LEAVE_OUT = "leave-out"
TRAIN_ERROR = "train-error"
BUDGETS_S = (15.0, 60.0, 300.0)

_TASKS = {Task.BINARY: "one of two classes", Task.MULTICLASS: "one of several classes", Task.REGRESSION: "a number"}
_MANY_INTEGERS = 20


def plan_card(dataset: Dataset, run: Run | None, settings: Settings) -> Component:
    """What to predict and how long to try; filled with the proposal, or with what the shown run was asked."""
    profile = dataset.profile
    target = run.target if run else profile.target.name
    task = run.task if run else profile.target.task
    is_busy = run is not None and not run.state.is_finished
    times = dbc.Select(id=BUDGET, options=budget_options(settings), value=_budget(run, settings))
    return card(
        "What to predict",
        target_in_words(profile),
        html.Div(
            [
                field("Target column", dbc.Select(id=TARGET, options=target_options(profile), value=target, placeholder="Choose a column")),
                _task_field(task),
                field("Time to train", times, "At most. It ends sooner when nothing improves."),
            ],
            className="plan-fields",
        ),
        _leave_out(dataset, run),
        button("Train", TRAIN_BUTTON, "primary", size="big", disabled=is_busy),
        html.Div(id=TRAIN_ERROR, role="alert", className="train-error"),
        id="plan-card",
    )


def _task_field(task: Task | None) -> Component:
    options = [{"label": "A class", "value": Task.MULTICLASS.value}, {"label": "A number", "value": Task.REGRESSION.value}]
    choice = dbc.RadioItems(id=TASK, options=options, value=task_value(task), inline=True)
    return html.Fieldset([html.Legend("What it holds"), choice], className="field")


def task_value(task: Task | None) -> str | None:
    """Two classes or more is one choice: the number of classes settles it."""
    if task is None:
        return None
    return Task.MULTICLASS.value if task.is_classification else Task.REGRESSION.value


def _leave_out(dataset: Dataset, run: Run | None) -> Component:
    options = [{"label": column.name, "value": column.name} for column in dataset.profile.columns]
    chosen = list(run.exclude) if run else []
    choice = dbc.Checklist(id=LEAVE_OUT, options=options, value=chosen, inline=True)
    title = html.Summary("Leave columns out", className="section-summary")
    fields = html.Fieldset([html.Legend("Columns that the model must not see", className="visually-hidden"), choice], className="field")
    return html.Details([title, fields], open=bool(chosen), className="mb-3")


def budget_options(settings: Settings) -> list[dict[str, str]]:
    return [{"label": duration(seconds), "value": f"{seconds:g}"} for seconds in sorted({*BUDGETS_S, settings.budget_s})]


def _budget(run: Run | None, settings: Settings) -> str:
    wanted = run.budget_s if run else settings.budget_s
    return f"{wanted:g}" if wanted in (*BUDGETS_S, settings.budget_s) else f"{settings.budget_s:g}"


def target_in_words(profile: Profile) -> Component:
    """What is proposed and why."""
    proposal = profile.target
    if proposal.name is None or proposal.task is None:
        return note("warn", proposal.reason)
    reason = html.Span(proposal.reason, className="muted")
    return html.P(["Proposed: predict ", html.Strong(proposal.name), f", {_TASKS[proposal.task]}. ", reason])


def target_options(profile: Profile) -> list[dict[str, str]]:
    """Every column, the proposal and its alternatives first."""
    first = [profile.target.name, *(option.name for option in profile.target.alternatives)]
    likely = [name for name in dict.fromkeys(first) if name is not None]
    others = [column.name for column in profile.columns if column.name not in likely]
    return [{"label": name, "value": name} for name in likely + others]


def proposed_task(profile: Profile, target: str | None) -> Task | None:
    """The task that the proposal, or else the column's kind, suggests for this target."""
    if profile.target.name == target:
        return profile.target.task
    for option in profile.target.alternatives:
        if option.name == target:
            return option.task
    column = profile.column(target) if target else None
    if column is None:
        return None
    has_many = column.kind is ColumnKind.NUMBER or column.unique > _MANY_INTEGERS
    return Task.REGRESSION if column.kind.is_numeric and has_many and column.unique > 2 else Task.MULTICLASS
