"""The input schema of a model: one row as JSON Schema (draft 2020-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashapp.datasets.dataset import ColumnKind
from dashapp.training.run import InputColumn

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LABELS_SHOWN = 20


def json_schema(inputs: Sequence[InputColumn], example: Mapping[str, Any], title: str = "Row") -> dict[str, Any]:
    """The schema of a row, with `example` as its example.

    Nothing is required and any label is allowed: a missing value and an unseen label are predicted, with a warning. What was seen in
    training stands in the descriptions.
    """
    return {
        "$schema": DIALECT,
        "title": title,
        "type": "object",
        "properties": {column.name: _property(column) for column in inputs},
        "additionalProperties": True,
        "examples": [dict(example)],
    }


def example_row(inputs: Sequence[InputColumn]) -> dict[str, Any]:
    """A row that the model takes without a warning, from values that were seen in training."""
    return {column.name: column.example for column in inputs}


def _property(column: InputColumn) -> dict[str, Any]:
    if column.kind.is_numeric:
        return _number(column)
    if column.kind is ColumnKind.DATETIME:
        found = {"type": ["string", "null"], "description": "A date or a time as ISO 8601 writes it, such as 2026-01-31T12:00:00"}
        return found if column.example is None else {**found, "examples": [column.example]}
    if column.kind is ColumnKind.TEXT:
        found = {"type": ["string", "number", "null"], "description": "A text"}
        return found if column.example is None else {**found, "examples": [column.example]}
    kinds = ["string", "boolean", "number", "null"] if column.kind is ColumnKind.BOOLEAN else ["string", "number", "boolean", "null"]
    shown = list(column.labels[:_LABELS_SHOWN])
    more = f" and {len(column.labels) - len(shown)} more" if len(column.labels) > len(shown) else ""
    seen = ", ".join(shown) + more
    return {"type": kinds, "description": f"Seen in training: {seen}" if shown else "A text", "examples": shown}


def _number(column: InputColumn) -> dict[str, Any]:
    found: dict[str, Any] = {"type": ["number", "null"]}
    words = "A whole number" if column.kind is ColumnKind.INTEGER else "A number"
    if column.minimum is not None and column.maximum is not None:
        words += f", {column.minimum:g} to {column.maximum:g} in training"
    found["description"] = words
    if column.example is not None:
        found["examples"] = [column.example]
    return found
