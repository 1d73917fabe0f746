"""What is found to be a number, and what the numbers are."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashapp.datasets.dataset import ColumnKind, ColumnReading, ReadAs
from tests.datasets.columns.typed import NUMBERS, obeyed, series, typed

AGES = [str(18 + number % 60) for number in range(100)]


@pytest.mark.parametrize(("name", "kind"), [("PassengerId", "identifier"), ("customer_no", "identifier"), ("points", "integer")])
def test_different_integers_are_an_identifier_by_their_name(name: str, kind: str) -> None:
    assert typed(NUMBERS, name).kind == kind


def test_numbers_are_float64_and_blanks_are_missing(tmp_path: Path) -> None:
    column = typed([*NUMBERS, " ", "100"])
    values = series(column, tmp_path)
    assert values.dtype == "float64"
    assert values.isna().tolist() == [False] * 100 + [True, False]
    assert column.profile.missing == 1
    assert column.findings == ()


def test_a_stray_word_in_numbers_is_missing_and_not_a_reason_to_make_them_words() -> None:
    column = typed(["unknown", *NUMBERS])
    assert column.kind is ColumnKind.INTEGER
    assert column.profile.missing == 1


def test_a_word_that_is_not_rare_makes_it_a_column_of_words() -> None:
    assert typed(["none"] * 20 + NUMBERS).kind is ColumnKind.CATEGORY


@pytest.mark.parametrize(
    ("values", "name", "sentinels"),
    [
        ([*AGES, *["-999"] * 5], "age", ("-999",)),
        ([*AGES, *["999"] * 5], "age", ("999",)),
        ([*AGES, *["-99"] * 3, *["-999"] * 3], "age", ("-99", "-999")),
        ([*AGES, "-999"], "age", ()),
        ([*AGES, *["99"] * 5], "age", ()),
        ([str(number - 1050) for number in range(200)] + ["-999"] * 5, "offset", ()),
        ([str(number * 50) for number in range(100)] + ["9999"] * 5, "price", ()),
        (["1", "2", "3", "4"] * 20 + ["99"] * 5, "answer", ("99",)),
        (["1950", "1980", "2010", "2020"] * 20 + ["9999"] * 5, "year", ("9999",)),
        ([str(number) for number in range(950, 1050)] + ["999"] * 5, "weight", ()),
    ],
)
def test_numbers_that_stand_for_none(values: list[str], name: str, sentinels: tuple[str, ...]) -> None:
    column = typed(values, name)
    assert column.profile.missing_as == sentinels
    assert column.profile.missing == sum(values.count(each) for each in sentinels)
    assert [finding.code for finding in column.findings] == (["sentinel"] if sentinels else [])
    assert column.profile.unique == len(set(values) - set(sentinels))


def test_a_sentinel_is_kept_where_the_user_says_number() -> None:
    assert typed([*AGES, *["-999"] * 5], "age", ColumnReading(kind=ReadAs.NUMBER)).profile.minimum == -999


def test_a_sentinel_that_is_kept_is_a_value_of_the_same_kind() -> None:
    values = [*AGES, *["-999"] * 5]
    reading = obeyed(typed(values, "age"), "sentinel")
    assert reading == ColumnReading(keep=("-999",))
    kept = typed(values, "age", reading)
    assert (kept.kind, kept.profile.minimum, kept.profile.missing, kept.findings) == ("integer", -999, 0, ())


@pytest.mark.parametrize("told", [None, ReadAs.NUMBER, ReadAs.INTEGER])
def test_a_number_that_means_none_is_compared_as_a_number(told: ReadAs | None) -> None:
    column = typed([*AGES, "-1.0", "-1", "-1.00"], "age", ColumnReading(kind=told, missing=("-1",)))
    assert (column.profile.missing, column.profile.minimum) == (3, 18)
    assert {finding.code for finding in column.findings} == {"missing_spelling"}


@pytest.mark.parametrize("told", [None, ReadAs.NUMBER])
@pytest.mark.parametrize(
    ("values", "read", "severity"),
    [
        (["1%", "0.02", "3%"], [0.01, 0.02, 0.03], "note"),
        (["1%", "20", "3%"], [1, 20, 3], "warn"),
        (["1%", "2%", "3%"], [1, 2, 3], None),
    ],
)
def test_percent_beside_fractions(told: ReadAs | None, values: list[str], read: list[float], severity: str | None, tmp_path: Path) -> None:
    column = typed(values, "x", ColumnReading(kind=told))
    assert series(column, tmp_path).tolist() == read
    assert [each.severity for each in column.findings if each.code == "mixed_percent"] == ([severity] if severity else [])


def test_a_histogram_holds_every_number() -> None:
    profile = typed([*NUMBERS, "", "inf", "150"]).profile
    assert len(profile.histogram) == 30
    assert sum(each.count for each in profile.histogram) == 101
    assert (profile.histogram[0].low, profile.histogram[-1].high) == (100, 199)
    assert all(one.high == other.low for one, other in zip(profile.histogram, profile.histogram[1:], strict=False))


@pytest.mark.parametrize("values", [["1e308", "-1e308", "3"], ["5", "5.0", "5.00"], ["1e-300", "2e-300", "3"]])
def test_a_histogram_of_extremes(values: list[str]) -> None:
    assert sum(each.count for each in typed(values).profile.histogram) == 3
