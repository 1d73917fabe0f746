"""What happens to alerts on the Monitor page: they are read, redrawn in every tab when the log tells of them, acknowledged and muted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashapp.application.alerts import acknowledge, alerts, count_alerts, mute, mutes, unmute
from dashapp.application.services import Services
from dashapp.errors import DashappError
from dashapp.monitoring.told import Alert
from dashapp.web import alerts_view, live, monitor_view
from dashapp.web.components import note

BY = "dashboard"
PULSE = "monitor-alerts-pulse"
PRESSED = "monitor-alerts-pressed"
NOTICE = "monitor-alerts-notice"
WORST = "monitor-alerts-worst"
MARKED = "monitor-alerts-marked"
PAST_SHOWN = 20
PAST_SEARCHED = 500


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of alerts at one moment; `total` counts those that stand, `over` those that are over."""

    standing: list[Alert]
    total: int
    last: Alert | None
    over: int
    mutes: Mapping[str, datetime]

    @property
    def worst(self) -> dict[str, str] | None:
        return monitor_view.worst_alert(self.standing)


def told(services: Services) -> Told:
    return Told(
        standing=alerts(services, is_standing=True, limit=alerts_view.SHOWN),
        total=count_alerts(services, is_standing=True),
        last=next(iter(alerts(services, is_standing=False, limit=1)), None),
        over=count_alerts(services, is_standing=False),
        mutes={each.rule: each.until for each in mutes(services)},
    )


def part(services: Services, known: Told, marked: str = "") -> list[Component | None]:
    """The alerts of the page; `marked` is the id of the one that a link leads to, which may be over."""
    past = past_with(services, marked) if marked and all(each.id != marked for each in known.standing) else None
    shown = None if past is None else alerts_view.past_list(past, services.settings.url_prefix, marked)
    return [
        html.Div(_standing(services, known, marked), id=alerts_view.ALERTS),
        html.Div(id=NOTICE),
        alerts_view.past_fold(known.over, is_open=shown is not None, shown=shown),
        dcc.Store(id=PULSE, data=services.log.last_id()),
        dcc.Store(id=PRESSED),
        dcc.Store(id=WORST, data=known.worst),
        dcc.Store(id=MARKED, data=marked),
    ]


def _standing(services: Services, known: Told, marked: str = "") -> Component:
    return alerts_view.alerts_part(known.standing, known.total, known.last, known.mutes, services.settings.url_prefix, marked)


def past_with(services: Services, alert_id: str) -> list[Alert] | None:
    """The alerts that are over down to the one wanted; None where it is not among the newest of them."""
    past = alerts(services, is_standing=False, limit=PAST_SEARCHED)
    place = next((place for place, each in enumerate(past) if each.id == alert_id), None)
    return None if place is None else past[: max(place + 1, PAST_SHOWN)]


def press(services: Services, pressed: Mapping[str, Any]) -> None:
    """Do what a button says; raises `DashappError`."""
    action, rule = pressed.get("action"), str(pressed.get("rule"))
    if action == "acknowledge":
        acknowledge(services, str(pressed.get("alert")), BY)
    elif action == "mute":
        mute(services, rule, float(pressed.get("seconds") or 0), BY)
    elif action == "unmute":
        unmute(services, rule)


def register(app: Dash, services: Services) -> None:
    live.run_in_browser(app, "monitorAlerts", "pulse", Output(PULSE, "data"), Input(live.EVENTS, "data"), State(PULSE, "data"))
    live.run_in_browser(app, "monitorAlerts", "settle", Input(alerts_view.ALERTS, "children"))
    live.run_in_browser(app, "monitorAlerts", "mark", Output(NOTICE, "className"), Input(MARKED, "data"), on_load=True)
    live.run_in_browser(app, "notify", "mount", Output(monitor_view.NOTIFY, "title"), Input(monitor_view.NOTIFY, "id"), on_load=True)

    @app.callback(
        Output(alerts_view.ALERTS, "children"),
        Output(WORST, "data"),
        Output(alerts_view.PAST_FOLD, "className"),
        Output(alerts_view.SHOW_PAST, "children"),
        Output(alerts_view.PAST, "children"),
        Input(PULSE, "data"),
        State(alerts_view.SHOW_PAST, "n_clicks"),
        prevent_initial_call=True,
    )
    def redraw(_pulse: int, unfolded: int | None) -> Any:
        known = told(services)
        past = _past(services) if unfolded else no_update
        return _standing(services, known), known.worst, *alerts_view.past_words(known.over), past

    @app.callback(
        Output(alerts_view.ALERTS, "children", allow_duplicate=True),
        Output(NOTICE, "children"),
        Input(PRESSED, "data"),
        prevent_initial_call=True,
    )
    def act(pressed: Mapping[str, Any] | None) -> Any:
        if not pressed:
            return no_update, no_update
        try:
            press(services, pressed)
        except DashappError as error:
            return no_update, note("bad", error.message, role="alert")
        return _standing(services, told(services)), None

    @app.callback(
        Output(alerts_view.PAST, "children", allow_duplicate=True), Input(alerts_view.SHOW_PAST, "n_clicks"), prevent_initial_call=True
    )
    def show_past(clicks: int | None) -> Any:
        return _past(services) if clicks else no_update


def _past(services: Services) -> Component:
    return alerts_view.past_list(alerts(services, is_standing=False, limit=PAST_SHOWN), services.settings.url_prefix)
