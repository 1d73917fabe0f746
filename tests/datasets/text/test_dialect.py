"""Encoding, delimiter and quotes are found out, and what the user fixed is obeyed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dashapp.datasets import read_text
from dashapp.datasets.dataset import Reading
from dashapp.datasets.text.dialect import find_layout
from dashapp.datasets.text.rows import read_head
from dashapp.errors import UnreadableCsv
from tests.datasets.conftest import WriteCsv, read_columns

ROWS = [
    ["day", "time", "name", "note", "link", "remark"],
    *(
        [
            f"2021-05-{number:02}",
            f"{number % 24:02}:15",
            ("Ann", "Bob; Jr", "Cy, Sr")[number % 3],
            "it's 5 m | wide",
            "https://a.example/b:c",
            "",
        ]
        for number in range(1, 29)
    ),
]


def written(delimiter: str, quote: str = '"', *, quote_all: bool = False, escape: str = "") -> str:
    parts = {delimiter, delimiter.strip() or delimiter, quote}

    def cell(value: str) -> str:
        if not quote_all and not any(part in value for part in parts):
            return value
        return quote + value.replace(quote, (escape or quote) + quote) + quote

    return "\r\n".join(delimiter.join(map(cell, row)) for row in ROWS) + "\r\n"


@pytest.mark.parametrize("quote_all", [True, False])
@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " ", ":", ", ", "||", "::", "\t\t", ";;", "\\t"])
def test_delimiters_and_quotes(write_csv: WriteCsv, delimiter: str, quote: str, quote_all: bool) -> None:
    path = write_csv(written(delimiter, quote, quote_all=quote_all))
    assert read_text(path) == ROWS
    assert find_layout(path).dialect.delimiter == delimiter


def test_backslashes_before_quotes(write_csv: WriteCsv) -> None:
    path = write_csv(written(",", quote_all=True).replace("Ann", 'A\\"n').replace("wide", 'wi\\"de'))
    assert read_text(path)[3][2:4] == ['A"n', "it's 5 m | wi\"de"]


def test_apostrophes_that_nobody_escaped(write_csv: WriteCsv) -> None:
    path = write_csv("\n".join(",".join(f"'{cell}'" for cell in row) for row in ROWS))
    assert read_text(path) == ROWS


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(write_csv: WriteCsv, codec: str, end: str) -> None:
    rows = [["name", "city"], *[["Zoë", "Köln"], ["José", "Málaga"]] * 5]
    assert read_text(write_csv((end.join(",".join(row) for row in rows) + end).encode(codec))) == rows


def test_columns_of_fixed_width(write_csv: WriteCsv) -> None:
    rows = [["age", "full name", "plan"], *[["38", "Ann Lee", "basic"], ["9", "Bob", "pro"]] * 5]
    path = write_csv("\n".join("".join(cell.ljust(12) for cell in row) for row in rows))
    assert read_text(path) == rows


@pytest.mark.parametrize("rows", [["churn", "yes", "no", "yes"], ["value", "1", "2", "3"]])
def test_one_column_is_read_but_is_no_table_to_learn_from(write_csv: WriteCsv, rows: list[str]) -> None:
    path = write_csv("\n".join(rows) + "\n")
    assert read_text(path) == [[cell] for cell in rows]
    with pytest.raises(UnreadableCsv, match="Only one column"):
        find_layout(path)


def test_what_the_user_fixed_is_obeyed(write_csv: WriteCsv) -> None:
    path = write_csv("a title\nx;y,z\n1;2,3\n4;5,6\n7;8,9\n")
    by_comma = find_layout(path, Reading(delimiter=",", skipped_lines=1))
    assert (by_comma.header, by_comma.body_line, by_comma.dialect.skipped_lines) == (["x;y", "z"], 3, 1)
    assert find_layout(path, Reading(delimiter=";", skipped_lines=1)).header == ["x", "y,z"]
    bare = find_layout(path, Reading(delimiter=";", has_header=False, skipped_lines=1))
    assert (bare.header, bare.body_line, bare.dialect.has_header) == (None, 2, False)
    assert read_columns(path, Reading(delimiter=";", has_header=False, skipped_lines=1)).names == ["column_1", "column_2"]


def test_an_encoding_and_a_quote_that_the_user_fixed(write_csv: WriteCsv) -> None:
    path = write_csv("a,b\n'x','1'\n'ł','2'\n".encode("cp1250"))
    layout, names, rows, _ = read_head(path, Reading(encoding="cp1250", quote=""), 10)
    assert (layout.dialect.encoding, layout.dialect.quote, names) == ("cp1250", "", ["a", "b"])
    assert rows[1] == ["'ł'", "'2'"]


@pytest.mark.parametrize(
    ("reading", "sentence"),
    [
        (Reading(delimiter="|"), "delimiter"),
        (Reading(encoding="klingon"), "cannot be read as klingon"),
        (Reading(encoding="hex"), "cannot be read as hex"),
        (Reading(skipped_lines=50), "No lines are left"),
    ],
)
def test_a_wish_that_leaves_no_table_is_refused(write_csv: WriteCsv, reading: Reading, sentence: str) -> None:
    with pytest.raises(UnreadableCsv, match=sentence):
        find_layout(write_csv("a,b\n1,2\n3,4\n"), reading)


def test_the_head_alone(write_csv: WriteCsv) -> None:
    path = write_csv("Report\n\na,a,\n" + "1,2,x\n" * 50_000)
    layout, names, rows, findings = read_head(path, Reading(), 3)
    assert (layout.body_line, names, rows) == (4, ["a", "a_2", "column_3"], [["1", "2", "x"]] * 3)
    assert [finding.code for finding in findings] == ["lines_above_header"]


def test_a_line_without_end_is_refused(write_csv: WriteCsv) -> None:
    with pytest.raises(UnreadableCsv, match="longer than"):
        read_text(write_csv(b"abc,def," * 1_000_000))
    with pytest.raises(UnreadableCsv, match="longer than"):
        read_text(write_csv(b"a,b\n" + b"1,2\n" * 30_000 + b"x" * 5_000_000))


def test_the_reader_of_text_is_light_to_import() -> None:
    code = "import sys, dashapp.datasets; print([name for name in ('pandas', 'duckdb', 'clevercsv', 'pyarrow') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
