from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Finding, Severity, TargetProposal, Task, ValueCount
from dashapp.datasets.quality.duplicates import judge_duplicates, repeated_rows
from dashapp.datasets.quality.judge import judge_quality
from dashapp.datasets.quality.outliers import far_out, judge_numbers
from dashapp.datasets.read import read_table
from dashapp.datasets.target.amounts import reads_as_classes
from dashapp.datasets.target.predictable import how_predictable
from dashapp.datasets.target.row_numbers import is_row_number

DATA = Path(__file__).parents[2] / "data"
CHANCE = np.random.default_rng(5)
NO_TARGET = TargetProposal(None, None, "There is none.")


def numeric(name: str, values: object, kind: ColumnKind = ColumnKind.NUMBER) -> tuple[pd.DataFrame, ColumnProfile]:
    table = pd.DataFrame({name: np.asarray(values, dtype=float)})
    table.index = pd.RangeIndex(1, len(table) + 1)
    low, high = float(table[name].min()), float(table[name].max())
    missing = int(table[name].isna().sum())
    return table, ColumnProfile(name, kind, missing, int(table[name].nunique()), minimum=low, maximum=high)


def judged(name: str, values: object) -> list[Finding]:
    table, column = numeric(name, values)
    return list(judge_numbers(table, column, len(table), is_target=False))


NORMAL = CHANCE.normal(50, 9, 2_000).round(2)
TAILS = {
    "normal": NORMAL,
    "lognormal": CHANCE.lognormal(3, 1.2, 5_000),
    "exponential": CHANCE.exponential(10, 5_000),
    "uniform": CHANCE.random(500),
    "counts": CHANCE.poisson(0.4, 5_000).astype(float),
    "two humps": np.concatenate([NORMAL, NORMAL + 400]),
    "mostly 0": np.where(CHANCE.random(3_000) < 0.9, 0, CHANCE.lognormal(5, 1, 3_000)),
    "Student": CHANCE.standard_t(4, 4_000),
}


@pytest.mark.parametrize("name", TAILS)
def test_a_tail_is_no_outlier(name: str) -> None:
    assert not far_out(TAILS[name]).any()


@pytest.mark.parametrize(
    ("tail", "value"), [("normal", 999.0), ("normal", -700.0), ("lognormal", 1e7), ("exponential", 9e3), ("uniform", 150)]
)
def test_a_value_far_outside_is_one(tail: str, value: float) -> None:
    values = np.append(TAILS[tail], value)
    assert np.flatnonzero(far_out(values)).tolist() == [len(values) - 1]
    (finding,) = judged("reading", values)
    assert (finding.code, finding.rows, finding.row_count) == ("outliers", (len(values),), 1)
    assert f"{value:.15g}" in str(finding.remedies[0].change)


@pytest.mark.parametrize(
    ("name", "values", "is_found"),
    [
        ("age", np.append(np.abs(NORMAL), [-1, -2]), True),
        ("age", np.append(np.abs(NORMAL), 180), True),
        ("age_of_building", np.linspace(1, 400, 200), False),
        ("price", np.append(np.abs(NORMAL), -5), True),
        ("price_change", np.append(np.abs(NORMAL), -5), False),
        ("temperature", np.append(NORMAL, -5), False),
        ("Glucose", np.append(CHANCE.normal(120, 20, 500).round(), [0] * 5), True),
        ("Insulin", np.append(CHANCE.integers(14, 600, 500), [0] * 400), True),
        ("size of y", np.append(CHANCE.normal(6, 0.8, 2_000).round(2), [0] * 7), True),
        ("q17", np.append(CHANCE.normal(6, 0.8, 2_000).round(2), [0] * 7), True),
        ("visits", CHANCE.poisson(1, 500), False),
        ("discount", np.append(CHANCE.integers(5, 60, 300), [0] * 400), False),
        ("width", CHANCE.integers(0, 40, 500), False),
    ],
)
def test_impossible_values_go_by_the_name_and_by_empty_space(name: str, values: object, is_found: bool) -> None:
    assert ("impossible_values" in {finding.code for finding in judged(name, values)}) is is_found


def test_zeros_can_be_taken_as_missing_in_one_click() -> None:
    (finding,) = judged("BMI", np.append(CHANCE.normal(30, 5, 500).round(1), [0, 0]))
    assert finding.rows == (501, 502)
    assert finding.remedies[0].change == {"columns": {"BMI": {"missing": ["0", "0.0", "0.00"]}}}


def test_an_extreme_that_is_not_in_the_sample_is_an_outlier_too() -> None:
    table, column = numeric("reading", NORMAL)
    (finding,) = judge_numbers(table, replace(column, maximum=9_999.0), 100_000, is_target=False)
    assert (finding.rows, finding.row_count) == ((), 1)
    assert finding.message.startswith('1 value of "reading" (9,999) is far outside of all others')
    assert finding.message.endswith("among the 2,000 rows looked at.")


def test_the_zeros_of_a_target_are_left_alone() -> None:
    table, column = numeric("weight", np.append(CHANCE.normal(60, 5, 500).round(1), [0, 0]))
    assert list(judge_numbers(table, column, len(table), is_target=True)) == []


def test_the_zeros_of_pima_stand_for_missing_values() -> None:
    found = {finding.column for finding in read_table(DATA / "pima_diabetes.csv")[1].warnings if finding.code == "impossible_values"}
    assert found == {"Glucose", "BloodPressure", "SkinThickness", "Insulin", "BMI"}


@pytest.mark.parametrize("file", ["california_housing.csv", "insurance.csv", "student_mat_semicolon.csv", "titanic.csv", "telco_churn.csv"])
def test_no_number_of_a_clean_table_is_called_wrong(file: str) -> None:
    assert not {finding.code for finding in read_table(DATA / file)[1].warnings} & {"impossible_values", "outliers"}


def test_repeated_rows_are_those_after_the_first() -> None:
    table = pd.DataFrame({"a": [1.0, 2.0, 1.0, np.nan, np.nan, 1.0], "b": ["x", "y", "x", None, None, "z"]}, index=range(1, 7))
    columns = [ColumnProfile("a", ColumnKind.NUMBER, 2, 2), ColumnProfile("b", ColumnKind.CATEGORY, 2, 3)]
    assert repeated_rows(table, columns).tolist() == table.duplicated().tolist() == [False, False, True, False, True, False]


@pytest.mark.parametrize(("unique", "severity"), [(900, Severity.WARN), (4, Severity.NOTE)])
def test_duplicates_are_serious_unless_they_are_to_be_expected(unique: int, severity: Severity) -> None:
    table = pd.DataFrame({"a": np.append(np.arange(80.0), np.arange(20.0))}, index=range(1, 101))
    (finding,) = judge_duplicates(table, [ColumnProfile("a", ColumnKind.NUMBER, 0, unique)], 100)
    assert (finding.severity, finding.row_count, finding.rows[0], len(finding.rows)) == (severity, 20, 81, 20)
    assert finding.remedies[0].change == {"drop_duplicates": True}


def test_of_a_sample_it_is_said_that_it_is_one() -> None:
    table = pd.DataFrame({"a": [1.0, 1.0, 2.0]}, index=[1, 500, 999])
    (finding,) = judge_duplicates(table, [ColumnProfile("a", ColumnKind.NUMBER, 0, 900)], 1_000)
    assert "among the 3 rows looked at" in finding.message
    assert finding.rows == (500,)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("col_a", CHANCE.permutation(100), True),
        ("col_a", np.arange(1_000, 1_100), True),
        ("year", np.arange(1_920, 2_020), False),
        ("col_a", np.arange(0, 300, 3), False),
        ("col_a", np.arange(100) // 2, False),
        ("phone", 4_900_000_000 + CHANCE.permutation(10_000_000)[:100], True),
        ("col_a", np.random.default_rng(4).permutation(900_000)[:400] + 100_000, True),
        ("col_a", 10_000 + np.cumsum(np.random.default_rng(4).integers(1, 9, 300)), True),
        ("people", np.sort(np.random.default_rng(4).lognormal(9, 1, 300).round()), False),
        ("turnover", 1_000_000 * np.arange(100, 200), False),
    ],
)
def test_a_number_of_the_row(name: str, values: object, expected: bool) -> None:
    table, column = numeric(name, values, ColumnKind.INTEGER)
    assert is_row_number(column, len(table), table) is expected


def quality(table: pd.DataFrame, *columns: ColumnProfile, target: TargetProposal = NO_TARGET) -> list[Finding]:
    table.index = pd.RangeIndex(1, len(table) + 1)
    return judge_quality(table, columns, target, len(table))


def test_dates_that_are_nearly_sorted() -> None:
    days = pd.Series(pd.date_range("2024-01-01", periods=200))
    days[[50, 120]] = [pd.Timestamp("2024-01-03"), pd.Timestamp("2024-02-01")]
    column = ColumnProfile("day", ColumnKind.DATETIME, 0, 200)
    (finding,) = [found for found in quality(pd.DataFrame({"day": days}), column) if found.code == "unordered_dates"]
    assert finding.rows == (51, 121)
    assert "oldest first" in finding.message
    for unsorted in (days.sample(frac=1, random_state=0), pd.concat([days.sort_values()] * 5), days.sort_values()):
        table = pd.DataFrame({"day": unsorted.reset_index(drop=True)})
        assert "unordered_dates" not in {found.code for found in quality(table, column)}


def test_nearly_constant_numbers_and_labels() -> None:
    table = pd.DataFrame({"flag": ["no"] * 399 + ["yes"], "level": np.append(np.zeros(398), [1.0, 2.0])})
    columns = (
        ColumnProfile("flag", ColumnKind.BOOLEAN, 0, 2, top=(ValueCount("no", 399), ValueCount("yes", 1))),
        ColumnProfile("level", ColumnKind.NUMBER, 0, 30),
    )
    found = [found for found in quality(table, *columns) if found.code == "near_constant"]
    assert [(each.column, each.severity) for each in found] == [("flag", Severity.NOTE), ("level", Severity.NOTE)]
    assert found[0].message.startswith('"flag" has the same value in 99.7% of the rows')
    assert found[0].remedies[0].change == {"columns": {"flag": {"use": False}}}


def test_rows_that_are_nearly_empty() -> None:
    table = pd.DataFrame({name: np.append(CHANCE.random(98), [np.nan, np.nan]) for name in "abcdef"})
    columns = [ColumnProfile(name, ColumnKind.NUMBER, 2, 98) for name in "abcdef"]
    (finding,) = [found for found in quality(table, *columns) if found.code == "missing_values" and found.column is None]
    assert finding.rows == (99, 100)
    assert finding.severity is Severity.NOTE


def test_many_columns_with_missing_values_are_one_finding() -> None:
    names = [f"c{number}" for number in range(40)]
    table = pd.DataFrame({name: np.append(CHANCE.random(90), [np.nan] * 10) for name in names})
    found = quality(table, *[ColumnProfile(name, ColumnKind.NUMBER, 10, 90) for name in names])
    assert next(each.message for each in found if each.code == "missing_values").startswith("40 columns have missing values")


@pytest.mark.parametrize(("rows", "severity"), [(5, Severity.FAIL), (30, Severity.WARN)])
def test_too_few_rows(rows: int, severity: Severity) -> None:
    table, column = numeric("x", CHANCE.random(rows))
    assert [found.severity for found in quality(table, column) if found.code == "too_few_rows"] == [severity]


@pytest.mark.parametrize(("rare", "severity"), [(4, Severity.WARN), (30, Severity.WARN), (90, None), (45, Severity.WARN), (99, None)])
def test_imbalance(rare: int, severity: Severity | None) -> None:
    column = ColumnProfile(
        "y", ColumnKind.BOOLEAN, 0, 2, top=(ValueCount("no", 1_000 - rare), ValueCount("yes", rare)), smallest_class=rare
    )
    table = pd.DataFrame({"y": ["no"] * (1_000 - rare) + ["yes"] * rare})
    found = [each.severity for each in quality(table, column, target=TargetProposal("y", Task.BINARY, "")) if each.code == "imbalance"]
    assert found == ([] if severity is None else [severity])


def integers(name: str, *values: int, counts: tuple[int, ...] = ()) -> ColumnProfile:
    top = tuple(ValueCount(str(value), count) for value, count in zip(values, counts or (50,) * len(values), strict=True))
    return ColumnProfile(name, ColumnKind.INTEGER, 0, len(values), top=top, minimum=min(values), maximum=max(values))


@pytest.mark.parametrize(
    ("column", "are_classes"),
    [
        (integers("stars", 1, 2, 3, 4, 5), True),
        (integers("x", 1, 2, 3, 4, 5), True),
        (integers("quality", 3, 4, 5, 6, 7, 8), True),
        (integers("credit rating", 10, 20, 50, 100), True),
        (integers("x", 10, 20, 50, 100), False),
        (integers("children", 0, 1, 2, 3), False),
        (integers("number_of_doors", 2, 3, 4, 5), False),
        (integers("num", 0, 1, 2, 3, 4), True),
        (integers("number_of_class", 1, 2, 3), True),
        (integers("age", 20, 21, 22, 23), False),
        (integers("age_group", 1, 2, 3, 4), True),
        (integers("x", 0, 1, 2, 3, 4, 5, 6, counts=(600, 210, 80, 30, 9, 4, 1)), False),
        (integers("digit", *range(12)), True),
        (integers("G3", *range(18)), False),
    ],
    ids=lambda value: value.name if isinstance(value, ColumnProfile) else "",
)
def test_ratings_codes_and_amounts_are_told_apart(column: ColumnProfile, are_classes: bool) -> None:
    assert (reads_as_classes(column) is not None) is are_classes


def test_what_others_say_of_a_column() -> None:
    x = CHANCE.random(300)
    table = pd.DataFrame({"x": x, "same": x * 2, "noise": CHANCE.random(300)})
    columns = [ColumnProfile(name, ColumnKind.NUMBER, 0, 300) for name in table]
    scores = how_predictable(table, columns, [0, 1, 2])
    assert scores[0] > 0.9
    assert scores[1] > 0.9
    assert scores[2] < 0.2
    assert how_predictable(table[:20], columns, [0]) == {}
