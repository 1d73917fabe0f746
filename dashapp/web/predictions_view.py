"""How the prediction ledger looks: exact counts, the search, the table of kept predictions, and the ways to older and newer ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashapp.serving.ledger.kept import Found, KeptPrediction
from dashapp.web import said
from dashapp.web.components import Child, aria, button, card, data_table, empty_state, field, local_time
from dashapp.web.ledger_query import WINDOWS, LedgerQuery
from dashapp.web.words import count

PATH = "/predictions"
TEXT, VERSION, ANSWER, WINDOW, ONLY = "ledger-text", "ledger-version", "ledger-answer", "ledger-window", "ledger-only"
SEARCH_BUTTON = "ledger-search"
NEWS = "ledger-news"
SHOW_NEWS = "ledger-show-news"
NEWS_WORDS = "ledger-news-words"
LIST = "ledger-list"
ROWS = "ledger-rows"
TOP = "ledger-top"
PULSE = "ledger-pulse"
MOST_LABELS = 200


def search_form(query: LedgerQuery, versions: Sequence[int], labels: Sequence[str]) -> Component:
    """What is chosen goes into the address (`assets/pages-predictions.js`)."""
    labels = list(dict.fromkeys([*labels[:MOST_LABELS], *([query.prediction] if query.prediction else [])]))
    known = sorted({*versions, *([query.version] if query.version is not None else [])}, reverse=True)
    text = dbc.Input(id=TEXT, type="search", value=query.text, placeholder="Any value, id or answer", autocomplete="off", maxlength=500)
    version = _choice(VERSION, "Any version", [(f"Version {each}", str(each)) for each in known], str(query.version or ""))
    answer = _choice(ANSWER, "Any answer", [(each, each) for each in labels], query.prediction)
    window = _choice(WINDOW, "Any time", [(words, name) for name, (words, _) in WINDOWS.items()], query.window)
    only = dbc.Checklist(
        id=ONLY,
        options=[{"label": "Only with warnings", "value": "warnings"}, {"label": "Only where the truth is known", "value": "actual"}],
        value=[name for name in ("warnings", "actual") if getattr(query, name)],
        inline=True,
    )
    return html.Div(
        [
            html.Div(
                [
                    field("Find", text),
                    field("Version", version),
                    field("Answer", answer) if labels else html.Div(answer, className="is-hidden"),
                    field("When", window),
                ],
                className="ledger-fields",
            ),
            html.Div(
                [
                    html.Fieldset([html.Legend("Which", className="visually-hidden"), only], className="field"),
                    button("Search", SEARCH_BUTTON, size="sm"),
                ],
                className="button-row",
            ),
        ],
        className="ledger-search",
        role="search",
        **aria(label="Predictions"),
    )


def _choice(id: str, any_words: str, options: Sequence[tuple[str, str]], value: str) -> Component:
    """Values are quoted: dbc keeps the empty value for itself, and any text may be a label."""
    shown = [{"label": any_words, "value": "any"}, *({"label": words, "value": f"={name}"} for words, name in options)]
    select: Component = dbc.Select(id=id, options=shown, value=f"={value}" if value else "any")
    return select


def ledger_card(found: Found, query: LedgerQuery, form: Component, prefix: str) -> Component:
    return card(
        "Predictions",
        form,
        html.Div(
            [html.Span(id=NEWS_WORDS), button("Show them", SHOW_NEWS, size="sm")], id=NEWS, className="ledger-news is-hidden", role="status"
        ),
        html.Div(ledger_list(found, query, prefix), id=LIST),
    )


def ledger_list(found: Found, query: LedgerQuery, prefix: str) -> list[Component]:
    """The rows and the ways on. A page may be short, even empty, where the search had to look at much."""
    if not found.predictions and found.next_before is None:
        return [_nothing(found, query, prefix)]
    table = (
        predictions_table(found.predictions)
        if found.predictions
        else html.P("None among the newest; look further back.", className="muted")
    )
    return [table, _ways(found, query, prefix)]


def news(new: int) -> tuple[str, str]:
    """The class of the line that tells of new predictions, and its words."""
    if new <= 0:
        return "ledger-news is-hidden", ""
    return "ledger-news", f"{count(new, 'new prediction')}."


def predictions_table(predictions: Sequence[KeptPrediction]) -> Component:
    """A column that no row would fill is left out."""
    has_challenger = any(each.challenger for each in predictions)
    heads = ["Time", "Version", "Answer", "Took", "Warnings", "Truth", *(["Challenger"] if has_challenger else [])]
    rows = [_row(each, has_challenger=has_challenger) for each in predictions]
    table = data_table(heads, rows, caption="Predictions, newest first", numbers=(3,), body_id=ROWS)
    return html.Div(table, className="ledger ledger-rows")


def _row(kept: KeptPrediction, *, has_challenger: bool) -> list[Child]:
    warnings = (
        html.Span(count(len(kept.warnings), "warning"), className="has-warnings") if kept.warnings else html.Span("–", className="muted")
    )
    cells: list[Child] = [
        opener(kept, local_time(kept.at, seconds=True)),
        f"Version {kept.version}",
        said.answer(kept.prediction, kept.probabilities),
        milliseconds(kept.ms),
        warnings,
        said.truth(kept),
    ]
    return [*cells, said.challenger(kept)] if has_challenger else cells


def opener(kept: KeptPrediction, words: Child) -> Component:
    """Opens the details of a prediction (`assets/pages-predictions.js` hears all of them)."""
    known: dict[str, Any] = {"data-prediction": kept.id}
    return html.Button([words, html.Span(", open its details", className="visually-hidden")], className="row-link", type="button", **known)


def milliseconds(ms: float) -> str:
    return f"{ms:.2f}\u00a0ms" if ms < 1 else f"{ms:.1f}\u00a0ms" if ms < 100 else f"{ms:,.0f}\u00a0ms"


def _ways(found: Found, query: LedgerQuery, prefix: str) -> Component:
    path = f"{prefix}{PATH}"
    older = replace(query, before=found.next_before).address(path)
    links = [
        dcc.Link("Back to the newest", href=replace(query, before=None).address(path), className="btn btn-quiet")
        if not query.is_newest
        else None,
        dcc.Link("Older", href=older, className="btn btn-quiet") if found.next_before is not None else None,
    ]
    return html.Div(links, className="button-row feed-links")


def _nothing(found: Found, query: LedgerQuery, prefix: str) -> Component:
    everything = dcc.Link("Show all predictions", href=f"{prefix}{PATH}")
    if not query.is_newest:
        return empty_state(
            "There are none older", [dcc.Link("Go back to the newest", href=replace(query, before=None).address(f"{prefix}{PATH}")), "."]
        )
    if query.is_narrowed:
        return empty_state("No kept prediction is like that", [everything, ", or search for something else."])
    if found.made:
        return empty_state("None is kept", "The newest appear here a moment after they were made.")
    way = dcc.Link("Send one from the API page", href=f"{prefix}/try")
    return empty_state("No predictions yet", [way, "; each is kept here with its inputs."])
