"""The input schema of a model: one row as JSON Schema (draft 2020-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashapp.datasets.dataset import ColumnKind
from dashapp.training.run import InputColumn

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LABELS_SHOWN = 20


def json_schema(
    inputs: Sequence[InputColumn], example: Mapping[str, Any], title: str = "Row", labels: Sequence[str] = ()
) -> dict[str, Any]:
    """The schema of a row, with `example` as its example. `labels` are the classes in the order of the probabilities (`x-labels`).

    Nothing is required and any label is allowed: a missing value and an unseen label are predicted, with a warning. What was seen in
    training stands in the descriptions.
    """
    return {
        "$schema": DIALECT,
        "title": title,
        "type": "object",
        "properties": {column.name: _property(column) for column in inputs},
        "minProperties": (len(inputs) + 1) // 2,
        "additionalProperties": True,
        "examples": [dict(example)],
    } | ({"x-labels": list(labels)} if labels else {})


def example_row(inputs: Sequence[InputColumn]) -> dict[str, Any]:
    """A row that the model takes without a warning, from values that were seen in training."""
    return {column.name: column.example for column in inputs}


def _property(column: InputColumn) -> dict[str, Any]:
    if column.kind.is_numeric:
        return _number(column)
    if column.kind is ColumnKind.DATETIME:
        return _date(column)
    if column.kind is ColumnKind.TEXT:
        found = {"type": ["string", "number", "boolean", "null"], "description": "A text"}
        return found if column.example is None else {**found, "examples": [column.example]}
    kinds = ["string", "boolean", "number", "null"] if column.kind is ColumnKind.BOOLEAN else ["string", "number", "boolean", "null"]
    shown = list(column.labels[:_LABELS_SHOWN])
    more = f" and {len(column.labels) - len(shown)} more" if len(column.labels) > len(shown) else ""
    seen = ", ".join(shown) + more
    return {"type": kinds, "description": f"Seen in training: {seen}" if shown else "A text", "examples": shown}


def _date(column: InputColumn) -> dict[str, Any]:
    words = "A date or a time as ISO 8601 writes it, such as 2026-01-31T12:00:00; without a zone it is UTC"
    if column.written.day_first is not None:
        words += f"; also as in the training's file, with the {'day' if column.written.day_first else 'month'} first"
    kinds = ["string", "null"]
    if column.written.has_number_dates:
        words += "; also as a number as in the training's file (20260131, seconds since 1970, days of a spreadsheet)"
        kinds = ["string", "number", "null"]
    found: dict[str, Any] = {"type": kinds, "description": words}
    return found if column.example is None else {**found, "examples": [column.example]}


def _number(column: InputColumn) -> dict[str, Any]:
    found: dict[str, Any] = {"type": ["number", "string", "boolean", "null"]}
    words = "A whole number" if column.kind is ColumnKind.INTEGER else "A number"
    if column.minimum is not None and column.maximum is not None:
        words += f", {column.minimum:g} to {column.maximum:g} in training"
    text = "1.234,5" if column.written.decimal == "," else "1,234.5"
    words += f"; as a text it may be written as in the training's file, such as {text}"
    if column.written.is_percent_divided:
        words += "; 12 % is 0.12"
    found["description"] = words
    if column.example is not None:
        found["examples"] = [column.example]
    return found
