"""The frame around the pages: header, connection banner, toasts, the live socket, and the choice of the page from the address.

A page is a module with `PATH` ("/models/<model_id>" takes a part of the path), `TITLE`, `register(app, services)` and
`layout(services, **address)`, where `address` holds the parts of the path and the query; it is called at each visit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote

from dash import Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashapp.application.services import Services
from dashapp.errors import DashappError, NotFound
from dashapp.web import follow, live
from dashapp.web.components import aria, note, page_heading
from dashapp.web.pages import PAGES

LOCATION = "location"
PAGE = "page"
PAGE_SHOWN = "page-shown"
TOASTS = "toasts"
NAME = "Dashapp"
NAVIGATION = (
    ("Train", "/"),
    ("Models", "/models"),
    ("Monitor", "/monitor"),
    ("API", "/try"),
    ("Predictions", "/predictions"),
    ("Activity", "/activity"),
    ("History", "/history"),
)

# Linked in the head by `index_string`; every other file under assets/ is linked by Dash.
ASSETS_IGNORE = r"^(theme\.js|bootstrap\.min\.css|tokens\.css|LICENSES\.md)$"
_HEAD_STYLES = ("vendor/bootstrap.min.css", "tokens.css")
_DESCRIPTION = "Drop a CSV, train with one button, use the model over HTTP."


class Page(Protocol):
    PATH: str
    TITLE: str

    def layout(self, services: Services, **address: str) -> Component: ...

    def register(self, app: Dash, services: Services) -> None: ...


def create_shell(app: Dash, services: Services, pages: Sequence[Any] = PAGES) -> None:
    """Give `app` its HTML frame, its layout, the pages and all callbacks. Call once per app, before the CSP hashes are read."""
    app.title = NAME
    app.config.update_title = None
    app.config.suppress_callback_exceptions = True  # the pages' components come and go
    app.config.assets_ignore = ASSETS_IGNORE
    app.index_string = index_string(app)
    app.layout = lambda: shell_layout(services)
    live.register(app)
    follow.register(app, services.settings)
    for page in pages:
        page.register(app, services)
    _register_routing(app, services, pages)


def index_string(app: Dash) -> str:
    """The HTML around the app: the language, the theme before the first paint, no inline script and no foreign host."""
    styles = "\n        ".join(f'<link rel="stylesheet" href="{_asset(app, path)}">' for path in _HEAD_STYLES)
    return f"""<!DOCTYPE html>
<html lang="en">
    <head>
        {{%metas%}}
        <meta name="description" content="{escape(_DESCRIPTION)}">
        <meta name="color-scheme" content="light dark">
        <title>{{%title%}}</title>
        <link rel="icon" type="image/svg+xml" href="{_asset(app, "icon.svg")}">
        <script src="{_asset(app, "theme.js")}"></script>
        {styles}
        {{%css%}}
    </head>
    <body>
        {{%app_entry%}}
        <footer hidden>
            {{%config%}}
            {{%scripts%}}
            {{%renderer%}}
        </footer>
    </body>
</html>"""


def _asset(app: Dash, path: str) -> str:
    """Its URL, which changes with the file, so that a browser may keep it for long."""
    changed = Path(app.config.assets_folder, path).stat().st_mtime_ns
    return escape(f"{app.get_asset_url(path)}?m={changed}")


def shell_layout(services: Services) -> Component:
    return html.Div(
        [
            dcc.Location(id=LOCATION, refresh="callback-nav"),
            dcc.Store(id=PAGE_SHOWN),
            dcc.Store(id=follow.RUN_FOLLOWED),
            dcc.Store(id=follow.RUN_PROGRESS),
            dcc.Store(id=follow.RUN_OUTCOME),
            *live.live_elements(services.log.last_id()),
            html.A("Skip to the page", href="#main", className="skip-link"),
            header(services.settings.url_prefix),
            html.Main(html.Div(id=PAGE), id="main", className="shell-page", tabIndex=-1),
            html.Div(id=TOASTS, className="toast-stack", role="status", **aria(live="polite")),
        ]
    )


def header(prefix: str) -> Component:
    links = [dcc.Link(name, href=prefix + path) for name, path in NAVIGATION]
    brand = dcc.Link(NAME, href=f"{prefix}/", className="shell-brand")
    navigation = html.Nav(links, className="shell-nav", **aria(label="Pages"))
    bar = html.Div([brand, navigation], className="shell-bar")
    return html.Header([bar, live.connection_banner()], className="shell-header")


def render_page(services: Services, pages: Sequence[Any], pathname: str | None, search: str | None) -> tuple[Component, str]:
    """The page at an address and its title; a page that says `NotFound` is the 404 page with its sentence."""
    path = (pathname or "/").removeprefix(services.settings.url_prefix).rstrip("/") or "/"
    query = {name: value for name, value in parse_qsl((search or "").removeprefix("?")) if name.isidentifier() and name != "services"}
    for page in pages:
        parts = _match(page.PATH, path)
        if parts is not None:
            try:
                return page.layout(services, **(query | parts)), page.TITLE
            except NotFound as error:
                return not_found(services.settings.url_prefix, error.message), "Not found"
            except DashappError as error:
                return note("bad", error.message, role="alert"), page.TITLE
    return not_found(services.settings.url_prefix, f"There is no page at {path}."), "Not found"


def _match(pattern: str, path: str) -> dict[str, str] | None:
    """The named parts of `path` where it fits `pattern`, else None."""
    expression = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", pattern)
    found = re.fullmatch(expression, path)
    return None if found is None else {name: unquote(part) for name, part in found.groupdict().items()}


def not_found(prefix: str, sentence: str) -> Component:
    back = dcc.Link("Go to the start page", href=f"{prefix}/")
    return html.Div([page_heading("Not found", sentence), html.P(back)])


def _register_routing(app: Dash, services: Services, pages: Sequence[Any]) -> None:
    @app.callback(Output(PAGE, "children"), Output(PAGE_SHOWN, "data"), Input(LOCATION, "pathname"), Input(LOCATION, "search"))
    def show(pathname: str | None, search: str | None) -> tuple[Component, dict[str, str]]:
        page, title = render_page(services, pages, pathname, search)
        return page, {"title": f"{title} · {NAME}", "path": pathname or "/", "search": search or ""}

    live.run_in_browser(app, "navigation", "arrive", Input(PAGE_SHOWN, "data"))
    live.run_in_browser(app, "toasts", "show", Output(TOASTS, "children"), Input(live.EVENTS, "data"), State(TOASTS, "children"))
