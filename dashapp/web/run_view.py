"""How a run looks while it trains: the skeleton that the browser keeps drawing. What comes of it is in `result_view`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Output, dcc, html
from dash.development.base_component import Component

from dashapp.training.run import Run, RunState, Stage
from dashapp.web import figures
from dashapp.web.components import aria, badge, button, card, chart, data_table
from dashapp.web.terms import term
from dashapp.web.words import UNKNOWN

CARD = "training-card"
SNAPSHOT = "run-snapshot"
ENDED = "run-ended"
STATE = "train-state"
STAGES = "train-stages"
PROGRESS_BAR = "train-progress-bar"
PERCENT = "train-percent"
MESSAGE = "train-message"
TIME_LEFT = "train-time-left"
ELAPSED = "train-elapsed"
LEADERBOARD = "train-leaderboard"
ACTIONS = "train-actions"
CANCEL_BUTTON = "cancel-button"
KEEP_BUTTON = "keep-best-button"
ERROR = "run-error"
SCORE_CHART = "score-chart"
LOSS_CHART = "loss-chart"
ACCURACY_CHART = "accuracy-chart"
ACCURACY_BOX = "accuracy-box"
RESOURCES = "train-resources"

CHARTS = (SCORE_CHART, LOSS_CHART, ACCURACY_CHART)

# What the browser draws of a run, in the order in which `assets/training.js` answers.
DRAWN = (
    Output(STATE, "children"),
    Output(STAGES, "children"),
    Output(PROGRESS_BAR, "value"),
    Output(PERCENT, "children"),
    Output(MESSAGE, "children"),
    Output(TIME_LEFT, "children"),
    Output(LEADERBOARD, "children"),
    Output(ACTIONS, "className"),
    Output(CANCEL_BUTTON, "disabled"),
    Output(KEEP_BUTTON, "disabled"),
    Output(ERROR, "children"),
    Output(ERROR, "className"),
    Output(ACCURACY_BOX, "className"),
    Output(RESOURCES, "children"),
    *(Output(each, "figure") for each in CHARTS),
    Output(ENDED, "data"),
)

CAPTION = "The leader first, then by validation {}: lower is better. A tie is a difference that the validation rows cannot prove."
BEST = "bold: the best so far"
CURVES = "The bold lines are of the first part of the validation rows, on which every trial is judged; the leaderboard is of all parts."
TO_RESULT = "to-result"


def training_card(run: Run, snapshot: Mapping[str, Any]) -> Component:
    """The skeleton; `assets/training.js` fills it from the snapshot (the run's document with its curves) and keeps it up to date."""
    return card(
        f"Training {run.target} on {run.dataset_name}",
        dcc.Store(id=SNAPSHOT, data=dict(snapshot)),
        dcc.Store(id=ENDED),
        html.Ol([_waiting(stage) for stage in Stage], id=STAGES, className="stages"),
        html.P(id=MESSAGE, className="train-message", role="status"),
        html.Progress(id=PROGRESS_BAR, value="0", max="100", **aria(label="Training progress")),
        html.Div(
            [
                html.Span("0 %", id=PERCENT, className="progress-percent"),
                html.Span(id=TIME_LEFT, className="muted"),
                html.Span(id=ELAPSED, className="muted"),
            ],
            className="progress-line",
        ),
        html.Div(id=ERROR, className="note note-bad is-hidden", role="alert"),
        _actions(run),
        html.H3("Leaderboard", className="section-title"),
        leaderboard(run),
        terms_line(run),
        charts(run),
        aside=html.Span(id=STATE),
        id=CARD,
    )


def _waiting(stage: Stage) -> Component:
    return html.Li([html.Span(stage.value, className="stage-name"), html.Span(className="stage-note")], className="stage stage-waiting")


def _actions(run: Run) -> Component:
    """While it works they are there from the start, so that nothing moves when the browser has drawn the rest."""
    return html.Div(
        [
            button("Cancel", CANCEL_BUTTON),
            button("Stop and keep the best", KEEP_BUTTON),
            html.A("Go to the result", href="#train-result", id=TO_RESULT),
        ],
        id=ACTIONS,
        className="button-row training-actions is-hidden" if run.state.is_finished else "button-row training-actions",
    )


def leaderboard(run: Run) -> Component:
    """Best first, as its caption says; accuracy stands in it where classes are predicted. Room is kept for the rows that will come."""
    accuracy = ("Accuracy",) if run.task.is_classification else ()
    heads = ("Model", f"Validation {run.score_name}", f"Validation {run.loss_name}", *accuracy, "Trials", "State")
    sorted_by = CAPTION.format(run.loss_name)
    table = data_table(heads, (), caption=f"Models that compete. {sorted_by}", numbers=range(1, len(heads) - 1), body_id=LEADERBOARD)
    said = html.P(sorted_by, className="muted small leaderboard-note", **aria(hidden="true"))
    return html.Div([said, table], className="leaderboard" if run.state.is_finished else "leaderboard is-coming")


def terms_line(run: Run) -> Component:
    """What the names of the measures mean, for the leaderboard and the charts."""
    accuracy = [term("accuracy", "Accuracy")] if run.task.is_classification else []
    return html.Div(
        [term(run.score_name), term(run.loss_name), *accuracy], className="terms", role="group", **aria(label="What the measures mean")
    )


def charts(run: Run) -> Component:
    """The losses large, with what the trainer uses behind them; the browser draws all of them."""
    loss = f"thin: each trial on the validation rows; dotted: on rows it learns from; {BEST}"
    used = html.P(id=RESOURCES, className="resources-line")
    loss_chart = chart(f"Validation {run.loss_name}", figures.loss_over_time(), id=LOSS_CHART, description=loss)
    score = chart(f"Validation {run.score_name}", figures.score_over_time(), id=SCORE_CHART, description=BEST)
    accuracy = chart("Accuracy", figures.accuracy_over_time(), id=ACCURACY_CHART, description=BEST, figure_id=ACCURACY_BOX)
    note = html.P(CURVES, className="muted small chart-wide")
    return html.Div([html.Div([loss_chart, used], className="chart-wide"), score, accuracy, note], className="charts race-charts")


def state_badge(run: Run) -> Component:
    kinds = {
        RunState.QUEUED: "",
        RunState.RUNNING: "busy",
        RunState.SUCCEEDED: "good",
        RunState.CANCELLED: "warn",
    }
    return badge(run.state.value.capitalize() if run.state.value else UNKNOWN, kinds.get(run.state, "bad"))
