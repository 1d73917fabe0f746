"""A place to drop a CSV file that the browser itself sends on; `assets/file-drop.js` puts the file input into its slot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashapp.web.components import aria, button, note


def csv_drop(name: str, title: str, data: Mapping[str, str] | None = None) -> Component:
    """`name` says what is done with the file (`assets/file-tasks.js`) and begins the ids of all parts; `data` is what that must know."""
    known: dict[str, Any] = {f"data-{key}": text for key, text in (data or {}).items()}
    zone = html.Div(
        [
            html.Strong(title),
            html.Span("or choose one from your computer", className="muted"),
            html.Span(id=f"{name}-slot"),
        ],
        id=f"{name}-zone",
        className="drop-zone is-small",
        **known,
    )
    status = html.Div(
        [
            html.Span(id=f"{name}-message", role="status"),
            button("Cancel", f"{name}-cancel", size="sm"),
            html.Progress(id=f"{name}-bar", max="100", **aria(label="Progress")),
        ],
        id=f"{name}-status",
        className="upload-status is-hidden",
    )
    error = note("bad", None, id=f"{name}-error", role="alert", hidden=True)
    done = note("good", None, id=f"{name}-done", role="status", hidden=True)
    return html.Div([zone, status, error, done], className="csv-drop")
