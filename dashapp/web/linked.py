"""Where the links of alerts, milestones and marks lead to."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from dash import dcc, html
from dash.development.base_component import Component

from dashapp.monitoring.told import Link, LinkKind

_PATHS = {
    LinkKind.RUN: "/?run={}",
    LinkKind.MODEL: "/models/{}",
    LinkKind.DATASET: "/?dataset={}",
    LinkKind.ALERT: "/monitor?alert={}",
}


def address(link: Link, prefix: str) -> str:
    """The id of a page is its path and stands as it is."""
    if link.kind is LinkKind.PAGE:
        return prefix + "/" + link.id.lstrip("/")
    return prefix + _PATHS[link.kind].format(quote(link.id, safe=""))


def linked(links: Sequence[Link], prefix: str) -> Component | None:
    """The links in a row, or nothing."""
    if not links:
        return None
    return html.Span([dcc.Link(html.Span(each.words, dir="auto"), href=address(each, prefix)) for each in links], className="link-row")
