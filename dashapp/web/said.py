"""Answers of models in words: a label or a number, its probability, whether it was right, by how much another one differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashapp.serving.ledger.kept import KeptPrediction
from dashapp.web.components import Child, aria
from dashapp.web.plan_preview import column_name
from dashapp.web.words import exact, figure, percent

Probabilities = Mapping[str, float] | None


def answer(prediction: str | float, probabilities: Probabilities = None) -> Component:
    """`yes 87.3%`, or the number."""
    if not isinstance(prediction, str):
        return html.Span(figure(prediction), className="answer")
    share = (probabilities or {}).get(prediction)
    chance = html.Span(percent(share), className="answer-share") if share is not None else None
    return html.Span([column_name(prediction), " " if chance else None, chance], className="answer")


def value(given: Any) -> Child:
    """A cell of a row as it was sent."""
    if given is None or given == "":
        return html.Span("missing", className="muted")
    if isinstance(given, bool):
        return str(given).lower()
    return exact(given) if isinstance(given, int | float) else html.Span(str(given), dir="auto")


def truth(kept: KeptPrediction) -> Child:
    """What turned out to be true, and whether the answer was that."""
    if kept.actual is None:
        return html.Span("–", className="muted")
    if isinstance(kept.prediction, str):
        is_right = str(kept.actual) == kept.prediction
        mark = html.Span("✓" if is_right else "×", className="truth-mark", **aria(hidden="true"))
        words = html.Span(" (right)" if is_right else " (wrong)", className="visually-hidden")
        return html.Span([mark, column_name(str(kept.actual)), words], className="truth-right" if is_right else "truth-wrong")
    if isinstance(kept.actual, str):
        return html.Span(kept.actual, dir="auto")
    off = html.Span(f"off by {figure(abs(kept.actual - kept.prediction))}", className="cell-note")
    return html.Span([figure(kept.actual), off])


def challenger(kept: KeptPrediction) -> Child:
    """What the challenger would have said; that it says the same is said quietly."""
    other = kept.challenger
    if other is None:
        return html.Span("–", className="muted")
    said = answer(other.prediction, other.probabilities)
    if other.prediction == kept.prediction:
        return html.Span(["same, ", said], className="same-answer")
    return html.Span(said, className=differs(kept.prediction, other.prediction))


def differs(before: str | float, now: str | float) -> str:
    """The class that makes another label stand out; numbers nearly always differ."""
    return "answer-differs" if isinstance(now, str) and now != before else ""


def change(amount: float, prediction: str | float) -> str:
    """By how much a probability or a value changed."""
    return f"{100 * amount:.1f} points" if isinstance(prediction, str) else figure(amount)
