"""Lines become records; stretches of a file read one after the other give the rows of the whole."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashapp.datasets.text.dialect import find_layout
from dashapp.datasets.text.reader import RowReader
from dashapp.datasets.text.records import Record, RecordReader
from dashapp.datasets.text.rows import read_text
from dashapp.datasets.text.split import splitter
from tests.datasets.conftest import WriteCsv


def records(text: str, width: int | None = None) -> list[Record]:
    reader = RecordReader(iter(io.StringIO(text, newline="")), splitter(",", '"'), width=width)
    found = []
    while (record := reader.next()) is not None:
        found.append(record)
    return found


def test_a_quoted_cell_runs_over_lines_and_lines_are_counted() -> None:
    found = records('a,b\n"x\n\ny",1\n2,3\n', 2)
    assert [(record.line, record.cells) for record in found] == [(1, ["a", "b"]), (2, ["x\n\ny", "1"]), (5, ["2", "3"])]


def test_a_quote_that_swallows_records_is_stray() -> None:
    found = records('1,"x,y\n' + "3,x,y\n" * 9, 3)
    assert [record.line for record in found] == list(range(1, 11))
    assert found[0].cells is None


def test_peeked_records_stay_to_be_read() -> None:
    reader = RecordReader(iter(["a,b\n", "c,d\n"]), splitter(",", '"'))
    assert [record.cells for record in reader.peek(5)] == [["a", "b"], ["c", "d"]]
    assert reader.line == 1
    first = reader.next()
    assert first is not None
    assert first.cells == ["a", "b"]
    assert reader.line == 2


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ('a,"b,c",d', ["a", "b,c", "d"]),
        ('a,"b ""c""",', ["a", 'b "c"', ""]),
        ('"a" , "b"', ["a", "b"]),
        ('a,b "c" d', None),
        ('""a","b"', None),
        ('"a', None),
    ],
)
def test_strict_cells(text: str, strict: list[str] | None) -> None:
    assert splitter(",", '"').strict(text) == strict


def lines_from(path: Path, first: int) -> Iterator[str]:
    return iter(path.read_bytes().decode().splitlines(keepends=True)[first - 1 :])


MESSY = (
    "Title\nid,day,note\n1,2021-01-01,a\n2,2021-01-02\n\n"
    + '3,2021-01-03,"long\n\ntext, really"\n4,,2021-01-04,b\n'
    + "".join(f"{number},2021-02-{number:02},c\n" for number in range(5, 20))
    + '20,2021-03-01,"open\n21,2021-03-02,d\n22;2021-03-03;e\nTotal,,\nSource: us\n'
)


@pytest.mark.parametrize("step", [1, 2, 3, 5, 100])
def test_stretches_give_the_rows_of_the_whole(write_csv: WriteCsv, step: int) -> None:
    path = write_csv(MESSY)
    layout = find_layout(path)
    reader = RowReader(layout)
    rows: list[list[str]] = []
    last = MESSY.count("\n") - 6
    line = layout.body_line
    while line < last and not reader.is_finished:
        rows.extend(reader.rows(lines_from(path, line), line, is_last=False, stop_line=min(line + step, last)))
        assert reader.next_line > line
        line = reader.next_line
    rows.extend(reader.rows(lines_from(path, line), line, is_last=True))
    assert rows == read_text(path)[1:]
    assert len(rows) == 22
    assert {"short_rows", "mended_rows", "unbalanced_quote", "mixed_delimiters", "totals_row"} <= {each.code for each in reader.findings()}


def test_a_stretch_that_ends_within_a_cell_is_read_to_the_end_of_the_record(write_csv: WriteCsv) -> None:
    path = write_csv('a,b\n1,"x\ny\nz"\n2,w\n3,v\n')
    reader = RowReader(find_layout(path))
    assert list(reader.rows(lines_from(path, 2), 2, is_last=False, stop_line=3)) == [["1", "x\ny\nz"]]
    assert reader.next_line == 5


def test_nothing_is_read_after_the_table_ended(write_csv: WriteCsv) -> None:
    path = write_csv("a,b\n" + "1,2\n" * 5 + "\na,b\n" + "3,4\n" * 5)
    reader = RowReader(find_layout(path))
    assert len(list(reader.rows(lines_from(path, 2), 2, is_last=True))) == 5
    assert reader.is_finished
    assert list(reader.rows(lines_from(path, 9), 9, is_last=True)) == []


def test_a_run_of_blank_lines_is_one_record() -> None:
    found = records("a,b\n" + "\n\r\n" * 1000 + "c,d\n\n\ne,f")
    assert [(record.line, record.is_blank) for record in found] == [(1, False), (2, True), (2002, False), (2003, True), (2005, False)]


def test_a_gap_that_a_stretch_ends_with_stands_before_the_next(write_csv: WriteCsv) -> None:
    lines = ["id,day,v\n", *(f"A{n},{n % 28 + 1:02}.05.2021,{n}\n" for n in range(30)), "\n", "\n", "id,day,v\n", "A9,03.05.2021,7\n"]
    path = write_csv("".join(lines))
    reader = RowReader(find_layout(path))
    first = list(reader.rows(lines_from(path, 2), 2, is_last=False, stop_line=33))
    assert (len(first), reader.next_line) == (30, 34)
    assert list(reader.rows(lines_from(path, 34), 34, is_last=True)) == []
