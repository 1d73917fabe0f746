"""CSV in, CSV out: the body is kept in a file and the answer is written as it comes, so that memory does not grow with either.

The answer begins once the first rows are predicted: what is wrong before is a problem document. What is wrong later can only be said in the
answer: its last row then has `error` for an id and the sentence among the warnings, and no row after it was predicted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import chain, islice
from typing import Any

from flask import Response, g, request

from dashapp.api.body import BROKEN_BODY, CUT_OFF, plain_stream
from dashapp.application.predicting import Predicting
from dashapp.datasets.receive import receive
from dashapp.errors import DashappError, InvalidRequest, InvalidRow
from dashapp.serving.answered import Source
from dashapp.serving.live import LivePredictor
from dashapp.serving.rows import numbered
from dashapp.serving.table_text import Line, lines_of
from dashapp.settings import Settings

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CSV_CHUNK = 1_000
ERROR_ID = "error"


class Counted:
    """How many rows of a streamed answer were predicted so far; the meter asks when it is over."""

    rows = 0


def csv_answer(predicting: Predicting, live: LivePredictor, settings: Settings) -> Response:
    """Takes one place for as long as the answer runs."""
    with ExitStack() as opened:
        opened.enter_context(predicting.place)
        directory = settings.home / "datasets"
        directory.mkdir(parents=True, exist_ok=True)
        try:
            received = receive(plain_stream(), directory, limit_bytes=settings.max_upload_bytes, expected_bytes=request.content_length)
        except BROKEN_BODY as error:
            raise InvalidRequest(CUT_OFF) from error
        opened.callback(received.path.unlink, missing_ok=True)
        counted = Counted()
        lines = lines_of(received.path, [column.name for column in live.predictor.inputs])
        opened.callback(lines.close)
        parts = _parts(predicting, live, lines, counted)
        first = next(parts, None)
        if first is None:
            raise InvalidRequest("The CSV has a header but no rows.", expected="at least one row")
        kept = opened.pop_all()
    g.counted, g.prediction = counted, (0, live.version)
    head = _written([["id", "prediction", *(_cell(f"probability {label}") for label in live.predictor.labels), *_ends(live), "warnings"]])
    answer = Response(
        chain([head, first], _to_the_end(parts, live, kept)),
        200,
        {"X-Model-Version": str(live.version)},
        content_type="text/csv; charset=utf-8",
    )
    answer.call_on_close(kept.close)
    return answer


def _parts(predicting: Predicting, live: LivePredictor, lines: Iterator[Line], counted: Counted) -> Iterator[bytes]:
    while part := list(islice(lines, CSV_CHUNK)):
        try:
            answered = predicting.answer(live, [line.row for line in part], Source.CSV, first=counted.rows)
        except InvalidRow as error:
            raise _by_line(error, part, counted.rows) from error
        counted.rows += len(part)
        yield _written(
            [
                id,
                _cell(prediction.prediction),
                *(prediction.probabilities or {}).values(),
                *(prediction.interval or ()),
                _cell("; ".join(each["message"] for each in prediction.warnings)),
            ]
            for id, prediction in zip(answered.prediction_ids(), answered.predictions, strict=True)
        )


def _to_the_end(parts: Iterator[bytes], live: LivePredictor, kept: ExitStack) -> Iterator[bytes]:
    try:
        yield from parts
    except DashappError as error:
        blanks = [""] * (1 + len(live.predictor.labels) + len(_ends(live)))
        yield _written([[ERROR_ID, *blanks, f"{error.message} This row and those below it were not predicted."]])
    finally:
        kept.close()


def _by_line(error: InvalidRow, part: Sequence[Line], before: int) -> InvalidRow:
    """The same error with the line of the file, which is what a person can go to."""
    row = error.details.get("row")
    if not isinstance(row, int):
        return error
    line = part[row - before].number
    return InvalidRow(error.message.replace(numbered(row), f"Line {line}", 1), **{**error.details, "line": line})


def _ends(live: LivePredictor) -> list[str]:
    return ["low", "high"] if live.predictor.bands is not None else []


def _written(rows: Any) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
