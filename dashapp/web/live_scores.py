"""How versions do in use, where the truth became known, beside what they reached in the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashapp.models.model import ModelVersion
from dashapp.serving.ledger.kept import LiveScore
from dashapp.web.components import Child, badge, card, data_table, empty_state
from dashapp.web.csv_drop import csv_drop
from dashapp.web.terms import term
from dashapp.web.words import UNKNOWN, figure, percent

FEEDBACK = "feedback"
FEW = 30


def live_scores_card(scores: Sequence[LiveScore], models: Mapping[int, ModelVersion], prefix: str) -> Component:
    """`scores` newest version first."""
    if not scores:
        advice = "Open a prediction and say what turned out to be true, or drop a CSV file below."
        return card("Live accuracy", empty_state("Nobody has said yet what was true", advice))
    rows = [_row(score, models.get(score.version), prefix) for score in scores]
    meaning = html.Span("What it means", className="visually-hidden")
    heads = ("Version", "In use", term("95 % interval"), "Judged", "In the test", meaning)
    table = data_table(
        heads,
        rows,
        caption="Live scores by version, newest first",
        numbers=(1, 2, 3, 4),
    )
    return card("Live accuracy", html.Div(table, className="live-scores"))


def _row(score: LiveScore, model: ModelVersion | None, prefix: str) -> list[Child]:
    name = f"Version {score.version}"
    value, interval = score_in_words(score)
    span = _tested_between(score, model)
    tested = UNKNOWN if score.tested is None else _figure(score.name, score.tested)
    between = html.Span(f"{_figure(score.name, span[0])} to {_figure(score.name, span[1])}", className="cell-note") if span else None
    return [
        name if model is None else dcc.Link(name, href=f"{prefix}/models/{model.id}"),
        [html.Strong(value), f" {score.name}"],
        interval,
        f"{score.n:,}",
        [tested, between],
        _meaning(score, span),
    ]


def _tested_between(score: LiveScore, model: ModelVersion | None) -> tuple[float, float] | None:
    return None if model is None else model.intervals.get(score.name.casefold())


def _meaning(score: LiveScore, span: tuple[float, float] | None) -> Component | None:
    """Whether use bears the test out: something is said of a difference only where the two intervals lie apart."""
    if score.tested is None:
        return None
    low, high = span or (score.tested, score.tested)
    if score.low <= high and low <= score.high:
        return html.Span("as tested" if score.n >= FEW else "too few to tell", className="muted")
    is_worse = score.value > score.tested if _is_error(score.name) else score.value < score.tested
    return badge("Worse than tested", "bad") if is_worse else badge("Better than tested", "good")


def score_in_words(score: LiveScore) -> tuple[str, str]:
    """The figure and its interval."""
    return _figure(score.name, score.value), f"{_figure(score.name, score.low)} to {_figure(score.name, score.high)}"


def _figure(name: str, value: float) -> str:
    return figure(value) if _is_error(name) else percent(value)


def _is_error(name: str) -> bool:
    return name.casefold() == "rmse"


def feedback_card() -> Component:
    form: list[Child] = [
        "A CSV file with the columns ",
        html.Code("prediction_id"),
        " and ",
        html.Code("actual"),
        ". Programs POST the same to ",
        html.Code("/api/feedback"),
        ".",
    ]
    return card("Say what was true", html.P(form, className="muted small"), csv_drop(FEEDBACK, "Drop a CSV file with the truth here"))
