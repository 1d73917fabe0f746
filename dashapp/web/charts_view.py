"""The charts over time: each with a sentence that says what it shows, what is forecast and how far that can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from dash import html
from dash.development.base_component import Component

from dashapp.application.timeline import Marker
from dashapp.monitoring.history import Point
from dashapp.monitoring.told import Anomaly, Forecast
from dashapp.web.components import Child, chart, local_time
from dashapp.web.figures_monitor import ChartPlan, Line, Series, empty_over_time
from dashapp.web.linked import linked
from dashapp.web.monitor_view import in_words
from dashapp.web.words import count, whole_percent

BAND_HOLDS = 0.8
"""The share of what comes that a forecast's band is made to hold."""
SHOWN = 50


def chart_with_words(plan: ChartPlan, series: Series, forecasts: Sequence[Forecast], anomalies: Sequence[Anomaly]) -> Component:
    words = [sentence for line in plan.lines for sentence in line_sentence(line, series.get(line.metric, ()), plan.unit)]
    about = [each for each in forecasts if each.metric in plan.metrics]
    unusual = [each for each in anomalies if each.metric in plan.metrics]
    return html.Div(
        [
            chart(plan.title, empty_over_time(plan), id=plan.id, description=plan.said),
            html.P(words or "Nothing was measured in this time.", className="chart-words"),
            *[html.P(forecast_words(each), className="chart-words chart-forecast") for each in about],
            unusual_list(unusual),
        ],
        className="monitor-chart",
    )


def line_sentence(line: Line, points: Sequence[Point], unit: str) -> list[Child]:
    """`CPU: 12.1 % on average, 98.0 % at most (today 12:03). `; nothing where nothing is known."""
    known = [point for point in points if point.mean is not None]
    if not known:
        return []
    average = sum(point.mean or 0.0 for point in known) / len(known)
    peak = max(known, key=_highest)
    at = local_time(datetime.fromtimestamp(peak.at, UTC))
    return [f"{line.name}: {in_words(average, unit)} on average, {in_words(_highest(peak), unit)} at most (", at, "). "]


def _highest(point: Point) -> float:
    return point.high if point.high is not None else point.mean or 0.0


def forecast_words(forecast: Forecast) -> str:
    """What will come, and how often such a band held what came."""
    if not forecast.points:
        return forecast.words
    return f"{forecast.words} {trust(forecast.coverage)}"


def trust(coverage: float | None) -> str:
    if coverage is None:
        return "There is too little history to test its band."
    return f"Its band is made to hold {BAND_HOLDS:.0%} of what comes; tried on the past, it held {whole_percent(coverage)}."


def unusual_list(anomalies: Sequence[Anomaly]) -> Component | None:
    """What is marked on the chart, in words."""
    if not anomalies:
        return None
    newest = sorted(anomalies, key=lambda each: each.since, reverse=True)
    items = [html.Li([local_time(each.since), ": ", each.words]) for each in newest[:SHOWN]]
    return html.Details(
        [html.Summary(count(len(anomalies), "unusual time"), className="fold-summary"), html.Ul(items, className="told-list")],
        className="chart-unusual",
    )


def marks_list(markers: Sequence[Marker], prefix: str) -> Component | None:
    """What the vertical lines stand for, newest first, with its links."""
    if not markers:
        return None
    newest = sorted(markers, key=lambda each: each.at, reverse=True)
    items = [html.Li([local_time(each.at), " ", _what(each, prefix)]) for each in newest[:SHOWN]]
    left = len(newest) - SHOWN
    if left > 0:
        items.append(html.Li(f"and {left:,} before; Activity has them all", className="muted"))
    title = f"What happened meanwhile ({count(len(markers), 'mark')})"
    return html.Details([html.Summary(title, className="fold-summary"), html.Ul(items, className="told-list")], id="monitor-marks-list")


def _what(marker: Marker, prefix: str) -> Component:
    link = linked([marker.link], prefix) if marker.link is not None else None
    return html.Span([html.Span(marker.words, dir="auto"), " " if link else None, link])
