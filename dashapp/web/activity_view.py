"""How the Activity page looks: the filters, and the place in which `assets/pages-activity.js` draws the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashapp.events.fact import EventType
from dashapp.web.activity_query import LONGEST_TEXT, PATH, WINDOWS, ActivityQuery
from dashapp.web.components import aria, button, card, field
from dashapp.web.words import cut

FEED = "activity-feed"
QUERY = "activity-query"
TYPES, TEXT, SUBJECT, WINDOW, DAY = "activity-types", "activity-text", "activity-subject", "activity-window", "activity-day"
SEARCH_BUTTON = "activity-search"
OLDER = "activity-older"
STATUS = "activity-status"

Subjects = Sequence[tuple[str, str]]
"""What an event may be about, as `kind:id`, and its words."""


def search_form(query: ActivityQuery, subjects: Subjects, prefix: str) -> Component:
    """What is chosen goes into the address."""
    known = dict(subjects)
    if query.subject and query.subject not in known:
        known[query.subject] = " ".join(query.subject.split(":", 1)).capitalize()
    text = dbc.Input(id=TEXT, type="search", value=query.text, placeholder="Any words or id", autocomplete="off", maxlength=LONGEST_TEXT)
    about = _choice(SUBJECT, "Anything", [(cut(words, 80), value) for value, words in known.items()], query.subject)
    window = _choice(WINDOW, "Any time", [(words, name) for name, (words, _) in WINDOWS.items()], query.window)
    day = dbc.Input(id=DAY, type="date", value=query.day)
    types = dbc.Checklist(
        id=TYPES, options=[{"label": label(each), "value": each.value} for each in EventType], value=list(query.types), inline=True
    )
    fields = [field("Find", text), field("About", about), field("When", window), field("Back from", day)]
    return html.Div(
        [
            html.Div(fields, className="activity-fields"),
            html.Div(
                [
                    html.Fieldset([html.Legend("Types; none chosen shows all", className="visually-hidden"), types], className="field"),
                    html.Div([button("Search", SEARCH_BUTTON, size="sm"), _everything(query, prefix)], className="button-row"),
                ],
                className="activity-types",
            ),
        ],
        className="activity-search",
        role="search",
        **aria(label="Activity"),
    )


def _everything(query: ActivityQuery, prefix: str) -> Component | None:
    return dcc.Link("Show everything", href=prefix + PATH) if query != ActivityQuery() else None


def _choice(id: str, any_words: str, options: Sequence[tuple[str, str]], value: str) -> Component:
    """Values are quoted: dbc keeps the empty value for itself."""
    shown = [{"label": any_words, "value": "any"}, *({"label": words, "value": f"={name}"} for words, name in options)]
    select: Component = dbc.Select(id=id, options=shown, value=f"={value}" if value else "any")
    return select


def timeline_card(query: ActivityQuery, form: Component, prefix: str) -> Component:
    back = dcc.Link("Back to the newest", href=ActivityQuery(query.types, query.text, query.subject, query.window).address(prefix + PATH))
    empty: dict[str, Any] = aria(busy="true")
    return card(
        "All activity" if query == ActivityQuery() else "What was found",
        form,
        html.Div(id=FEED, className="timeline", **empty),
        html.Div(
            [html.Span(id=STATUS, role="status"), button("Load older", OLDER, size="sm")],
            className="button-row timeline-end",
        ),
        aside="live" if query.is_newest else back,
    )


def label(type: EventType) -> str:
    return type.value.replace("_", " ").capitalize()
