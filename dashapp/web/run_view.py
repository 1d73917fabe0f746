"""How a run looks: the skeleton that the browser keeps drawing while it trains, and the result when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Output, dcc, html
from dash.development.base_component import Component

from dashapp.training.run import Run, RunState, Stage
from dashapp.web import figures
from dashapp.web.components import Child, aria, badge, button, card, chart, data_table, note
from dashapp.web.words import UNKNOWN, figure, percent

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
USE_BUTTON = "use-model-button"
USE_ANSWER = "use-model-answer"

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
    *(Output(each, "figure") for each in CHARTS),
    Output(ENDED, "data"),
)

_METRICS = {
    "roc_auc": ("ROC AUC", "higher is better"),
    "accuracy": ("Accuracy", "higher is better"),
    "balanced_accuracy": ("Balanced accuracy", "higher is better"),
    "f1": ("F1", "higher is better"),
    "log_loss": ("Log loss", "lower is better"),
    "rmse": ("RMSE", "lower is better"),
    "mae": ("Mean absolute error", "lower is better"),
    "r2": ("R²", "higher is better"),
}
_SHARES = ("accuracy", "balanced_accuracy")
_WITHOUT_UNIT = ("roc_auc", "f1", "log_loss", "r2")


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
                html.Span(id=PERCENT, className="progress-percent"),
                html.Span(id=TIME_LEFT, className="muted"),
                html.Span(id=ELAPSED, className="muted"),
            ],
            className="progress-line",
        ),
        html.Div(id=ERROR, className="note note-bad is-hidden", role="alert"),
        _actions(),
        html.H3("Leaderboard", className="section-title"),
        leaderboard(run),
        charts(run),
        aside=html.Span(id=STATE),
        id=CARD,
    )


def _waiting(stage: Stage) -> Component:
    return html.Li(html.Span(stage.value, className="stage-name"), className="stage stage-waiting")


def _actions() -> Component:
    return html.Div(
        [
            button("Cancel", CANCEL_BUTTON),
            button("Stop and keep the best", KEEP_BUTTON),
        ],
        id=ACTIONS,
        className="button-row training-actions is-hidden",
    )


def leaderboard(run: Run) -> Component:
    """Accuracy stands in it where classes are predicted."""
    accuracy = ("Accuracy",) if run.task.is_classification else ()
    heads = ("Model", f"Validation {run.score_name}", f"Validation {run.loss_name}", *accuracy, "Iterations", "State")
    return data_table(heads, (), caption="Models that compete, best first", numbers=range(1, len(heads) - 1), body_id=LEADERBOARD)


def charts(run: Run) -> Component:
    loss = f"{run.loss_name}: validation solid, training dotted"
    return html.Div(
        [
            chart(f"Validation {run.score_name}", figures.score_by_iteration(()), id=SCORE_CHART, description="by iteration"),
            chart("Loss", figures.loss_by_iteration(()), id=LOSS_CHART, description=loss),
            chart("Accuracy", figures.accuracy_by_iteration(()), id=ACCURACY_CHART, description="by iteration", figure_id=ACCURACY_BOX),
        ],
        className="charts",
    )


def result_card(run: Run, prefix: str, *, live_version: int | None = None) -> Component | None:
    """What came of a run that is over; None while it works. `live_version` is that of its model, where that is the live one."""
    if not run.state.is_finished:
        return None
    if run.model_id is None:
        return _without_model(run)
    return card(
        "Result",
        html.P(verdict(run), className="verdict"),
        _use_button(is_live=live_version is not None),
        html.Div(None if live_version is None else use_answer(prefix, live_version), id=USE_ANSWER, role="status"),
        html.H3("Measured on rows that were held out", className="section-title"),
        metrics_table(run.metrics or {}, run.baseline or {}),
        *left_out(run),
        aside=dcc.Link("All about this model", href=f"{prefix}/models/{run.model_id}"),
    )


def verdict(run: Run) -> str:
    if run.state is RunState.CANCELLED:
        return "Stopped early; the best model so far was kept. Its measures stand below."
    return run.message


def _without_model(run: Run) -> Component | None:
    advice = {
        RunState.CANCELLED: "This run was cancelled, so there is no model. Press Train to start again.",
        RunState.INTERRUPTED: "This run was interrupted, so there is no model. Press Train to start again.",
        RunState.FAILED: "This run failed, so there is no model. Change what the sentence above names, then press Train again.",
    }
    return note("plain", advice.get(run.state, "There is no model from this run."))


def _use_button(*, is_live: bool) -> Component:
    return html.Div(
        [button("Use This Model", USE_BUTTON, "primary", size="big", disabled=is_live)],
        className="button-row mb-3",
    )


def use_answer(prefix: str, version: int) -> Component:
    """What to do once the model answers."""
    return note(
        "good",
        [f"Version {version} is live and answers at POST {prefix}/api/predict. ", dcc.Link("Try it on the API page", href=f"{prefix}/try")],
    )


def metrics_table(metrics: Mapping[str, float], baseline: Mapping[str, float]) -> Component:
    rows = [
        (
            html.Span([_METRICS.get(name, (name, ""))[0], html.Span(f" {_METRICS.get(name, (name, ''))[1]}", className="muted small")]),
            metric_text(name, metrics.get(name)),
            metric_text(name, baseline.get(name)),
        )
        for name in sorted(metrics, key=lambda name: list(_METRICS).index(name) if name in _METRICS else len(_METRICS))
    ]
    heads = ("Measure", "This model", "Guessing")
    return data_table(heads, rows, caption="Measures on the test rows, beside guessing", numbers=(1, 2))


def metric_text(name: str, value: float | None) -> str:
    """Guessing the mean has an R² a hair below 0: what has no unit of its own is rounded, without the minus of a negative zero."""
    if name in _SHARES:
        return percent(value)
    return figure(value if value is None or name not in _WITHOUT_UNIT else round(value, 3) + 0.0)


def metric_name(name: str) -> str:
    return _METRICS.get(name, (name, ""))[0]


def left_out(run: Run) -> list[Child]:
    if not run.left_out:
        return []
    rows = [(each.column, each.reason) for each in run.left_out]
    return [
        html.H3("Columns that were left out", className="section-title"),
        data_table(("Column", "Why"), rows, caption="Columns left out of the training"),
    ]


def state_badge(run: Run) -> Component:
    kinds = {
        RunState.QUEUED: "",
        RunState.RUNNING: "busy",
        RunState.SUCCEEDED: "good",
        RunState.CANCELLED: "warn",
    }
    return badge(run.state.value.capitalize() if run.state.value else UNKNOWN, kinds.get(run.state, "bad"))
