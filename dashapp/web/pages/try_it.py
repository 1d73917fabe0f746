"""API: what the live model expects, a form that sends a real request from the browser, and code to paste elsewhere."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashapp.application.deployment import live_model
from dashapp.application.services import Services
from dashapp.models.model import ModelVersion
from dashapp.serving.schema import example_row
from dashapp.settings import Settings
from dashapp.web import live
from dashapp.web.components import Child, aria, badge, card, empty_state, page_heading
from dashapp.web.model_view import inputs_table
from dashapp.web.samples import curl_sample, python_sample
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


def layout(services: Services, **_: str) -> Component:
    heading = page_heading("API", "Other programs send rows and get predictions. Try it here first; the form sends the same request.")
    return html.Div([heading, dcc.Store(id=CHANGED, data=services.log.last_id()), html.Div(try_body(services), id=BODY)], id="try-page")


def try_body(services: Services) -> Component:
    return render_try(live_model(services), services.settings)


def render_try(model: ModelVersion | None, settings: Settings) -> Component:
    prefix = settings.url_prefix
    if model is None:
        ways = ["Train one and press “Use This Model”, or ", dcc.Link("choose a version on the Models page", href=f"{prefix}/models"), "."]
        return card("Predict", empty_state("No model is deployed", ways))
    return html.Div([_form_card(model, prefix), _samples_card(model, settings), _schema_card(model, prefix)])


def _form_card(model: ModelVersion, prefix: str) -> Component:
    link = dcc.Link(f"Version {model.version}, {model.name}", href=f"{prefix}/models/{model.id}")
    return card(
        f"Predict {model.target}",
        dcc.Store(id=COLUMNS, data=form_columns(model.inputs)),
        html.P([badge("Live", "good"), " ", link], className="try-model"),
        html.Div(form_fields(model.inputs), className="try-scroll", role="group", tabIndex=0, **aria(label="Values of the row")),
        html.Div(dbc.Button("Predict", id=PREDICT_BUTTON, color="primary"), className="button-row try-send"),
        html.Div(id=RESULT, className="try-result", role="status"),
        html.H3("The answer as it came", className="section-title"),
        html.Pre("Press Predict and the answer stands here.", id=ANSWER, className="code", tabIndex=0, **aria(label="Answer")),
        aside=f"{model.task.value} · {count(len(model.inputs), 'column')}",
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
        Input(PREDICT_BUTTON, "n_clicks"),
        State(COLUMNS, "data"),
    )
    here = Output(CURL, "children"), Output(PYTHON, "children")
    live.run_in_browser(app, "tryit", "here", *here, Input(SAMPLES, "data"), on_load=True)
    for button, sample in ((COPY_CURL, CURL), (COPY_PYTHON, PYTHON)):
        live.run_in_browser(
            app, "tryit", "copy", Output(button, "className"), Input(button, "n_clicks"), State(button, "id"), State(sample, "id")
        )
    live.run_in_browser(app, "models", "switched", Output(CHANGED, "data"), Input(live.EVENTS, "data"), State(CHANGED, "data"))

    @app.callback(Output(BODY, "children"), Input(CHANGED, "data"), prevent_initial_call=True)
    def follow(_changed: Any) -> Component:
        return try_body(services)
