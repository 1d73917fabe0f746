"""The reports to take away: that of the week until now, and those that were kept."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from dashapp.web.components import card
from dashapp.web.words import count


def reports_card(kept: Sequence[str], prefix: str) -> Component:
    now = html.A("Report of this week", href=f"{prefix}/api/report?timeframe=7d", className="btn btn-quiet", download="report.html")
    words = "One HTML file that opens anywhere: what happened, trends, runs, deployments, predictions, alerts, drift and forecasts."
    return card("Reports", html.P(words, className="muted"), html.Div(now, className="button-row"), _kept(kept, prefix))


def _kept(kept: Sequence[str], prefix: str) -> Component | None:
    if not kept:
        return None
    links = [html.Li(html.A(name, href=f"{prefix}/api/reports/{quote(name, safe='')}", download=name)) for name in kept]
    return html.Details([html.Summary(count(len(kept), "kept report"), className="fold-summary"), html.Ul(links, className="told-list")])
