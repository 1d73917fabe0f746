"""Charts as functions of plain values: no query, no Dash, no clock.

The theme's text and grid colours come from `assets/parts.css`, so that a chart follows light and dark; the colours of the traces are
`SERIES`, the same six as in `assets/tokens.css`, each readable on both. Only scatter, bar and pie are in the Plotly bundle that is served.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from dashapp.web.words import cut

SERIES = ("#2e7dd7", "#c96a00", "#0f9673", "#b8589f", "#857d0a", "#7a6ae0")
CHART_CONFIG: dict[str, Any] = {"displayModeBar": False, "responsive": True, "showTips": False}


def empty_chart(x_title: str = "", y_title: str = "", **layout: Any) -> go.Figure:
    """A chart with the axes, margins and colours that all charts here have, and nothing in it; `layout` goes over them."""
    axis: dict[str, Any] = {"showline": False, "zeroline": False, "automargin": True, "title_font_size": 12, "title_standoff": 8}
    figure = go.Figure()
    figure.update_layout(
        template={"layout": {}},
        colorway=list(SERIES),
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 12, "color": "#7d828d"},
        margin={"l": 44, "r": 8, "t": 8, "b": 36},
        showlegend=False,
        hovermode="closest",
        uirevision="kept",
        xaxis=axis | {"showgrid": False, "title_text": x_title},
        yaxis=axis | {"gridcolor": "rgba(125,130,141,0.25)", "nticks": 5, "title_text": y_title},
    )
    figure.update_layout(**layout)
    return figure


def plain(text: str, most: int) -> str:
    """A text of a user as Plotly draws it letter by letter: without tags or entities, and cut where it is longer than `most`."""
    return cut(text, most).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def loss_over_time() -> go.Figure:
    """Without lines: the browser draws them as they come (`assets/figures.js`). The second axis is for what the trainer uses: CPU on
    `y2`, memory on `y3`, whose ticks stand at the right."""
    hidden = {"overlaying": "y", "side": "right", "showgrid": False, "zeroline": False, "showticklabels": False, "rangemode": "tozero"}
    figure = _over_time()
    figure.update_layout(yaxis2=hidden, yaxis3=hidden | {"showticklabels": True, "tickmode": "auto", "nticks": 4, "automargin": True})
    return figure


def score_over_time() -> go.Figure:
    return _over_time()


def accuracy_over_time() -> go.Figure:
    return _over_time(yaxis_tickformat=".1~%")


def _over_time(**layout: Any) -> go.Figure:
    return empty_chart("Seconds since the training began", xaxis_rangemode="tozero", **layout)
