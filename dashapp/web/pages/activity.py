"""Activity: what happened, newest first, of all types or of one; the address holds the type and how far back to look."""

from __future__ import annotations

from collections.abc import Sequence

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashapp.application.services import Services
from dashapp.events.fact import Event, EventType
from dashapp.web import live
from dashapp.web.components import activity_feed, card, connect_feed, page_heading
from dashapp.web.navigation import choice_links

PATH = "/activity"
TITLE = "Activity"

FEED = "activity-feed"
OLDER_FEED = "activity-older-feed"
TYPES = "activity-types"
OLDER = "activity-older"
PAGE_SIZE = 50


def layout(services: Services, type: str = "", before: str = "", **_: str) -> Component:
    chosen = EventType(type) if type in list(EventType) else None
    start = int(before) if before.isdecimal() and len(before) < 16 else None
    found = services.log.latest(PAGE_SIZE + 1, types=[chosen] if chosen else [], before=start)
    has_older = len(found) > PAGE_SIZE
    return render_activity(found[:PAGE_SIZE], chosen, services.settings.url_prefix, is_newest=start is None, has_older=has_older)


def render_activity(events: Sequence[Event], chosen: EventType | None, prefix: str, *, is_newest: bool, has_older: bool) -> Component:
    """`is_newest` is False on a page of older events, which live ones must not be put on top of."""
    here = f"{prefix}{PATH}?type={chosen.value}" if chosen else f"{prefix}{PATH}?type="
    oldest = min((event.id for event in events), default=0)
    links = [
        dcc.Link("Back to the newest", href=here, className="btn btn-quiet") if not is_newest else None,
        dcc.Link("Load older", id=OLDER, href=f"{here}&before={oldest}", className="btn btn-quiet" if has_older else "is-hidden"),
    ]
    return html.Div(
        [
            page_heading("Activity", "Everything that happened here, as it happens: trainings, deployments, predictions, alerts."),
            dcc.Store(id=TYPES, data=[chosen.value] if chosen else []),
            type_links(chosen, prefix),
            card(
                label(chosen) if chosen else "All activity",
                activity_feed(FEED if is_newest else OLDER_FEED, events),
                html.Div(links, className="button-row feed-links"),
                aside="live" if is_newest else "older",
            ),
        ],
        id="activity-page",
    )


def type_links(chosen: EventType | None, prefix: str) -> Component:
    choices = [("All", f"{prefix}{PATH}", chosen is None)]
    choices += [(label(each), f"{prefix}{PATH}?type={each.value}", each is chosen) for each in EventType]
    return choice_links("Type of activity", choices)


def label(type: EventType) -> str:
    return type.value.replace("_", " ").capitalize()


def register(app: Dash, services: Services) -> None:
    connect_feed(app, FEED, types=(TYPES, "data"))
    live.run_in_browser(app, "activity", "older", Output(OLDER, "href"), Input(FEED, "children"), State(OLDER, "href"))
