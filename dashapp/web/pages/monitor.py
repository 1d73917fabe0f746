"""Monitor: is all well, what the machine does now and did before, and what happened. Live over the WebSocket, without polling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component
from plotly.graph_objects import Figure

from dashapp.application.services import Services
from dashapp.events.fact import Event
from dashapp.monitoring.snapshot import latest_snapshot
from dashapp.monitoring.trends import TIMEFRAMES_S, get_trends
from dashapp.web import figures_monitor, live, monitor_view
from dashapp.web.components import activity_feed, card, chart, connect_feed, page_heading
from dashapp.web.navigation import choice_links

PATH = "/monitor"
TITLE = "Monitor"

FEED = "monitor-feed"
HISTORY = "monitor-history"
RESOURCES_CHART = "monitor-resources-chart"
RESPONSE_CHART = "monitor-response-chart"
PREDICTIONS_CHART = "monitor-predictions-chart"
ERRORS_CHART = "monitor-errors-chart"
CHARTS = (RESOURCES_CHART, RESPONSE_CHART, PREDICTIONS_CHART, ERRORS_CHART)
DEFAULT_TIMEFRAME = "1h"
EVENTS_SHOWN = 20
_NETWORK = ("network_received_bytes_per_s", "network_sent_bytes_per_s")
_CHARTED = ("cpu_usage", "memory_usage", "api_response_time", "model_predictions_per_minute", "error_rate")

Trends = Mapping[str, Sequence[Mapping[str, Any]]]


def layout(services: Services, timeframe: str = DEFAULT_TIMEFRAME, **_: str) -> Component:
    shown = timeframe if timeframe in TIMEFRAMES_S else DEFAULT_TIMEFRAME
    trends = {metric: get_trends(services.samples, metric, shown) for metric in (*_CHARTED, *_NETWORK)}
    snapshot = latest_snapshot(services.samples)
    return render_monitor(snapshot, trends, shown, services.log.latest(EVENTS_SHOWN), services.settings)


def render_monitor(snapshot: Mapping[str, Any], trends: Trends, timeframe: str, events: Sequence[Event], settings: Any) -> Component:
    peak = network_peak(trends)
    history = {"seconds": TIMEFRAMES_S[timeframe], "sampleSeconds": settings.sample_s, "networkPeak": peak}
    return html.Div(
        [
            page_heading("Monitor", "The machine, the services and the model, as they are now."),
            dcc.Store(id=HISTORY, data=history),
            monitor_view.headline(snapshot),
            html.Div(
                [
                    card("Services", monitor_view.services_list(snapshot["services"])),
                    card(
                        "Resources",
                        monitor_view.gauges(snapshot, peak),
                        html.P("The network's bar is its share of the most seen.", className="field-note"),
                    ),
                ],
                className="monitor-pair",
            ),
            card("System metrics", monitor_view.tiles(snapshot)),
            _charts_card(trends, timeframe, settings.url_prefix),
            card("Activity", activity_feed(FEED, events), aside=dcc.Link("All activity", href=f"{settings.url_prefix}/activity")),
        ],
        id="monitor-page",
    )


def network_peak(trends: Trends) -> float:
    """The most that went over the network in a second, both ways together."""
    received, sent = ([point["value"] or 0.0 for point in trends[metric]] for metric in _NETWORK)
    return max((a + b for a, b in zip(received, sent, strict=False)), default=0.0)


def trend_figures(trends: Trends) -> dict[str, tuple[str, str, Figure]]:
    """The title, the unit in words and the chart, by id."""
    return {
        RESOURCES_CHART: ("CPU and memory", "%", figures_monitor.resources_over_time(trends["cpu_usage"], trends["memory_usage"])),
        RESPONSE_CHART: ("API response time", "ms, mean", figures_monitor.response_time_over_time(trends["api_response_time"])),
        PREDICTIONS_CHART: ("Predictions", "a minute", figures_monitor.predictions_over_time(trends["model_predictions_per_minute"])),
        ERRORS_CHART: ("Error rate", "% of requests", figures_monitor.error_rate_over_time(trends["error_rate"])),
    }


def _charts_card(trends: Trends, timeframe: str, prefix: str) -> Component:
    choices = [(each, f"{prefix}{PATH}?timeframe={each}", each == timeframe) for each in TIMEFRAMES_S]
    drawn = [chart(title, figure, id=id, description=unit) for id, (title, unit, figure) in trend_figures(trends).items()]
    return card("Over time", choice_links("Timeframe", choices), html.Div(drawn, className="charts monitor-charts"))


def register(app: Dash, services: Services) -> None:
    texts = [Output(monitor_view.tile_id(name), "children") for name, _, _ in monitor_view.METRICS]
    bars = [Output(monitor_view.gauge_id(key), "value") for key, _ in monitor_view.RESOURCES]
    numbers = [Output(monitor_view.gauge_text_id(key), "children") for key, _ in monitor_view.RESOURCES]
    live.run_in_browser(
        app,
        "monitor",
        "draw",
        Output(monitor_view.HEADLINE, "children"),
        Output(monitor_view.HEADLINE, "className"),
        Output(monitor_view.SERVICES, "children"),
        *texts,
        *bars,
        *numbers,
        Input(live.METRICS, "data"),
        State(HISTORY, "data"),
    )
    drawn = [Output(id, "figure") for id in CHARTS]
    before = [State(id, "figure") for id in CHARTS]
    live.run_in_browser(app, "monitor", "chart", *drawn, Input(live.METRICS, "data"), Input(HISTORY, "data"), *before, on_load=True)
    connect_feed(app, FEED)
