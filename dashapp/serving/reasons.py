"""Why a model answers what it answers for one row that a caller sends: against the background rows that its trainer kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from dashapp.datasets.dataset import Task
from dashapp.serving.predictor import Predictor
from dashapp.training.features import FloatArray, records, to_frame
from dashapp.training.result import Contribution, Explanation, RowReasons
from dashapp.training.run import InputColumn
from dashapp.training.why.row import EVALUATIONS, evaluations_needed, row_reasons

SECONDS = 1.0
SEED = 0


def reasons_of(
    predictor: Predictor, explanation: Explanation, task: Task, row: Mapping[str, Any], clock: Callable[[], float] = time.perf_counter
) -> RowReasons:
    """In about `SECONDS`: of a slow model fewer rows are predicted. Raises `InvalidRow`.

    Of more columns than there is time for, the most important ones take part; the others contribute 0.
    """
    predictor.predict([row])  # refuses what cannot be predicted from
    values, _ = predictor.read(row)
    inputs = predictor.inputs
    background = to_frame(explanation.background, inputs)
    mine = to_frame([{column.name: value for column, value in zip(inputs, values, strict=True)}], inputs)
    model = _Model(predictor, values)
    evaluations = _affordable(model, background, clock)
    asked = _most_important(inputs, explanation, evaluations)
    found = row_reasons(
        model.predict,
        background,
        mine,
        asked,
        task,
        predictor.labels,
        SEED,
        evaluations=evaluations,
        threshold=predictor.threshold,
    )
    others = [column for column in inputs if column.name not in {each.name for each in asked}]
    rest = tuple(Contribution(name, value, 0.0) for name, value in records(mine, others)[0].items())
    return replace(found, contributions=found.contributions + rest)


@dataclass(frozen=True, slots=True)
class _Model:
    """`predictor` as a function of frames; a column that a frame has not is as it is in `values`, the row that is explained."""

    predictor: Predictor
    values: Sequence[Any]

    def predict(self, frame: pd.DataFrame) -> FloatArray:
        columns = [
            _plain(frame[column.name]) if column.name in frame else [value] * len(frame)
            for column, value in zip(self.predictor.inputs, self.values, strict=True)
        ]
        outputs = self.predictor.outputs(list(zip(*columns, strict=True)))
        return outputs if self.predictor.labels else outputs[:, 0]


def _plain(series: pd.Series[Any]) -> list[Any]:
    """As `RowReader` gives them: floats, datetimes and texts, None for what is missing."""
    if series.dtype.kind == "M":
        return [None if moment is pd.NaT else moment.to_pydatetime() for moment in series]
    return [None if missing else value for value, missing in zip(series.tolist(), series.isna().tolist(), strict=True)]


def _affordable(model: _Model, background: pd.DataFrame, clock: Callable[[], float]) -> int:
    """How many rows can be predicted in time, told by the background."""
    began = clock()
    model.predict(background)
    took = clock() - began
    return EVALUATIONS if took <= 0 else int(min(EVALUATIONS, SECONDS * len(background) / took))


def _most_important(inputs: Sequence[InputColumn], explanation: Explanation, evaluations: int) -> Sequence[InputColumn]:
    """As many as so many evaluations give reasons for; those whose importance was not measured come last."""
    known = {each.column: each.mean for each in explanation.importances}
    ordered = sorted(inputs, key=lambda column: -known.get(column.name, float("-inf")))
    most = len(ordered)
    while most > 1 and evaluations_needed(most) > evaluations:
        most -= 1
    chosen = {column.name for column in ordered[:most]}
    return [column for column in inputs if column.name in chosen]
