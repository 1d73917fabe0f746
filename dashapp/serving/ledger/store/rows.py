"""A row of the table as the value that others see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Row, select

from dashapp.database.tables import feedback, predictions
from dashapp.serving.ledger.kept import ChallengerAnswer, KeptPrediction

KEPT_COLUMNS = select(predictions, feedback.c.actual).outerjoin(feedback, feedback.c.prediction_id == predictions.c.id)


def kept_prediction(row: Row[Any]) -> KeptPrediction:
    """Of a row with `KEPT_COLUMNS`."""
    answer = orjson.loads(row.answer)
    interval = answer["interval"]
    return KeptPrediction(
        number=row.number,
        id=row.id,
        at=datetime.fromtimestamp(row.at, UTC),
        model_id=row.model_id,
        version=row.version,
        source=row.source,
        inputs=orjson.loads(row.inputs),
        prediction=answer["prediction"],
        probabilities=answer["probabilities"],
        interval=None if interval is None else (interval[0], interval[1]),
        warnings=tuple(answer["warnings"]),
        ms=row.ms,
        share=row.share,
        actual=actual_value(row.actual, answer["probabilities"] is None),
        challenger=None if row.challenger is None else challenger_answer(row.challenger_version, row.challenger),
    )


def actual_value(text: str | None, is_number: bool) -> str | float | None:
    return float(text) if text is not None and is_number else text


def challenger_answer(version: int, text: str) -> ChallengerAnswer:
    found = orjson.loads(text)
    return ChallengerAnswer(version, found["prediction"], found["probabilities"])
