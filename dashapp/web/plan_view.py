"""How the plan of a training is asked for: target, kind of answer, time, columns to leave out, and the Train button."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashapp.application.planning import plan_for
from dashapp.application.reading import leaks_for, left_out_by_findings
from dashapp.application.services import Services
from dashapp.datasets.dataset import ColumnKind, Dataset, Profile, TargetOption, Task
from dashapp.errors import DashappError
from dashapp.settings import Settings
from dashapp.training.plan import reason_against
from dashapp.training.run import Run
from dashapp.web.components import Child, button, card, field, note
from dashapp.web.follow import TRAIN_BUTTON
from dashapp.web.plan_preview import Preview, no_plan, plan_fold, plan_preview
from dashapp.web.words import duration

TARGET = "target-select"
TASK = "task-choice"
BUDGET = "budget-select"
LEAVE_OUT = "leave-out"
LEAVE_OUT_FOLD = "leave-out-fold"
LEAVE_OUT_TITLE = "leave-out-title"
LEFT_OUT_BY_DEFAULT = "left-out-by-default"
OTHERS = "other-targets"
PREDICT = "predict-instead"
TRAIN_ERROR = "train-error"
MOST_OTHERS = 3
BUDGETS_S = (15.0, 60.0, 300.0)

_TASKS = {Task.BINARY: "one of two classes", Task.MULTICLASS: "one of several classes", Task.REGRESSION: "a number"}
_MANY_INTEGERS = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be predicted, as it stands on the page."""

    target: str | None
    task: Task | None


def first_choice(profile: Profile, run: Run | None, before: Choice | None) -> Choice:
    """What was chosen before where the table still has it, else what the shown run was asked, else the proposal."""
    if before is not None and before.target is not None and profile.column(before.target) is not None:
        return before
    return Choice(run.target, run.task) if run else Choice(profile.target.name, profile.target.task)


def left_out_for(services: Services, dataset: Dataset, choice: Choice) -> dict[str, str]:
    """The columns that a training of this leaves out by itself, with the reason: leaks, what cannot be learned from, what the user
    never wants."""
    never = {name: "you left it out" for name, column in dataset.reading.columns.items() if column.use is False and name != choice.target}
    reasons = {
        column.name: reason_against(column, dataset.profile.rows) for column in dataset.profile.columns if column.name != choice.target
    }
    unlearnable = {name: reason for name, reason in reasons.items() if reason is not None}
    if choice.target is None or choice.task is None:
        return unlearnable | never
    found = left_out_by_findings(dataset, leaks_for(services, dataset.id, choice.target, choice.task), choice.target)
    return found | {name: reason for name, reason in unlearnable.items() if name not in found} | never


def checked_at_first(left_out: Mapping[str, str], run: Run | None) -> list[str]:
    if run is None:
        return list(left_out)
    missed = {each.column for each in run.left_out}
    return [*dict.fromkeys([*(name for name in left_out if name in missed), *run.exclude])]


def still_checked(left_out: Mapping[str, str], target: str | None, by_default: Collection[str], checked: Collection[str]) -> list[str]:
    """What is left out after a change: what is now left out by itself, but for what was put back, and what was added by hand."""
    new = [name for name in left_out if name in checked or name not in by_default]
    by_hand = [name for name in checked if name not in by_default and name not in left_out]
    return [name for name in new + by_hand if name != target]


def asked_columns(checked: Collection[str], by_default: Collection[str], target: str | None) -> tuple[list[str], list[str]]:
    """(left out by hand, put back): what a training is asked for where `checked` are left out."""
    exclude = [name for name in checked if name not in by_default and name != target]
    return exclude, [name for name in by_default if name not in checked and name != target]


def preview_of(
    services: Services, dataset_id: str, choice: Choice, budget: str | None, checked: Collection[str], by_default: Collection[str]
) -> Preview:
    """What a press on Train would do, or the sentence that says why it cannot be done."""
    if not choice.target:
        return no_plan("Choose the target column: the one that the model is to predict.")
    exclude, include = asked_columns(checked, by_default, choice.target)
    try:
        return plan_preview(
            plan_for(
                services,
                dataset_id,
                target=choice.target,
                task=choice.task,
                budget_s=float(budget) if budget else None,
                exclude=exclude,
                include=include,
            )
        )
    except DashappError as error:
        return no_plan(error.message)


def plan_card(
    dataset: Dataset,
    choice: Choice,
    left_out: Mapping[str, str],
    checked: Sequence[str],
    budget: str,
    settings: Settings,
    *,
    preview: Preview,
    is_busy: bool,
) -> Component:
    """What to predict, how long to try, and what will happen."""
    profile = dataset.profile
    times = dbc.Select(id=BUDGET, options=budget_options(settings), value=budget)
    target = dbc.Select(id=TARGET, options=target_options(profile), value=choice.target, placeholder="Choose a column")
    return card(
        "What to predict",
        target_in_words(profile),
        html.Div(other_targets(profile, choice), id=OTHERS, className="button-row"),
        html.Div(
            [
                field("Target column", target),
                _task_field(choice.task),
                field("Time to train", times, "At most. It ends sooner when nothing improves."),
            ],
            className="plan-fields",
        ),
        _leave_out(profile, choice, left_out, checked),
        plan_fold(preview),
        button("Train", TRAIN_BUTTON, "primary", size="big", disabled=is_busy),
        html.Div(id=TRAIN_ERROR, role="alert", className="train-error"),
        id="plan-card",
    )


def other_targets(profile: Profile, choice: Choice) -> list[Component]:
    """What else is likely to be meant, each with one click; the list of targets has them all."""
    others = [option for option in _options(profile) if (option.name, task_value(option.task)) != (choice.target, task_value(choice.task))]
    return [
        button(_instead(option, choice), {"type": PREDICT, "target": option.name, "task": option.task.value}, size="sm")
        for option in others[:MOST_OTHERS]
    ]


def _options(profile: Profile) -> list[TargetOption]:
    proposal = profile.target
    if proposal.name is None or proposal.task is None:
        return []
    return [TargetOption(proposal.name, proposal.task, proposal.reason), *proposal.alternatives]


def _instead(option: TargetOption, choice: Choice) -> Child:
    name = html.Span(option.name, dir="auto", className="target-name")
    if option.name != choice.target:
        return ["Predict ", name]
    return ["Predict ", name, " as a number instead" if option.task is Task.REGRESSION else " as classes instead"]


def _task_field(task: Task | None) -> Component:
    options = [{"label": "A class", "value": Task.MULTICLASS.value}, {"label": "A number", "value": Task.REGRESSION.value}]
    choice = dbc.RadioItems(id=TASK, options=options, value=task_value(task), inline=True)
    return html.Fieldset([html.Legend("What it holds"), choice], className="field")


def task_value(task: Task | None) -> str | None:
    """Two classes or more is one choice: the number of classes settles it."""
    if task is None:
        return None
    return Task.MULTICLASS.value if task.is_classification else Task.REGRESSION.value


def _leave_out(profile: Profile, choice: Choice, left_out: Mapping[str, str], checked: Sequence[str]) -> Component:
    choices = dbc.Checklist(id=LEAVE_OUT, options=leave_out_options(profile, choice.target, left_out), value=list(checked))
    title = html.Summary(leave_out_title(checked), id=LEAVE_OUT_TITLE, className="section-summary")
    legend = html.Legend("Columns that the model must not see", className="visually-hidden")
    fields = html.Fieldset([legend, choices], className="field leave-out")
    is_open = not all(is_unlearnable(profile, name) for name in checked)
    known = dcc.Store(id=LEFT_OUT_BY_DEFAULT, data=list(left_out))
    return html.Details([title, known, fields], id=LEAVE_OUT_FOLD, open=is_open, className="mb-3")


def leave_out_title(checked: Sequence[str]) -> str:
    return f"Leave columns out ({len(checked):,} left out)" if checked else "Leave columns out"


def leave_out_options(profile: Profile, target: str | None, left_out: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every column but the target, first those that are left out by default, with the reason; some of them cannot be put back."""
    names = [name for name in left_out if profile.column(name) is not None]
    names += [column.name for column in profile.columns if column.name not in left_out]
    return [
        {"label": _reasoned(name, left_out.get(name)), "value": name, "disabled": name in left_out and is_unlearnable(profile, name)}
        for name in names
        if name != target
    ]


def is_unlearnable(profile: Profile, name: str) -> bool:
    column = profile.column(name)
    return column is not None and reason_against(column, profile.rows) is not None


def _reasoned(name: str, reason: str | None) -> Child:
    return [html.Span(name, dir="auto"), html.Span(f": {reason}", className="muted small")] if reason else name


def budget_options(settings: Settings) -> list[dict[str, str]]:
    return [{"label": duration(seconds), "value": f"{seconds:g}"} for seconds in sorted({*BUDGETS_S, settings.budget_s})]


def first_budget(run: Run | None, settings: Settings) -> str:
    wanted = run.budget_s if run else settings.budget_s
    return f"{wanted:g}" if wanted in (*BUDGETS_S, settings.budget_s) else f"{settings.budget_s:g}"


def known_budget(value: str) -> str | None:
    """A time that the list of times may hold; None for anything else that an address may say."""
    return value if value in {f"{seconds:g}" for seconds in BUDGETS_S} else None


def target_in_words(profile: Profile) -> Component:
    """What is proposed and why."""
    proposal = profile.target
    if proposal.name is None or proposal.task is None:
        return note("warn", proposal.reason)
    reason = html.Span(proposal.reason, className="muted")
    return html.P(["Proposed: predict ", html.Strong(proposal.name, dir="auto"), f", {_TASKS[proposal.task]}. ", reason])


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


def chosen_task(profile: Profile, target: str | None, value: str | None) -> Task | None:
    """What the page's choice between a class and a number is for this target."""
    if value is None or target is None:
        return None
    column = profile.column(target)
    is_two = column is not None and column.unique == 2
    return Task.REGRESSION if value == Task.REGRESSION.value else Task.BINARY if is_two else Task.MULTICLASS
