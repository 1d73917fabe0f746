"""The kind of a column is decided by all of its values, unless the user says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashapp.datasets.dataset import ColumnReading, ReadAs
from tests.datasets.columns.typed import NUMBERS, obeyed, series, typed


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


@pytest.mark.parametrize(
    ("told", "values", "kind", "missing", "code"),
    [
        (ReadAs.NUMBER, ["00137", "1.5", "x"] * 10, "number", 10, "not_as_told"),
        (ReadAs.INTEGER, ["1", "2.5", "3.0", "4"], "integer", 1, "not_as_told"),
        (ReadAs.NUMBER, ["1", "0", "1"], "number", 0, None),
        (ReadAs.CATEGORY, ["1", "2", "3"], "category", 0, None),
        (ReadAs.TEXT, ["a", "b", "a"], "text", 0, None),
        (ReadAs.IDENTIFIER, ["1", "2", "2"], "identifier", 0, None),
        (ReadAs.BOOLEAN, ["yes", "no", "maybe", "Y"], "boolean", 1, "not_as_told"),
        (ReadAs.BOOLEAN, ["m", "f", "m"], "boolean", 0, None),
        (ReadAs.DATETIME, ["2022-01-05", "05/02/2022", "soon"], "datetime", 1, "not_as_told"),
        (ReadAs.DATETIME, ["a", "", "b"], "datetime", 3, "not_as_told"),
        (ReadAs.RATING, ["good", "poor", "good"], "category", 0, None),
        (ReadAs.RATING, ["1", "7", "3"], "integer", 0, None),
    ],
)
def test_the_user_is_obeyed(told: ReadAs, values: list[str], kind: str, missing: int, code: str | None, tmp_path: Path) -> None:
    column = typed(values, "fare", ColumnReading(kind=told))
    assert (column.kind, column.profile.missing) == (kind, missing)
    assert [finding.code for finding in column.findings if finding.code == "not_as_told"] == ([code] if code else [])
    assert int(series(column, tmp_path).isna().sum()) == missing
    if code:
        assert column.findings[0].row_count == missing - values.count("")
        assert column.findings[0].remedies


def test_further_spellings_of_missing() -> None:
    column = typed(["1", "2", "unknown", "-1"] * 10, reading=ColumnReading(missing=("unknown", "-1")))
    assert (column.kind, column.profile.missing, column.profile.missing_as) == ("integer", 20, ("unknown", "-1"))


@pytest.mark.parametrize(
    ("told", "values", "kind", "missing", "is_said"),
    [
        (ReadAs.BOOLEAN, ["ja", "nein", "egal"], "boolean", 1, True),
        (ReadAs.BOOLEAN, ["ja", "nein", "Ja"], "boolean", 0, False),
        (ReadAs.BOOLEAN, ["ja", "non", "yes", "nein"], "boolean", 0, False),
        (ReadAs.BOOLEAN, ["red", "blue", "green"], "category", 0, True),
        (ReadAs.RATING, NUMBERS, "integer", 0, True),
        (ReadAs.RATING, [f"w{number}" for number in NUMBERS], "category", 0, True),
        (ReadAs.RATING, NUMBERS[:50], "integer", 0, False),
    ],
)
def test_what_cannot_be_as_told_is_said(told: ReadAs, values: list[str], kind: str, missing: int, is_said: bool) -> None:
    column = typed(values, "x", ColumnReading(kind=told))
    assert (column.kind, column.profile.missing) == (kind, missing)
    assert ("not_as_told" in {finding.code for finding in column.findings}) is is_said
    assert bool(column.profile.levels) is (told is ReadAs.RATING and not is_said)


def test_what_looks_missing_can_be_kept() -> None:
    values = ["NA", "DE", "FR", "NA", "", "-"]
    column = typed(values, "country")
    assert column.profile.missing == 4
    reading = obeyed(column, "missing_spelling")
    assert reading == ColumnReading(keep=("NA",))
    kept = typed(values, "country", reading)
    assert (kept.profile.missing, kept.profile.top[0].value) == (2, "NA")
    assert obeyed(kept, "missing_spelling").keep == ("NA", "-")


def test_findings_name_the_first_rows() -> None:
    column = typed(["unknown", *NUMBERS, "unknown", "?"])
    found = {finding.code: finding for finding in column.findings}
    assert (found["not_a_number"].rows, found["not_a_number"].row_count) == ((1, 102), 2)
    assert (found["missing_spelling"].rows, found["missing_spelling"].severity) == ((103,), "note")
