"""What one request for predictions came to: the rows as they were sent and a prediction for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dashapp.serving.predictor import RowPrediction


class Source(StrEnum):
    """How the rows came in."""

    JSON = "json"
    CSV = "csv"
    V2 = "v2"
    MLFLOW = "mlflow"


@dataclass(frozen=True, slots=True)
class Answered:
    """`at` is epoch seconds, `validate_ms` and `predict_ms` are what the rows and the model took; `rows` and `predictions` in order."""

    id: str
    at: float
    model_id: str
    version: int
    source: Source
    rows: Sequence[Mapping[str, Any]]
    predictions: Sequence[RowPrediction]
    validate_ms: float
    predict_ms: float

    def prediction_ids(self) -> list[str]:
        """One for each prediction: the request's own for a single row, else with the row's number behind it."""
        return [self.id] if len(self.predictions) == 1 else [f"{self.id}-{number}" for number in range(len(self.predictions))]
