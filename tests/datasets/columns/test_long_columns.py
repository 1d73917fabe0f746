"""Columns of more values than are told apart: the same verdicts as for short ones, whatever comes late."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from dashapp.datasets.columns import blocks, intake, measure, spool
from dashapp.datasets.dataset import ColumnReading, Profile, ReadAs, Reading
from dashapp.datasets.read import read_dataset
from tests.datasets.conftest import WriteCsv

ROWS = 3_000
Read = Callable[..., tuple[pd.Series, Profile]]


@pytest.fixture(autouse=True)
def little_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks, memory and the number of spellings are so small that a small file is a long one."""
    monkeypatch.setattr(intake, "MAX_DIFFERENT", 200)
    monkeypatch.setattr(intake, "MAX_DIFFERENT_NUMBERS", 100)
    monkeypatch.setattr(spool, "MEMORY_BYTES", 1_000)
    monkeypatch.setattr(blocks.read_blocks, "__defaults__", (4_000, 500))
    monkeypatch.setattr("dashapp.datasets.columns.batches._ENOUGH_ROWS", 50)
    monkeypatch.setattr("dashapp.datasets.columns.batches.read_batches.__defaults__", (4_000, 500))


@pytest.fixture
def read(write_csv: WriteCsv, tmp_path: Path) -> Read:
    def call(values: list[str], name: str = "x", **options: object) -> tuple[pd.Series, Profile]:
        content = f"{name};y\n" + "".join(f"{value};{number % 3}\n" for number, value in enumerate(values))
        reading = Reading(columns={name: ColumnReading(**options)})  # type: ignore[arg-type]
        profile = read_dataset(write_csv(content), tmp_path / "table.parquet", reading)
        return pd.read_parquet(tmp_path / "table.parquet")[name], profile

    return call


NUMBERS = [f"{number * 7 % 2999}.5" for number in range(ROWS)]
WHOLE = [str(number * 7 % 2999 + 1000) for number in range(ROWS)]
EUROPEAN = [f"{number * 7 % 2999},25" for number in range(ROWS)]
TIMES = [f"2022-03-{1 + number // 200:02} 10:{number % 60:02}:{number * 7 % 60:02}" for number in range(ROWS)]
WORDS = [f"w{number * 7 % 2999}" for number in range(ROWS)]
SLASHED = [f"{1 + number % 12:02}/{1 + number % 11:02}/{1900 + number % 120}" for number in range(ROWS)]


def late(values: list[str], *surprises: str) -> list[str]:
    return values[: -40 - len(surprises)] + list(surprises) + values[-40:]


@pytest.mark.parametrize(
    ("values", "kind", "missing", "codes"),
    [
        (NUMBERS, "number", 0, []),
        (WHOLE, "integer", 0, []),
        (late(WHOLE, "7.5"), "number", 0, []),
        (late(NUMBERS, "", " ", "NA"), "number", 3, ["missing_spelling"]),
        (late(NUMBERS, "unknown"), "number", 1, ["not_a_number"]),
        (late(NUMBERS, "a", "b", "c", "d"), "category", 0, []),
        (late(NUMBERS, "00137"), "category", 0, []),
        (late(WHOLE, "4111111111111111"), "category", 0, []),
        (late(NUMBERS, "inf", "-1e999"), "number", 2, ["infinite"]),
        (late(NUMBERS, "$1,234.50"), "number", 0, ["number_format"]),
        (EUROPEAN, "number", 0, ["number_format"]),
        (late(EUROPEAN, "1.234,5"), "number", 0, ["number_format"]),
        (late(NUMBERS, *["-999"] * 5), "number", 5, ["sentinel"]),
        (late([str(float(value) - 900) for value in NUMBERS], *["-999"] * 5), "number", 0, []),
        (TIMES, "datetime", 0, []),
        (late(TIMES, "NaT"), "datetime", 1, ["missing_spelling"]),
        (late(TIMES, "soon"), "category", 0, []),
        (SLASHED, "datetime", 0, ["ambiguous_dates"]),
        (late(SLASHED, "13/01/2022"), "datetime", 0, []),
        (late(SLASHED, "01/13/2022"), "datetime", 0, []),
        (WORDS, "identifier", 0, []),
        ([f"{value} is what they paid us" for value in WORDS], "text", 0, []),
    ],
)
def test_the_whole_column_decides(read: Read, values: list[str], kind: str, missing: int, codes: list[str]) -> None:
    if kind == "category" and len(set(values)) >= 0.95 * len(values):
        kind = "identifier"
    series, profile = read(values)
    column = profile.columns[0]
    assert (column.kind, column.missing) == (kind, missing)
    assert [finding.code for finding in profile.warnings if finding.column == "x" and finding.code in ASKED] == codes
    assert int(series.isna().sum()) == missing
    assert series.dtype == {"number": "float64", "integer": "float64", "datetime": "datetime64[us]"}.get(kind, "str")


ASKED = {"missing_spelling", "not_a_number", "infinite", "number_format", "sentinel", "ambiguous_dates", "not_as_told"}


def test_values_are_those_of_the_file(read: Read) -> None:
    assert read(NUMBERS)[0].tolist() == [float(value) for value in NUMBERS]
    assert read(EUROPEAN)[0].tolist() == [float(value.replace(",", ".")) for value in EUROPEAN]
    assert read(late(WORDS, " padded "))[0].tolist() == late(WORDS, "padded")
    assert read(TIMES)[0].astype(str).tolist() == TIMES


def test_a_broken_column_is_as_it_was_written(read: Read) -> None:
    assert read(late(NUMBERS, "00137"))[0].tolist() == late(NUMBERS, "00137")


@pytest.mark.parametrize(("other", "factor"), [("1,5", 1000), ("1.5", 1), ("1", 1)])
@pytest.mark.parametrize("rows", [150, ROWS])
def test_the_file_decides_the_decimal_sign(write_csv: WriteCsv, tmp_path: Path, other: str, factor: int, rows: int) -> None:
    values = [f"{number % 900 + 1}.{number * 7 % 900 + 100}" for number in range(rows)]
    path = write_csv("x;y\n" + "".join(f"{value};{other}\n" for value in values))
    profile = read_dataset(path, tmp_path / "table.parquet")
    read = pd.read_parquet(tmp_path / "table.parquet")["x"]
    assert read.tolist() == pytest.approx([float(value) * factor for value in values])
    found = [finding.severity for finding in profile.warnings if finding.code == "number_format" and finding.column == "x"]
    assert found == {"1,5": ["note"], "1.5": [], "1": ["warn"]}[other]


COMPACT = [str(19000101 + number // 336 * 10_000 + number // 28 % 12 * 100 + number % 28) for number in range(ROWS)]
BY_DAY = [f"{13 + number % 15}/{1 + number % 12:02}/{1900 + number % 120}" for number in range(ROWS)]


def test_compact_dates_under_the_name_of_a_date(read: Read) -> None:
    series, profile = read(late(COMPACT, ""), "day")
    assert (profile.columns[0].kind, profile.columns[0].missing) == ("datetime", 1)
    assert series.dropna().dt.strftime("%Y%m%d").tolist() == [value for value in late(COMPACT, "") if value]
    assert read(COMPACT, "code")[1].columns[0].kind == "integer"


@pytest.mark.parametrize(("others", "kind", "missing"), [(1, "datetime", 1), (1_000, "category", 0)])
def test_dates_of_two_orders(read: Read, others: int, kind: str, missing: int) -> None:
    series, profile = read(late(BY_DAY, *[f"02/{13 + number % 15}/{1900 + number % 120}" for number in range(others)]))
    assert (profile.columns[0].kind, profile.columns[0].missing, int(series.isna().sum())) == (kind, missing, missing)
    (finding,) = [finding for finding in profile.warnings if finding.code == "mixed_dates"]
    assert finding.row_count == others
    assert finding.rows[0] == ROWS - 40 - others + 1


def test_a_style_that_shows_late(read: Read) -> None:
    values = [str(number * 7 % 2999 + 1000) for number in range(1_000)] + [
        f"{number % 700 + 1}.{number % 7 + 100},5" for number in range(2_000)
    ]
    series, profile = read(values)
    assert profile.columns[0].kind == "number"
    assert series.tolist() == [float(value.replace(".", "").replace(",", ".")) for value in values]


def test_what_is_known_of_numbers(read: Read) -> None:
    column = read(late(NUMBERS, ""))[1].columns[0]
    numbers = pd.Series([float(value) for value in late(NUMBERS, "") if value])
    assert (column.minimum, column.maximum, column.unique) == (numbers.min(), numbers.max(), numbers.nunique())
    assert column.mean == pytest.approx(numbers.mean())
    assert sum(each.count for each in column.histogram) == len(numbers)


def test_full_precision_is_counted_by_sorting(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    values = [repr(number / 7) for number in range(ROWS)]
    assert read(values)[1].columns[0].unique == ROWS
    monkeypatch.setattr(measure, "MAX_SORTED", 1_000)
    column = read(values)[1].columns[0]
    assert column.unique == pytest.approx(ROWS, rel=0.1)
    assert (column.minimum, column.maximum) == (0, float(values[-1]))
    assert column.mean == pytest.approx(sum(map(float, values)) / ROWS)
    assert sum(each.count for each in column.histogram) == ROWS


def test_what_is_known_of_words(read: Read) -> None:
    column = read(late(WORDS, "w5", "w5", "w6", ""))[1].columns[0]
    counts = pd.Series([value for value in late(WORDS, "w5", "w5", "w6", "") if value]).value_counts()
    assert (column.unique, column.missing) == (len(counts), 1)
    assert (column.top[0].value, column.top[0].count) == ("w5", counts["w5"])
    assert {(value.value, value.count) for value in column.top} <= set(counts.items())


@pytest.mark.parametrize(("name", "kind"), [("id", "identifier"), ("amount", "integer")])
def test_numbers_of_the_rows(read: Read, name: str, kind: str) -> None:
    series, profile = read([str(number) for number in range(1, ROWS + 1)], name)
    assert profile.columns[0].kind == kind
    assert series.iloc[-1] == (str(ROWS) if kind == "identifier" else ROWS)


@pytest.mark.parametrize(
    ("told", "values", "kind", "missing"),
    [
        (ReadAs.NUMBER, late(WHOLE, "00137", "x"), "number", 1),
        (ReadAs.INTEGER, late(WHOLE, "7.5", "x"), "integer", 2),
        (ReadAs.CATEGORY, NUMBERS, "category", 0),
        (ReadAs.TEXT, NUMBERS, "text", 0),
        (ReadAs.IDENTIFIER, WHOLE, "identifier", 0),
        (ReadAs.DATETIME, late(TIMES, "soon"), "datetime", 1),
        (ReadAs.NUMBER, late(NUMBERS, *["-999"] * 5), "number", 0),
    ],
)
def test_the_user_is_obeyed(read: Read, told: ReadAs, values: list[str], kind: str, missing: int) -> None:
    series, profile = read(values, kind=told)
    column = profile.columns[0]
    assert (column.kind, column.missing, int(series.isna().sum())) == (kind, missing, missing)
    assert ("not_as_told" in {finding.code for finding in profile.warnings}) is (missing > 0)


def test_further_spellings_of_missing(read: Read) -> None:
    series, profile = read(late(WHOLE, "-1", "-1"), missing=("-1",))
    assert (profile.columns[0].missing, profile.columns[0].missing_as, int(series.isna().sum())) == (2, ("-1",), 2)


def test_a_number_that_means_none_is_compared_as_a_number(read: Read) -> None:
    series, profile = read(late(NUMBERS, "-1.0", "-1"), missing=("-1",))
    assert (profile.columns[0].missing, profile.columns[0].minimum, int(series.isna().sum())) == (2, 0.5, 2)


@pytest.mark.parametrize("told", [ReadAs.BOOLEAN, ReadAs.RATING, ReadAs.NUMBER, ReadAs.INTEGER])
def test_words_that_cannot_be_as_told_are_said(read: Read, told: ReadAs) -> None:
    assert "not_as_told" in {finding.code for finding in read(WORDS, kind=told)[1].warnings}


def test_values_that_are_no_dates_are_not_described(read: Read) -> None:
    column = read(WORDS, kind=ReadAs.DATETIME)[1].columns[0]
    assert (column.missing, column.unique, column.top, column.example) == (ROWS, 0, (), None)


def test_a_number_is_shown_as_it_is_written(read: Read) -> None:
    profile = read([f"{number % 900 + 1}.{number % 899 + 100},10" for number in range(ROWS)])[1]
    (finding,) = [finding for finding in profile.warnings if finding.code == "number_format"]
    assert '"1.100,10"' in finding.message
    assert profile.columns[0].example == "1.100,10"


def test_what_looks_missing_can_be_kept(read: Read) -> None:
    series, profile = read(late(WORDS, "NA", "NA"), keep=("NA",))
    assert (profile.columns[0].missing, int((series == "NA").sum())) == (0, 2)
    assert read(late(NUMBERS, *["-999"] * 5), keep=("-999",))[1].columns[0].minimum == -999


@pytest.mark.parametrize(("other", "divisor"), [("0.5", 100), ("20", 1)])
def test_percent_beside_other_numbers(read: Read, other: str, divisor: int) -> None:
    values = late([f"{number * 7 % 2999}%" for number in range(ROWS)], other)
    series, profile = read(values)
    wanted = [float(value.removesuffix("%")) / (divisor if "%" in value else 1) for value in values]
    assert series.tolist() == pytest.approx(wanted)
    (finding,) = [finding for finding in profile.warnings if finding.code == "mixed_percent"]
    assert (finding.severity, finding.row_count) == ("note" if divisor == 100 else "warn", ROWS - 1)


def test_a_minus_behind_the_number(read: Read) -> None:
    values = [f"{number},50-" for number in range(ROWS)]
    assert read(values)[0].tolist() == [-number - 0.5 for number in range(ROWS)]
    assert read(late(values, "4-5"))[1].columns[0].kind == "identifier"


def test_rows_of_a_finding_are_those_of_the_table(read: Read) -> None:
    (finding,) = [finding for finding in read(late(NUMBERS, "unknown"))[1].warnings if finding.code == "not_a_number"]
    assert (finding.rows, finding.row_count) == ((ROWS - 40,), 1)


def test_nothing_is_left_beside_the_table(read: Read, tmp_path: Path) -> None:
    read(WORDS)
    assert {path.name for path in tmp_path.iterdir()} == {"table.csv", "table.parquet"}
