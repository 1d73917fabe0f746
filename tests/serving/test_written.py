"""What training read from a file's text, serving reads from the same text to the same value."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dashapp.datasets.dataset import ColumnKind, ColumnReading, Profile, ReadAs, Reading
from dashapp.datasets.read import read_table
from dashapp.datasets.text.dialect import find_layout
from dashapp.datasets.text.names import name_columns
from dashapp.datasets.text.reader import RowReader as LineReader
from dashapp.datasets.text.rows import read_rows
from dashapp.errors import InvalidRow
from dashapp.serving.rows import RowReader
from dashapp.training.plan import _input_column
from dashapp.training.run import InputColumn
from tests.conftest import DATA

NO_TABLES = {"degen_empty", "degen_header_only", "degen_only_newlines", "degen_single_column"} | {
    *("fake_html_table", "fake_json", "fake_prose", "fake_random_bytes"),
}
FILES = sorted(path for path in [*DATA.glob("*.csv"), *DATA.glob("ugly/*.csv")] if path.stem not in NO_TABLES)
MOST_ROWS = 400


def inputs_of(table: pd.DataFrame, profile: Profile) -> list[InputColumn]:
    """As a training would have them, with all labels."""
    found = []
    for column in profile.columns:
        made = _input_column(column, many=False)
        found.append(replace(made, labels=tuple(table[column.name].dropna().unique())) if made.labels else made)
    return found


def rows_of(path: Path, reading: Reading) -> Iterator[dict[str, str]]:
    layout = find_layout(path, reading)
    rows = list(read_rows(path, layout, LineReader(layout)))
    named = name_columns(layout.header, [not any(row[at].strip() for row in rows) for at in range(layout.width)])
    return ({name: row[at] for at, name in zip(named.kept, named.names, strict=True)} for row in rows[:MOST_ROWS])


def check(path: Path, reading: Reading = Reading()) -> int:
    table, profile = read_table(path, reading)
    inputs = inputs_of(table, profile)
    reader = RowReader(inputs)
    count = 0
    for number, row in enumerate(rows_of(path, reading)):
        values, _ = reader.read(row)
        for column, value in zip(inputs, values, strict=True):
            expected = table[column.name].iloc[number]
            if pd.isna(expected) or value is None:
                assert pd.isna(expected) and value is None, (number, column.name, row[column.name], expected, value)
            else:
                assert value == (expected.to_pydatetime() if column.kind is ColumnKind.DATETIME else expected), (number, column, row)
            count += 1
    return count


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rows_as_text_are_read_as_in_training(path: Path) -> None:
    assert check(path)


COLUMNS = {
    "plain": ["1", "2.5", "-3", "1e3", ".5"],
    "english": ["1,234.5", "31,204.50", "12", "-1,000", "(2,500.25)"],
    "european": ["1.234,5", "31.204,50", "12", "-1.000,25", "0,5"],
    "euro": ["€ 12", "€ 1.50", "12 EUR", "- 3 €", "€7"],
    "percent": ["12 %", "3%", "4.5 %", "100%", "0 %"],
    "shares": ["12 %", "0.03", "0.5", "100%", "0.25"],
    "day first": ["05.03.2022", "31.12.2021", "01.02.1999", "7.8.2020", "09.10.2011"],
    "month first": ["03/25/2022", "12/31/2021", "02/01/1999", "7/8/2020", "10/09/2011"],
    "short years": ["05.03.22", "31.12.55", "01.02.99", "07.08.46", "13.10.47"],
    "twelve hours": ["03/25/2022 5:06 PM", "12/31/2021 12:00 AM", "02/01/1999 12:30 pm", "7/8/2020 1:02:03 a.m.", "10/09/2011 11:59 PM"],
    "zoned": [
        "2022-03-05T12:00:00+01:00",
        "2022-03-05T12:00:00Z",
        "2022-07-05T12:00:00.25-0530",
        "2022-01-01 00:00:00 +02:00",
        "2022-01-01",
    ],
    "worded": ["5 March 2022", "31 dec 2021", "1-Feb-1999", "7 Aug 20", "9 October 2011"],
    "american": ["March 5, 2022", "Dec 31 2021", "Feb 1, 1999", "Aug 7, 2020 3:04 PM", "October 9, 2011"],
    "slashed": ["2022/3/5", "2021/12/31 4:05", "1999/02/01", "2020/08/07", "2011/10/09"],
    "start_date": ["20220305", "20211231", "19990201", "20200807", "20111009"],
    "answer": ["yes", "No", " YES", "no", "Yes"],
    "code": ["007", "01", "1", "0012", "7"],
    "gaps": ["1", "", "NA", "n/a", "#DIV/0!"],
    "hidden": ["a\u200b", "b", "\ufeffa", "b ", "a"],
}
TOLD = {
    "epoch": (ReadAs.DATETIME, ["1646438400", "1640908800", "917827200", "1596758400", "1318118400.5"]),
    "milliseconds": (ReadAs.DATETIME, ["1646438400123", "1640908800000", "917827200000", "1596758400001", "1318118400999"]),
    "sheet": (ReadAs.DATETIME, ["44625", "44561.75", "36192", "44050.123456", "40825"]),
    "months": (ReadAs.DATETIME, ["2022-03", "2021-12", "1999-2", "2020-08", "2011-10"]),
    "whole": (ReadAs.INTEGER, ["1", "2.5", "3", "words", "5"]),
    "german": (ReadAs.BOOLEAN, ["ja", "nein", "Ja", "NEIN", "vielleicht"]),
}


@pytest.mark.parametrize("name", [*COLUMNS, *TOLD])
@pytest.mark.parametrize("repeated", [6, 13_000], ids=["cells", "stream"])
def test_every_way_of_writing_is_read_as_in_training(name: str, repeated: int, tmp_path: Path) -> None:
    kind, written = TOLD.get(name) or (None, COLUMNS.get(name, []))
    values = [*written * repeated]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["y;" + name, *(f"row {at % 7};{value}" for at, value in enumerate(values))]), encoding="utf-8")
    reading = Reading(delimiter=";", has_header=True, quote="", columns={name: ColumnReading(kind=kind)} if kind else {})
    assert check(path, reading)


def test_the_style_of_the_file_decides_and_plain_values_always_work() -> None:
    column = InputColumn("x", ColumnKind.NUMBER, minimum=0.0, maximum=1e6)
    european = RowReader([replace(column, written=replace(column.written, decimal=","))])
    sent = {"1.234": 1234.0, "1,5": 1.5, "1.5": 1.5, "1e3": 1000.0, "(12)": -12.0, "12 %": 12.0}
    assert {text: european.read({"x": text})[0][0] for text in sent} == sent
    assert european.read({"x": 1.234})[0] == [1.234]


@pytest.mark.parametrize("sent", ["05/03/2022", "13/13/2022", "31.02.2022", "20220305x", "1646438400", "25:00"])
def test_a_date_that_the_file_does_not_explain_is_refused(sent: str) -> None:
    with pytest.raises(InvalidRow, match="ISO 8601"):
        RowReader([InputColumn("x", ColumnKind.DATETIME)]).read({"x": sent})


def test_a_number_is_a_date_only_where_training_read_them_so() -> None:
    column = InputColumn("x", ColumnKind.DATETIME)
    numbers = replace(column, written=replace(column.written, has_number_dates=True))
    sent: dict[Any, datetime] = {20220305: datetime(2022, 3, 5), 1646438400: datetime(2022, 3, 5), 44625.5: datetime(2022, 3, 5, 12)}
    assert {number: RowReader([numbers]).read({"x": number})[0][0] for number in sent} == sent
    for refused in (*sent, math.inf, True):
        with pytest.raises(InvalidRow):
            RowReader([column]).read({"x": refused})
