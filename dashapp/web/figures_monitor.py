"""The monitor's charts as functions of trend points: no query, no Dash, no clock.

Times go in as UTC and stay so; `assets/pages-monitor.js` turns them into the reader's own before they are seen and adds what is live.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import plotly.graph_objects as go

from dashapp.web.figures import SERIES, empty_chart

Trend = Iterable[Mapping[str, Any]]


def trend_points(trend: Trend) -> tuple[list[str], list[float | None]]:
    """`{at, value}` as x and y; what was not known stays a hole in the line."""
    points = [(str(point["at"]), point["value"]) for point in trend]
    return [at for at, _ in points], [value for _, value in points]


def resources_over_time(cpu: Trend, memory: Trend) -> go.Figure:
    figure = _over_time({"CPU": cpu, "Memory": memory}, "%")
    return figure.update_layout(yaxis_range=[0, 100], showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})


def response_time_over_time(trend: Trend) -> go.Figure:
    return _over_time({"Response time": trend}, "ms")


def predictions_over_time(trend: Trend) -> go.Figure:
    return _over_time({"Predictions": trend}, "a minute")


def error_rate_over_time(trend: Trend) -> go.Figure:
    return _over_time({"Error rate": trend}, "%")


def _over_time(trends: Mapping[str, Trend], unit: str) -> go.Figure:
    figure = empty_chart()
    figure.update_xaxes(type="date", nticks=5, tickangle=0)
    figure.update_yaxes(rangemode="tozero")
    for place, (name, trend) in enumerate(trends.items()):
        x, y = trend_points(trend)
        line = {"color": SERIES[place], "width": 2}
        hover = f"{name}: %{{y:.4g}} {unit}<br>%{{x|%d %b %H:%M:%S}}<extra></extra>"
        figure.add_trace(go.Scatter(x=x, y=y, name=name, mode="lines", line=line, connectgaps=False, hovertemplate=hover))
    return figure
