"""Whole files: real tables, files that are bad in one way each, and anything at all."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.datasets.dataset import ColumnReading, Reading
from dashapp.datasets.read import read_table
from dashapp.datasets.target.propose import task_for
from dashapp.errors import CannotTrain, DashappError, UnreadableCsv

DATA = Path(__file__).parents[1] / "data"
UGLY = DATA / "ugly"


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def named(row: dict[str, str]) -> str:
    return row["file"]


# Verdicts that reading alone cannot reach: that there is nothing to learn shows in training.
LATER = {"degen_pure_noise.csv": "no better than the baseline"}


@pytest.mark.parametrize("row", manifest(DATA), ids=named)
def test_a_real_table_is_read_and_its_target_proposed(row: dict[str, str]) -> None:
    table, profile = read_table(DATA / row["file"])
    assert table.shape == (int(row["rows"]), int(row["columns"])) == (profile.rows, len(profile.columns))
    assert profile.target.name == row["target"]
    assert profile.target.task == row["task"]
    assert len({finding.message for finding in profile.warnings}) == len(profile.warnings)


def test_dtypes_follow_the_kinds_in_every_real_table() -> None:
    for row in manifest(DATA):
        table, profile = read_table(DATA / row["file"])
        for column in profile.columns:
            assert table[column.name].dtype == ("float64" if column.kind.is_numeric else "str"), column
            assert table[column.name].isna().sum() == column.missing


def test_the_blanks_of_telco_are_missing_numbers() -> None:
    _, profile = read_table(DATA / "telco_churn.csv")
    charges, customer = profile.column("TotalCharges"), profile.column("customerID")
    assert charges is not None
    assert customer is not None
    assert (charges.kind, charges.missing) == ("number", 11)
    assert customer.kind == "identifier"


@pytest.mark.parametrize("row", [row for row in manifest(UGLY) if row["verdict"] in ("accept", "warn")], ids=named)
def test_an_ugly_file_is_read_as_expected(row: dict[str, str]) -> None:
    table, profile = read_table(UGLY / row["file"])
    low, _, high = row["rows"].partition("-")
    assert int(low) <= profile.rows <= int(high or low) or row["file"] == "val_inf_in_target.csv"
    assert table.shape[1] == int(row["columns"])
    assert profile.target.name == row["target"]
    assert (profile.target.task == row["task"]) or row["file"] == "degen_class_single_member.csv"
    if row["verdict"] == "warn" and row["file"] not in LATER:
        assert profile.warnings


@pytest.mark.parametrize("row", [row for row in manifest(UGLY) if row["verdict"] == "reject"], ids=named)
def test_an_ugly_file_is_refused_with_a_sentence(row: dict[str, str]) -> None:
    try:
        _, profile = read_table(UGLY / row["file"])
    except UnreadableCsv as error:
        assert error.message.endswith(".")
        return
    target = profile.column(row["target"])
    assert target is not None
    assert profile.warnings
    with pytest.raises(CannotTrain):
        task_for(target)


@pytest.mark.parametrize("row", [row for row in manifest(UGLY) if row["verdict"] == "accept_or_reject"], ids=named)
def test_an_ugly_file_that_may_be_either_is_never_a_crash(row: dict[str, str]) -> None:
    try:
        table, profile = read_table(UGLY / row["file"])
    except UnreadableCsv as error:
        assert error.message.endswith(".")
    else:
        assert len(table) == profile.rows > 0


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("quote_unbalanced.csv", "unbalanced_quote"),
        ("struct_ragged.csv", "short_rows"),
        ("struct_ragged.csv", "long_rows"),
        ("struct_duplicate_columns.csv", "duplicate_name"),
        ("struct_totals_row.csv", "totals_row"),
        ("struct_footer_notes.csv", "note_lines"),
        ("struct_trailing_delimiter.csv", "empty_columns"),
        ("degen_class_single_member.csv", "rare_class"),
        ("degen_all_duplicate_rows.csv", "duplicate_rows"),
        ("degen_extreme_imbalance.csv", "imbalance"),
        ("degen_many_classes.csv", "many_classes"),
        ("degen_single_row.csv", "too_few_rows"),
        ("val_inf_in_target.csv", "infinite"),
        ("val_booleans_mixed.csv", "merged_labels"),
        ("val_target_case_space.csv", "merged_labels"),
        ("leak_copy_of_target.csv", "leak"),
        ("leak_regression_linear.csv", "leak"),
        ("id_free_text_column.csv", "free_text"),
        ("size_high_cardinality_category.csv", "identifier"),
        ("sec_bidi_zero_width.csv", "invisible_characters"),
        ("enc_latin1.csv", "encoding"),
    ],
)
def test_the_finding_is_the_one_that_fits(file: str, code: str) -> None:
    assert code in {finding.code for finding in read_table(UGLY / file)[1].warnings}


@pytest.mark.parametrize(
    "file", ["val_booleans_mixed.csv", "val_target_case_space.csv", "sec_bidi_zero_width.csv", "val_float_coded_classes.csv"]
)
def test_two_classes_are_two_however_they_are_written(file: str) -> None:
    table, _ = read_table(UGLY / file)
    assert table["churn"].nunique() == 2


def test_letters_of_other_encodings() -> None:
    assert "Köln" in set(read_table(UGLY / "enc_latin1.csv")[0]["city"])
    assert "東京" in set(read_table(UGLY / "enc_shift_jis.csv")[0]["city"])
    assert any("€" in city or "“" in city for city in read_table(UGLY / "enc_cp1252.csv")[0]["city"])


def read_bytes(content: bytes) -> None:
    """Read them, or be told why not; anything else is a bug."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(content)
        file.flush()
        try:
            table, profile = read_table(Path(file.name))
        except DashappError as error:
            assert error.message
            return
    assert table.shape == (profile.rows, len(profile.columns))
    assert len(set(table.columns)) == len(table.columns)
    for column in profile.columns:
        assert int(table[column.name].isna().sum()) == column.missing


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(content: bytes) -> None:
    read_bytes(content)


@pytest.mark.parametrize(
    ("content", "decimal", "name", "read", "severity"),
    [
        ("a;preis;umsatz\nx;69,22;690\ny;7,5;5.194\nx;1,25;173\n", None, "umsatz", [690, 5194, 173], "note"),
        ("a;kg;eur\nx;9,592;55,91\ny;1,500;3,5\nx;2,250;1,1\n", None, "kg", [9.592, 1.5, 2.25], "note"),
        ("a;kg;eur\nx;9,592;55.91\ny;1,500;3.5\nx;2,250;1.1\n", None, "kg", [9592, 1500, 2250], "note"),
        ("a;kg;n\nx;9.592;5\ny;1.500;3\nx;2.250;1\n", None, "kg", [9.592, 1.5, 2.25], "warn"),
        ("a;kg;n\nx;9.592;5\ny;1.500;3\nx;2.250;1\n", ",", "kg", [9592, 1500, 2250], "note"),
        ("a;kg;n\nx;9,592;5\ny;1,500;3\nx;2,250;1\n", ",", "kg", [9.592, 1.5, 2.25], "note"),
        ("a,kg,n\nx,9.592,5\ny,1.500,3\nx,2.250,1\n", None, "kg", [9.592, 1.5, 2.25], None),
        ("a;kg;p\nx;9.592;5.5\ny;1.500;3\nx;2.250;1,5\n", None, "kg", [9.592, 1.5, 2.25], "warn"),
    ],
)
def test_the_file_decides_which_sign_is_before_the_decimals(
    content: str,
    decimal: str | None,
    name: str,
    read: list[float],
    severity: str | None,
    tmp_path: Path,
) -> None:
    (tmp_path / "table.csv").write_text(content)
    table, profile = read_table(tmp_path / "table.csv", Reading(columns={name: ColumnReading(decimal=decimal)}))
    assert table[name].tolist() == read
    found = [finding for finding in profile.warnings if finding.code == "number_format" and finding.column == name]
    assert [finding.severity for finding in found] == ([] if severity is None else [severity])
    if severity == "warn":
        assert [remedy.change for remedy in found[0].remedies] == [{"columns": {name: {"decimal": sign}}} for sign in ",."]
        assert {remedy.label for remedy in found[0].remedies} == {'"9.592" is 9592', '"9.592" is 9.592'}


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab1\u00e9 ,;\t|\"'\\\n\r.-$%()[]{}<\x0b\u2028\ufeff", max_size=300))
def test_any_text_of_csv_characters(content: str) -> None:
    read_bytes(content.encode())


CELL = st.one_of(
    st.integers().map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.sampled_from(
        ["", " ", "?", "NA", "yes", "NO", "inf", "1,5", "1.234,5", "$3", "(4)", "5%", "00137", "13/03/22", "31/12/9999", "1e400"]
    ),
    st.text(max_size=8).filter(lambda text: text.isprintable()),
)


@settings(max_examples=150, deadline=None)
@given(st.integers(2, 5).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=30)))
def test_any_table(rows: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow([f"name {index}" for index in range(len(rows[0]))])
            writer.writerows(rows)
        read_bytes(path.read_bytes())
