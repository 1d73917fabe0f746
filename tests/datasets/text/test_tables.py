"""What stands around a table, and where it ends."""

from __future__ import annotations

import pytest

from dashapp.datasets.dataset import Severity
from dashapp.datasets.read import read_table
from dashapp.datasets.text.dialect import find_layout
from dashapp.datasets.text.rows import read_text
from tests.datasets.conftest import WriteCsv, read_columns

TABLE = [
    "id,day,city,price",
    *(f"A-{100 + number},{number % 28 + 1:02}.05.2021,{('Oslo', 'Rome', 'Bonn')[number % 3]},{number}.5" for number in range(30)),
]
CELLS = [line.split(",") for line in TABLE]


@pytest.mark.parametrize(
    "above",
    [
        ["Sales report"],
        ["Sales report", ""],
        ["Sales report,,,", ",,,"],
        ["Sales report, north and south", "Created by: me", ""],
        ["Report,2021", "Region,all", ""],
    ],
)
@pytest.mark.parametrize("has_header", [True, False])
def test_lines_above_the_table(write_csv: WriteCsv, above: list[str], has_header: bool) -> None:
    path = write_csv("\n".join([*above, *TABLE[not has_header :]]))
    assert read_text(path) == CELLS[not has_header :]
    assert find_layout(path).dialect.skipped_lines == len(above)


@pytest.mark.parametrize(
    "below",
    [
        ["Source: statistics office"],
        ["", "Source: statistics office, table 4"],
        ["Source: statistics office,,,", "* not final,,,"],
        ["Total,,,435"],
        [",,,", "Grand total,,,435", "", "as of May"],
        ["(30 rows)"],
    ],
)
def test_notes_and_totals_below_the_table(write_csv: WriteCsv, below: list[str]) -> None:
    path = write_csv("\n".join([*TABLE, *below]) + "\n")
    assert read_text(path) == CELLS
    assert {"note_lines", "totals_row"} & {finding.code for finding in read_columns(path).findings}


@pytest.mark.parametrize("gap", [[], [""], ["", "Stocks", ""]])
@pytest.mark.parametrize("width", [3, 4, 5, 7])
def test_only_the_first_of_two_tables_is_read(write_csv: WriteCsv, gap: list[str], width: int) -> None:
    second = [",".join(["shelf", "kind", "level", "unit", "owner", "sort", "check"][:width])]
    second += [",".join([f"S{number}", "wood", f"{number} m", "two", "Ann", "x", "y"][:width]) for number in range(8)]
    path = write_csv("\n".join([*TABLE, *gap, *second]) + "\n")
    assert read_text(path) == CELLS
    (finding,) = [finding for finding in read_columns(path).findings if finding.code == "second_table"]
    assert f"line {len(TABLE) + len(gap) + 1}" in finding.message or gap


@pytest.mark.parametrize("extra", [-1, 1])
def test_nearly_the_same_table_once_more(write_csv: WriteCsv, extra: int) -> None:
    again = [line + ",more" if extra > 0 else line.rpartition(",")[0] for line in TABLE]
    assert read_text(write_csv("\n".join([*TABLE, *again]) + "\n")) == CELLS


@pytest.mark.parametrize("gap", ["", "Stocks"])
def test_the_same_table_after_a_gap(write_csv: WriteCsv, gap: str) -> None:
    assert read_text(write_csv("\n".join([*TABLE, gap, *TABLE]) + "\n")) == CELLS


@pytest.mark.parametrize(
    "lines", [TABLE[:21], TABLE[:4], [f"{line}," for line in TABLE[:21]], [TABLE[0], *(f"{line}," for line in TABLE[1:])]]
)
@pytest.mark.parametrize("below", [[], ["header"]])
def test_a_header_that_is_repeated_is_left_out(write_csv: WriteCsv, lines: list[str], below: list[str]) -> None:
    path = write_csv("\n".join([*lines * 5, *(lines[:1] if below else [])]) + "\n")
    assert [row[:4] for row in read_text(path)] == [CELLS[0], *CELLS[1 : len(lines)] * 5]
    (finding,) = [finding for finding in read_columns(path).findings if finding.code == "repeated_header"]
    assert (finding.severity, finding.row_count) == (Severity.NOTE, 5 if below else 4)
    assert finding.message.startswith(f"The header is repeated on lines {len(lines) + 1}, ") and finding.message.endswith(": left out.")


def test_a_header_in_the_middle_of_a_long_file(write_csv: WriteCsv) -> None:
    lines = [f"A{number},{number % 7},{('Oslo', 'Rome')[number % 2]}" for number in range(20_000)]
    path = write_csv("\n".join(["id,amt,city", *lines, '"id",amt,city', *lines]) + "\n")
    profile = read_table(path)[1]
    (finding,) = [finding for finding in profile.warnings if finding.code == "repeated_header"]
    assert (profile.rows, finding.message) == (40_000, "The header is repeated on line 20,002: left out.")


def test_one_odd_row_ends_no_table(write_csv: WriteCsv) -> None:
    lines = [*TABLE[:15], "unknown,never,Paris,none", *TABLE[15:]]
    assert len(read_text(write_csv("\n".join(lines) + "\n"))) == len(lines)


@pytest.mark.parametrize(
    ("top", "names"),
    [
        (["id,day,city,price"] * 2, ["id id", "day day", "city city", "price price"]),
        (["id,day,city,price"] * 3, ["id id id", "day day day", "city city city", "price price price"]),
        (["who,who,what,what", "id,day,city,price"], ["who id", "who day", "what city", "what price"]),
        (["id,day,city,price", "code,d.m.y,name,EUR"], ["id code", "day d.m.y", "city name", "price EUR"]),
    ],
)
def test_a_header_of_several_rows_is_joined(write_csv: WriteCsv, top: list[str], names: list[str]) -> None:
    path = write_csv("\n".join([*top, *TABLE[1:]]) + "\n")
    assert read_text(path) == [names, *CELLS[1:]]
    assert "header_rows" in {finding.code for finding in read_columns(path).findings}


@pytest.mark.parametrize(
    "header",
    [
        "id,,day,city,price",
        ",id,day,city,price",
        "id,day,city,price,",
        "id day city price",
        "id;day;city;price",
        '"id"",day,city,price',
        '""id",day,city,price',
        '"id""day",city,price',
        "'id','day','city','price'",
    ],
)
def test_a_damaged_header_is_put_right(write_csv: WriteCsv, header: str) -> None:
    assert read_text(write_csv("\n".join([header, *TABLE[1:]]) + "\n")) == CELLS


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
@pytest.mark.parametrize("has_header", [True, False])
def test_few_rows(write_csv: WriteCsv, rows: int, has_header: bool) -> None:
    if rows or has_header:
        expected = CELLS[not has_header : rows + 1]
        assert read_text(write_csv("\n".join(TABLE[not has_header : rows + 1]))) == expected
