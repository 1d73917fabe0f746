"""The test rows that a model got most wrong, each with what the columns added to the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashapp.training.result import Contribution, RowReasons, WorstRow
from dashapp.web.components import Child
from dashapp.web.explained import signed_bars
from dashapp.web.plan_preview import column_name
from dashapp.web.words import UNKNOWN, count, exact, figure, percent, points, signed

MOST_REASONS = 8
MOST_VALUES = 60
LEAST_SHARE = 0.001
FEW = 3


def worst_rows(rows: Sequence[WorstRow]) -> list[Component]:
    """What it got wrong, and where that is nothing what it was least sure of; the first that has reasons is open."""
    wrong = [row for row in rows if row.truth != row.predicted]
    shown = wrong or rows[:FEW]
    lead = "" if wrong else "It called every test row what it is. It was least sure of these:"
    first = next((row for row in shown if row.reasons is not None), None)
    folds = [_fold(row, is_open=row is first) for row in shown]
    return [html.P(lead), *folds] if lead else folds


def _fold(row: WorstRow, *, is_open: bool) -> Component:
    return html.Details([html.Summary(worst_sentence(row), className="worst-summary"), *_behind(row)], className="worst", open=is_open)


def worst_sentence(row: WorstRow) -> list[Child]:
    """`Row 298 is no, called yes: it gave no a chance of 3.0%.`"""
    truth, predicted = _answer(row.truth), _predicted(row.predicted)
    start: list[Child] = [html.Strong(f"Row {row.row:,}"), " is ", truth]
    if row.share is None:
        return [*start, ", predicted ", predicted, f": off by {figure(row.loss)}."]
    chance = percent(row.share) if row.share >= LEAST_SHARE else "less than 0.1%"
    if row.truth == row.predicted:
        return [*start, f" and was called so, with a chance of {chance}."]
    return [*start, ", called ", predicted, ": it gave ", truth, f" a chance of {chance}."]


def _answer(value: str | float) -> Child:
    return column_name(value) if isinstance(value, str) else exact(value)


def _predicted(value: str | float) -> Child:
    """Without the digits that a prediction cannot know."""
    return column_name(value) if isinstance(value, str) else figure(value)


def _behind(row: WorstRow) -> list[Component]:
    reasons = [] if row.reasons is None else [reasons_list(row.reasons)]
    shown = list(row.values.items())[:MOST_VALUES]
    values: list[Component] = [html.Div([html.Dt(column_name(name)), html.Dd(_value(value))]) for name, value in shown]
    more = len(row.values) - len(shown)
    return [
        *reasons,
        html.H3("The row", className="section-title"),
        html.Dl(values, className="facts row-values"),
        html.P(f"And {count(more, 'more column')}.", className="muted small") if more > 0 else html.Span(),
    ]


def _value(value: Any) -> Child:
    if value is None:
        return html.Span("missing", className="muted")
    if isinstance(value, bool):
        return str(value)
    return exact(value) if isinstance(value, int | float) else html.Span(str(value), dir="auto")


def reasons_list(reasons: RowReasons) -> Component:
    """What the strongest columns added, and the others together, so that start and bars add up to the answer."""
    is_share = reasons.of is not None
    ranked = sorted(reasons.contributions, key=lambda each: -abs(each.amount))
    shown, rest = (ranked[:MOST_REASONS], ranked[MOST_REASONS:]) if len(ranked) > MOST_REASONS + 1 else (ranked, [])
    rows: list[tuple[Child, float, str]] = [(_reason(each), each.amount, _amount(each.amount, is_share=is_share)) for each in shown]
    if rest:
        others = sum(each.amount for each in rest)
        rows.append((f"{len(rest):,} other columns together", others, _amount(others, is_share=is_share)))
    return html.Div(
        [
            html.P(_start(reasons), className="muted small"),
            signed_bars(rows, "What each column added"),
            html.P(_end(reasons), className="muted small"),
        ],
        className="reasons",
    )


def _reason(each: Contribution) -> Child:
    value = each.value
    said = "missing" if value is None else value if isinstance(value, str) else exact(value)
    return [column_name(each.column), " = ", html.Span(said or UNKNOWN, dir="auto", className="column-name", title=str(said))]


def _start(reasons: RowReasons) -> list[Child]:
    if reasons.of is None:
        return [f"It starts at {figure(reasons.start)}, the mean of other rows. Each column then adds or takes away:"]
    return [
        "The probability of ",
        column_name(reasons.of),
        f" starts at {percent(reasons.start)}, the mean of other rows. Each column then adds or takes away:",
    ]


def _end(reasons: RowReasons) -> str:
    return f"Together that is {percent(reasons.score) if reasons.of is not None else figure(reasons.score)}."


def _amount(amount: float, *, is_share: bool) -> str:
    return points(amount) if is_share else signed(amount)
