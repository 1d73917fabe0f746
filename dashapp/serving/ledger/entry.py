"""What the ledger writes down: one line of a spool for each request, one `Entry` for each prediction in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from dashapp.serving.answered import Answered
from dashapp.serving.predictor import RowPrediction

HOUR_S = 3600
MOST_TEXT = 10_000
"""Characters of a single value that are kept."""

MOST_ROW = 100_000
"""Characters of all inputs of a row; of a longer row only the beginnings of its texts and of its columns are kept."""

_SHORT, _FEW = 100, 500
_DEEP = 20


@dataclass(slots=True)
class Count:
    """What happened in one hour with one version; `bytes` is what the kept ones take."""

    made: int = 0
    kept: int = 0
    warned: int = 0
    bytes: int = 0


Counts = dict[tuple[int, int], Count]
"""By hour (of the epoch) and version."""


def add(counts: Counts, key: tuple[int, int], count: Count) -> None:
    total = counts.setdefault(key, Count())
    total.made += count.made
    total.kept += count.kept
    total.warned += count.warned
    total.bytes += count.bytes


class Entry(NamedTuple):
    """A prediction that is to be kept; `answer` as `RowPrediction` has it."""

    id: str
    at: float
    model_id: str
    version: int
    source: str
    inputs: Mapping[str, Any]
    answer: Mapping[str, Any]
    ms: float
    share: float

    @property
    def hour(self) -> int:
        return hour_of(self.at)


def hour_of(at: float) -> int:
    return int(at // HOUR_S)


def written(prediction: str | float) -> str:
    """A prediction, or what turned out to be true, as one text; PostgreSQL takes no NUL."""
    return prediction.replace("\x00", "") if isinstance(prediction, str) else repr(float(prediction))


def whole_line(answered: Answered) -> bytes:
    """All rows of a request."""
    return _line((len(answered.predictions), 0, 1, -1, answered))


def sampled_line(answered: Answered, start: int, step: int) -> bytes:
    """Each `step`th row from row `start` on, which may be none, and the exact counts of all."""
    predictions = answered.predictions
    made, warned = len(predictions), warned_in(predictions)
    sample = Answered(
        answered.id, answered.at, answered.model_id, answered.version, answered.source,
        answered.rows[start::step], predictions[start::step], answered.validate_ms, answered.predict_ms,
    )  # fmt: skip
    return _line((made, start, step, warned, sample))


def warned_in(predictions: Sequence[RowPrediction]) -> int:
    return sum(1 for each in predictions if each.warnings)


def read_line(line: bytes) -> tuple[tuple[int, int], Count, list[Entry]]:
    """The hour and version, the exact counts, and the kept predictions of a line; raises `ValueError` for what is no whole line."""
    try:
        made, start, step, warned, answered = orjson.loads(line)
        predictions = answered["predictions"]
        entries = list(_entries(made, start, step, answered, predictions))
        if warned < 0:
            warned = sum(1 for each in predictions if each["warnings"])
        return (hour_of(answered["at"]), answered["version"]), Count(made, len(entries), warned), entries
    except (TypeError, KeyError) as error:
        raise ValueError("not a line of the ledger") from error


def _entries(made: int, start: int, step: int, answered: Mapping[str, Any], predictions: Sequence[Any]) -> Iterator[Entry]:
    ms = answered["validate_ms"] + answered["predict_ms"]
    for place, (row, prediction) in enumerate(zip(answered["rows"], predictions, strict=True)):
        yield Entry(
            id=answered["id"] if made == 1 else f"{answered['id']}-{start + place * step}",
            at=answered["at"],
            model_id=answered["model_id"],
            version=answered["version"],
            source=answered["source"],
            inputs=row,
            answer=prediction,
            ms=ms,
            share=1 / step,
        )


def bounded(inputs: Mapping[str, Any]) -> str:
    """The inputs as JSON text; of what is too long the beginning, with an ellipsis behind it."""
    text = _dumps(inputs)
    if len(text) <= MOST_TEXT:
        return text
    text = _dumps({name: _cut(value, MOST_TEXT) for name, value in inputs.items()})
    if len(text) <= MOST_ROW:
        return text
    return _dumps({_cut(name, _SHORT): _cut(value, _SHORT) for name, value in list(inputs.items())[:_FEW]})


def is_cut(inputs: Mapping[str, Any]) -> bool:
    """Whether this may be one of the long rows of which `bounded` kept only the beginnings."""
    return any(type(value) is str and len(value) == _SHORT and value.endswith("…") for value in inputs.values())


def _cut(value: Any, most: int) -> Any:
    if isinstance(value, list | dict):
        value = _dumps(value)
    return value[: most - 1] + "…" if isinstance(value, str) and len(value) > most else value


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def _line(values: tuple[int, int, int, int, Answered]) -> bytes:
    try:
        return orjson.dumps(values, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # What JSON cannot hold (a number of more than 64 bits, half a surrogate pair, bytes) is kept as its text.
        *counts, answered = values
        rows = [_plain(row) for row in answered.rows]
        predictions = [_plain({name: getattr(each, name) for name in each.__slots__}) for each in answered.predictions]
        members = {name: getattr(answered, name) for name in answered.__slots__} | {"rows": rows, "predictions": predictions}
        return orjson.dumps((*counts, members), option=orjson.OPT_APPEND_NEWLINE)


def _plain(value: Any, depth: int = 0) -> Any:
    """What JSON holds is kept; of everything else its text."""
    if depth > _DEEP:
        return "…"
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, Mapping):
        return {_plain(str(name)): _plain(each, depth + 1) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each, depth + 1) for each in value]
    try:
        return orjson.loads(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY))
    except TypeError:
        return _plain(repr(value)[:MOST_TEXT])


def _number(value: float) -> Any:
    if isinstance(value, float) or -(2**63) <= value < 2**63:
        return float(value) if isinstance(value, float) else int(value)
    try:
        return float(value)
    except OverflowError:
        return "a number of more than 308 digits"
