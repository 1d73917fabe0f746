"""The processes of the install and the cores of the machine, folded; `assets/pages-monitor.js` keeps what is open up to date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashapp.web.components import data_table
from dashapp.web.words import count

FOLD = "monitor-processes"
ROWS = "monitor-processes-rows"
CORES = "monitor-cores"
HEADS = ("Process", "Number", "CPU", "Memory", "Threads", "Open files")


def processes_fold(snapshot: Mapping[str, Any], prefix: str) -> Component:
    """Empty until it is opened: the browser has all figures already."""
    processes: Sequence[Any] = snapshot.get("processes") or ()
    cores: Sequence[Any] = snapshot.get("cores") or ()
    title = "Processes and cores"
    said = f" ({count(len(processes), 'process', 'processes')}, {count(len(cores), 'core')})" if processes and cores else ""
    where: dict[str, Any] = {"data-prefix": prefix}
    table = data_table(HEADS, [], caption="Processes of this install", numbers=(1, 2, 3, 4, 5), body_id=ROWS)
    return html.Details(
        [
            html.Summary(title + said, className="section-summary"),
            html.Div([table, html.H3("Cores", className="section-title"), html.Ul(id=CORES, className="cores")], className="fold-body"),
        ],
        id=FOLD,
        className="card",
        **where,
    )
