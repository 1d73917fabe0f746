"""What somebody says was really right, held against what the model could have said."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import orjson

from dashapp.datasets.dataset import ColumnKind
from dashapp.errors import InvalidRow
from dashapp.serving.doubts import Warnings
from dashapp.serving.ledger.entry import written
from dashapp.serving.readers import LabelReader, NumberReader, Unfit
from dashapp.training.run import InputColumn

_NUMBER = NumberReader(InputColumn("actual", ColumnKind.NUMBER))


def read_actual(actual: Any, prediction_id: str, answer: str, number: int) -> str:
    """The truth about a prediction, written as the prediction would be. `answer` is the kept answer, `number` the place among the truths
    that were sent. Raises `InvalidRow`."""
    probabilities = orjson.loads(answer)["probabilities"]
    try:
        return _number(actual) if probabilities is None else _label(actual, tuple(probabilities))
    except Unfit as unfit:
        got = repr(actual) if len(repr(actual)) <= 80 else f"{repr(actual)[:79]}…"
        raise InvalidRow(
            f"The truth about prediction {prediction_id} is {got}, but {unfit} is expected.",
            row=number, field="actual", got=got, expected=str(unfit), prediction_id=prediction_id,
        ) from None  # fmt: skip


def _number(actual: Any) -> str:
    warnings: Warnings = []
    value = None if isinstance(actual, bool) else _NUMBER.read(actual, warnings)
    if value is None or not math.isfinite(value):
        raise Unfit("a number")
    return written(value)


def _label(actual: Any, labels: tuple[str, ...]) -> str:
    warnings: Warnings = []
    shown = ", ".join(labels[:10]) + (", …" if len(labels) > 10 else "")
    expected = Unfit(f"one of the labels that the model knows ({shown})")
    try:
        label = None if actual is None else _reader(labels).read(actual, warnings)
    except Unfit:
        raise expected from None
    if label is None or warnings:
        raise expected
    return written(label)


@lru_cache(maxsize=64)
def _reader(labels: tuple[str, ...]) -> LabelReader:
    kind = ColumnKind.BOOLEAN if len(labels) == 2 else ColumnKind.CATEGORY
    return LabelReader(InputColumn("actual", kind, labels=labels))
