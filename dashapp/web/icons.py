"""The one icon set: `assets/icons.css` holds the shapes, the text around an icon gives its colour and size."""

from __future__ import annotations

from typing import Any, Literal, get_args

from dash import html
from dash.development.base_component import Component

IconName = Literal[
    "activity", "arrow-right", "arrow-up-right", "bell", "bell-off", "book-open", "box",
    "calendar", "chart-column", "chart-line", "check", "chevron-down", "chevron-left", "chevron-right",
    "circle-alert", "circle-check", "circle-question-mark", "circle-x", "clock", "command", "copy",
    "cpu", "database", "download", "ellipsis", "external-link", "eye", "file-spreadsheet",
    "file-text", "filter", "flag", "gauge", "git-compare", "hard-drive", "history",
    "image", "info", "keyboard", "lightbulb", "link", "list", "loader-circle",
    "memory-stick", "menu", "minus", "monitor", "moon", "network", "pause",
    "play", "plus", "refresh-cw", "rocket", "rotate-ccw", "scale", "search",
    "send", "server", "settings", "sliders-horizontal", "sparkles", "square", "sun",
    "table", "target", "terminal", "trash-2", "triangle-alert", "trophy", "undo-2",
    "upload", "x", "zap",
]  # fmt: skip
ICONS = frozenset(get_args(IconName))


def icon(name: IconName) -> Component:
    """A shape beside words; it says nothing to a screen reader, so a button of an icon alone needs a label of its own."""
    unheard: dict[str, Any] = {"aria-hidden": "true"}
    return html.Span(className=f"icon icon-{name}", **unheard)
