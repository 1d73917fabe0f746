"""What is found to be a date, and in which order it is read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dashapp.datasets.dataset import ColumnKind, ColumnReading, ReadAs
from tests.datasets.columns.typed import series, typed

DAYS = [f"{13 + number % 15}/{1 + number % 12:02}/2020" for number in range(60)]


def test_dates_are_naive(tmp_path: Path) -> None:
    assert series(typed(["2022-01-05", "", "2022-01-06"]), tmp_path).dtype == "datetime64[us]"


@pytest.mark.parametrize(("day_first", "read"), [(None, "2022-03-05"), (True, "2022-03-05"), (False, "2022-05-03")])
def test_the_user_says_which_number_is_the_day(day_first: bool | None, read: str, tmp_path: Path) -> None:
    column = typed(["05/03/2022", "06/04/2022"], reading=ColumnReading(day_first=day_first))
    assert str(series(column, tmp_path)[0].date()) == read
    assert [finding.code for finding in column.findings] == (["ambiguous_dates"] if day_first is None else [])


def test_ambiguous_dates_ask() -> None:
    (finding,) = typed(["05/03/2022", "06/04/2022"], "day").findings
    assert [remedy.change for remedy in finding.remedies] == [{"columns": {"day": {"day_first": first}}} for first in (True, False)]


@pytest.mark.parametrize(
    ("values", "kind", "missing", "rows"),
    [
        (["13/02/2020", "02/14/2020", "03/04/2020"], "category", 0, 1),
        ([*DAYS, "02/14/2020"], "datetime", 1, 1),
        ([*["02/14/2020", "03/15/2020"] * 30, "14/02/2020", ""], "datetime", 2, 1),
        (DAYS, "datetime", 0, 0),
    ],
)
def test_dates_of_two_orders(values: list[str], kind: str, missing: int, rows: int, tmp_path: Path) -> None:
    column = typed(values, "day")
    assert (column.kind, column.profile.missing) == (kind, missing)
    assert [(each.code, each.row_count) for each in column.findings] == ([("mixed_dates", rows)] if rows else [])
    assert int(series(column, tmp_path).isna().sum()) == missing


@pytest.mark.parametrize(
    ("told", "name", "values", "read"),
    [
        (None, "x", ["1/28/2020 1:05 PM", "1/29/2020 12:05 AM"], ["2020-01-28 13:05:00", "2020-01-29 00:05:00"]),
        (None, "x", ["2020-01-28 01:05:00 pm", "2020-01-29 01:05:00 am"], ["2020-01-28 13:05:00", "2020-01-29 01:05:00"]),
        (None, "created_at", ["20200131", "19991201", ""], ["2020-01-31", "1999-12-01", "NaT"]),
        (None, "code", ["20200131", "19991201"], ["20200131", "19991201"]),
        (None, "date", ["20200131", "20200231"], ["20200131", "20200231"]),
        (ReadAs.DATETIME, "x", ["20200131", "2020-02"], ["2020-01-31", "2020-02-01"]),
        (ReadAs.DATETIME, "x", ["1580515200", "1580515201.5"], ["2020-02-01 00:00:00", "2020-02-01 00:00:01.500000"]),
        (ReadAs.DATETIME, "x", ["44928", "44928.5"], ["2023-01-02 00:00:00", "2023-01-02 12:00:00"]),
        (ReadAs.DATETIME, "x", ["1580515200000", "12"], ["2020-02-01", "NaT"]),
        (ReadAs.DATETIME, "x", ["13/02/2020", "14/02/2020", "02/14/2020"], ["2020-02-13", "2020-02-14", "NaT"]),
    ],
)
def test_dates_in_other_forms(told: ReadAs | None, name: str, values: list[str], read: list[str], tmp_path: Path) -> None:
    column = typed(values, name, ColumnReading(kind=told))
    assert (column.kind == "datetime") is ("-" in read[0])
    found = series(column, tmp_path)
    wanted = pd.Series(read if column.kind == "datetime" else [float(value) for value in read])
    assert found.equals(pd.to_datetime(wanted, format="mixed").astype(found.dtype) if column.kind == "datetime" else wanted)


def test_a_histogram_of_dates_is_in_seconds() -> None:
    histogram = typed(["1970-01-01", "1970-01-02", "", "1970-01-03"]).profile.histogram
    assert (histogram[0].low, histogram[-1].high, sum(each.count for each in histogram)) == (0, 172_800, 3)


@pytest.mark.parametrize("stray", ["Saldo", "unknown!", "#TOTAL"])
def test_a_word_among_dates_is_missing_and_said(stray: str) -> None:
    days = [f"{1 + i % 28:02}.{1 + i // 28:02}.2022" for i in range(100)]
    column = typed([*days, stray])
    assert column.kind is ColumnKind.DATETIME
    (finding,) = column.findings
    assert (finding.code, finding.rows, finding.row_count) == ("not_a_date", (101,), 1)
    assert stray in finding.message


def test_words_among_few_dates_or_many_words_stay_words() -> None:
    days = [f"2022-01-{1 + i:02}" for i in range(25)]
    assert typed([*days[:10], "soon"]).kind is ColumnKind.CATEGORY
    assert typed([*days, "soon", "later", "never", "maybe"]).kind is not ColumnKind.DATETIME
