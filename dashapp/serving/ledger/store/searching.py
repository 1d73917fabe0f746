"""What a search asks for, as conditions on the tables."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, func, or_, select

from dashapp.database.tables import feedback, prediction_counts, predictions
from dashapp.serving.ledger.entry import HOUR_S
from dashapp.serving.ledger.kept import Search


def conditions(search: Search) -> list[ColumnElement[bool]]:
    """All but `before` and `limit`, on predictions joined with their truth."""
    found: list[ColumnElement[bool]] = []
    if search.text:
        inside_json = orjson.dumps(_sound(search.text)).decode()[1:-1]
        found.append(
            or_(
                predictions.c.inputs.icontains(inside_json, autoescape=True),
                predictions.c.id.icontains(_sound(search.text), autoescape=True),
                predictions.c.prediction.icontains(_sound(search.text), autoescape=True),
            )
        )
    if search.version is not None:
        found.append(predictions.c.version == search.version)
    if search.prediction:
        found.append(func.lower(predictions.c.prediction) == func.lower(_sound(search.prediction)))
    if search.with_warnings:
        found.append(predictions.c.warnings > 0)
    if search.with_actual:
        found.append(feedback.c.prediction_id.is_not(None))
    if search.since is not None:
        found.append(predictions.c.at >= search.since.timestamp())
    if search.until is not None:
        found.append(predictions.c.at <= search.until.timestamp())
    return found


def needs_a_scan(search: Search) -> bool:
    """Whether rows must be looked at one after another; otherwise an index finds them."""
    return bool(search.text or search.prediction or search.with_warnings or search.with_actual or search.since or search.until)


def counted(search: Search) -> Select[Any]:
    """How many were made, are kept and had warnings, of the versions and hours asked for."""
    query = select(func.sum(prediction_counts.c.made), func.sum(prediction_counts.c.kept), func.sum(prediction_counts.c.warned))
    if search.version is not None:
        query = query.where(prediction_counts.c.version == search.version)
    if search.since is not None:
        query = query.where(prediction_counts.c.hour >= int(search.since.timestamp() // HOUR_S))
    if search.until is not None:
        query = query.where(prediction_counts.c.hour <= int(search.until.timestamp() // HOUR_S))
    return query


def _sound(text: str) -> str:
    """No half of a surrogate pair, which no database takes, and no NUL, which PostgreSQL does not."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")
