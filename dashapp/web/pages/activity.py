"""Activity: what happened, newest first, back to the first day; the address holds what of it is shown. The browser draws it."""

from __future__ import annotations

from datetime import UTC, datetime

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashapp.application.alerts import alerts
from dashapp.application.services import Services
from dashapp.web import activity_view as view
from dashapp.web import live
from dashapp.web.activity_query import PATH, ActivityQuery, query_of
from dashapp.web.activity_view import search_form, timeline_card
from dashapp.web.components import page_heading

__all__ = ["PATH", "TITLE", "layout", "register"]

TITLE = "Activity"
MOST_SUBJECTS = 30


def layout(services: Services, **address: str) -> Component:
    return render_activity(query_of(**address), subjects(services), services.log.last_id(), services.settings.url_prefix)


def render_activity(query: ActivityQuery, subjects: view.Subjects, last_id: int, prefix: str) -> Component:
    return html.Div(
        [
            page_heading("Activity", "Everything that happened here, as it happens: trainings, deployments, predictions, alerts."),
            dcc.Store(id=view.QUERY, data=query.for_browser(datetime.now(UTC), last_id)),
            timeline_card(query, search_form(query, subjects, prefix), prefix),
        ],
        id="activity-page",
    )


def subjects(services: Services) -> list[tuple[str, str]]:
    """The newest of each kind; others are reached by the links of what is shown."""
    return [
        *((f"run:{each.id}", f"Training of {each.target} on {each.dataset_name}") for each in services.runs.all(MOST_SUBJECTS)),
        *((f"model:{each.id}", f"Version {each.version} ({each.name})") for each in services.models.all()[:MOST_SUBJECTS]),
        *((f"dataset:{each.id}", each.name) for each in services.datasets.all()[:MOST_SUBJECTS]),
        *((f"alert:{each.id}", f"Alert: {each.message}") for each in alerts(services, limit=MOST_SUBJECTS)),
    ]


def register(app: Dash, services: Services) -> None:
    live.run_in_browser(app, "activity", "mount", Output(view.FEED, "className"), Input(view.QUERY, "data"), on_load=True)
    live.run_in_browser(app, "activity", "live", Input(live.EVENTS, "data"))
    live.run_in_browser(app, "activity", "older", Input(view.OLDER, "n_clicks"))
    live.run_in_browser(
        app,
        "activity",
        "search",
        Input(view.TEXT, "n_submit"),
        Input(view.SEARCH_BUTTON, "n_clicks"),
        Input(view.TYPES, "value"),
        Input(view.SUBJECT, "value"),
        Input(view.WINDOW, "value"),
        Input(view.DAY, "value"),
        State(view.TEXT, "value"),
    )
