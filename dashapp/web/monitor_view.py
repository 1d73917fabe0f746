"""How the newest snapshot looks: headline, services, resources and the seven metrics. `assets/pages-monitor.js` redraws them live."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashapp.monitoring.told import Alert, Severity
from dashapp.web.components import Child, aria, badge, figure_tile, figures_row
from dashapp.web.words import UNKNOWN, duration, file_size

HEADLINE = "monitor-headline"
LAST_SAMPLE = "monitor-last-sample"
NOTIFY = "monitor-notify"
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
# The figures of the services: a member of `values` or else of the snapshot, its words, and how it is written. The browser gets it as it is.
FACTS: Mapping[str, Sequence[tuple[str, str, str, str]]] = {
    "Training Pipeline": (("active", "active_trainings", "Jobs active", "count"), ("queued", "queued_runs", "In the queue", "count")),
    "Model API": (
        ("mean_ms", "", "Average", "ms"),
        ("p95_ms", "prediction_time_p95", "95th percentile", "ms"),
        ("error_rate", "", "Errors", "percent"),
    ),
    "File Storage": (
        ("free_bytes", "storage_free_bytes", "Free", "bytes"),
        ("growth_bytes_per_day", "growth_bytes_per_day", "Growth a day", "bytes"),
    ),
    "Database": (
        ("read_ms", "database_read_ms", "Read", "ms"),
        ("write_ms", "database_write_ms", "Write", "ms"),
        ("size_bytes", "database_bytes", "Size", "bytes"),
    ),
}
_STATES = {"ok": ("OK", "good"), "warning": ("Warning", "warn"), "failing": ("Failing", "bad")}

Snapshot = Mapping[str, Any]


def tile_id(metric: str) -> str:
    return f"monitor-{metric.replace('_', '-')}"


def gauge_id(resource: str) -> str:
    return f"monitor-gauge-{resource}"


def gauge_text_id(resource: str) -> str:
    return f"monitor-gauge-{resource}-text"


def worst_alert(standing: Sequence[Alert]) -> dict[str, str] | None:
    """What the headline says of the alerts where the services are well: the gravest one, of these the newest."""
    if not standing:
        return None
    worst = max(standing, key=lambda each: (each.severity is Severity.CRITICAL, each.raised_at))
    more = f" (and {len(standing) - 1} more)" if len(standing) > 1 else ""
    return {"words": worst.message + more, "kind": "bad" if worst.severity is Severity.CRITICAL else "warn"}


def headline_of(snapshot: Snapshot, alert: Mapping[str, str] | None = None) -> tuple[str, str]:
    """The one line over everything, and its kind: good, warn or bad, and plain where nothing is known."""
    text = str(snapshot.get("headline") or UNKNOWN)
    if text == ALL_HEALTHY:
        return (alert["words"], alert["kind"]) if alert else (text, "good")
    if text.startswith("UNKNOWN") or text == UNKNOWN:
        return text, "plain"
    is_failing = any(each["state"] == "failing" for each in snapshot.get("services") or ())
    return text, "bad" if is_failing else "warn"


def headline_class(kind: str) -> str:
    return f"headline note note-{kind}"


def headline(snapshot: Snapshot, alert: Mapping[str, str] | None = None) -> Component:
    """The time stands outside of what is read aloud: it changes with every sample."""
    text, kind = headline_of(snapshot, alert)
    at = str(snapshot.get("at") or "")
    time = html.Time(at or UNKNOWN, dateTime=at, id=LAST_SAMPLE, className="local-time with-seconds")
    notify = html.Button("Notify me", id=NOTIFY, type="button", className="btn btn-quiet btn-sm notify-button is-hidden")
    return html.Div(
        [
            html.P(text, id=HEADLINE, className=headline_class(kind), role="status", dir="auto"),
            html.Div([html.Span(["Last sample: ", time], className="muted small"), notify], className="headline-foot"),
        ],
        className="headline-box",
    )


def services_list(snapshot: Snapshot) -> Component:
    """The services of a snapshot, with what it knows of them elsewhere."""
    return html.Ul([_service(each, snapshot) for each in snapshot["services"]], id=SERVICES, className="services")


def _service(service: Mapping[str, Any], snapshot: Snapshot) -> Component:
    words, kind = _STATES.get(str(service["state"]), ("Unknown", ""))
    return html.Li(
        [
            html.Span(service["name"], className="service-name"),
            badge(words, kind),
            service_facts(str(service["name"]), service.get("values") or {}, snapshot),
            html.Span(service["message"] or UNKNOWN, className="service-message"),
        ],
        className="service",
    )


def service_facts(name: str, values: Mapping[str, Any], snapshot: Snapshot) -> Component | None:
    """The service's figures in a row; nothing where none is known."""
    known = [(words, unit, _fact(values.get(key), snapshot.get(metric))) for key, metric, words, unit in FACTS.get(name, ())]
    if all(value is None for _, _, value in known):
        return None
    facts: list[Child] = [html.Div([html.Dt(words), html.Dd(in_words(value, unit))]) for words, unit, value in known]
    return html.Dl(facts, className="service-facts")


def _fact(value: float | None, otherwise: float | None) -> float | None:
    return otherwise if value is None else value


def in_words(value: float | None, unit: str) -> str:
    """A figure with its unit (count, ms, percent, bytes, rate or per_minute)."""
    if value is None:
        return UNKNOWN
    if unit == "percent":
        return percent_text(value)
    if unit == "ms":
        return f"{value:,.1f}\u00a0ms" if abs(value) < 100 else f"{value:,.0f}\u00a0ms"
    if unit in ("bytes", "rate"):
        return ("−" if value <= -0.5 else "") + file_size(abs(value)) + ("/s" if unit == "rate" else "")
    return f"{value:,.0f}" if unit == "count" or value == int(value) or abs(value) >= 100 else f"{value:,.1f}"


def gauges(snapshot: Snapshot, network_peak: float) -> Component:
    """The bars of the four resources; that of the network is its share of `network_peak` (bytes a second), the most that was seen."""
    known = resource_figures(snapshot, network_peak)
    return html.Div([_gauge(key, name, *known[key]) for key, name in RESOURCES], className="gauges")


def _gauge(key: str, name: str, share: float | None, text: str) -> Component:
    limits: dict[str, Any] = {} if key == "network" else {"low": "75", "high": "90", "optimum": "0"}
    bar = html.Meter(id=gauge_id(key), value=str(round(share or 0, 1)), min="0", max="100", **limits, **aria(label=name))
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
        return in_words(value, "ms")
    if name == "system_uptime":
        return duration(math.floor(value))
    return f"{value:,.0f}"


def percent_text(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f}\u00a0%"
