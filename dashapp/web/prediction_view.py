"""One kept prediction, opened beside the ledger: what was sent, what was answered, what turned out to be true, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashapp.models.model import ModelVersion
from dashapp.serving.ledger.kept import KeptPrediction
from dashapp.web import said
from dashapp.web.components import Child, aria, button, field, local_time, note
from dashapp.web.plan_preview import column_name
from dashapp.web.predictions_view import PATH, milliseconds
from dashapp.web.scores_view import of_ten
from dashapp.web.words import count, figure, percent

OPENED = "prediction-opened"
PANEL = "prediction-panel"
PANEL_TITLE = "prediction-panel-title"
DRAWER = "prediction-drawer"
PANEL_BODY = "prediction-panel-body"
SHOWN = "prediction-shown"
ACTUAL = "prediction-actual"
SAVE = "prediction-save"
SAVED = "prediction-saved"
EXPLAIN = "prediction-explain"
REASONS = "prediction-reasons"
LABELS_TO_CHOOSE = 50
MOST_BARS = 10
MOST_VALUES = 100
_SOURCES = {"json": "JSON", "csv": "a CSV file", "v2": "the Open Inference Protocol", "mlflow": "MLflow's protocol"}


def panel(prediction_id: str = "") -> Component:
    """Shut at first, but for the prediction of that id; whatever carries `data-prediction` puts an id into `OPENED` and so opens it."""
    drawer: Component = dbc.Offcanvas(
        html.Div(id=PANEL_BODY),
        id=PANEL,
        title=html.Span("Prediction", id=PANEL_TITLE),
        labelledby=PANEL_TITLE,
        placement="end",
        is_open=False,
        scrollable=True,
        class_name="prediction-panel",
    )
    return html.Div([dcc.Store(id=OPENED, data={"id": prediction_id} if prediction_id else None), dcc.Store(id=SHOWN), drawer], id=DRAWER)


def details(kept: KeptPrediction, model: ModelVersion | None, prefix: str) -> Component:
    """`model` is None where it was deleted."""
    return html.Div(
        [
            html.P(said.answer(kept.prediction), className="prediction"),
            html.P(_story(kept, model, prefix), className="muted small"),
            interval_note(kept.interval, model),
            probability_bars(kept.probabilities),
            _warnings(kept.warnings),
            _challenger(kept),
            html.H3("What turned out to be true", className="section-title"),
            html.Div(truth_form(kept, model), id=SAVED),
            html.H3("The row as it was sent", className="section-title"),
            *_inputs(kept.inputs),
            html.H3("Why", className="section-title"),
            _why(model),
            html.Div(id=REASONS, role="status"),
            html.P(_identity(kept, prefix), className="muted small prediction-id"),
        ],
        className="prediction-details",
    )


def _story(kept: KeptPrediction, model: ModelVersion | None, prefix: str) -> list[Child]:
    version: Child = (
        f"version {kept.version} (deleted)" if model is None else dcc.Link(f"version {kept.version}", href=f"{prefix}/models/{model.id}")
    )
    return [
        "Answered by ",
        version,
        " ",
        local_time(kept.at, seconds=True),
        f", in {milliseconds(kept.ms)}, sent as {_SOURCES.get(kept.source, kept.source)}.",
        f" Of the predictions of that moment {percent(kept.share)} were kept." if kept.share < 1 else "",
    ]


def interval_note(interval: Sequence[float] | None, model: ModelVersion | None) -> Component | None:
    if interval is None:
        return None
    sure = (
        f"In {of_ten(model.bands.coverage)} such cases the real value lies" if model and model.bands else "The real value most likely lies"
    )
    low, high = interval
    return html.P(f"{sure} between {figure(low)} and {figure(high)}.", className="prediction-interval")


def probability_bars(probabilities: Mapping[str, float] | None) -> Component | None:
    """The likeliest first; all of them stand in a table where they are many."""
    if not probabilities:
        return None
    ranked = sorted(probabilities.items(), key=lambda each: -each[1])
    rows = [
        html.Div(
            [
                html.Span(label, className="bar-label", dir="auto", title=label),
                html.Meter(value=str(share), min="0", max="1", **aria(label=f"Probability of {label}")),
                html.Span(percent(share), className="bar-value"),
            ],
            className="bar-row",
        )
        for label, share in ranked[:MOST_BARS]
    ]
    more = ranked[MOST_BARS:]
    rest = (
        html.Details(
            [
                html.Summary(f"And {count(len(more), 'class', 'classes')} less likely", className="fold-summary"),
                html.Dl(
                    [html.Div([html.Dt(column_name(label)), html.Dd(percent(share))]) for label, share in more],
                    className="facts row-values",
                ),
            ]
        )
        if more
        else None
    )
    return html.Div([*rows, rest], className="bars")


def _warnings(warnings: Sequence[Mapping[str, str]]) -> Component | None:
    if not warnings:
        return None
    return note("warn", html.Ul([html.Li(each.get("message", ""), dir="auto") for each in warnings]))


def _challenger(kept: KeptPrediction) -> Component | None:
    other = kept.challenger
    if other is None:
        return None
    verb = "says the same" if other.prediction == kept.prediction else "says"
    return html.P([f"The challenger, version {other.version}, {verb}: ", said.answer(other.prediction, other.probabilities), "."])


def truth_form(kept: KeptPrediction, model: ModelVersion | None, answer: Component | None = None) -> list[Component | None]:
    """What is known, and the control that tells it; `answer` is what came of the last attempt."""
    known = html.P(_known(kept), className="truth-known") if kept.actual is not None else None
    control = html.Div(
        [
            field("It was in fact" if kept.actual is None else "Correct it", _truth_control(kept, model)),
            button("Save", SAVE, size="sm"),
        ],
        className="truth-form",
    )
    return [known, answer, control]


def _known(kept: KeptPrediction) -> list[Child]:
    if not isinstance(kept.prediction, str):
        return ["It was ", said.truth(kept)]
    is_right = str(kept.actual) == kept.prediction
    judged = html.Strong("right" if is_right else "wrong", className="judged-right" if is_right else "judged-wrong")
    return ["It was ", column_name(str(kept.actual)), ", so the answer was ", judged, "."]


def _truth_control(kept: KeptPrediction, model: ModelVersion | None) -> Component:
    """A label's place is its value: dbc keeps the empty value for itself, and any text may be a label."""
    labels = known_labels(kept, model)
    if not isinstance(kept.prediction, str):
        number: Component = dbc.Input(id=ACTUAL, type="number", step="any", size="sm")
        return number
    if labels and len(labels) <= LABELS_TO_CHOOSE:
        options = [{"label": "Choose", "value": "none"}, *({"label": label, "value": str(place)} for place, label in enumerate(labels))]
        chosen: Component = dbc.Select(id=ACTUAL, options=options, value="none", size="sm")
        return chosen
    text: Component = dbc.Input(id=ACTUAL, type="text", autocomplete="off", size="sm")
    return text


def known_labels(kept: KeptPrediction, model: ModelVersion | None) -> tuple[str, ...]:
    return model.labels if model is not None else tuple(kept.probabilities or ())


def said_to_be_true(kept: KeptPrediction, model: ModelVersion | None, given: Any) -> str | float | None:
    """What the control holds, as a label or a number; None where nothing was chosen."""
    if given in (None, "", "none"):
        return None
    if not isinstance(kept.prediction, str):
        return float(given)
    labels = known_labels(kept, model)
    if labels and len(labels) <= LABELS_TO_CHOOSE:
        return labels[int(given)]
    return str(given)


def _inputs(inputs: Mapping[str, Any]) -> list[Component]:
    shown = list(inputs.items())
    first, rest = _values(shown[:MOST_VALUES]), shown[MOST_VALUES:]
    if not rest:
        return [first]
    more = html.Summary(f"{count(len(rest), 'more column')}", className="fold-summary")
    return [first, html.Details([more, _values(rest)])]


def _values(pairs: Sequence[tuple[str, Any]]) -> Component:
    return html.Dl(
        [html.Div([html.Dt(column_name(name)), html.Dd(said.value(value))]) for name, value in pairs], className="facts row-values"
    )


def _why(model: ModelVersion | None) -> Component:
    if model is None:
        return html.P("The model was deleted, so that nobody can say any more.", className="muted small")
    return button("Explain this row", EXPLAIN, size="sm")


def _identity(kept: KeptPrediction, prefix: str) -> list[Child]:
    return ["Prediction ", html.Code(kept.id), " · ", dcc.Link("link to it", href=address(kept.id, prefix))]


def address(prediction_id: str, prefix: str) -> str:
    return f"{prefix}{PATH}?open={prediction_id}"
