"""What came of a run that is over: its verdict, its scores, the button that puts its model to work, and the ways on."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from dashapp.models.model import ModelVersion
from dashapp.training.run import Run, RunState
from dashapp.web.components import Child, button, card, data_table, note
from dashapp.web.plan_preview import column_name
from dashapp.web.scores_view import main_figures, members_list, metrics_table, score_sentences, sentences

USE_BUTTON = "use-model-button"
USE_ANSWER = "use-model-answer"


def result_card(run: Run, prefix: str, *, live_version: int | None = None, model: ModelVersion | None = None) -> Component | None:
    """What came of a run that is over; None while it works. `live_version` is that of its model, where that is the live one; `model`
    is None where it was deleted since."""
    if not run.state.is_finished:
        return None
    if run.model_id is None:
        return _without_model(run)
    metrics, baseline, intervals = run.metrics or {}, run.baseline or {}, run.intervals or {}
    said = score_sentences(model) if model is not None else []
    page = f"{prefix}/models/{run.model_id}"
    return card(
        "Result",
        html.P(verdict(run, model), className="verdict"),
        main_figures(run.score_name, metrics, baseline, intervals),
        _use_button(is_live=live_version is not None),
        html.Div(None if live_version is None else use_answer(prefix, live_version), id=USE_ANSWER, role="status"),
        html.H3("Measured on rows that were held out", className="section-title"),
        metrics_table(metrics, baseline, intervals),
        sentences(said) if said else None,
        *_made_of(model),
        *left_out(run),
        html.P(_ways_on(page), className="ways-on"),
        aside=dcc.Link("All about this model", href=page),
    )


def _made_of(model: ModelVersion | None) -> list[Child]:
    if model is None or not model.members:
        return []
    return [html.H3("What it is made of", className="section-title"), members_list(model.members)]


def _ways_on(page: str) -> list[Child]:
    return [
        "Next: ", dcc.Link("why it answers as it does", href=f"{page}?part=why"), ", ",
        dcc.Link("where it errs", href=f"{page}?part=mistakes"), ", or ",
        dcc.Link("everything about it", href=page), ".",
    ]  # fmt: skip


def verdict(run: Run, model: ModelVersion | None = None) -> str:
    said = (model.verdict if model is not None else "") or run.message
    if run.state is not RunState.CANCELLED:
        return said
    stopped = "Stopped early; the best model so far was kept."
    return f"{stopped} {model.verdict}" if model is not None and model.verdict else f"{stopped} Its measures stand below."


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


def left_out(run: Run) -> list[Child]:
    if not run.left_out:
        return []
    rows = [(column_name(each.column), each.reason) for each in run.left_out]
    return [
        html.H3("Columns that were left out", className="section-title"),
        data_table(("Column", "Why"), rows, caption="Columns left out of the training"),
    ]
