from __future__ import annotations

import pytest

from dashapp.datasets.text.dialect import sniff
from dashapp.datasets.text.names import unique_names
from dashapp.datasets.text.rows import read_text
from dashapp.errors import UnreadableCsv
from tests.datasets.conftest import WriteCsv, read_columns

ROWS = [["age", "city", "plan"], ["38", "Paris", "basic"], ["76", "Oslo", "plus"], ["33", "Paris", "pro"], ["54", "Rome", "basic"]]


def codes(write_csv: WriteCsv, content: str) -> dict[str, str]:
    return {finding.code: finding.message for finding in read_columns(write_csv(content)).findings}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(write_csv: WriteCsv, delimiter: str, end: str) -> None:
    path = write_csv(end.join(delimiter.join(row) for row in ROWS))
    assert read_text(path) == ROWS
    assert sniff(path).delimiter == delimiter


def test_quoted_delimiters_quotes_and_line_ends(write_csv: WriteCsv) -> None:
    path = write_csv('name,note\n"Braund, Owen","said ""no""\nand left"\nAnn,\nBob,"a, b"\n')
    assert read_text(path) == [["name", "note"], ["Braund, Owen", 'said "no"\nand left'], ["Ann", ""], ["Bob", "a, b"]]


def test_a_byte_order_mark_is_not_part_of_the_first_name(write_csv: WriteCsv) -> None:
    assert read_text(write_csv("\ufeffa,b\n1,x\n2,y\n"))[0] == ["a", "b"]


def test_blank_lines_are_no_rows(write_csv: WriteCsv) -> None:
    assert len(read_text(write_csv("\n\na,b,c\n\n1,2,x\n,,\n3,4,y\n \n"))) == 3


def test_a_line_above_the_header_is_left_out_and_counted_in_the_dialect(write_csv: WriteCsv) -> None:
    path = write_csv("Sales 2024\n\nage,city,plan\n38,Paris,a\n40,Oslo,b\n41,Rome,c\n42,Bonn,c\n")
    assert read_text(path)[0] == ["age", "city", "plan"]
    assert sniff(path).skipped_lines == 2
    assert "lines_above_header" in {finding.code for finding in read_columns(path).findings}


def test_short_rows_are_padded_and_long_rows_kept_and_both_are_told_by_line(write_csv: WriteCsv) -> None:
    content = "a,b,c\n" + "1,2,x\n" * 8 + "1,2\n" + "1,2,x,9,9\n" + "1,2,x,,\n"
    table = read_text(write_csv(content))
    assert [row[:2] for row in table[9:]] == [["1", "2"]] * 3
    assert table[9][2] == ""
    assert table[11] == ["1", "2", "x"]
    found = codes(write_csv, content)
    assert "line 10" in found["short_rows"]
    assert "line 11" in found["long_rows"]


def test_lines_are_counted_from_the_top_of_the_file(write_csv: WriteCsv) -> None:
    content = "A title\n\na,b,c\n" + '1,"x\ny",z\n' * 5 + "1,2\n"
    assert "line 14" in codes(write_csv, content)["short_rows"]


def test_an_open_quote_costs_one_line(write_csv: WriteCsv) -> None:
    content = "a,b,c\n" + "1,x,y\n" * 30 + '2,"x,y\n' + "3,x,y\n" * 30
    table = read_text(write_csv(content))
    assert len(table) == 62
    assert table[31] == ["2", "x", "y"]
    assert "line 32" in codes(write_csv, content)["unbalanced_quote"]


def test_two_open_quotes_do_not_make_one_long_cell(write_csv: WriteCsv) -> None:
    content = "a,b,c\n" + "1,x,y\n" * 5 + '2,x,"y\n' + "3,x,y\n" * 5 + '4,x,"y\n' + "5,x,y\n" * 5
    assert [row[2] for row in read_text(write_csv(content))[1:]] == ["y"] * 17


def test_an_open_quote_before_more_than_a_cell_may_hold(write_csv: WriteCsv) -> None:
    content = "a,b,c\n" + "1,x,y\n" * 5 + '2,x,"y\n' + "3,x,y\n" * 40_000
    assert len(read_text(write_csv(content))) == 40_007


def test_notes_and_totals_at_the_end_are_no_rows(write_csv: WriteCsv) -> None:
    content = "a,b,c\n" + "1,2,x\n" * 9 + "Note: provisional\n" + "Total,18,\n"
    assert len(read_text(write_csv(content))) == 10
    assert {"note_lines", "totals_row"} <= codes(write_csv, content).keys()


@pytest.mark.parametrize(
    ("content", "names", "code"),
    [
        ("a,b,\n1,x,\n2,y,\n", ["a", "b"], "empty_columns"),
        ("a,,b\n1,5,x\n2,6,y\n", ["a", "column_2", "b"], "unnamed_column"),
        ("a,a,a_2\n1,5,x\n2,6,y\n", ["a", "a_3", "a_2"], "duplicate_name"),
        ("a\u200b,b\n1,x\n2,y\n", ["a", "b"], "invisible_characters"),
        ("1,5,x\n2,6,y\n3,7,x\n4,9,y\n", ["column_1", "column_2", "column_3"], "no_header"),
    ],
)
def test_names_are_made_good_and_it_is_said(write_csv: WriteCsv, content: str, names: list[str], code: str) -> None:
    assert read_columns(write_csv(content)).names == names
    assert code in codes(write_csv, content)


@pytest.mark.parametrize(
    ("content", "first"),
    [
        ("a,,b\n1,5,x\n2,6,y\n", ["a", "", "b"]),
        ("a,a,a_2\n1,5,x\n2,6,y\n", ["a", "a", "a_2"]),
        ("1,5,x\n2,6,y\n3,7,x\n4,9,y\n", ["1", "5", "x"]),
        ("a,b\n", ["a", "b"]),
    ],
)
def test_the_eager_form_has_names_as_they_are_written(write_csv: WriteCsv, content: str, first: list[str]) -> None:
    assert read_text(write_csv(content))[0] == first


@pytest.mark.parametrize(
    ("content", "first"),
    [
        ("a,b,c\n1,2,x,\n3,4,y,\n5,6,x,\n", ["1", "2", "x"]),  # a delimiter at the end of every row but the header
        ("mpg,cyl,gear\nMazda,1,2,x\nFiat,3,4,y\nLotus,5,6,z\n", ["Mazda", "1", "2", "x"]),  # names of rows, as R writes them
        ("a,b,c,\n1,2,x\n3,4,y\n5,6,x\n", ["1", "2", "x"]),  # at the end of the header only
        ("a,b,c,d\n1,2,x\n3,4,y\n5,6,x\n", ["1", "2", "x", ""]),
    ],
)
def test_a_header_of_another_width_shifts_nothing(write_csv: WriteCsv, content: str, first: list[str]) -> None:
    assert read_text(write_csv(content))[1] == first


def test_names_that_are_numbers_are_still_names(write_csv: WriteCsv) -> None:
    content = "2019,2020,churn\n" + "38,Paris,yes\n40,Oslo,no\n" * 4
    assert read_text(write_csv(content))[0] == ["2019", "2020", "churn"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("<!DOCTYPE html><html><body>", "HTML"),
        ('[{"a": 1}, {"a": 2}]', "JSON"),
        ('{"a": 1}', "JSON"),
        ("a,b,c\n", "no rows"),
        ("churn\nyes\nno\nyes\n", 'Only one column was found \\("churn"\\)'),
        ("It was a bright cold day.\nNothing here is a table.\nAnd this one, too, is not.\n", "No table was found"),
    ],
)
def test_what_is_not_a_table_is_named(write_csv: WriteCsv, content: str, sentence: str) -> None:
    with pytest.raises(UnreadableCsv, match=sentence):
        read_columns(write_csv(content))


def test_a_table_that_is_too_wide_is_refused_with_the_limit(write_csv: WriteCsv) -> None:
    with pytest.raises(UnreadableCsv, match="at most 5,000 columns"):
        read_text(write_csv(b"a," * 1_500_000))


def test_ten_thousand_equal_names_are_told_apart() -> None:
    names = unique_names(["x"] * 10_000, 10_000)
    assert (len(set(names)), names[:3], names[-1]) == (10_000, ["x", "x_2", "x_3"], "x_10000")
