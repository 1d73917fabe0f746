"""The monitor's charts as values: no query, no Dash, no clock. `assets/pages-monitor-charts.js` draws them and adds what is live.

Times go to the browser as milliseconds since the epoch: it knows the reader's zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import plotly.graph_objects as go

from dashapp.application.timeline import Marker
from dashapp.monitoring.history import Point
from dashapp.monitoring.told import Anomaly, Forecast, ForecastPoint
from dashapp.web.figures import empty_chart, plain

AHEAD = 1 / 3
"""A forecast is drawn for so much of the timeframe beyond now."""
MARK_PLACES = 60
"""Marks that are closer to each other than this part of the timeframe are drawn as one."""
_WORDS = 160
_GRAVEST = ("training", "deployment", "alert")

Series = Mapping[str, Sequence[Point]]


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    metric: str


@dataclass(frozen=True, slots=True)
class ChartPlan:
    """`unit` is one of `monitor_view.in_words`, `said` what stands beside the title; `top` is the end of the axis, None: as it comes."""

    id: str
    title: str
    said: str
    unit: str
    lines: tuple[Line, ...]
    top: float | None = None
    is_from_zero: bool = True

    @property
    def metrics(self) -> tuple[str, ...]:
        return tuple(line.metric for line in self.lines)


RESOURCES = ChartPlan(
    "monitor-resources-chart", "CPU and memory", "%", "percent", (Line("CPU", "cpu_usage"), Line("Memory", "memory_usage")), 100
)
_PERCENTILES = tuple(Line(name, f"api_response_time_{name}") for name in ("p50", "p95", "p99"))
RESPONSE = ChartPlan("monitor-response-chart", "API response time", "ms, p50, p95 and p99", "ms", _PERCENTILES)
RESPONSE_MEAN = ChartPlan("monitor-response-chart", "API response time", "ms, mean", "ms", (Line("Mean", "api_response_time"),))
PREDICTIONS = ChartPlan(
    "monitor-predictions-chart", "Predictions", "a minute", "per_minute", (Line("Predictions", "model_predictions_per_minute"),)
)
ERRORS = ChartPlan("monitor-errors-chart", "Error rate", "% of requests", "percent", (Line("Errors", "error_rate"),))
STORAGE = ChartPlan("monitor-storage-chart", "Storage", "% in use", "percent", (Line("In use", "storage_usage"),), is_from_zero=False)
STORAGE_FREE = ChartPlan("monitor-storage-chart", "Storage", "free", "bytes", (Line("Free", "storage_free_bytes"),), is_from_zero=False)
_WAYS = (Line("Received", "network_received_bytes_per_s"), Line("Sent", "network_sent_bytes_per_s"))
NETWORK = ChartPlan("monitor-network-chart", "Network", "bytes a second", "rate", _WAYS)
PLANS = (RESOURCES, RESPONSE, PREDICTIONS, ERRORS, STORAGE, NETWORK)
METRICS = {metric for plan in (*PLANS, RESPONSE_MEAN, STORAGE_FREE) for metric in plan.metrics}
"""All that may be drawn."""


def plans_for(series: Series, forecasts: Iterable[Forecast] = ()) -> tuple[ChartPlan, ...]:
    """The percentiles where there are any, else the mean of the response time; of storage what is forecast."""
    has_percentiles = any(point.mean is not None for metric in RESPONSE.metrics for point in series.get(metric, ()))
    is_free_forecast = any(each.metric in STORAGE_FREE.metrics for each in forecasts)
    instead = {} if has_percentiles else {RESPONSE: RESPONSE_MEAN}
    instead |= {STORAGE: STORAGE_FREE} if is_free_forecast else {}
    return tuple(instead.get(plan, plan) for plan in PLANS)


def empty_over_time(plan: ChartPlan) -> go.Figure:
    """The chart's axes; its lines come from the browser."""
    figure = empty_chart()
    figure.update_xaxes(type="date", nticks=5, tickangle=0)
    figure.update_yaxes(rangemode="tozero" if plan.is_from_zero else "normal")
    if plan.unit in ("rate", "bytes"):
        figure.update_yaxes(tickformat="~s")
    if plan.top is not None:
        figure.update_yaxes(range=[0, plan.top])
    marks = {"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}
    legend = {"orientation": "h", "y": 1.06, "yanchor": "bottom", "x": 0}
    return figure.update_layout(yaxis2=marks, showlegend=len(plan.lines) > 1, legend=legend)


def chart_values(
    plan: ChartPlan, series: Series, forecasts: Iterable[Forecast], anomalies: Iterable[Anomaly], until: datetime
) -> dict[str, Any]:
    """What the browser draws of one chart; a forecast is cut at `until`."""
    places = {line.metric: place for place, line in enumerate(plan.lines)}
    return {
        "id": plan.id,
        "unit": plan.unit,
        "layout": empty_over_time(plan).to_plotly_json()["layout"],
        "lines": [line_values(line, series.get(line.metric, ())) for line in plan.lines],
        "ahead": [_ahead(places[each.metric], each, until, plan.unit) for each in forecasts if each.metric in places and each.points],
        "unusual": [_unusual(each) for each in anomalies if each.metric in places],
    }


def line_values(line: Line, points: Sequence[Point]) -> dict[str, Any]:
    """x and y with holes where nothing was known; the band from low to high only where it is wider than the line."""
    has_band = any(point.low is not None and point.high is not None and point.low < point.high for point in points)
    values: dict[str, Any] = {
        "name": line.name,
        "metric": line.metric,
        "x": [round(1000 * point.at) for point in points],
        "y": [_short(point.mean) for point in points],
    }
    if has_band:
        values |= {"low": [_short(point.low) for point in points], "high": [_short(point.high) for point in points]}
    return values


def _ahead(place: int, forecast: Forecast, until: datetime, unit: str) -> dict[str, Any]:
    """A band may reach beyond what there can be; the drawing does not."""
    points = cut_at(forecast.points, until)
    most = 100.0 if unit == "percent" else float("inf")
    return {
        "line": place,
        "x": [_ms(point.at) for point in points],
        **{name: [_short(min(max(getattr(point, name), 0.0), most)) for point in points] for name in ("low", "middle", "high")},
    }


def cut_at(points: Sequence[ForecastPoint], until: datetime) -> list[ForecastPoint]:
    """The points up to `until`, and one at `until` itself on the way to the next."""
    kept = [point for point in points if point.at <= until]
    rest = points[len(kept) :]
    if not kept or not rest or kept[-1].at == until:
        return kept or list(points[:1])
    before, after = kept[-1], rest[0]
    way = (until - before.at) / (after.at - before.at)
    low, middle, high = (getattr(before, name) + way * (getattr(after, name) - getattr(before, name)) for name in ("low", "middle", "high"))
    return [*kept, ForecastPoint(until, low, middle, high)]


def _unusual(anomaly: Anomaly) -> dict[str, Any]:
    middle = anomaly.since + (anomaly.until - anomaly.since) / 2
    return {"x": _ms(middle), "y": _short(anomaly.value), "words": plain(anomaly.words, _WORDS)}


def mark_values(markers: Sequence[Marker], start: datetime, end: datetime) -> list[dict[str, Any]]:
    """The marks of a chart, oldest first; those too close to be told apart are one, of the gravest kind among them."""
    width = (end - start) / MARK_PLACES
    groups: dict[int, list[Marker]] = {}
    for marker in markers:
        if start <= marker.at <= end:
            groups.setdefault((marker.at - start) // width, []).append(marker)
    return [_mark(group) for _, group in sorted(groups.items())]


def _mark(group: Sequence[Marker]) -> dict[str, Any]:
    first = group[0]
    words = plain(first.words, _WORDS) + (f"<br>and {len(group) - 1:,} more" if len(group) > 1 else "")
    kinds = [each.kind for each in group]
    return {"x": _ms(first.at), "kind": max(kinds, key=lambda kind: _GRAVEST.index(kind) if kind in _GRAVEST else -1), "words": words}


def _ms(at: datetime) -> int:
    return round(1000 * at.timestamp())


def _short(value: float | None) -> float | None:
    """Five figures are more than a chart can show."""
    return None if value is None else float(f"{value:.5g}")
