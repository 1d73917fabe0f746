"""One model: its scores, why it answers as it does, where it errs, what it is made of, and the button that makes it the live one.

`/models/<id>` shows the scores; `?part=why`, `?part=mistakes` and `?part=make` the rest, so that each opens at once.
"""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashapp.application.deployment import live_model
from dashapp.application.explaining import explanation_of
from dashapp.application.services import Services
from dashapp.datasets.dataset import Task
from dashapp.errors import NotFound
from dashapp.models.model import Deployment, ModelVersion
from dashapp.training.result import Explanation
from dashapp.web import challenging, deploying, live, why_view
from dashapp.web.components import Child, card, note, page_heading
from dashapp.web.mistakes_view import calibration_chart, mistakes_part
from dashapp.web.model_view import EXPORT_WORDS, main_score, make_part, model_badge, model_state
from dashapp.web.navigation import choice_links
from dashapp.web.scores_view import main_figures, metrics_table, score_sentences, sentences

PATH = "/models/<model_id>"
TITLE = "Model"

MODEL = "model-id"
CHANGED = "model-changed"
STATE = "model-state"
DEPLOY_BUTTON = "model-deploy-button"
EXPORT_LINK = "model-export-link"
NOTICE = "model-notice"
USE_DIALOGUE = deploying.Dialogue("model")

SCORES, WHY, MISTAKES, MAKE = "scores", "why", "mistakes", "make"
PARTS = {SCORES: "Scores", WHY: "Why", MISTAKES: "Mistakes", MAKE: "Columns and origin"}


def layout(services: Services, model_id: str = "", part: str = SCORES, **_: str) -> Component:
    """Raises `NotFound`."""
    told = dcc.Store(id=CHANGED, data=services.log.last_id())
    model = services.models.get(model_id)
    explanation = None if part == MAKE else explanation_of(services, model)
    state = _state(services, model)
    line = challenging.line_of(services, model, state)
    page = render_model(model, state, services.settings.url_prefix, part, explanation, line)
    return html.Div([told, page, USE_DIALOGUE.layout()])


def _state(services: Services, model: ModelVersion) -> str:
    live_now = live_model(services)
    return model_state(model, None if live_now is None else live_now.id, is_intact=services.models.is_intact(model))


def render_model(
    model: ModelVersion,
    state: str,
    prefix: str,
    part: str = SCORES,
    explanation: Explanation | None = None,
    challenger: Component | None = None,
) -> Component:
    shown = part if part in PARTS else SCORES
    return html.Div(
        [
            page_heading(f"Version {model.version}", sentence(model)),
            dcc.Store(id=MODEL, data=model.id),
            html.Div(_use_line(model, state, prefix), className="button-row model-use"),
            html.P(EXPORT_WORDS, className="muted small") if _can_export(model, state) else None,
            html.Div(challenger, id=challenging.LINE, role="status"),
            html.Div(_damage(state), id=NOTICE, role="status"),
            choice_links("Parts of this page", [(words, _address(model, prefix, name), name == shown) for name, words in PARTS.items()]),
            *_part(model, prefix, shown, explanation),
        ],
        id="model-page",
    )


def _address(model: ModelVersion, prefix: str, part: str) -> str:
    return f"{prefix}/models/{model.id}" + ("" if part == SCORES else f"?part={part}")


def _part(model: ModelVersion, prefix: str, part: str, explanation: Explanation | None) -> list[Component]:
    if part == SCORES:
        return scores_part(model, explanation)
    if part == MAKE:
        return make_part(model, prefix)
    if explanation is None:
        return [note("plain", why_view.NOTHING_KEPT)]
    return why_view.why_part(model, explanation) if part == WHY else mistakes_part(model, explanation)


def scores_part(model: ModelVersion, explanation: Explanation | None) -> list[Component]:
    measured: list[Child] = [
        html.P(model.verdict, className="verdict") if model.verdict else None,
        main_figures(model.score_name, model.metrics, model.baseline, model.intervals),
        sentences(score_sentences(model)),
        metrics_table(model.metrics, model.baseline, model.intervals),
    ]
    parts = [card("Measured on rows that were held out", *measured)]
    if explanation is not None and explanation.calibration:
        parts.append(card("Its probabilities", calibration_chart(explanation.calibration)))
    return parts


def sentence(model: ModelVersion) -> str:
    name, value, guessing = main_score(model)
    what = {Task.BINARY: "one of two classes", Task.MULTICLASS: f"one of {len(model.labels):,} classes", Task.REGRESSION: "a number"}
    measured = f"{name} {value} on held-out rows; guessing reaches {guessing}."
    return f"{model.candidate} predicts {model.target}, {what[model.task]}. {measured}"


def _use_line(model: ModelVersion, state: str, prefix: str) -> list[Component]:
    use = dbc.Button("Use This Model", id=DEPLOY_BUTTON, color="primary", disabled=state != "ready")
    export = html.A("Export", id=EXPORT_LINK, href=f"{prefix}/api/models/{model.id}/export", className="btn btn-quiet")
    exports = [export] if _can_export(model, state) else []
    return [use, html.Span(model_badge(state), id=STATE), *exports, dcc.Link("All models", href=f"{prefix}/models")]


def _can_export(model: ModelVersion, state: str) -> bool:
    """Its file must be whole, and a version of an older program did not record how it was made."""
    return state != "damaged" and bool(model.members)


def _damage(state: str) -> Component | None:
    if state != "damaged":
        return None
    return note("bad", "The file of this model is missing or differs from what was registered. Train it again or use another version.")


def register(app: Dash, services: Services) -> None:
    _register_following(app, services)
    _register_effects(app, services)
    challenging.register_line(app, services, MODEL, CHANGED, lambda model: _state(services, model))
    USE_DIALOGUE.register(app)

    @app.callback(
        Output(NOTICE, "children"),
        Output(STATE, "children"),
        Output(DEPLOY_BUTTON, "disabled"),
        *USE_DIALOGUE.shown,
        Input(DEPLOY_BUTTON, "n_clicks"),
        Input(USE_DIALOGUE.confirm, "n_clicks"),
        State(MODEL, "data"),
        *USE_DIALOGUE.confirmed,
        prevent_initial_call=True,
    )
    def use(clicks: int | None, confirms: int | None, model_id: str, asked: str | None, reason: str | None) -> Any:
        if not (clicks or confirms):
            return no_update, no_update, no_update, *deploying.UNCHANGED
        is_confirmed = ctx.triggered_id == USE_DIALOGUE.confirm
        pressed = deploying.confirm(services, asked, reason) if is_confirmed else deploying.press(services, model_id)
        if pressed.is_asking:
            return None, no_update, no_update, *pressed.shown
        if pressed.deployment is None:
            return note("bad", pressed.problem, role="alert"), no_update, False, *pressed.shown
        return _is_live(pressed.deployment, services.settings.url_prefix), model_badge("live"), True, *pressed.shown


def _register_effects(app: Dash, services: Services) -> None:
    @app.callback(
        Output(why_view.EFFECTS, "children"), Input(why_view.EFFECT_CLASS, "value"), State(MODEL, "data"), prevent_initial_call=True
    )
    def choose_class(place: str | None, model_id: str) -> Any:
        try:
            model = services.models.get(model_id)
        except NotFound:
            return no_update
        explanation = explanation_of(services, model)
        if explanation is None or place is None or not place.isdecimal() or int(place) >= len(model.labels):
            return no_update
        return why_view.effect_charts(model, explanation, int(place))


def _register_following(app: Dash, services: Services) -> None:
    """What is live may change in another tab, or by a program."""
    live.run_in_browser(app, "models", "switched", Output(CHANGED, "data"), Input(live.EVENTS, "data"), State(CHANGED, "data"))

    @app.callback(
        Output(STATE, "children", allow_duplicate=True),
        Output(DEPLOY_BUTTON, "disabled", allow_duplicate=True),
        Output(NOTICE, "children", allow_duplicate=True),
        Input(CHANGED, "data"),
        State(MODEL, "data"),
        prevent_initial_call=True,
    )
    def follow(_changed: int, model_id: str) -> Any:
        try:
            state = _state(services, services.models.get(model_id))
        except NotFound:  # deleted meanwhile; the page stays as it was
            return no_update, no_update, no_update
        return model_badge(state), state != "ready", no_update if state == "live" else _damage(state)


def _is_live(deployment: Deployment, prefix: str) -> Component:
    return note("good", [f"{deploying.success(deployment)} ", dcc.Link("Try it on the API page", href=f"{prefix}/try")])
