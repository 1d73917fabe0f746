"""How the try-it form looks: one labelled field per input column, filled with the example of that column, and what its answer needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dashapp.datasets.dataset import ColumnKind
from dashapp.training.run import InputColumn
from dashapp.web.components import aria, field

FIELD = "try-field"
MISSING = "(missing)"
NO_LABEL = "none"
LABELS_TO_CHOOSE = 50
LABELS_TO_SUGGEST = 200


def form_fields(inputs: Sequence[InputColumn]) -> Component:
    """Field number n has the id `try-field-n`, which `assets/pages-try.js` reads."""
    return html.Div([_field(column, f"{FIELD}-{place}") for place, column in enumerate(inputs)], className="try-fields")


def form_columns(inputs: Sequence[InputColumn]) -> list[dict[str, Any]]:
    """What the browser must know to make a row of the fields."""
    return [
        {"name": column.name, "isNumber": column.kind.is_numeric, "labels": list(column.labels) if _is_choice(column) else None}
        for column in inputs
    ]


def _field(column: InputColumn, id: str) -> Component:
    suggestions = _suggestions(column, id)
    labelled = field(column.name, _control(column, id), _hint(column))
    return labelled if suggestions is None else html.Div([labelled, suggestions])


def _control(column: InputColumn, id: str) -> Component:
    """Bounds are hints: a value outside of them is predicted, with a warning."""
    value = input_text(column)
    if column.kind.is_numeric:
        number: Component = dbc.Input(id=id, type="number", step="any", value=value, min=column.minimum, max=column.maximum)
        return number
    if _is_choice(column):
        return _choice(column, id)
    if column.kind is ColumnKind.DATETIME:
        # `type` is handed to the browser as it is; dbc's list of types leaves out the two for dates.
        dates: Component = dbc.Input(id=id, type="date" if len(value) == 10 else "datetime-local", step="1", value=value)
        return dates
    text: Component = dbc.Input(id=id, type="text", value=value, list=f"{id}-labels" if column.labels else None, autocomplete="off")
    return text


def _choice(column: InputColumn, id: str) -> Component:
    """A value is a label's place: dbc keeps the empty value for itself, and any text may be a label."""
    options = [{"label": label, "value": str(place)} for place, label in enumerate(column.labels)]
    chosen = str(column.labels.index(str(column.example))) if str(column.example) in column.labels else NO_LABEL
    select: Component = dbc.Select(id=id, options=[*options, {"label": MISSING, "value": NO_LABEL}], value=chosen)
    return select


def input_text(column: InputColumn) -> str:
    """The example as the browser's control takes it."""
    if column.example is None:
        return ""
    if column.kind is ColumnKind.DATETIME:
        return _iso(str(column.example))
    return f"{column.example:.15g}" if isinstance(column.example, int | float) else column.example


def _iso(example: str) -> str:
    try:
        moment = datetime.fromisoformat(example).replace(tzinfo=None)
    except ValueError:
        return ""
    midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return moment.date().isoformat() if midnight else moment.isoformat(timespec="seconds")


def _is_choice(column: InputColumn) -> bool:
    return 0 < len(column.labels) <= LABELS_TO_CHOOSE and column.kind in (ColumnKind.CATEGORY, ColumnKind.BOOLEAN)


def _suggestions(column: InputColumn, id: str) -> Component | None:
    if not column.labels or _is_choice(column):
        return None
    return html.Datalist(
        [html.Option(value=label) for label in column.labels[:LABELS_TO_SUGGEST]], id=f"{id}-labels", **aria(hidden="true")
    )


def _hint(column: InputColumn) -> str | None:
    if column.kind.is_numeric and column.minimum is not None and column.maximum is not None:
        return f"{column.minimum:,.6g} to {column.maximum:,.6g} in training"
    if column.labels and not _is_choice(column):
        return f"one of {len(column.labels):,} seen in training, or another"
    return None
