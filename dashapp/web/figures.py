"""Charts as functions of plain values: no query, no Dash, no clock.

The theme's text and grid colours come from `assets/parts.css`, so that a chart follows light and dark; the colours of the traces are
`SERIES`, the same six as in `assets/tokens.css`, each readable on both. Only scatter, bar and pie are in the Plotly bundle that is served.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

SERIES = ("#2e7dd7", "#c96a00", "#0f9673", "#b8589f", "#857d0a", "#7a6ae0")
FEW_POINTS = 24
CHART_CONFIG: dict[str, Any] = {"displayModeBar": False, "responsive": True, "showTips": False}

Points = Iterable[Mapping[str, Any]]


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


def colours(names: Iterable[str]) -> dict[str, str]:
    """One colour per name, the same wherever the same names are drawn."""
    return {name: SERIES[place % len(SERIES)] for place, name in enumerate(sorted(set(names)))}


def curves(points: Points, field: str) -> dict[str, tuple[list[int], list[float]]]:
    """Curve points as x and y per candidate; those without the field (an accuracy in a regression) are left out."""
    found: dict[str, tuple[list[int], list[float]]] = {}
    for point in points:
        if point[field] is not None:
            x, y = found.setdefault(point["candidate"], ([], []))
            x.append(point["iteration"])
            y.append(point[field])
    return found


def score_by_iteration(points: Sequence[Mapping[str, Any]]) -> go.Figure:
    return _draw(empty_chart("Iteration"), points, (("validation_score", "", "solid"),))


def loss_by_iteration(points: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Validation solid, training dotted."""
    return _draw(empty_chart("Iteration"), points, (("validation_loss", ", validation", "solid"), ("train_loss", ", training", "dot")))


def accuracy_by_iteration(points: Sequence[Mapping[str, Any]]) -> go.Figure:
    return _draw(empty_chart("Iteration", yaxis_tickformat=".1~%"), points, (("accuracy", "", "solid"),))


def _draw(figure: go.Figure, points: Sequence[Mapping[str, Any]], fields: Sequence[tuple[str, str, str]]) -> go.Figure:
    colour = colours(point["candidate"] for point in points)
    for field, suffix, dash in fields:
        for name, (x, y) in curves(points, field).items():
            figure.add_trace(
                go.Scatter(
                    x=x,
                    y=y,
                    name=name + suffix,
                    mode="lines" if len(x) > FEW_POINTS else "lines+markers",
                    line={"color": colour[name], "width": 2, "dash": dash},
                    marker={"size": 5},
                    hovertemplate=f"{name}<br>iteration %{{x}}: %{{y:.4g}}<extra></extra>",
                )
            )
    return figure
