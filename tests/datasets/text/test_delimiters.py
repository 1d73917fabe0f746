"""Which delimiter is believed, where quotes, blanks after delimiters and empty cells speak for several."""

from __future__ import annotations

import random

import pytest

from dashapp.datasets import read_text
from dashapp.datasets.dataset import Reading
from dashapp.datasets.text.dialect import find_layout
from dashapp.errors import UnreadableCsv
from tests.datasets.conftest import WriteCsv, read_columns


@pytest.mark.parametrize(
    ("header", "line", "cells"),
    [
        ("city,pop", '"Klein, NY",{n}', ["Klein, NY", "{n}"]),
        ("city,pop", '"Klein, NY",0', ["Klein, NY", "0"]),
        ("date,v", '"Jan 1, 2020",0', ["Jan 1, 2020", "0"]),
        ("name,address,y", '"Doe, Bob","1 Main St, Rome",0', ["Doe, Bob", "1 Main St, Rome", "0"]),
        ("name,l,y", 'Joe,"[1, 2, 0]",0', ["Joe", "[1, 2, 0]", "0"]),
        ("review,sentiment", '"short, funny, sad",pos', ["short, funny, sad", "pos"]),
        ("name,notes,score", "Tim,,0", ["Tim", "", "0"]),
        ("t;c;v", "2020-01-01;;0", ["2020-01-01", "", "0"]),
        ("a,b,c", "0,,", ["0", "", ""]),
        ("a,b,c", "x,,{n}", ["x", "", "{n}"]),
    ],
)
def test_commas_within_quotes_and_empty_columns(write_csv: WriteCsv, header: str, line: str, cells: list[str]) -> None:
    sign = ";" if ";" in header else ","
    path = write_csv("\n".join([header, *(line.format(n=n) for n in range(50))]) + "\n")
    assert read_text(path) == [header.split(sign), *([cell.format(n=n) for cell in cells] for n in range(50))]
    assert find_layout(path).dialect.delimiter == sign


def test_long_texts_in_quotes(write_csv: WriteCsv) -> None:
    draw = random.Random(3)
    words = ["it", "was", "a", "film", "with,", "well,", "good", "but,", "sadly,", "too", "long", "and", "loud"]
    texts = [" ".join(draw.choices(words, k=draw.randint(50, 140))) for _ in range(300)]
    path = write_csv("\n".join(["review,sentiment", *(f'"{text}",{draw.choice(("pos", "neg"))}' for text in texts)]) + "\n")
    assert [row[0] for row in read_text(path)] == ["review", *texts]


@pytest.mark.parametrize("sign", [", ", ",,", ";;", "; "])
@pytest.mark.parametrize("is_quoted", [True, False])
def test_delimiters_of_two_characters(write_csv: WriteCsv, sign: str, is_quoted: bool) -> None:
    rows = [["a", "b", "c"], *([str(n), f'"x{sign}y"' if is_quoted else "x", ""] for n in range(30))]
    path = write_csv("\n".join(sign.join(row) for row in rows) + "\n")
    assert find_layout(path).dialect.delimiter == sign
    assert read_text(path) == [[cell.strip('"') for cell in row] for row in rows]


@pytest.mark.parametrize("first", ["sep={}", '"sep={}"', "SEP={}", "\ufeffsep={}"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(("said", "sign"), [(";", ";"), (",", ","), ("\t", "\t"), ("\\t", "\t"), ("|", "|")])
def test_the_first_line_that_excel_writes(write_csv: WriteCsv, first: str, end: str, said: str, sign: str) -> None:
    rows = [["a", "b", "y"], *[["0", "0;5,1:2 " if sign == "|" else "0", "0"]] * 9]
    path = write_csv(end.join([first.format(said), *(sign.join(row) for row in rows)]) + end)
    layout = find_layout(path)
    assert (layout.dialect.delimiter, layout.dialect.skipped_lines, layout.title_rows, layout.body_line) == (sign, 1, 0, 3)
    assert read_text(path) == rows
    again = Reading(delimiter=sign, skipped_lines=1)
    assert find_layout(path, again).header == rows[0]


def test_the_first_line_of_excel_over_decimal_commas(write_csv: WriteCsv) -> None:
    assert read_text(write_csv("sep=;\na;b;y\n" + "0;0,5;0\n" * 20)) == [["a", "b", "y"], *[["0", "0,5", "0"]] * 20]


def test_a_first_line_that_names_another_delimiter_than_the_file_has(write_csv: WriteCsv) -> None:
    assert read_text(write_csv("sep=;\na,b\n" + "0,5\n" * 9)) == [["a", "b"], *[["0", "5"]] * 9]


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("size,what", '5",pipe 3"'),
        ("size,what", '{n}",pipe {n}"'),
        ("size,what,v", '{n}",pipe 3",{n}'),
        ("id,what,price", '{n},steel pipe {n}" long,{n}'),
        ("id,what,price", '{n},6 x {n}",{n}'),
        ("id;size;what", '{n};{n}";pipe'),
    ],
)
@pytest.mark.parametrize("every", [1, 3])
def test_inches_are_kept_as_they_are_written(write_csv: WriteCsv, header: str, line: str, every: int) -> None:
    lines = [line.format(n=n) if n % every == 0 else line.format(n=n).replace('"', "") for n in range(30)]
    path = write_csv("\n".join([header, *lines]) + "\n")
    sign = ";" if ";" in header else ","
    assert read_text(path) == [header.split(sign), *(one.split(sign) for one in lines)]
    assert not {"mended_rows", "unbalanced_quote"} & {finding.code for finding in read_columns(path).findings}


@pytest.mark.parametrize(
    "lines",
    [
        ["short, funny, sad"] * 20,
        ["hello, how are you", "fine, thanks", "I like it, really, much", "no comma here", "well, it is good"] * 4,
        ["Doe, Ann", "Roe, Bob", "Lee, Cy", "Fox, Di"] * 3,
        ["Doe Ann", "Roe Bob", "Lee Cy", "Fox Di"] * 3,
        ["slow, boring and, well, rather long, I say"] * 2 + ["nice, but, sadly, much too short for me"] * 3,
    ],
)
def test_one_column_of_text_with_commas(write_csv: WriteCsv, lines: list[str]) -> None:
    path = write_csv("\n".join(["review", *lines]) + "\n")
    with pytest.raises(UnreadableCsv, match=r"Only one column was found .*review"):
        find_layout(path)
    assert read_text(path) == [["review"], *([line] for line in lines)]
