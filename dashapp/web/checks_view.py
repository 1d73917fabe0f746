"""The checks of a deployment in words, in the dialogue that asks and in the ledger that remembers."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashapp.models.model import Check
from dashapp.web.components import badge

_NAMES = {
    "file": "File",
    "answers": "Exact answers",
    "smoke": "Trial predictions",
    "schema": "Columns and answers",
    "rows": "Callers' rows",
    "latency": "Speed",
    "score": "Test score",
}


def checks_list(checks: Sequence[Check]) -> Component:
    return html.Ul(
        [html.Li([html.Div([_badge(check), html.Strong(_name(check))]), html.P(check.words)]) for check in checks], className="checks"
    )


def _name(check: Check) -> str:
    return _NAMES.get(check.name, check.name.capitalize())


def _badge(check: Check) -> Component:
    if not check.passed:
        return badge("Worse", "bad")
    return badge("Note", "warn") if check.is_notable else badge("Passed", "good")
