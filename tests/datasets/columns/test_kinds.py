from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dashapp.datasets.columns.intake import Intake
from dashapp.datasets.columns.kinds import TypedColumn, type_cells
from dashapp.datasets.columns.spool import Spool
from dashapp.datasets.dataset import ColumnKind, ColumnReading, ReadAs
from dashapp.datasets.table import write_table
from tests.datasets.conftest import text_array


def typed(values: list[str], name: str = "x", reading: ColumnReading = ColumnReading()) -> TypedColumn:
    intake = Intake(Spool(Path()), reading, columns=1)
    intake.add(text_array(*values))
    return type_cells(name, intake.cells(), reading)


def series(column: TypedColumn, tmp_path: Path) -> pd.Series:
    """The column as it is read back from the stored table."""
    write_table([column], tmp_path / "table.parquet")
    return pd.read_parquet(tmp_path / "table.parquet")[column.name]


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


def test_numbers_are_float64_and_blanks_are_missing(tmp_path: Path) -> None:
    column = typed([*NUMBERS, " ", "100"])
    values = series(column, tmp_path)
    assert values.dtype == "float64"
    assert values.isna().tolist() == [False] * 100 + [True, False]
    assert column.profile.missing == 1
    assert column.findings == ()


def test_words_are_str_as_written_without_outer_blanks(tmp_path: Path) -> None:
    values = series(typed([" 00137", "0021 ", "", "0021"]), tmp_path)
    assert values.dtype == "str"
    assert values.tolist()[:2] == ["00137", "0021"]
    assert values.isna().tolist() == [False, False, True, False]


def test_dates_are_naive(tmp_path: Path) -> None:
    assert series(typed(["2022-01-05", "", "2022-01-06"]), tmp_path).dtype == "datetime64[us]"


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
    assert column.profile.missing == 1


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
def test_spellings_of_one_label_are_merged(values: list[str], labels: set[str], tmp_path: Path) -> None:
    assert set(series(typed(values), tmp_path)) == labels


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


@pytest.mark.parametrize(("day_first", "read"), [(None, "2022-03-05"), (True, "2022-03-05"), (False, "2022-05-03")])
def test_the_user_says_which_number_is_the_day(day_first: bool | None, read: str, tmp_path: Path) -> None:
    column = typed(["05/03/2022", "06/04/2022"], reading=ColumnReading(day_first=day_first))
    assert str(series(column, tmp_path)[0].date()) == read
    assert [finding.code for finding in column.findings] == (["ambiguous_dates"] if day_first is None else [])


def test_ambiguous_dates_ask() -> None:
    (finding,) = typed(["05/03/2022", "06/04/2022"], "day").findings
    assert [remedy.change for remedy in finding.remedies] == [{"columns": {"day": {"day_first": first}}} for first in (True, False)]


DAYS = [f"{13 + number % 15}/{1 + number % 12:02}/2020" for number in range(60)]


@pytest.mark.parametrize(
    ("values", "kind", "missing", "rows"),
    [
        (["13/02/2020", "02/14/2020", "03/04/2020"], "category", 0, 1),
        ([*DAYS, "02/14/2020"], "datetime", 1, 1),
        ([*["02/14/2020", "03/15/2020"] * 30, "14/02/2020", ""], "datetime", 2, 1),
        (DAYS, "datetime", 0, 0),
    ],
)
def test_dates_of_two_orders(values: list[str], kind: str, missing: int, rows: int, tmp_path: Path) -> None:
    column = typed(values, "day")
    assert (column.kind, column.profile.missing) == (kind, missing)
    assert [(each.code, each.row_count) for each in column.findings] == ([("mixed_dates", rows)] if rows else [])
    assert int(series(column, tmp_path).isna().sum()) == missing


@pytest.mark.parametrize(
    ("told", "name", "values", "read"),
    [
        (None, "x", ["1/28/2020 1:05 PM", "1/29/2020 12:05 AM"], ["2020-01-28 13:05:00", "2020-01-29 00:05:00"]),
        (None, "x", ["2020-01-28 01:05:00 pm", "2020-01-29 01:05:00 am"], ["2020-01-28 13:05:00", "2020-01-29 01:05:00"]),
        (None, "created_at", ["20200131", "19991201", ""], ["2020-01-31", "1999-12-01", "NaT"]),
        (None, "code", ["20200131", "19991201"], ["20200131", "19991201"]),
        (None, "date", ["20200131", "20200231"], ["20200131", "20200231"]),
        (ReadAs.DATETIME, "x", ["20200131", "2020-02"], ["2020-01-31", "2020-02-01"]),
        (ReadAs.DATETIME, "x", ["1580515200", "1580515201.5"], ["2020-02-01 00:00:00", "2020-02-01 00:00:01.500000"]),
        (ReadAs.DATETIME, "x", ["44928", "44928.5"], ["2023-01-02 00:00:00", "2023-01-02 12:00:00"]),
        (ReadAs.DATETIME, "x", ["1580515200000", "12"], ["2020-02-01", "NaT"]),
        (ReadAs.DATETIME, "x", ["13/02/2020", "14/02/2020", "02/14/2020"], ["2020-02-13", "2020-02-14", "NaT"]),
    ],
)
def test_dates_in_other_forms(told: ReadAs | None, name: str, values: list[str], read: list[str], tmp_path: Path) -> None:
    column = typed(values, name, ColumnReading(kind=told))
    assert (column.kind == "datetime") is ("-" in read[0])
    found = series(column, tmp_path)
    wanted = pd.Series(read if column.kind == "datetime" else [float(value) for value in read])
    assert found.equals(pd.to_datetime(wanted, format="mixed").astype(found.dtype) if column.kind == "datetime" else wanted)


AGES = [str(18 + number % 60) for number in range(100)]


@pytest.mark.parametrize(
    ("values", "name", "sentinels"),
    [
        ([*AGES, *["-999"] * 5], "age", ("-999",)),
        ([*AGES, *["999"] * 5], "age", ("999",)),
        ([*AGES, *["-99"] * 3, *["-999"] * 3], "age", ("-99", "-999")),
        ([*AGES, "-999"], "age", ()),
        ([*AGES, *["99"] * 5], "age", ()),
        ([str(number - 1050) for number in range(200)] + ["-999"] * 5, "offset", ()),
        ([str(number * 50) for number in range(100)] + ["9999"] * 5, "price", ()),
        (["1", "2", "3", "4"] * 20 + ["99"] * 5, "answer", ("99",)),
        (["1950", "1980", "2010", "2020"] * 20 + ["9999"] * 5, "year", ("9999",)),
        ([str(number) for number in range(950, 1050)] + ["999"] * 5, "weight", ()),
    ],
)
def test_numbers_that_stand_for_none(values: list[str], name: str, sentinels: tuple[str, ...]) -> None:
    column = typed(values, name)
    assert column.profile.missing_as == sentinels
    assert column.profile.missing == sum(values.count(each) for each in sentinels)
    assert [finding.code for finding in column.findings] == (["sentinel"] if sentinels else [])
    assert column.profile.unique == len(set(values) - set(sentinels))


def test_a_sentinel_is_kept_where_the_user_says_number() -> None:
    assert typed([*AGES, *["-999"] * 5], "age", ColumnReading(kind=ReadAs.NUMBER)).profile.minimum == -999


@pytest.mark.parametrize(
    ("values", "name", "levels"),
    [
        (["1", "2", "3", "5", "4"] * 20, "x", ("1", "2", "3", "4", "5")),
        (["0", "1", "2", "3"] * 20, "pain_level", ("0", "1", "2", "3")),
        (["0", "1", "2", "3"] * 20, "children", ()),
        (["1", "2", "3"] * 20, "cluster", ()),
        (["1", "3", "5"] * 20, "x", ()),
        (["low", "High", "medium"], "x", ("low", "medium", "High")),
        (["Strongly agree", "Agree", "Neutral", "Disagree"], "x", ("Disagree", "Neutral", "Agree", "Strongly agree")),
        (["S", "XL", "M", "L"], "size", ("S", "M", "L", "XL")),
        (["red", "low", "high"], "x", ()),
        (["never", "always"] * 3 + ["often"], "x", ("never", "often", "always")),
    ],
)
def test_values_with_an_order(values: list[str], name: str, levels: tuple[str, ...]) -> None:
    assert typed(values, name).profile.levels == levels


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


def obeyed(column: TypedColumn, code: str) -> ColumnReading:
    """What the remedy of the finding says of the column."""
    (finding,) = [finding for finding in column.findings if finding.code == code]
    change = finding.remedies[0].change["columns"]
    assert isinstance(change, dict)
    (options,) = change.values()
    return ColumnReading(**{option: tuple(value) if isinstance(value, list) else value for option, value in options.items()})


def test_what_looks_missing_can_be_kept() -> None:
    values = ["NA", "DE", "FR", "NA", "", "-"]
    column = typed(values, "country")
    assert column.profile.missing == 4
    reading = obeyed(column, "missing_spelling")
    assert reading == ColumnReading(keep=("NA",))
    kept = typed(values, "country", reading)
    assert (kept.profile.missing, kept.profile.top[0].value) == (2, "NA")
    assert obeyed(kept, "missing_spelling").keep == ("NA", "-")


def test_a_sentinel_that_is_kept_is_a_value_of_the_same_kind() -> None:
    values = [*AGES, *["-999"] * 5]
    reading = obeyed(typed(values, "age"), "sentinel")
    assert reading == ColumnReading(keep=("-999",))
    kept = typed(values, "age", reading)
    assert (kept.kind, kept.profile.minimum, kept.profile.missing, kept.findings) == ("integer", -999, 0, ())


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (["AA", "Aa", "aa", "aA"] * 20, 4),
        ([*["Co", "No"] * 20, "CO", "NO"], 2),
        (["Yes", "yes", "No", "no"] * 20, 2),
        (["Berlin", "berlin", "Rome"] * 20, 2),
    ],
)
def test_short_codes_stay_apart_and_labels_can_be_kept_apart(values: list[str], labels: int) -> None:
    column = typed(values)
    assert column.profile.unique == labels
    if labels == 2:
        assert typed(values, "x", obeyed(column, "merged_labels")).profile.unique == len(set(values))


@pytest.mark.parametrize("told", [None, ReadAs.NUMBER, ReadAs.INTEGER])
def test_a_number_that_means_none_is_compared_as_a_number(told: ReadAs | None) -> None:
    column = typed([*AGES, "-1.0", "-1", "-1.00"], "age", ColumnReading(kind=told, missing=("-1",)))
    assert (column.profile.missing, column.profile.minimum) == (3, 18)
    assert {finding.code for finding in column.findings} == {"missing_spelling"}


@pytest.mark.parametrize("told", [None, ReadAs.NUMBER])
@pytest.mark.parametrize(
    ("values", "read", "severity"),
    [
        (["1%", "0.02", "3%"], [0.01, 0.02, 0.03], "note"),
        (["1%", "20", "3%"], [1, 20, 3], "warn"),
        (["1%", "2%", "3%"], [1, 2, 3], None),
    ],
)
def test_percent_beside_fractions(told: ReadAs | None, values: list[str], read: list[float], severity: str | None, tmp_path: Path) -> None:
    column = typed(values, "x", ColumnReading(kind=told))
    assert series(column, tmp_path).tolist() == read
    assert [each.severity for each in column.findings if each.code == "mixed_percent"] == ([severity] if severity else [])


def test_a_histogram_holds_every_number() -> None:
    profile = typed([*NUMBERS, "", "inf", "150"]).profile
    assert len(profile.histogram) == 30
    assert sum(each.count for each in profile.histogram) == 101
    assert (profile.histogram[0].low, profile.histogram[-1].high) == (100, 199)
    assert all(one.high == other.low for one, other in zip(profile.histogram, profile.histogram[1:], strict=False))


@pytest.mark.parametrize("values", [["1e308", "-1e308", "3"], ["5", "5.0", "5.00"], ["1e-300", "2e-300", "3"]])
def test_a_histogram_of_extremes(values: list[str]) -> None:
    assert sum(each.count for each in typed(values).profile.histogram) == 3


def test_a_histogram_of_dates_is_in_seconds() -> None:
    histogram = typed(["1970-01-01", "1970-01-02", "", "1970-01-03"]).profile.histogram
    assert (histogram[0].low, histogram[-1].high, sum(each.count for each in histogram)) == (0, 172_800, 3)


def test_findings_name_the_first_rows() -> None:
    column = typed(["unknown", *NUMBERS, "unknown", "?"])
    found = {finding.code: finding for finding in column.findings}
    assert (found["not_a_number"].rows, found["not_a_number"].row_count) == ((1, 102), 2)
    assert (found["missing_spelling"].rows, found["missing_spelling"].severity) == ((103,), "note")


@pytest.mark.parametrize("stray", ["Saldo", "unknown!", "#TOTAL"])
def test_a_word_among_dates_is_missing_and_said(stray: str) -> None:
    days = [f"{1 + i % 28:02}.{1 + i // 28:02}.2022" for i in range(100)]
    column = typed([*days, stray])
    assert column.kind is ColumnKind.DATETIME
    (finding,) = column.findings
    assert (finding.code, finding.rows, finding.row_count) == ("not_a_date", (101,), 1)
    assert stray in finding.message


def test_words_among_few_dates_or_many_words_stay_words() -> None:
    days = [f"2022-01-{1 + i:02}" for i in range(25)]
    assert typed([*days[:10], "soon"]).kind is ColumnKind.CATEGORY
    assert typed([*days, "soon", "later", "never", "maybe"]).kind is not ColumnKind.DATETIME
