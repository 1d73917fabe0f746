"""How the newest snapshot looks: headline, services, resources and the seven metrics. `assets/pages-monitor.js` redraws them live."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashapp.web.components import aria, badge, figure_tile, figures_row
from dashapp.web.words import UNKNOWN, duration, file_size

HEADLINE = "monitor-headline"
SERVICES = "monitor-services"
ALL_HEALTHY = "ALL HEALTHY"

# What the monitor shows as tiles, with the words of the screen and the note under the number.
METRICS = (
    ("cpu_usage", "CPU usage", "of all cores"),
    ("memory_usage", "Memory usage", "of what may be used"),
    ("active_trainings", "Active trainings", "now"),
    ("api_response_time", "API response time", "mean of the last minute"),
    ("model_predictions_per_minute", "Model predictions", "in the last minute"),
    ("system_uptime", "System uptime", "since the server started"),
    ("error_rate", "Error rate", "of the last minute's requests"),
)
RESOURCES = (("cpu", "CPU"), ("memory", "Memory"), ("storage", "Storage"), ("network", "Network"))
_STATES = {"ok": ("OK", "good"), "warning": ("Warning", "warn"), "failing": ("Failing", "bad")}

Snapshot = Mapping[str, Any]


def tile_id(metric: str) -> str:
    return f"monitor-{metric.replace('_', '-')}"


def gauge_id(resource: str) -> str:
    return f"monitor-gauge-{resource}"


def gauge_text_id(resource: str) -> str:
    return f"monitor-gauge-{resource}-text"


def headline_class(text: str) -> str:
    """Green where all is well, grey where nothing is known, else red."""
    kind = "good" if text == ALL_HEALTHY else "plain" if text.startswith("UNKNOWN") else "bad"
    return f"headline note note-{kind}"


def headline(snapshot: Snapshot) -> Component:
    text = str(snapshot.get("headline") or UNKNOWN)
    return html.P(text, id=HEADLINE, className=headline_class(text), role="status")


def services_list(services: Sequence[Mapping[str, Any]]) -> Component:
    return html.Ul([_service(each) for each in services], id=SERVICES, className="services")


def _service(service: Mapping[str, Any]) -> Component:
    words, kind = _STATES.get(str(service["state"]), ("Unknown", ""))
    return html.Li(
        [
            html.Span(service["name"], className="service-name"),
            badge(words, kind),
            html.Span(service["figure"] or UNKNOWN, className="service-figure"),
            html.Span(service["message"], className="service-message") if service["message"] != service["figure"] else None,
        ],
        className="service",
    )


def gauges(snapshot: Snapshot, network_peak: float) -> Component:
    """The bars of the four resources; that of the network is its share of `network_peak` (bytes a second), the most that was seen."""
    known = resource_figures(snapshot, network_peak)
    return html.Div([_gauge(key, name, *known[key]) for key, name in RESOURCES], className="gauges")


def _gauge(key: str, name: str, share: float | None, text: str) -> Component:
    bar = html.Meter(id=gauge_id(key), value=str(round(share or 0, 1)), min="0", max="100", **aria(label=name))
    head = html.Div([html.Span(name), html.Span(text, id=gauge_text_id(key), className="gauge-text")], className="gauge-head")
    return html.Div([head, bar], className="gauge")


def resource_figures(snapshot: Snapshot, network_peak: float) -> dict[str, tuple[float | None, str]]:
    """Per resource how full its bar is (0 to 100, None unknown) and its numbers in words."""
    free, total, used = snapshot.get("storage_free_bytes"), snapshot.get("memory_total_bytes"), snapshot.get("memory_used_bytes")
    memory = percent_text(snapshot.get("memory_usage")) + (f" · {file_size(used)} of {file_size(total)}" if used and total else "")
    storage = percent_text(snapshot.get("storage_usage")) + (f" · {file_size(free)} free" if free is not None else "")
    return {
        "cpu": (snapshot.get("cpu_usage"), percent_text(snapshot.get("cpu_usage"))),
        "memory": (snapshot.get("memory_usage"), memory),
        "storage": (snapshot.get("storage_usage"), storage),
        "network": _network(snapshot, network_peak),
    }


def _network(snapshot: Snapshot, peak: float) -> tuple[float | None, str]:
    received, sent = snapshot.get("network_received_bytes_per_s"), snapshot.get("network_sent_bytes_per_s")
    if received is None or sent is None:
        return None, UNKNOWN
    share = 100 * (received + sent) / peak if peak > 0 else 0.0
    return min(share, 100.0), f"↓ {file_size(received)}/s · ↑ {file_size(sent)}/s"


def tiles(snapshot: Snapshot) -> Component:
    row = [figure_tile(label, metric_words(name, snapshot.get(name)), note, id=tile_id(name)) for name, label, note in METRICS]
    return figures_row(row)


def metric_words(name: str, value: float | None) -> str:
    """A metric with its unit; what is not known is a dash."""
    if value is None:
        return UNKNOWN
    if name.endswith("_usage") or name == "error_rate":
        return percent_text(value)
    if name == "api_response_time":
        return f"{value:,.1f}\u00a0ms" if value < 100 else f"{value:,.0f}\u00a0ms"
    if name == "system_uptime":
        return duration(math.floor(value))
    return f"{value:,.0f}"


def percent_text(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f}\u00a0%"
