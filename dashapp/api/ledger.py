"""`/api/predictions`, `/api/feedback` and `/api/challenger`"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Annotated, Any

from flask import Blueprint, request
from pydantic import BeforeValidator, ConfigDict, StrictInt, TypeAdapter, WithJsonSchema
from pydantic.dataclasses import dataclass

from dashapp.api.body import json_body, object_of, valid, whole_body, whole_number
from dashapp.application.challenger import comparison, current_challenger, end_challenger, start_challenger
from dashapp.application.ledger import (
    MOST_PAGE,
    MOST_REPLAYED,
    kept_prediction,
    live_scores,
    record_feedback,
    replay,
    search_predictions,
)
from dashapp.application.ledger_documents import (
    challenger_document,
    found_document,
    kept_document,
    replayed_document,
    score_document,
)
from dashapp.application.services import Services
from dashapp.errors import InvalidRequest
from dashapp.serving.ledger.kept import Search

TRUTHS = {"": False, "true": True, "false": False}
CSV_COLUMNS = ("prediction_id", "actual")
_LARGEST = 2**62


def _whole(value: Any) -> Any:
    """In JSON 5.0 is a whole number too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Last = Annotated[StrictInt, BeforeValidator(_whole), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MOST_REPLAYED})]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Truth:
    prediction_id: str
    actual: Any


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ReplayRequest:
    model_id: str
    last: Last = 100


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ChallengerRequest:
    model_id: str


_TRUTH, _TRUTHS = TypeAdapter(Truth), TypeAdapter(list[Truth])
_REPLAY, _CHALLENGER = TypeAdapter(ReplayRequest), TypeAdapter(ChallengerRequest)


def ledger_blueprint(services: Services) -> Blueprint:
    routes = Blueprint("ledger", __name__)

    @routes.get("/predictions")
    def listed() -> dict[str, Any]:
        return found_document(search_predictions(services, _search()))

    @routes.get("/predictions/<prediction_id>")
    def one(prediction_id: str) -> dict[str, Any]:
        return kept_document(kept_prediction(services, prediction_id))

    @routes.post("/replay")
    def again() -> dict[str, Any]:
        asked = object_of(_REPLAY)
        return replayed_document(replay(services, asked.model_id, asked.last))

    @routes.post("/feedback")
    def record() -> dict[str, Any]:
        request.max_content_length = services.settings.max_body_bytes
        recorded = record_feedback(services, _csv_truths() if request.mimetype == "text/csv" else _json_truths())
        return {"recorded": recorded.recorded, "unknown": list(recorded.unknown)}

    @routes.get("/feedback")
    def scores() -> dict[str, Any]:
        return {"scores": [score_document(score) for score in live_scores(services)]}

    @routes.get("/challenger")
    def challenger() -> dict[str, Any]:
        return challenger_document(current_challenger(services), comparison(services))

    @routes.put("/challenger")
    def start() -> dict[str, Any]:
        started = start_challenger(services, object_of(_CHALLENGER).model_id)
        return challenger_document(started, comparison(services))

    @routes.delete("/challenger")
    def end() -> tuple[str, int]:
        end_challenger(services)
        return "", 204

    return routes


def _search() -> Search:
    version, before = whole_number("version", 0, 1, _LARGEST), whole_number("before", 0, 0, _LARGEST)
    return Search(
        text=request.args.get("text", ""),
        version=version or None,
        prediction=request.args.get("prediction", ""),
        with_warnings=_flag("with_warnings"),
        with_actual=_flag("with_actual"),
        since=_time("since"),
        until=_time("until"),
        before=before if request.args.get("before") else None,
        limit=whole_number("limit", 50, 1, MOST_PAGE),
    )


def _flag(name: str) -> bool:
    text = request.args.get(name, "")
    if text not in TRUTHS:
        raise InvalidRequest(f"{name} must be true or false.", field=name, got=text)
    return TRUTHS[text]


def _time(name: str) -> datetime | None:
    """A time without a zone is UTC."""
    text = request.args.get(name)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidRequest(f"{name} must be a time as ISO 8601 writes it, such as 2026-11-23T09:00:00Z.", field=name, got=text) from None


def _json_truths() -> list[tuple[str, Any]]:
    body = json_body()
    truths = valid(_TRUTHS, body) if isinstance(body, list) else [valid(_TRUTH, body)]
    return [(each.prediction_id, each.actual) for each in truths]


def _csv_truths() -> list[tuple[str, Any]]:
    try:
        reader = csv.DictReader(io.StringIO(whole_body().decode("utf-8-sig"), newline=""))
        missing = [name for name in CSV_COLUMNS if name not in (reader.fieldnames or [])]
        if missing:
            raise InvalidRequest(f"The CSV has no column {missing[0]}.", column=missing[0], expected=",".join(CSV_COLUMNS))
        return [(row["prediction_id"] or "", row["actual"]) for row in reader]
    except UnicodeDecodeError as error:
        raise InvalidRequest("The CSV is not encoded in UTF-8.", expected="UTF-8") from error
    except csv.Error as error:
        raise InvalidRequest(f"The CSV cannot be read: {error}.") from error
