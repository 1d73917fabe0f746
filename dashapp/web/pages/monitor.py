"""Monitor: is all well, what changed, what will go wrong next, and because of what. Live over the WebSocket, without polling."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashapp.application.drift import latest_drift
from dashapp.application.foresight import advice, anomalies, forecasts, milestones
from dashapp.application.history import history_of
from dashapp.application.performance import performance_by_version
from dashapp.application.report import kept_reports
from dashapp.application.services import Services
from dashapp.application.timeline import markers
from dashapp.monitoring.history import Point
from dashapp.monitoring.snapshot import latest_snapshot
from dashapp.monitoring.trends import TIMEFRAMES_S
from dashapp.web import alerting, charts_view, drift_view, figures_monitor, live, monitor_view
from dashapp.web.components import activity_feed, aria, card, connect_feed, page_heading
from dashapp.web.components import local_time as told_time
from dashapp.web.figures_monitor import PLANS, ChartPlan, Series
from dashapp.web.foresight_view import foresight_part
from dashapp.web.navigation import choice_links
from dashapp.web.processes_view import processes_fold
from dashapp.web.reports_view import reports_card

PATH = "/monitor"
TITLE = "Monitor"

FEED = "monitor-feed"
HISTORY = "monitor-history"
CHARTS = "monitor-charts"
DRAWN = "monitor-charts-drawn"
FORESIGHT = "monitor-foresight"
PRODUCTION = "monitor-production"
PRODUCTION_PULSE = "monitor-production-pulse"
CHART_IDS = tuple(plan.id for plan in PLANS)
TIMEFRAMES = ("1h", "24h", "7d", "30d", "90d", "1y")
DEFAULT_TIMEFRAME = "1h"
EVENTS_SHOWN = 20
DAY_S = 86400.0
LEAST_GROWTH_S = 3600.0


def layout(services: Services, timeframe: str = DEFAULT_TIMEFRAME, alert: str = "", **_: str) -> Component:
    prefix, now = services.settings.url_prefix, time.time()
    shown = timeframe if timeframe in choices() else DEFAULT_TIMEFRAME
    snapshot = latest_snapshot(services.samples)
    told = alerting.told(services)
    series = read_series(services, shown, now)
    peak = network_peak(series)
    growth = storage_growth(history_of(services).points("storage_free_bytes", now - DAY_S, now))
    kept = {"facts": monitor_view.FACTS, "networkPeak": peak, "growth": growth}
    return html.Div(
        [
            page_heading("Monitor", "Is all well, what changed, what comes next, and why."),
            dcc.Store(id=HISTORY, data=kept),
            monitor_view.headline(snapshot, told.worst),
            *alerting.part(services, told, alert),
            _now({**snapshot, "growth_bytes_per_day": growth}, peak),
            _over_time(services, series, shown, now),
            html.Div(_foresight(services, now), id=FORESIGHT, className="monitor-pair"),
            html.Div(_production(services), id=PRODUCTION),
            dcc.Store(id=PRODUCTION_PULSE, data=services.log.last_id()),
            processes_fold(snapshot, prefix),
            reports_card(kept_reports(services), prefix),
            card(
                "Activity",
                activity_feed(FEED, services.log.latest(EVENTS_SHOWN)),
                aside=dcc.Link("All activity", href=f"{prefix}/activity"),
            ),
        ],
        id="monitor-page",
    )


def choices() -> list[str]:
    """The timeframes that can be shown, shortest first."""
    return [each for each in TIMEFRAMES if each in TIMEFRAMES_S]


def _now(snapshot: Mapping[str, Any], peak: float) -> Component:
    resources = card(
        "Resources",
        monitor_view.gauges(snapshot, peak),
        html.P("The network's bar is its share of the most seen.", className="field-note"),
    )
    services = card("Services", monitor_view.services_list(snapshot))
    metrics = card("System metrics", monitor_view.tiles(snapshot))
    return html.Div([html.Div([services, resources], className="monitor-pair"), metrics])


def read_series(services: Services, timeframe: str, now: float) -> dict[str, list[Point]]:
    history = history_of(services)
    return {metric: history.points(metric, now - TIMEFRAMES_S[timeframe], now) for metric in sorted(figures_monitor.METRICS)}


def network_peak(series: Series) -> float:
    """The most that went over the network in a second, both ways together."""
    received, sent = ([point.high or point.mean or 0.0 for point in series[metric]] for metric in figures_monitor.NETWORK.metrics)
    return max((a + b for a, b in zip(received, sent, strict=False)), default=0.0)


def storage_growth(free: Sequence[Point]) -> float | None:
    """By how many bytes a day the disk fills, from its free bytes; None where less than an hour of them is known."""
    known = [(point.at, point.mean) for point in free if point.mean is not None]
    if not known or known[-1][0] - known[0][0] < LEAST_GROWTH_S:
        return None
    (start, before), (end, after) = known[0], known[-1]
    return (before - after) / (end - start) * DAY_S


def _over_time(services: Services, series: Series, timeframe: str, now: float) -> Component:
    seconds = TIMEFRAMES_S[timeframe]
    start, end, until = (datetime.fromtimestamp(at, UTC) for at in (now - seconds, now, now + seconds * figures_monitor.AHEAD))
    coming, unusual, marks = forecasts(services, now), anomalies(services, timeframe, now), markers(services, start, end)
    plans = figures_monitor.plans_for(series, coming)
    values = {
        "seconds": seconds,
        "sampleSeconds": services.settings.sample_s,
        "now": round(1000 * now),
        "lastEvent": services.log.last_id(),
        "charts": [figures_monitor.chart_values(plan, series, coming, unusual, until) for plan in plans],
        "marks": figures_monitor.mark_values(marks, start, end),
    }
    prefix = services.settings.url_prefix
    links = [(each, f"{prefix}{PATH}?timeframe={each}", each == timeframe) for each in choices()]
    drawn = [charts_view.chart_with_words(plan, series, coming, unusual) for plan in plans]
    return card(
        "Over time",
        choice_links("Timeframe", links),
        _legend(plans),
        html.Div(drawn, className="charts monitor-charts"),
        charts_view.marks_list(marks, prefix),
        dcc.Store(id=CHARTS, data=values),
        dcc.Store(id=DRAWN),
        aside=["in words as of ", told_time(end)],
    )


def _legend(plans: Sequence[ChartPlan]) -> Component:
    parts = [("training", "training"), ("deployment", "deployment"), ("alert", "alert"), ("unusual", "unusual"), ("ahead", "forecast")]
    items = [html.Li([html.Span(className=f"chart-mark mark-{kind}", **aria(hidden="true")), words]) for kind, words in parts]
    return html.Ul(items, className="chart-legend", **aria(label=f"Marks on the {len(plans)} charts"))


def _foresight(services: Services, now: float) -> list[Component]:
    at = datetime.fromtimestamp(now, UTC)
    return foresight_part(forecasts(services, now), advice(services, now), milestones(services), at, services.settings.url_prefix)


def _production(services: Services) -> Component:
    return drift_view.production_part(latest_drift(services), performance_by_version(services), services.settings.url_prefix)


def register(app: Dash, services: Services) -> None:
    _register_now(app)
    _register_charts(app)
    _register_redrawing(app, services)
    alerting.register(app, services)
    connect_feed(app, FEED)


def _register_now(app: Dash) -> None:
    """Each sample redraws what differs from the last one, in the browser."""
    texts = [Output(monitor_view.tile_id(name), "children") for name, _, _ in monitor_view.METRICS]
    bars = [Output(monitor_view.gauge_id(key), "value") for key, _ in monitor_view.RESOURCES]
    numbers = [Output(monitor_view.gauge_text_id(key), "children") for key, _ in monitor_view.RESOURCES]
    live.run_in_browser(
        app,
        "monitor",
        "draw",
        Output(monitor_view.HEADLINE, "children"),
        Output(monitor_view.HEADLINE, "className"),
        Output(monitor_view.LAST_SAMPLE, "dateTime"),
        Output(monitor_view.SERVICES, "children"),
        *texts,
        *bars,
        *numbers,
        Input(live.METRICS, "data"),
        Input(alerting.WORST, "data"),
        State(HISTORY, "data"),
    )


def _register_charts(app: Dash) -> None:
    live.run_in_browser(
        app,
        "monitorCharts",
        "draw",
        Output(DRAWN, "data"),
        Input(live.METRICS, "data"),
        Input(live.EVENTS, "data"),
        Input(CHARTS, "data"),
        on_load=True,
    )


def _register_redrawing(app: Dash, services: Services) -> None:
    @app.callback(Output(FORESIGHT, "children"), Input(alerting.PULSE, "data"), prevent_initial_call=True)
    def foresee(_pulse: int) -> Any:
        return _foresight(services, time.time())

    live.run_in_browser(
        app, "monitorAlerts", "production", Output(PRODUCTION_PULSE, "data"), Input(live.EVENTS, "data"), State(PRODUCTION_PULSE, "data")
    )

    @app.callback(Output(PRODUCTION, "children"), Input(PRODUCTION_PULSE, "data"), prevent_initial_call=True)
    def produce(_pulse: int) -> Any:
        return _production(services)

    @app.callback(Output(drift_view.ALL_COLUMNS, "children"), Input(drift_view.SHOW_ALL, "n_clicks"), prevent_initial_call=True)
    def show_all(clicks: int | None) -> Any:
        drift = latest_drift(services)
        return drift_view.drift_table(drift_view.ordered(drift)[drift_view.COLUMNS_SHOWN :]) if clicks and drift is not None else None
