"""What is live on every page: the one WebSocket and the stores that its frames end in.

A page takes what it needs as the input of a clientside callback; a tick then costs the server nothing:

- `EVENTS`: the newest 100 event documents since the page opened, in order; leave out the ids that are shown (see `components.connect_feed`)
- `METRICS`: the newest snapshot of the system metrics (the fields of a frame's `metrics`; null is unknown)
- `RUNS`: `{run id: run document}` of the runs that were heard of since the page opened, without curves;
  `window.dashapp.live.curves(id)` gives the curve points of the run that the Train page watches

Order, gaps and reconnection are `assets/live.js`'s duty.
"""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component
from dash_extensions import WebSocket

SOCKET = "live-socket"
START = "live-start"
EVENTS = "live-events"
METRICS = "live-metrics"
RUNS = "live-runs"
BANNER = "connection-banner"


def live_elements(last_event_id: int) -> list[Component]:
    """The socket and its stores; the socket asks for what came after `last_event_id`."""
    return [
        dcc.Store(id=START, data={"after": last_event_id}),
        dcc.Store(id=EVENTS),
        dcc.Store(id=METRICS),
        dcc.Store(id=RUNS),
        WebSocket(id=SOCKET),
    ]


def connection_banner() -> Component:
    return html.Div("Connection lost, reconnecting…", id=BANNER, className="connection-banner is-hidden", role="status")


def run_in_browser(app: Dash, namespace: str, function: str, *connections: Any, on_load: bool = False) -> None:
    """Connect a function of a file under `assets/`; `on_load` is True where it also runs when its components appear."""
    clientside = ClientsideFunction(namespace, function)
    app.clientside_callback(clientside, *connections, prevent_initial_call=not on_load)  # type: ignore[no-untyped-call]


def register(app: Dash) -> None:
    run_in_browser(app, "live", "connect", Output(SOCKET, "url"), Input(START, "data"), on_load=True)
    stores = [Output(store, "data") for store in (EVENTS, METRICS, RUNS)]
    run_in_browser(app, "live", "receive", *stores, Input(SOCKET, "message"))
    run_in_browser(app, "live", "connection", Input(SOCKET, "state"))
