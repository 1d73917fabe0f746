from __future__ import annotations

import pytest

from dashapp.datasets.cells import clean_cells
from dashapp.datasets.dataset import ColumnKind
from dashapp.datasets.kinds import TypedColumn, type_column
from tests.datasets.conftest import text_array


def typed(values: list[str], name: str = "x") -> TypedColumn:
    return type_column(name, clean_cells(text_array(*values)))


NUMBERS = [str(number) for number in range(100, 200)]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1.5", "2", "3"], "number"),
        (["1", "2", "3"], "integer"),
        (["1.0", "2.0", "3.0"], "number"),
        (["Yes", "No", "Yes"], "boolean"),
        (["0", "1", "1"], "boolean"),
        (["t", "f", ""], "boolean"),
        (["1", "2", "1"], "integer"),
        (["basic", "pro", "basic"], "category"),
        (["00137", "00138", "00137"], "category"),
        (["2", "3", "5more"] * 20, "category"),
        (["2022-01-05", "2022-01-06", ""], "datetime"),
        (["a", "a", ""], "constant"),
        (["", "?", "NA"], "constant"),
        ([f"user-{number}" for number in NUMBERS], "identifier"),
        ([f"0{number}" for number in NUMBERS], "identifier"),
        ([f"the {number} late bills were bad and slow" for number in NUMBERS], "text"),
    ],
)
def test_the_kind_is_decided_by_all_values(values: list[str], kind: str) -> None:
    assert typed(values).kind == kind


@pytest.mark.parametrize(("name", "kind"), [("PassengerId", "identifier"), ("customer_no", "identifier"), ("points", "integer")])
def test_different_integers_are_an_identifier_by_their_name(name: str, kind: str) -> None:
    assert typed(NUMBERS, name).kind == kind


def test_numbers_are_float64_and_blanks_are_missing() -> None:
    column = typed([*NUMBERS, " ", "100"])
    assert column.series.dtype == "float64"
    assert column.series.isna().tolist() == [False] * 100 + [True, False]
    assert column.cells.missing == 1
    assert column.findings == ()


def test_words_are_str_as_written_without_outer_blanks() -> None:
    column = typed([" 00137", "0021 ", "", "0021"])
    assert column.series.dtype == "str"
    assert column.series.tolist()[:2] == ["00137", "0021"]
    assert column.series.isna().tolist() == [False, False, True, False]


def test_dates_are_naive() -> None:
    assert typed(["2022-01-05", "", "2022-01-06"]).series.dtype == "datetime64[us]"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (["?", *NUMBERS], "missing_spelling"),
        (["unknown", *NUMBERS], "not_a_number"),
        (["inf", *NUMBERS], "infinite"),
        (["$5", *NUMBERS], "number_format"),
        (["05/03/2022", "06/03/2022"], "ambiguous_dates"),
        (["yes", " yes", "YES", "no"], "merged_labels"),
        (["yes\u200b", "yes", "no"], "invisible_characters"),
    ],
)
def test_what_was_understood_is_said_with_the_name_of_the_column(values: list[str], code: str) -> None:
    (finding,) = [finding for finding in typed(values, "fare").findings if finding.code == code]
    assert finding.column == "fare"
    assert '"fare"' in finding.message


def test_a_stray_word_in_numbers_is_missing_and_not_a_reason_to_make_them_words() -> None:
    column = typed(["unknown", *NUMBERS])
    assert column.kind is ColumnKind.INTEGER
    assert column.cells.missing == 1


def test_a_word_that_is_not_rare_makes_it_a_column_of_words() -> None:
    assert typed(["none"] * 20 + NUMBERS).kind is ColumnKind.CATEGORY


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (["yes", " yes", "YES", "no", "NO ", "no"], {"yes", "no"}),
        (["true", "FALSE", "1", "0", "Yes", "no", "true"], {"true", "FALSE"}),
        (["red", "Red", "RED", "Red", "blue"], {"Red", "blue"}),
        (["m", "M", "f"], {"m", "M", "f"}),
        (["f", "n", "y", "t"], {"f", "n", "y", "t"}),
    ],
)
def test_spellings_of_one_label_are_merged(values: list[str], labels: set[str]) -> None:
    assert set(typed(values).series) == labels
