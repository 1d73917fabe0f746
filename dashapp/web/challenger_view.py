"""The challenger beside the live model: what it is, how often they agree, who is right, and where they differ most."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashapp.serving.ledger.kept import Challenger, Comparison, LiveScore
from dashapp.web.components import Child, badge, button, card, empty_state, figure_tile, figures_row, local_time
from dashapp.web.live_scores import score_in_words
from dashapp.web.predictions_view import PATH
from dashapp.web.replay_view import differences_table
from dashapp.web.words import count, figure, percent

START = "challenger-start"
STOP = "challenger-stop"
LINE_STOP = "challenger-line-stop"
USE = "challenger-use"
NOTICE = "challenger-notice"
BODY = "challenger-body"
PART = "challenger"
WHAT_IT_DOES = "It gets every row that the live model gets. Its answers are kept and compared with the live ones; no caller ever sees them."


def challenger_part(challenger: Challenger | None, comparison: Comparison | None, prefix: str) -> Component:
    """The Predictions page's part; it is drawn again as predictions come."""
    if challenger is None:
        way = dcc.Link("Open a version on the Models page", href=f"{prefix}/models")
        return card("Challenger", empty_state("No challenger runs", [way, " and press “Run as challenger”. " + WHAT_IT_DOES]))
    link = dcc.Link(f"Version {challenger.version}", href=f"{prefix}/models/{challenger.model_id}")
    since = html.Span([link, " has run as challenger since ", local_time(challenger.started_at), "."])
    buttons = html.Div([dbc.Button("Use This Model", id=USE, color="primary"), button("Stop", STOP)], className="button-row")
    figures, differences = comparison_figures(comparison), differences_of(comparison)
    return card("Challenger", html.P(since), *figures, buttons, differences, aside=badge("Running", "busy"))


def differences_of(comparison: Comparison | None) -> Component | None:
    if comparison is None or not comparison.differences:
        return None
    return differences_table(comparison.differences, f"Version {comparison.version}", "Where they differ most")


def comparison_figures(comparison: Comparison | None) -> list[Child]:
    if comparison is None or not comparison.n:
        return [html.P("No row has come since it started. The comparison grows with each prediction.", className="muted")]
    is_label = isinstance(comparison.differences[0].prediction, str) if comparison.differences else None
    agree = "same answer" if is_label else "within 1% of each other" if is_label is False else "same answer"
    changed = f"{comparison.mean_change:.3f}" if is_label is not False else figure(comparison.mean_change)
    tiles = [
        figure_tile("Rows that both answered", f"{comparison.n:,}"),
        figure_tile("They agree on", percent(comparison.agreeing / comparison.n), f"{comparison.agreeing:,} rows, {agree}"),
        figure_tile("Mean change", changed, "of the probability" if is_label is not False else "of the value"),
    ]
    return [figures_row(tiles), *_scores(comparison)]


def _scores(comparison: Comparison) -> list[Child]:
    if not comparison.judged or comparison.live is None or comparison.challenger is None:
        return [html.P("Who is right cannot be said before the truth of some of these rows is known.", className="muted small")]
    verdict = _verdict(comparison.live, comparison.challenger)
    tiles = [
        _score_tile(f"Live, {comparison.live.name}", comparison.live),
        _score_tile(f"Challenger, {comparison.challenger.name}", comparison.challenger),
    ]
    return [
        html.H3(f"On {count(comparison.judged, 'row')} whose truth is known", className="section-title"),
        figures_row(tiles),
        html.P(verdict, className="muted small"),
    ]


def _score_tile(label: str, score: LiveScore) -> Component:
    value, interval = score_in_words(score)
    return figure_tile(label[:1].upper() + label[1:], value, interval)


def _verdict(live: LiveScore, challenger: LiveScore) -> str:
    """Nothing is said to be better where the intervals overlap."""
    if live.low <= challenger.high and challenger.low <= live.high:
        return "The two intervals overlap: these rows cannot tell which is better."
    is_better = challenger.value < live.value if live.name.casefold() == "rmse" else challenger.value > live.value
    return "The challenger is better here, by more than chance." if is_better else "The live model is better here, by more than chance."


def challenger_line(state: str, challenger: Challenger | None, model_id: str, has_live: bool, prefix: str) -> Component | None:
    """On the page of a version that could be one: the button that starts it, or how it does."""
    if challenger is not None and challenger.model_id == model_id:
        link = dcc.Link("See how it compares", href=f"{prefix}{PATH}?part={PART}")
        return html.Div(
            [
                badge("Challenger", "busy"),
                html.Span(["It runs beside the live model. ", link, "."], className="muted small"),
                button("Stop", LINE_STOP, size="sm"),
            ],
            className="button-row challenger-line",
        )
    if state != "ready" or not has_live:
        return None
    instead = f" It takes the place of version {challenger.version}." if challenger is not None else ""
    words = html.Span(WHAT_IT_DOES + instead, className="muted small")
    return html.Div([button("Run as challenger", START), words], className="button-row challenger-line")
