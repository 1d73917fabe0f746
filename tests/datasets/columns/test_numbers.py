from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.datasets.columns.numbers import parse_numbers
from tests.datasets.conftest import text_array


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["1", "-2.5", "+3", ".5", "4.", "1e3"], [1, -2.5, 3, 0.5, 4, 1000]),
        (["31.204,50", "7,5", "31.204"], [31204.5, 7.5, 31204]),
        (["31,204.50", "7.5"], [31204.5, 7.5]),
        (["1,234", "5,678"], [1234, 5678]),
        (["0,123", "5,678"], [0.123, 5.678]),
        (["49\u00a0406,42", "1\u202f000"], [49406.42, 1000]),
        (["$1,200.00", "($300.00)", "-$5"], [1200, -300, -5]),
        (["45.0%", "7 %"], [45, 7]),
        (["EUR 5", "7 EUR", "8 €"], [5, 7, 8]),
        (["−5", "- 6"], [-5, -6]),
        (["3-", "1.250,00-", "7"], [-3, -1250, 7]),
        (["3-", "12.5 -", "7"], [-3, -12.5, 7]),
    ],
)
def test_the_column_decides_the_style(written: list[str], read: list[float]) -> None:
    numbers = parse_numbers(text_array(*written))
    assert numbers is not None
    assert numbers.floats.tolist() == read


@pytest.mark.parametrize(
    "written", [["00137", "10001"], ["4111111111111111", "1"], ["E46", "X5"], ["1.2.3", "4.5.6"], ["a", "b", "1"], ["3-", "4-5", "6-"]]
)
def test_codes_are_not_numbers(written: list[str]) -> None:
    numbers = parse_numbers(text_array(*written))
    assert numbers is None or not numbers.is_number.any()


def test_an_infinite_number_is_known_as_such() -> None:
    numbers = parse_numbers(text_array("1.5", "inf", "-Infinity", "1e999"))
    assert numbers is not None
    assert numbers.is_infinite.tolist() == [False, True, True, True]
    assert numbers.floats[0] == 1.5
    assert math.isnan(numbers.floats[1])


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, unique=True))
def test_what_python_writes_is_read_back_exactly(floats: list[float]) -> None:
    numbers = parse_numbers(text_array(*(repr(number) for number in floats)))
    assert numbers is not None
    assert numbers.floats.tolist() == floats
