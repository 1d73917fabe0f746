"""The line of a request, there and back."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.serving.ledger.entry import MOST_ROW, bounded, read_line, sampled_line, whole_line, written
from dashapp.serving.predictor import RowPrediction
from tests.serving.ledger.conftest import NOON, answered

VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.datetimes() | st.lists(st.integers())


def nested(depth: int) -> Any:
    found: Any = 1
    for _ in range(depth):
        found = [found]
    return found


def test_what_is_nested_deeply_is_cut_off() -> None:
    _, _, (entry,) = read_line(whole_line(answered({"x": nested(900)})))
    assert orjson.dumps(entry.inputs["x"]).decode() == "[" * 20 + '"…"' + "]" * 20


@given(st.dictionaries(st.text() | st.none(), VALUES, max_size=5))
def test_any_row_has_a_line_of_its_own(row: dict[Any, Any]) -> None:
    line = whole_line(answered(row))
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    (hour, version), count, (entry,) = read_line(line)
    assert (hour, version, count.made, count.kept, count.warned) == (int(NOON // 3600), 1, 1, 1, 0)
    assert "\n" not in bounded(entry.inputs)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (42, 42),
        (2**70, float(2**70)),
        (10**400, "a number of more than 308 digits"),
        (math.nan, None),
        ("half \ud83d", "half ?"),
        (b"bytes", "b'bytes'"),
        (np.float64(1.5), 1.5),
        (datetime(2026, 1, 31, tzinfo=UTC), "2026-01-31T00:00:00+00:00"),
        ({"nested": [1, {2}]}, {"nested": [1, "{2}"]}),
    ],
)
def test_a_value_that_json_cannot_hold_is_kept_as_near_as_it_can(value: Any, kept: Any) -> None:
    _, _, (entry,) = read_line(whole_line(answered({"x": value, None: "unnamed"})))
    assert entry.inputs == {"x": kept, "None": "unnamed"}


def test_a_sample_has_the_exact_counts_and_the_numbers_of_its_rows() -> None:
    said = [RowPrediction(float(number), None, [{"code": "blank"}] if number % 3 == 0 else []) for number in range(10)]
    request = answered(*({"x": number} for number in range(10)), predictions=said)
    _, count, entries = read_line(sampled_line(request, 1, 4))
    assert (count.made, count.kept, count.warned) == (10, 3, 4)
    assert [(entry.id, entry.inputs["x"], entry.answer["prediction"], entry.share) for entry in entries] == [
        (f"{request.id}-{number}", number, float(number), 0.25) for number in (1, 5, 9)
    ]


def test_a_sample_may_be_empty() -> None:
    _, count, entries = read_line(sampled_line(answered({"x": 1}), 3, 8))
    assert (count.made, count.kept, entries) == (1, 0, [])


@pytest.mark.parametrize("line", [b"", b"[", b"1", b"[]", b"[1,0,1,-1,{}]", b"[1,0,1,-1,null]", b"\x00\x00"])
def test_what_is_no_line_is_told(line: bytes) -> None:
    with pytest.raises(ValueError):
        read_line(line)


def test_long_inputs_are_kept_in_part() -> None:
    row = {"note": "é" * 20_000, "age": 4}
    kept = orjson.loads(bounded(row))
    assert len(kept["note"]) == 10_000 and kept["note"].endswith("…") and kept["age"] == 4
    wide = {f"column {number}": "x" * 1_000 for number in range(5_000)} | {"y" * 1_000: [1] * 1_000}
    assert len(bounded(wide)) <= MOST_ROW
    whole = {"note": "x" * 9_000}
    assert orjson.loads(bounded(whole)) == whole


@pytest.mark.parametrize(
    ("prediction", "text"), [("yes", "yes"), ("a\x00b", "ab"), (1.0, "1.0"), (3, "3.0"), (0.1 + 0.2, "0.30000000000000004")]
)
def test_a_prediction_is_written_as_one_text(prediction: str | float, text: str) -> None:
    assert written(prediction) == text
