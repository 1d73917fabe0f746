"""Links that choose what a page shows; the choice stands in the address, so that it can be kept and shared."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashapp.web.components import aria


def choice_links(name: str, choices: Sequence[tuple[str, str, bool]]) -> Component:
    """A row of `(words, address, is chosen)`. Dash's Link takes no ARIA attributes, so the chosen one says so in hidden words."""
    links = [
        dcc.Link(
            [words, html.Span(" (shown)", className="visually-hidden") if is_chosen else None],
            href=address,
            className="choice is-chosen" if is_chosen else "choice",
        )
        for words, address, is_chosen in choices
    ]
    return html.Nav(links, className="choices", **aria(label=name))
