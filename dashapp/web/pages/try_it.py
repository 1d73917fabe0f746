"""API: what the live model expects, a form and a file that the browser itself sends, and code to paste elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashapp.application.deployment import live_model
from dashapp.application.services import Services
from dashapp.models.model import ModelVersion
from dashapp.serving.schema import example_row
from dashapp.settings import Settings
from dashapp.web import live
from dashapp.web.components import Child, aria, badge, button, card, empty_state, page_heading
from dashapp.web.csv_drop import csv_drop
from dashapp.web.model_view import inputs_table
from dashapp.web.opened import explained
from dashapp.web.samples import curl_sample, python_sample
from dashapp.web.scores_view import of_ten, threshold_sentence
from dashapp.web.try_view import form_columns, form_fields
from dashapp.web.words import count

PATH = "/try"
TITLE = "API"

BODY = "try-body"
CHANGED = "try-changed"
COLUMNS = "try-columns"
PREDICT_BUTTON = "predict-button"
RESULT = "predict-result"
ANSWER = "predict-answer"
SAMPLES = "try-samples"
CURL = "curl-sample"
PYTHON = "python-sample"
COPY_CURL = "copy-curl"
COPY_PYTHON = "copy-python"
ROW = "try-row"
SURE = "try-sure"
WHY = "try-why"
WHY_BUTTON = "try-why-button"
REASONS = "try-reasons"
SCORE = "score"


def layout(services: Services, **_: str) -> Component:
    heading = page_heading("API", "Other programs send rows and get predictions. Try it here first; the form sends the same request.")
    docs = html.A("Read and try every route", href=f"{services.settings.url_prefix}/api/docs")
    return html.Div(
        [
            heading,
            html.P(docs, className="small"),
            dcc.Store(id=CHANGED, data=services.log.last_id()),
            html.Div(try_body(services), id=BODY),
        ],
        id="try-page",
    )


def try_body(services: Services) -> Component:
    return render_try(live_model(services), services.settings)


def render_try(model: ModelVersion | None, settings: Settings) -> Component:
    prefix = settings.url_prefix
    if model is None:
        ways = ["Train one and press “Use This Model”, or ", dcc.Link("choose a version on the Models page", href=f"{prefix}/models"), "."]
        return card("Predict", empty_state("No model is deployed", ways))
    return html.Div([_form_card(model, prefix), _file_card(model), _samples_card(model, settings), _schema_card(model, prefix)])


def _form_card(model: ModelVersion, prefix: str) -> Component:
    link = dcc.Link(f"Version {model.version}, {model.name}", href=f"{prefix}/models/{model.id}")
    return card(
        f"Predict {model.target}",
        dcc.Store(id=COLUMNS, data=form_columns(model.inputs)),
        dcc.Store(id=SURE, data=sure_words(model)),
        dcc.Store(id=ROW),
        html.P([badge("Live", "good"), " ", link], className="try-model"),
        html.Div(form_fields(model.inputs), className="try-scroll", role="group", tabIndex=0, **aria(label="Values of the row")),
        html.Div(dbc.Button("Predict", id=PREDICT_BUTTON, color="primary"), className="button-row try-send"),
        html.Div(id=RESULT, className="try-result", role="status"),
        html.Div([button("Why this answer?", WHY_BUTTON, size="sm"), html.Div(id=REASONS, role="status")], id=WHY, className="is-hidden"),
        html.P(threshold_sentence(model.threshold), className="muted small try-threshold") if model.threshold else None,
        html.H3("The answer as it came", className="section-title"),
        html.Pre("Press Predict and the answer stands here.", id=ANSWER, className="code", tabIndex=0, **aria(label="Answer")),
        aside=f"{model.task.value} · {count(len(model.inputs), 'column')}",
    )


def sure_words(model: ModelVersion) -> str:
    """How an interval is to be read."""
    return (
        f"In {of_ten(model.bands.coverage)} such cases the real value lies between"
        if model.bands
        else "The real value most likely lies between"
    )


def _file_card(model: ModelVersion) -> Component:
    lead = "Each row of a CSV file is answered, and the file comes back with its own columns and the answers behind them."
    columns = json.dumps([column.name for column in model.inputs])
    return card(
        "Score a file", html.P(lead, className="muted small"), csv_drop(SCORE, "Drop a CSV file to be answered", {"columns": columns})
    )


def _samples_card(model: ModelVersion, settings: Settings) -> Component:
    url = f"http://{settings.host}:{settings.port}{settings.url_prefix}/api/predict"
    row = example_row(model.inputs)
    needs_token = bool(settings.token)
    texts = {
        "url": url,  # as the server knows itself; the browser puts its own address here
        CURL: curl_sample(url, row, needs_token=needs_token),
        PYTHON: python_sample(url, row, needs_token=needs_token),
    }
    token = (
        html.P(["Set ", html.Code("DASHAPP_TOKEN"), " to your token before you run them."], className="muted small")
        if needs_token
        else None
    )
    return card(
        "From other programs",
        dcc.Store(id=SAMPLES, data=texts),
        token,
        _sample("curl", texts[CURL], CURL, COPY_CURL),
        _sample("Python", texts[PYTHON], PYTHON, COPY_PYTHON),
    )


def _sample(name: str, text: str, id: str, copy_id: str) -> Component:
    copy = dbc.Button(
        ["Copy", html.Span(f" the {name} sample", className="visually-hidden")], id=copy_id, size="sm", color="link", class_name="btn-quiet"
    )
    head = html.Div([html.H3(name, className="section-title"), copy], className="sample-heading")
    return html.Div([head, html.Pre(html.Code(text, id=id), className="code", tabIndex=0, **aria(label=f"{name} sample"))])


def _schema_card(model: ModelVersion, prefix: str) -> Component:
    where = html.A(f"{prefix}/api/schema", href=f"{prefix}/api/schema")
    rule = ". A missing value may be null or left out; a label that was not seen gives a warning."
    words: Child = ["The same as JSON Schema: ", where, rule]
    return card("Input columns", html.P(words, className="muted small"), inputs_table(model.inputs))


def register(app: Dash, services: Services) -> None:
    live.run_in_browser(
        app,
        "tryit",
        "predict",
        Output(RESULT, "children"),
        Output(ANSWER, "children"),
        Output(ROW, "data"),
        Output(WHY, "className"),
        Output(REASONS, "children"),
        Input(PREDICT_BUTTON, "n_clicks"),
        State(COLUMNS, "data"),
        State(SURE, "data"),
    )
    live.run_in_browser(app, "csvdrop", "mount", Output(f"{SCORE}-slot", "className"), Input(f"{SCORE}-slot", "id"), on_load=True)
    here = Output(CURL, "children"), Output(PYTHON, "children")
    live.run_in_browser(app, "tryit", "here", *here, Input(SAMPLES, "data"), on_load=True)
    for copy, sample in ((COPY_CURL, CURL), (COPY_PYTHON, PYTHON)):
        live.run_in_browser(
            app, "tryit", "copy", Output(copy, "className"), Input(copy, "n_clicks"), State(copy, "id"), State(sample, "id")
        )
    live.run_in_browser(app, "models", "switched", Output(CHANGED, "data"), Input(live.EVENTS, "data"), State(CHANGED, "data"))

    @app.callback(
        Output(REASONS, "children", allow_duplicate=True),
        Input(WHY_BUTTON, "n_clicks"),
        State(ROW, "data"),
        running=[(Output(WHY_BUTTON, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def explain(clicks: int | None, asked: Mapping[str, Any] | None) -> Any:
        return explained(services, asked["model"], asked["row"]) if clicks and asked else no_update

    @app.callback(Output(BODY, "children"), Input(CHANGED, "data"), prevent_initial_call=True)
    def follow(_changed: Any) -> Component:
        return try_body(services)
