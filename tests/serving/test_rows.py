"""What is converted, what is doubted, and what is refused."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashapp.datasets.dataset import ColumnKind
from dashapp.errors import InvalidRow
from dashapp.serving.rows import RowReader
from dashapp.training.run import InputColumn

NUMBER = InputColumn("x", ColumnKind.NUMBER, minimum=0.0, maximum=10.0, example=4.5)
INTEGER = InputColumn("x", ColumnKind.INTEGER, minimum=0.0, maximum=100.0, example=4)
TEXT = InputColumn("x", ColumnKind.TEXT, example="as new")
DATE = InputColumn("x", ColumnKind.DATETIME, example="2021-03-04T00:00:00")


def labels(*names: str, kind: ColumnKind = ColumnKind.CATEGORY) -> InputColumn:
    return InputColumn("x", kind, labels=names, example=names[0])


def read(column: InputColumn, value: Any) -> tuple[Any, list[str]]:
    """The value as the model gets it, and the warnings' codes."""
    (found,), warnings = RowReader([column]).read({"x": value})
    return found, [warning["code"] for warning in warnings]


@pytest.mark.parametrize(
    ("column", "sent", "value"),
    [
        (NUMBER, 4, 4.0),
        (NUMBER, "4.5", 4.5),
        (NUMBER, " 1e1 ", 10.0),
        (NUMBER, True, 1.0),
        (INTEGER, "42", 42.0),
        (INTEGER, 42.0, 42.0),
        (NUMBER, None, None),
        (labels("1", "2"), 1, "1"),
        (labels("1", "2"), 1.0, "1"),
        (labels("1.0", "2.5"), 1, "1.0"),
        (labels("1", "1.0"), 1.0, "1"),
        (labels("001", "1"), "001", "001"),
        (labels("001", "1"), 1, "1"),
        (labels("red"), " red ", "red"),
        (labels("red"), None, None),
        (labels("Yes", "No", kind=ColumnKind.BOOLEAN), True, "Yes"),
        (labels("Yes", "No", kind=ColumnKind.BOOLEAN), "false", "No"),
        (labels("0", "1", kind=ColumnKind.BOOLEAN), False, "0"),
        (labels("0", "1", kind=ColumnKind.BOOLEAN), 1.0, "1"),
        (labels("t", "f", kind=ColumnKind.BOOLEAN), True, "t"),
        (labels("0.0", "1.0", kind=ColumnKind.BOOLEAN), True, "1.0"),
        (labels("yes", "no", "unknown"), True, "yes"),
        (TEXT, " Never seen,\nbefore ", "Never seen,\nbefore"),
        (TEXT, 42, "42"),
        (TEXT, 42.0, "42"),
        (TEXT, 0.1, "0.1"),
        (TEXT, None, None),
        (DATE, "2021-03-04", datetime(2021, 3, 4)),
        (DATE, "2021-03-04T01:00:00+01:00", datetime(2021, 3, 4)),
        (DATE, "2021-03-04T05:06:07Z", datetime(2021, 3, 4, 5, 6, 7)),
        (DATE, datetime(2021, 3, 4), datetime(2021, 3, 4)),
    ],
)
def test_conversions_that_lose_nothing(column: InputColumn, sent: Any, value: Any) -> None:
    assert read(column, sent) == (value, [])


@pytest.mark.parametrize(
    ("column", "sent", "value", "code"),
    [
        (NUMBER, 11, 11.0, "out_of_range"),
        (NUMBER, "-1", -1.0, "out_of_range"),
        (INTEGER, 3.5, 3.5, "not_whole"),
        (NUMBER, " ", None, "blank"),
        (DATE, "", None, "blank"),
        (TEXT, " \t", None, "blank"),
        (labels("red"), "", None, "blank"),
        (labels("red"), "pink", "pink", "unseen_category"),
        (labels("1", "2"), "001", "001", "unseen_category"),
        (labels("001"), 1, "1", "unseen_category"),
        (labels("red"), 5, "5", "unseen_category"),
        (labels("red"), True, "true", "unseen_category"),
    ],
)
def test_what_is_doubtful_is_predicted_with_a_warning(column: InputColumn, sent: Any, value: Any, code: str) -> None:
    assert read(column, sent) == (value, [code])


@pytest.mark.parametrize("sent", [-999, -999.0, "-999", " -999 ", "unknown"])
def test_what_meant_missing_in_training_is_missing(sent: Any) -> None:
    for column in (INTEGER, NUMBER, DATE, labels("a", "b")):
        assert read(replace(column, missing_as=("-999", "unknown")), sent) == (None, ["taken_as_missing"])


@pytest.mark.parametrize("sent", ["?", "NA", "N/A", " null ", "-"])
def test_what_everybody_writes_for_missing_is_missing(sent: str) -> None:
    for column in (INTEGER, NUMBER, DATE, TEXT, labels("a", "b")):
        assert read(column, sent) == (None, ["taken_as_missing"])
    assert read(labels("a", "NA", "?", "N/A", "null", "-"), sent)[1] == []


def test_a_label_is_known_however_it_is_written_unless_training_told_the_ways_apart() -> None:
    assert read(labels("red", "blue"), "RED") == ("red", [])
    assert read(labels("red", "Red"), "RED") == ("RED", ["unseen_category"])


def test_true_is_never_a_spelling_of_missing() -> None:
    assert read(replace(labels("1", "0", kind=ColumnKind.BOOLEAN), missing_as=("True",)), True) == ("1", [])


def test_an_unseen_category_is_named_with_its_column() -> None:
    _, (warning,) = RowReader([labels("red")]).read({"x": "pink"})
    assert warning["column"] == "x" and "pink" in warning["message"]


@pytest.mark.parametrize(
    ("column", "sent"),
    [
        (NUMBER, "abc"),
        (NUMBER, "1_000"),
        (NUMBER, "inf"),
        (NUMBER, math.nan),
        (NUMBER, -math.inf),
        (NUMBER, 10**400),
        (NUMBER, [1]),
        (INTEGER, math.inf),
        (INTEGER, {"a": 1}),
        (labels("red"), ["red"]),
        (TEXT, ["red"]),
        (TEXT, math.inf),
        (labels("red"), {"red": 1}),
        (labels("1"), math.nan),
        (DATE, "yesterday"),
        (DATE, 20210304),
        (DATE, "0001-01-01T00:00:00+14:00"),
        (DATE, True),
    ],
)
def test_what_does_not_fit_is_refused_with_all_a_caller_needs(column: InputColumn, sent: Any) -> None:
    with pytest.raises(InvalidRow) as caught:
        RowReader([column]).read({"x": sent}, 7)
    details = caught.value.details
    assert (details["column"], details["row"], details["example"]) == ("x", 7, column.example)
    assert details["got"] and details["expected"] and "Row 8 (rows[7])" in caught.value.message


@pytest.mark.parametrize("row", [None, 3, "x", [1, 2], True])
def test_a_row_is_an_object(row: Any) -> None:
    with pytest.raises(InvalidRow, match="not an object"):
        RowReader([NUMBER]).read(row, 2)


def columns(count: int) -> list[InputColumn]:
    return [InputColumn(f"c{at}", ColumnKind.NUMBER) for at in range(count)]


def test_missing_keys_warn_nulls_do_not_and_extra_keys_do() -> None:
    values, warnings = RowReader(columns(3)).read({"c0": None, "c1": 2, "other": 1})
    assert values == [None, 2.0, None]
    assert [(each["code"], each["column"]) for each in warnings] == [("missing_column", "c2"), ("unknown_column", "other")]


@given(some.integers(1, 12), some.integers(0, 12))
def test_more_than_half_of_the_columns_missing_is_refused(count: int, sent: int) -> None:
    sent = min(sent, count)
    row = {f"c{at}": 1 for at in range(sent)}
    if (count - sent) * 2 > count:
        with pytest.raises(InvalidRow, match="at least half"):
            RowReader(columns(count)).read(row)
    else:
        assert len(RowReader(columns(count)).read(row)[1]) == count - sent


def test_a_row_of_nulls_is_a_row() -> None:
    assert RowReader(columns(2)).read({"c0": None, "c1": None}) == ([None, None], [])


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20) | some.datetimes(),
    lambda inner: some.lists(inner, max_size=2) | some.dictionaries(some.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@given(some.sampled_from([NUMBER, INTEGER, DATE, TEXT, labels("1", "red"), labels("Yes", "No", kind=ColumnKind.BOOLEAN)]), ANYTHING)
def test_whatever_is_sent_is_read_or_refused(column: InputColumn, sent: Any) -> None:
    try:
        value, _ = read(column, sent)
    except InvalidRow as refused:
        assert refused.details["column"] == "x"
        return
    expected = float if column.kind.is_numeric else datetime if column.kind is ColumnKind.DATETIME else str
    assert value is None or (isinstance(value, expected) and (not isinstance(value, float) or math.isfinite(value)))


@given(some.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_text_is_the_number(number: float) -> None:
    assert read(InputColumn("x", ColumnKind.NUMBER), repr(number)) == (number, [])


@given(some.lists(some.from_regex(r"[0-9]{1,4}", fullmatch=True), min_size=1, max_size=6, unique=True))
def test_a_label_as_text_is_always_itself(names: list[str]) -> None:
    column = labels(*names)
    assert [read(column, name)[0] for name in names] == names
