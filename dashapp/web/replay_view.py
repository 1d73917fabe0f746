"""Replay: kept rows answered once more by a version, in a sentence and with the largest differences."""

from __future__ import annotations

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashapp.models.model import ModelVersion
from dashapp.serving.ledger.kept import Difference, Replayed
from dashapp.web import said
from dashapp.web.components import Child, card, data_table, empty_state, field, local_time, note
from dashapp.web.predictions_view import opener
from dashapp.web.words import count, figure

VERSION = "replay-version"
LAST = "replay-last"
BUTTON = "replay-button"
ANSWER = "replay-answer"
LASTS = (100, 1_000, 10_000)
MOST_SHOWN = 25


def replay_card(models: Sequence[ModelVersion], live_id: str | None, kept: int, prefix: str) -> Component:
    """`models` newest first; the newest that is not live is what one would want to try."""
    if not models or not kept:
        way = dcc.Link("Send predictions from the API page", href=f"{prefix}/try")
        return card("Replay", empty_state("There is nothing to replay yet", [way, "; they can then be answered again by any version."]))
    chosen = next((model.id for model in models if model.id != live_id), models[0].id)
    options = [{"label": f"Version {model.version}{', live' if model.id == live_id else ''}", "value": model.id} for model in models]
    lasts = [{"label": f"the last {number:,}", "value": str(number)} for number in LASTS]
    controls = html.Div(
        [
            field("Through", dbc.Select(id=VERSION, options=options, value=chosen)),
            field("Predictions", dbc.Select(id=LAST, options=lasts, value=str(LASTS[0]))),
            dbc.Button("Replay", id=BUTTON, color="primary"),
        ],
        className="replay-form",
    )
    lead = "Rows that were sent before are answered once more by a version of your choice. Nobody is told, nothing is kept."
    return card("Replay", html.P(lead, className="muted small"), controls, html.Div(id=ANSWER, className="replay-answer", role="status"))


def replayed(result: Replayed, asked: int) -> list[Component | None]:
    """The sentence, and the table of the largest differences."""
    if not result.n:
        if not result.refused:
            return [note("plain", "No prediction is kept yet, so there is nothing to replay.")]
        return [note("bad", f"None of the last {count(result.refused, 'row')} fits version {result.version}: it expects other columns.")]
    refused = f" {count(result.refused, 'more row')} did not fit its columns." if result.refused else ""
    return [
        html.P([html.Strong(replay_sentence(result)), refused, _fewer(result, asked)], className="replay-sentence"),
        differences_table(result.differences, f"Version {result.version} now", "The largest differences") if result.differences else None,
    ]


def replay_sentence(result: Replayed) -> str:
    """`Version 2 answers 93 of the last 100 the same; the probability changes by 0.031 on average.`"""
    of = "all" if result.same == result.n else "none" if not result.same else f"{result.same:,}"
    same = f"Version {result.version} answers {of} of the last {result.n:,} the same"
    if not result.differences:
        return f"{same}, to the last digit."
    return f"{same}; {change_sentence(result.differences, result.mean_change)} on average."


def change_sentence(differences: Sequence[Difference], mean_change: float) -> str:
    is_label = bool(differences) and isinstance(differences[0].prediction, str)
    what = "the probability changes by" if is_label else "the answer changes by"
    return f"{what} {mean_change:.3f}" if is_label else f"{what} {figure(mean_change)}"


def _fewer(result: Replayed, asked: int) -> str:
    kept = result.n + result.refused
    return f" These are all that are kept; you asked for {asked:,}." if kept < asked else ""


def differences_table(differences: Sequence[Difference], now: str, caption: str) -> Component:
    """The largest first. Who answered at first stands in the head where it was one version."""
    versions = {each.kept.version for each in differences}
    before = f"Version {versions.pop()}" if len(versions) == 1 else "It was answered"
    heads: list[Child] = ["Time", before, now, "Change", "Truth"]
    rows = [
        (
            opener(each.kept, local_time(each.kept.at, seconds=True)),
            [
                said.answer(each.kept.prediction, each.kept.probabilities),
                html.Span(f" by version {each.kept.version}", className="muted") if before == "It was answered" else None,
            ],
            html.Span(
                said.answer(each.prediction, each.probabilities),
                className=said.differs(each.kept.prediction, each.prediction),
            ),
            said.change(each.change, each.prediction),
            said.truth(each.kept),
        )
        for each in differences[:MOST_SHOWN]
    ]
    table = data_table(heads, rows, caption=caption, numbers=(3,))
    return html.Div([html.H3(caption, className="section-title"), html.Div(table, className="ledger")])
