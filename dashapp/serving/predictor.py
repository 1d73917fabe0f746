"""A model that answers: compiled where that gives the pipeline's own answers, otherwise the pipeline itself."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from dashapp.datasets.dataset import Task
from dashapp.errors import InvalidRow
from dashapp.models.artifact_format import Arrays, StoredModel
from dashapp.serving.compiled import compile_blend, from_arrays, to_arrays
from dashapp.serving.encoder import NotCompilable
from dashapp.serving.rows import RowReader, Warnings, numbered
from dashapp.training.families.family import output_of
from dashapp.training.features import FloatArray, to_frame
from dashapp.training.result import Bands, Explanation, Threshold, TrainedModel
from dashapp.training.run import InputColumn

TOLERANCE = 1e-9
_UNSEEN = "\x00never seen"
_UNREADABLE = (NotCompilable, AttributeError, KeyError, TypeError, ValueError, IndexError)

# Values of rows as `RowReader` gives them -> probabilities `[n, classes]`, or values `[n, 1]`.
Answer = Callable[[Sequence[Sequence[Any]]], FloatArray]
# The values of a row in the order of the inputs, and what is doubtful about them.
ReadRow = tuple[Sequence[Any], Warnings]


@dataclass(frozen=True, slots=True)
class RowPrediction:
    """`prediction` is a label as it is written in the file, or a number; `probabilities` by label, None in a regression; `interval` in a
    regression that has them, else None; each warning has a `code`, a `column` and a `message`."""

    prediction: str | float
    probabilities: dict[str, float] | None
    warnings: Warnings
    interval: tuple[float, float] | None = None


class Predictor:
    """Answers rows; safe to share between threads, as nothing in it changes. `is_exact` tells whether the compiled form answers.

    With a `threshold` its label is called from that probability on, otherwise the likeliest; `bands` give a regression's intervals.
    """

    def __init__(
        self,
        inputs: Sequence[InputColumn],
        labels: Sequence[str],
        answer: Answer,
        is_exact: bool,
        threshold: Threshold | None = None,
        bands: Bands | None = None,
        explanation: Callable[[], Explanation] = Explanation,
    ) -> None:
        self.inputs = tuple(inputs)
        self.labels = tuple(labels)
        self.is_exact = is_exact
        self.threshold = threshold
        self.bands = bands
        # Read from the artifact when it is asked for, and then kept.
        self.explanation = cache(explanation)
        # Values in the order of the inputs, with warnings; and what these values give (see `Answer`).
        self.read = RowReader(self.inputs).read
        self.outputs = answer

    @property
    def task(self) -> Task:
        if not self.labels:
            return Task.REGRESSION
        return Task.BINARY if len(self.labels) == 2 else Task.MULTICLASS

    def predict(self, rows: Sequence[Mapping[str, Any]], first: int = 0) -> list[RowPrediction]:
        """One prediction a row, in order. Raises `InvalidRow` for the first row that does not fit; `first` is the number of `rows[0]`."""
        return self.answer_rows(self.read_rows(rows, first), first) if rows else []

    def read_rows(self, rows: Sequence[Mapping[str, Any]], first: int = 0) -> list[ReadRow]:
        """Raises `InvalidRow` for the first row that does not fit."""
        return [self.read(row, number) for number, row in enumerate(rows, first)]

    def answer_rows(self, read: Sequence[ReadRow], first: int = 0) -> list[RowPrediction]:
        """Raises `InvalidRow` for the first row that no finite answer comes from."""
        outputs = self.outputs([values for values, _ in read])
        # The sum of all is soon known, and finite unless one of them is not or their sum is too large.
        if not math.isfinite(outputs.sum()) and not np.isfinite(outputs).all():
            number = first + int(np.flatnonzero(~np.isfinite(outputs).all(axis=1))[0])
            raise InvalidRow(
                f"{numbered(number)} holds numbers too large to predict from; send values like those of the training.", row=number
            )
        warnings = [doubts for _, doubts in read]
        if not self.labels:
            values = outputs[:, 0].tolist()
            return [RowPrediction(value, None, doubts, self._interval(value)) for value, doubts in zip(values, warnings, strict=True)]
        labels, shares = self.labels, outputs.tolist()
        return [
            RowPrediction(labels[winner], dict(zip(labels, each, strict=True)), doubts)
            for winner, each, doubts in zip(self._called(outputs, shares), shares, warnings, strict=True)
        ]

    def _called(self, outputs: FloatArray, shares: list[list[float]]) -> list[int]:
        if self.threshold is not None:
            code = self.labels.index(self.threshold.label)
            return [code if each[code] >= self.threshold.value else 1 - code for each in shares]
        return [each.index(max(each)) for each in shares] if len(shares) == 1 else outputs.argmax(axis=1).tolist()

    def _interval(self, value: float) -> tuple[float, float] | None:
        if self.bands is None:
            return None
        at = bisect_right(self.bands.edges, value)
        return value + self.bands.low[at], value + self.bands.high[at]


def compile_predictor(model: TrainedModel) -> Predictor:
    """A predictor of a model that was just trained."""
    arrays = compile_arrays(model)
    answer = _pipeline_answer(model.model, model.inputs, model.plan.task) if arrays is None else from_arrays(arrays).answer
    known = (model.record.threshold, model.record.bands, lambda: model.explanation)
    return Predictor(model.inputs, model.labels, answer, arrays is not None, *known)


def load_predictor(stored: StoredModel) -> Predictor:
    """A predictor of a model that was read from its artifact; the compiled form must still give the answers that were written down.
    Raises `ModelDamaged` where the pipeline is needed and cannot be read."""
    known = (stored.threshold, stored.bands, stored.explanation)
    if stored.compiled is not None:
        answer = _stored_answer(stored, stored.compiled)
        if answer is not None:
            return Predictor(stored.inputs, stored.labels, answer, True, *known)
    answer = _pipeline_answer(stored.pipeline(), stored.inputs, stored.task)
    return Predictor(stored.inputs, stored.labels, answer, False, *known)


def compile_arrays(model: TrainedModel) -> dict[str, NDArray[Any]] | None:
    """The model as plain arrays, or None where it cannot be compiled or where one answer differs from the pipeline's.

    Compared are the check rows, and these with each column missing and each label unseen, one row at a time and together.
    """
    rows = [*model.check_rows, *_variants(model.check_rows, model.inputs)]
    try:
        arrays = to_arrays(compile_blend(model.model, model.inputs, model.plan.task.is_classification))
        with threadpool_limits(limits=1):
            expected = _pipeline_outputs(model.model, model.inputs, model.plan.task, rows)
        is_same = _agrees(from_arrays(arrays).answer, model.inputs, rows, expected)
    except _UNREADABLE:
        # Private attributes of the estimators are read; another version of their library may not have them.
        return None
    return arrays if is_same else None


def _stored_answer(stored: StoredModel, compiled: Arrays) -> Answer | None:
    """The compiled form, where it can be read and gives the answers that were written down."""
    try:
        answer = from_arrays(compiled).answer
        return answer if _agrees(answer, stored.inputs, stored.check_rows, stored.check_outputs) else None
    except _UNREADABLE:
        return None


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
