"""A model that answers: compiled where that gives the pipeline's own answers, otherwise the pipeline itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from dashapp.datasets.dataset import Task
from dashapp.errors import InvalidRow
from dashapp.models.artifact_format import Arrays, StoredModel
from dashapp.serving.encoder import NotCompilable, RowEncoder, compile_encoder
from dashapp.serving.flat_model import flatten, from_arrays, to_arrays
from dashapp.serving.rows import RowReader, Warnings
from dashapp.training.candidates import output_of
from dashapp.training.features import FloatArray, to_frame
from dashapp.training.run import InputColumn, TrainedModel

TOLERANCE = 1e-9
_UNSEEN = "\x00never seen"
_ENCODER = "encoder"

# Values of rows as `RowReader` gives them -> probabilities `[n, classes]`, or values `[n, 1]`.
Answer = Callable[[Sequence[Sequence[Any]]], FloatArray]


@dataclass(frozen=True, slots=True)
class RowPrediction:
    """`prediction` is a label as it is written in the file, or a number; `probabilities` by label, None in a regression; each warning
    has a `code`, a `column` and a `message`."""

    prediction: str | float
    probabilities: dict[str, float] | None
    warnings: Warnings


class Predictor:
    """Answers rows; safe to share between threads, as nothing in it changes. `is_exact` tells whether the compiled form answers."""

    def __init__(self, inputs: Sequence[InputColumn], labels: Sequence[str], answer: Answer, is_exact: bool) -> None:
        self.inputs = tuple(inputs)
        self.labels = tuple(labels)
        self.is_exact = is_exact
        self._reader = RowReader(self.inputs)
        self._answer = answer

    def predict(self, rows: Sequence[Mapping[str, Any]], first: int = 0) -> list[RowPrediction]:
        """One prediction a row, in order. Raises `InvalidRow` for the first row that does not fit; `first` is the number of `rows[0]`."""
        if not rows:
            return []
        read = [self._reader.read(row, number) for number, row in enumerate(rows, first)]
        outputs = self._answer([values for values, _ in read])
        if not np.isfinite(outputs).all():
            number = first + int(np.flatnonzero(~np.isfinite(outputs).all(axis=1))[0])
            raise InvalidRow(f"Row {number} holds numbers too large to predict from; send values like those of the training.", row=number)
        if not self.labels:
            return [RowPrediction(value, None, warnings) for (value,), (_, warnings) in zip(outputs.tolist(), read, strict=True)]
        return self._classified(outputs, [warnings for _, warnings in read])

    def _classified(self, outputs: FloatArray, warnings: Sequence[Warnings]) -> list[RowPrediction]:
        labels = self.labels
        winners = outputs.argmax(axis=1).tolist()
        return [
            RowPrediction(labels[winner], dict(zip(labels, shares, strict=True)), doubts)
            for winner, shares, doubts in zip(winners, outputs.tolist(), warnings, strict=True)
        ]


def compile_predictor(model: TrainedModel) -> Predictor:
    """A predictor of a model that was just trained."""
    arrays = compile_arrays(model)
    answer = _pipeline_answer(model.pipeline, model.inputs, model.plan.task) if arrays is None else _compiled_answer(arrays)
    return Predictor(model.inputs, model.labels, answer, arrays is not None)


def load_predictor(stored: StoredModel) -> Predictor:
    """A predictor of a model that was read from its artifact; the compiled form must still give the answers that were written down.
    Raises `ModelDamaged` where the pipeline is needed and cannot be read."""
    if stored.compiled is not None:
        answer = _compiled_answer(stored.compiled)
        if _agrees(answer, stored.inputs, stored.check_rows, stored.check_outputs):
            return Predictor(stored.inputs, stored.labels, answer, True)
    return Predictor(stored.inputs, stored.labels, _pipeline_answer(stored.pipeline(), stored.inputs, stored.task), False)


def compile_arrays(model: TrainedModel) -> dict[str, NDArray[Any]] | None:
    """The model as plain arrays, or None where it cannot be compiled or where one answer differs from the pipeline's.

    Compared are the check rows, and these with each column missing and each label unseen, one row at a time and together.
    """
    features, estimator = model.pipeline.named_steps["features"], model.pipeline.named_steps["model"]
    try:
        encoder = compile_encoder(features, model.inputs)
        arrays = to_arrays(flatten(estimator, encoder.width))
        arrays[_ENCODER] = np.frombuffer(json.dumps(encoder.as_data()).encode(), dtype=np.uint8)
        rows = [*model.check_rows, *_variants(model.check_rows, model.inputs)]
        with threadpool_limits(limits=1):
            expected = _pipeline_outputs(model.pipeline, model.inputs, model.plan.task, rows)
        is_same = _agrees(_compiled_answer(arrays), model.inputs, rows, expected)
    except (NotCompilable, AttributeError, ValueError, IndexError):
        # Private attributes of the estimators are read; another version of scikit-learn may not have them.
        return None
    return arrays if is_same else None


def _compiled_answer(arrays: Arrays) -> Answer:
    encoder = RowEncoder.from_data(json.loads(arrays[_ENCODER].tobytes()))
    model = from_arrays(arrays)

    def answer(rows: Sequence[Sequence[Any]]) -> FloatArray:
        return model.outputs(np.array([encoder.encode(values) for values in rows], dtype=np.float64))

    return answer


def _pipeline_answer(pipeline: Any, inputs: Sequence[InputColumn], task: Task) -> Answer:
    names = [column.name for column in inputs]

    def answer(rows: Sequence[Sequence[Any]]) -> FloatArray:
        return _pipeline_outputs(pipeline, inputs, task, [dict(zip(names, values, strict=True)) for values in rows])

    return answer


def _pipeline_outputs(pipeline: Any, inputs: Sequence[InputColumn], task: Task, rows: Sequence[Mapping[str, Any]]) -> FloatArray:
    return output_of(task, pipeline, to_frame(rows, inputs)).reshape(len(rows), -1)


def _agrees(answer: Answer, inputs: Sequence[InputColumn], rows: Sequence[Mapping[str, Any]], expected: FloatArray) -> bool:
    reader = RowReader(inputs)
    read = [reader.read(row, number)[0] for number, row in enumerate(rows)]
    allowed = TOLERANCE * max(1.0, float(np.abs(expected).max(initial=0.0)))
    together = answer(read)
    alone = [answer([values])[0] for values in read[:20]]
    return together.shape == expected.shape and bool(
        (np.abs(together - expected) <= allowed).all() and (np.abs(np.array(alone) - expected[: len(alone)]) <= allowed).all()
    )


def _variants(rows: Sequence[Mapping[str, Any]], inputs: Sequence[InputColumn]) -> list[dict[str, Any]]:
    """Two rows a column: one in which it is missing, one in which it is unseen or far out."""
    found: list[dict[str, Any]] = []
    for number, column in enumerate(inputs):
        row = rows[number % len(rows)]
        found.append({**row, column.name: None})
        if column.kind.is_numeric:
            found.append({**row, column.name: 2.0 * (column.maximum or 0.0) + 1.0})
        elif column.labels:
            found.append({**row, column.name: _UNSEEN})
    return found
