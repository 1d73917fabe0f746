"""What a person decides on the page about the reading of a file: the button, what is new of it, what takes it back, and the note."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashapp.datasets.dataset import ColumnReading, Profile, ReadAs, Reading
from dashapp.datasets.decided import Patch, changed_columns, of_column, of_file, sentences
from dashapp.datasets.wording import quoted
from dashapp.web.components import aria, button, note

DECIDE = "decide"
DISMISS = "decision-dismiss"
_ONE_OF = {
    ReadAs.NUMBER: "a number",
    ReadAs.INTEGER: "a whole number",
    ReadAs.BOOLEAN: "yes or no",
    ReadAs.CATEGORY: "a category",
    ReadAs.RATING: "a rating",
    ReadAs.DATETIME: "a date",
    ReadAs.TEXT: "free text",
    ReadAs.IDENTIFIER: "an identifier",
}


def decide_button(label: Any, patch: Patch, place: str) -> Component:
    """A button that decides `patch`; `place` tells it from another one with the same patch."""
    return button(label, {"type": DECIDE, "place": place, "patch": patch_text(patch)}, size="sm")


def patch_text(patch: Patch) -> str:
    return json.dumps(patch, ensure_ascii=False)


def undo_patch(reading: Reading, patch: Patch) -> dict[str, Any]:
    """What brings `reading` back once `patch` was applied to it."""
    known, unknown = of_file(reading), of_file(Reading())
    back: dict[str, Any] = {name: known[name] if known.get(name) != unknown.get(name) else None for name in patch if name != "columns"}
    columns = {}
    for column, change in changed_columns(patch).items():
        before = of_column(reading.columns.get(column, ColumnReading()))
        columns[column] = {name: before.get(name) for name in (change if isinstance(change, Mapping) else before)}
    return back | ({"columns": columns} if columns else {})


def news(reading: Reading, patch: Patch) -> dict[str, Any]:
    """What of the patch is not so already; a component that only appeared asks for nothing new."""
    before = undo_patch(reading, patch)
    columns = {name: change for name, change in changed_columns(patch).items() if change != before["columns"][name]}
    fields = {name: value for name, value in patch.items() if name != "columns" and value != before[name]}
    return fields | ({"columns": columns} if columns else {})


def emptied(before: Profile, after: Profile, patch: Patch) -> list[str]:
    """A sentence for each column that has no value left as the kind that was chosen for it."""
    return [
        f"No value of {quoted(name)} can be read as {_ONE_OF[ReadAs(change['kind'])]}; it is empty now."
        for name, change in changed_columns(patch).items()
        if isinstance(change, Mapping) and change.get("kind") and _has_values(before, name) and not _has_values(after, name)
    ]


def _has_values(profile: Profile, name: str) -> bool:
    column = profile.column(name)
    return column is not None and column.missing < profile.rows


def decision_note(patch: Patch, undo: Patch, warnings: list[str]) -> Component:
    """What was just decided or, where that did harm, the warning; the buttons take it back or the note away."""
    said = warnings or list(sentences(patch))
    text = " ".join(said) if len(said) <= 3 else f"{said[0]} So it is for {len(said) - 1} more."
    dismiss = html.Button("×", id=DISMISS, type="button", className="decision-dismiss", **aria(label="Dismiss"))
    buttons = html.Span([decide_button("Undo", undo, "undo"), dismiss], className="decision-buttons")
    return note("warn" if warnings else "good", html.Div([html.Span(text), buttons], className="decision"))
