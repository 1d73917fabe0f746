"""The parts that every page is made of: functions of plain values that return trees.

The activity feed: `activity_feed(feed_id, events)` draws a list, newest first, and `connect_feed(app, feed_id)`, called once in the
page's `register`, puts live events on top of it in the browser (200 at most, none twice). With `types`, the id of a component and
its property that holds the types to show (none: all), it takes only those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component
from plotly.graph_objects import Figure

from dashapp.events.fact import Event
from dashapp.web import live
from dashapp.web.figures import CHART_CONFIG
from dashapp.web.words import UNKNOWN

Child = Any  # a component, a text, a list of them, or None


def aria(**values: str) -> dict[str, Any]:
    """`aria(label="Pages")` as properties of an element."""
    return {f"aria-{name}": value for name, value in values.items()}


def page_heading(title: str, lead: Child = None) -> Component:
    return html.Header([html.H1(title, className="page-title"), html.P(lead, className="page-lead") if lead else None])


def card(title: str, *children: Child, aside: Child = None, id: str | None = None, hidden: bool = False) -> Component:
    """A titled box; `aside` stands at the right of the title."""
    heading = html.Div([html.H2(title), html.Span(aside, className="card-aside") if aside is not None else None], className="card-heading")
    known: dict[str, Any] = {"id": id} if id else {}
    return html.Section([html.Div([heading, *children], className="card-body")], className="card is-hidden" if hidden else "card", **known)


def note(kind: str, text: Child, *, hidden: bool = False, **properties: Any) -> Component:
    """A sentence that stands out; `kind` is good, warn, bad or plain."""
    return html.Div(text, className=f"note note-{kind} is-hidden" if hidden else f"note note-{kind}", **properties)


def button(text: Child, id: Any, kind: str = "quiet", *, size: str = "", disabled: bool = False) -> Component:
    """`kind` is primary, quiet or danger; `size` is sm, big or nothing."""
    names = ["btn", f"btn-{kind}", f"btn-{size}" if size else ""]
    return html.Button(text, id=id, type="button", className=" ".join(filter(None, names)), disabled=disabled)


def badge(text: str, kind: str = "") -> Component:
    """A short state; `kind` is good, warn, bad, busy or nothing."""
    return html.Span(text, className=f"badge-state badge-{kind}" if kind else "badge-state")


def empty_state(title: str, advice: Child) -> Component:
    """What to say where there is nothing yet: what is missing and what to do next."""
    return html.Div([html.H3(title), html.P(advice)], className="empty-state")


def local_time(at: datetime, *, seconds: bool = False, class_name: str = "") -> Component:
    """A moment, which the browser shows in the reader's own time zone."""
    moment = at.astimezone(UTC)
    names = [class_name, "local-time", "with-seconds" if seconds else ""]
    return html.Time(
        f"{moment:%Y-%m-%d %H:%M} UTC",
        dateTime=moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        className=" ".join(filter(None, names)),
    )


def figure_tile(label: str, value: Child, note: Child = None, *, id: str | None = None) -> Component:
    """One measured number with its name; goes into `figures_row`. `id` names the element of the value."""
    known: dict[str, Any] = {"id": id} if id else {}
    return html.Div(
        [
            html.Dt(label, className="figure-label"),
            html.Dd(UNKNOWN if value is None else value, className="figure-value", **known),
            html.Dd(note, className="figure-note") if note is not None else None,
        ]
    )


def figures_row(tiles: Sequence[Component]) -> Component:
    return html.Dl(list(tiles), className="figures")


def data_table(
    heads: Sequence[Child],
    rows: Iterable[Sequence[Child]],
    *,
    caption: str,
    numbers: Sequence[int] = (),
    row_heads: bool = True,
    body_id: str | None = None,
) -> Component:
    """A table that scrolls inside its own box. `numbers` are the places of right-aligned columns;
    `row_heads` makes the first cell of a row its heading."""

    def cell(place: int, content: Child) -> Component:
        name = "number" if place in numbers else ""
        if row_heads and place == 0:
            return html.Th(content, scope="row", className=name)
        return html.Td(content, className=name)

    head = html.Tr([html.Th(each, scope="col", className="number" if place in numbers else "") for place, each in enumerate(heads)])
    body = [html.Tr([cell(place, content) for place, content in enumerate(row)]) for row in rows]
    known: dict[str, Any] = {"id": body_id} if body_id else {}
    table = html.Table(
        [html.Caption(caption, className="visually-hidden"), html.Thead(head), html.Tbody(body, **known)], className="data-table"
    )
    return html.Div(table, className="table-scroll", tabIndex=0, role="region", **aria(label=caption))


def chart(title: str, figure: Figure, *, id: str, description: str = "", figure_id: str | None = None) -> Component:
    """A titled chart of a fixed height; `id` is that of the graph, `figure_id` that of the box around it."""
    known: dict[str, Any] = {"id": figure_id} if figure_id else {}
    graph = dcc.Graph(id=id, figure=figure, config=cast(Any, CHART_CONFIG), responsive=True)
    caption = html.Figcaption([title, html.Span(f" {description}", className="muted") if description else None])
    return html.Figure([caption, html.Div(graph, className="chart-graph")], className="chart", **known)


def field(label: str, control: Component, note: Child = None) -> Component:
    """A labelled control; `control` must have an id."""
    return html.Div(
        [html.Label(label, htmlFor=getattr(control, "id", None)), control, html.P(note, className="field-note") if note else None],
        className="field",
    )


def confirmation(id: str, title: str, body: Child, confirm: Component, cancel: Component) -> Component:
    """A question in a dialogue; the page opens it with `is_open`."""
    dialogue: Component = dbc.Modal(
        [dbc.ModalHeader(dbc.ModalTitle(title, id=f"{id}-title")), dbc.ModalBody(body), dbc.ModalFooter([cancel, confirm])],
        id=id,
        labelledby=f"{id}-title",
        is_open=False,
        centered=True,
    )
    return dialogue


def activity_feed(feed_id: str, events: Sequence[Event]) -> Component:
    """The events as a list, newest first."""
    newest_first = sorted(events, key=lambda event: -event.id)
    return html.Ol([feed_item(event) for event in newest_first], id=feed_id, className="feed")


def feed_item(event: Event) -> Component:
    """One line of the feed; `assets/feed.js` draws the same for a live one."""
    return html.Li(
        [
            html.Span(className="feed-icon", **aria(hidden="true")),
            html.Span(event.type.value.replace("_", " ").capitalize(), className="feed-label"),
            local_time(event.at, seconds=True, class_name="feed-time"),
            html.Span(event.message, className="feed-message"),
        ],
        id={"type": "feed-item", "event": event.id},
        key=str(event.id),
        className=f"feed-item feed-{event.type.value}{_flag('outcome', event.data)}{_flag('action', event.data)}",
    )


def _flag(name: str, data: Mapping[str, Any]) -> str:
    return f" feed-{name}-{data[name]}" if data.get(name) else ""


def connect_feed(app: Dash, feed_id: str, types: tuple[str, str] | None = None) -> None:
    """Let live events appear on top of the list `feed_id`."""
    chosen = [State(*types)] if types else []
    live.run_in_browser(
        app,
        "feed",
        "prepend",
        Output(feed_id, "children", allow_duplicate=True),
        Input(live.EVENTS, "data"),
        State(feed_id, "children"),
        *chosen,
    )
