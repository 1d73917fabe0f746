"""Rows with one fault each are put right, kept at the table's width, and said with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashapp.datasets.text.dialect import find_layout
from dashapp.datasets.text.reader import RowReader
from dashapp.datasets.text.rows import read_rows, read_text
from tests.datasets.conftest import WriteCsv

HEADER = ["day", "time", "item", "price", "name", "link", "remark"]
NAMES = ["Boots, High", "Rain Jacket", 'Table, Round 48"', "Wool Socks", "Tent, for Two"]


def row(number: int) -> list[str]:
    link = f"https://shop.example/item/{number:04}.html"
    return [
        f"{number % 28 + 1:02}/03/2019",
        f"{number % 24:02}:30",
        f"AB-{1000 + 7 * number}",
        f"${number}.{50 + number}",
        NAMES[number % 5],
        link,
        "",
    ]


ROWS = [row(number) for number in range(1, 41)]
TABLE = [HEADER, *ROWS]
DAMAGED = 20  # the index of the row that is damaged, on line 21
CELLS = TABLE[DAMAGED]


def written(cells: list[str], *, quote_all: bool) -> list[str]:
    return ['"' + cell.replace('"', '""') + '"' if quote_all or "," in cell or '"' in cell else cell for cell in cells]


def damaged(line: str, *, quote_all: bool) -> str:
    lines = [",".join(written(cells, quote_all=quote_all)) for cells in TABLE]
    return "\n".join([*lines[:DAMAGED], line, *lines[DAMAGED + 1 :]]) + "\n"


def said(path: Path) -> dict[str, str]:
    layout = find_layout(path)
    reader = RowReader(layout)
    list(read_rows(path, layout, reader))
    return {finding.code: finding.message for finding in reader.findings()}


@pytest.mark.parametrize("quote_all", [True, False])
@pytest.mark.parametrize("column", range(1, len(HEADER)))
def test_a_separator_too_few(write_csv: WriteCsv, column: int, quote_all: bool) -> None:
    cells = written(CELLS, quote_all=quote_all)
    path = write_csv(damaged(",".join(cells[:column]) + ",".join(cells[column:]), quote_all=quote_all))
    assert read_text(path) == TABLE
    assert any("line 21" in message for message in said(path).values())


@pytest.mark.parametrize("quote_all", [True, False])
@pytest.mark.parametrize("column", range(len(HEADER)))
def test_a_separator_too_many(write_csv: WriteCsv, column: int, quote_all: bool) -> None:
    cells = written(CELLS, quote_all=quote_all)
    path = write_csv(damaged(",".join([*cells[:column], "", *cells[column:]]), quote_all=quote_all))
    assert read_text(path) == TABLE
    assert "line 21" in said(path)["mended_rows"]


@pytest.mark.parametrize("quote_all", [True, False])
@pytest.mark.parametrize("column", range(len(HEADER)))
@pytest.mark.parametrize("at_start", [True, False])
def test_a_quote_too_many(write_csv: WriteCsv, column: int, quote_all: bool, at_start: bool) -> None:
    cells = written(CELLS, quote_all=quote_all)
    cells[column] = '"' + cells[column] if at_start else cells[column] + '"'
    path = write_csv(damaged(",".join(cells), quote_all=quote_all))
    assert read_text(path) == TABLE
    assert "line 21" in said(path)["unbalanced_quote"]


@pytest.mark.parametrize("column", range(len(HEADER)))
@pytest.mark.parametrize("at_start", [True, False])
def test_a_quote_too_few(write_csv: WriteCsv, column: int, at_start: bool) -> None:
    cells = written(CELLS, quote_all=True)
    cells[column] = cells[column][1:] if at_start else cells[column][:-1]
    assert read_text(write_csv(damaged(",".join(cells), quote_all=True))) == TABLE


@pytest.mark.parametrize("quote_all", [True, False])
@pytest.mark.parametrize("delimiter", [";", "\t", "|", " "])
def test_another_delimiter_in_one_row(write_csv: WriteCsv, delimiter: str, quote_all: bool) -> None:
    path = write_csv(damaged(delimiter.join(written(CELLS, quote_all=quote_all)), quote_all=quote_all))
    assert read_text(path) == TABLE
    assert "line 21" in said(path)["mixed_delimiters"]


def test_other_quotes_in_one_row(write_csv: WriteCsv) -> None:
    assert read_text(write_csv(damaged(",".join(f"'{cell}'" for cell in CELLS), quote_all=True))) == TABLE


def test_other_escapes_in_one_row(write_csv: WriteCsv) -> None:
    line = ",".join('"' + cell.replace("Rain", 'R\\"ain').replace("Boots", 'B\\"oots') + '"' for cell in TABLE[DAMAGED])
    assert read_text(write_csv(damaged(line, quote_all=True)))[DAMAGED][4] == 'B"oots, High'


def test_a_delimiter_in_an_unquoted_text(write_csv: WriteCsv) -> None:
    line = ",".join(CELLS)
    assert "," in CELLS[4]
    assert read_text(write_csv(damaged(line, quote_all=False))) == TABLE


def test_a_row_that_cannot_be_put_right_is_kept_and_said(write_csv: WriteCsv) -> None:
    rows = [f"{number},{3 * number},{7 * number}\n" for number in range(20)]
    content = "a,b,c\n" + "".join(rows) + "1,23\n" + "4,5,6,7,8\n" + "".join(rows[:5])
    path = write_csv(content)
    table = read_text(path)
    assert len(table) == 28
    assert {len(cells) for cells in table} == {3}
    assert table[21] == ["1", "23", ""]
    assert table[22][:2] == ["4", "5"]
    assert "line 22" in said(path)["short_rows"]
    assert "line 23" in said(path)["long_rows"]


def test_what_surely_belongs_to_no_column_does_not_spoil_a_label(write_csv: WriteCsv) -> None:
    path = write_csv("a,b,c\n" + "1,2,yes\n3,4,no\n" * 20 + "5,6,no,extra,extra2\n")
    assert read_text(path)[-1] == ["5", "6", "no"]
    assert "line 42" in said(path)["long_rows"]


def test_rows_of_the_table_are_numbered_in_findings(write_csv: WriteCsv) -> None:
    path = write_csv("a,b,c\n" + "1,2,x\n" * 9 + "1,2\n" + "1,2,x\n" * 9)
    layout = find_layout(path)
    reader = RowReader(layout)
    list(read_rows(path, layout, reader))
    (finding,) = reader.findings()
    assert (finding.code, finding.rows, finding.row_count) == ("short_rows", (10,), 1)
