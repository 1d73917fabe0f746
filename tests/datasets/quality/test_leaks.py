"""What gives the target away is found, and what predicts it honestly is left in, however strong it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from benchmarks.leaks import CONSTANT, DATA, HONEST, LEAK, count_found, flagged
from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Finding, Severity, Task
from dashapp.datasets.quality.checks import left_out_for
from dashapp.datasets.quality.leaks import find_leaks
from dashapp.datasets.read import read_table

CHANCE = np.random.default_rng(3)
ROWS = 400
AGE = CHANCE.integers(18, 80, ROWS).astype(float)
INCOME = np.round(CHANCE.lognormal(10, 0.5, ROWS), 2)
UPPER = float(np.median(INCOME))
PLAN = CHANCE.choice(["basic", "plus", "pro"], ROWS)
CHURN = CHANCE.choice(["yes", "no"], ROWS, p=[0.3, 0.7])
GRADE = CHANCE.choice(list("ABCD"), ROWS)
IS_CHURNED = CHURN == "yes"


def frame(**columns: object) -> pd.DataFrame:
    return table_of(age=AGE, income=INCOME, plan=PLAN, **columns)


def table_of(**columns: object) -> pd.DataFrame:
    table = pd.DataFrame(columns)
    words = [name for name in table if table[name].dtype == object]
    table[words] = table[words].astype("str")
    table.index = pd.RangeIndex(1, len(table) + 1)
    return table


def described(table: pd.DataFrame) -> list[ColumnProfile]:
    return [_described(table[name]) for name in table]


def _described(series: pd.Series[object]) -> ColumnProfile:
    numeric, dated = series.dtype == float, str(series.dtype).startswith("datetime")
    kind = ColumnKind.NUMBER if numeric else ColumnKind.DATETIME if dated else ColumnKind.CATEGORY
    return ColumnProfile(str(series.name), kind, missing=int(series.isna().sum()), unique=int(series.nunique()))


def leaks(table: pd.DataFrame, target: str, task: Task, severity: Severity = Severity.WARN) -> dict[str | None, Finding]:
    return {found.column: found for found in find_leaks(table, described(table), target, task) if found.severity is severity}


OF_CLASSES: list[tuple[str, Callable[[], object]]] = [
    ("other words", lambda: np.where(IS_CHURNED, "left", "stayed")),
    ("codes", lambda: IS_CHURNED.astype(float) + 1),
    ("a few wrong", lambda: np.where(np.arange(ROWS) % 150 == 7, "left", np.where(IS_CHURNED, "left", "stayed"))),
    ("blanks in it", lambda: np.where(np.arange(ROWS) % 10 == 0, np.nan, IS_CHURNED.astype(float))),
    ("codes and noise", lambda: IS_CHURNED + np.random.default_rng(1).normal(0, 0.02, ROWS)),
    ("a threshold", lambda: np.where(IS_CHURNED, 0.5, 0.0) + np.random.default_rng(1).random(ROWS) * 0.499),
    ("finer words", lambda: [f"{churn}-{number % 3}" for number, churn in enumerate(CHURN)]),
    ("only where it is so", lambda: np.where(IS_CHURNED, np.random.default_rng(1).choice(["moved", "price"], ROWS), None)),
    ("mostly where it is so", lambda: np.where(IS_CHURNED & (np.arange(ROWS) % 5 > 0), "moved", None)),
    ("a date where it is so", lambda: pd.Series(pd.Timestamp("2024-01-01"), range(ROWS)).where(IS_CHURNED)),
    ("an amount where it is so", lambda: np.where(IS_CHURNED, np.round(INCOME / 7), 0.0)),
]


@pytest.mark.parametrize(("what", "make"), OF_CLASSES, ids=[what for what, _ in OF_CLASSES])
def test_a_disguise_of_classes(what: str, make: Callable[[], object]) -> None:
    table = frame(info=pd.Series(make()), churn=CHURN)
    found = leaks(table, "churn", Task.BINARY)
    assert set(found) == {"info"}
    finding = found["info"]
    assert finding.score is not None
    assert finding.score >= (0.85 if what in ("mostly where it is so", "blanks in it") else 0.97)
    assert finding.score_name == "balanced accuracy"
    assert finding.message.startswith('"info" alone tells "churn" in ')
    assert finding.message.endswith("it is left out of the training.")
    assert finding.remedies[0].change == {"columns": {"info": {"use": True}}}
    assert left_out_for([finding])["info"].startswith("it gives the target away (alone it reaches ")


def test_a_part_of_several_classes() -> None:
    table = frame(is_a=(GRADE == "A").astype(float), passed=np.where(GRADE == "D", "no", "yes"), grade=GRADE)
    assert set(leaks(table, "grade", Task.MULTICLASS)) == {"is_a", "passed"}


OF_NUMBERS: list[tuple[str, Callable[[], object]]] = [
    ("another unit", lambda: INCOME * 0.79 + 3),
    ("a copy with noise", lambda: INCOME + np.random.default_rng(1).normal(0, 0.005 * INCOME.std(), ROWS)),
    ("its logarithm", lambda: np.round(np.log(INCOME), 4)),
    ("its reciprocal", lambda: 1 / INCOME),
    ("rounded", lambda: np.round(INCOME, -3)),
    ("in bands", lambda: pd.cut(INCOME, [0, 15_000, 25_000, 40_000, 1e9], labels=["low", "fair", "high", "top"]).astype(object)),
    ("a flag of the upper half", lambda: np.where(INCOME >= UPPER, "high", "low")),
    ("in words", lambda: [f"about {value} EUR" for value in INCOME]),
]


@pytest.mark.parametrize(("what", "make"), OF_NUMBERS, ids=[what for what, _ in OF_NUMBERS])
def test_a_disguise_of_numbers(what: str, make: Callable[[], object]) -> None:
    found = leaks(frame(info=pd.Series(make())), "income", Task.REGRESSION)
    assert set(found) == {"info"}
    assert found["info"].score_name == "R²"
    assert found["info"].score is not None
    assert found["info"].score >= 0.3


def test_the_parts_of_a_sum_are_left_out_all() -> None:
    casual, registered = CHANCE.integers(0, 300, ROWS).astype(float), CHANCE.integers(0, 800, ROWS).astype(float)
    table = frame(casual=casual, registered=registered, cnt=casual + registered)
    found = leaks(table, "cnt", Task.REGRESSION)
    assert set(found) == {"casual", "registered"}
    assert 'together with "registered"' in found["casual"].message


def test_of_a_total_only_the_total_is_left_out() -> None:
    other = CHANCE.integers(0, 30_000, ROWS).astype(float)
    assert set(leaks(frame(bonus=other, total=np.round(INCOME + other, 2)), "income", Task.REGRESSION)) == {"total"}


def test_a_ratio_of_the_target_is_left_out_and_an_honest_formula_is_a_note() -> None:
    pieces = CHANCE.integers(1, 40, ROWS).astype(float)
    table = frame(pieces=pieces, income_per_piece=np.round(INCOME / pieces, 3))
    assert set(leaks(table, "income", Task.REGRESSION)) == {"income_per_piece"}
    each = np.round(CHANCE.lognormal(3, 1, ROWS), 2)
    table = frame(pieces=pieces, each=each, bill=np.round(pieces * each, 2))
    assert leaks(table, "bill", Task.REGRESSION) == {}
    assert set(leaks(table, "bill", Task.REGRESSION, Severity.NOTE)) == {"pieces", "each"}


def test_slips_of_the_target_hide_no_leak() -> None:
    churn = CHURN.astype(object)
    churn[7] = "maybe"
    table = frame(info=np.where(IS_CHURNED, "left", "stayed"), churn=churn)
    assert set(leaks(table, "churn", Task.MULTICLASS)) == {"info"}


def test_a_strong_honest_predictor_is_a_note() -> None:
    smell = np.where(np.arange(ROWS) % 83 == 0, "none", np.where(IS_CHURNED, CHANCE.choice(["foul", "fishy"], ROWS), "none"))
    table = frame(smell=smell, churn=CHURN)
    assert leaks(table, "churn", Task.BINARY) == {}
    (note,) = leaks(table, "churn", Task.BINARY, Severity.NOTE).values()
    assert note.column == "smell"
    assert note.remedies[0].change == {"columns": {"smell": {"use": False}}}
    assert left_out_for([note]) == {}


@pytest.mark.parametrize(("name", "expected"), [("x", Severity.NOTE), ("final_word", Severity.WARN), ("cancellation_code", Severity.WARN)])
def test_a_name_of_what_is_known_afterwards_decides_where_the_score_is_high(name: str, expected: Severity) -> None:
    value = np.where(np.arange(ROWS) % 70 == 0, "c", np.where(IS_CHURNED, CHANCE.choice(["a", "b"], ROWS), CHANCE.choice(["c", "d"], ROWS)))
    (finding,) = find_leaks(table := frame(**{name: value, "churn": CHURN}), described(table), "churn", Task.BINARY)
    assert (finding.column, finding.severity) == (name, expected)


def test_chance_in_a_small_table_is_no_leak() -> None:
    for rows in (2, 10, 24):
        table = frame(churn=CHURN)[:rows]
        assert leaks(table, "churn", Task.BINARY) == {}
        assert leaks(table, "income", Task.REGRESSION) == {}


def test_rows_that_come_again_prove_nothing() -> None:
    table = pd.concat([frame(churn=CHURN)[:6]] * 60, ignore_index=True)
    assert leaks(table, "churn", Task.BINARY) == {}


def test_a_total_that_grows_with_time_is_not_told_by_the_date() -> None:
    days = pd.Series(pd.date_range("2024-01-01", periods=ROWS))
    table = frame(day=days, cases=np.cumsum(CHANCE.integers(0, 90, ROWS)).astype(float))
    assert leaks(table, "cases", Task.REGRESSION) == {}


def test_another_target_has_other_leaks() -> None:
    table = frame(copy=np.where(IS_CHURNED, "left", "stayed"), euros=INCOME * 0.9, churn=CHURN)
    assert set(leaks(table, "churn", Task.BINARY)) == {"copy"}
    assert set(leaks(table, "income", Task.REGRESSION)) == {"euros"}
    assert find_leaks(table, described(table), "nothing", Task.BINARY) == []


@pytest.mark.parametrize("file", sorted(file for file in HONEST if (DATA / file).exists()))
def test_no_column_of_a_clean_file_is_left_out_wrongly(file: str) -> None:
    profile = read_table(DATA / file)[1]
    assert not {found.column for found in profile.warnings if found.code == "leak" and found.severity is Severity.WARN}
    assert not flagged(profile) & set(HONEST[file])


@pytest.mark.parametrize(
    ("file", "target", "task"), [("iris.csv", "species", Task.MULTICLASS), ("insurance.csv", "charges", Task.REGRESSION)]
)
def test_what_is_planted_is_found(file: str, target: str, task: Task) -> None:
    table = read_table(DATA / file)[0].sample(150, random_state=1).reset_index(drop=True)
    found, missed = count_found([(file, table, target, task)], names=1)
    assert missed == []
    assert len(found) >= 15


def test_the_benchmark_can_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    """A constant is not found as a leak: the count is of what was planted."""
    assert LEAK.isdisjoint(CONSTANT)
    monkeypatch.setattr("benchmarks.leaks.OF_ALL", ())
    monkeypatch.setattr("dashapp.datasets.quality.judge.find_leaks", lambda *_: [])
    found, missed = count_found([("iris.csv", read_table(DATA / "iris.csv")[0], "species", Task.MULTICLASS)], names=1)
    assert missed
    assert not any(found["renamed labels"])


def test_a_disguise_is_found_where_few_rows_are_different() -> None:
    table = table_of(
        a=[float(i % 7) for i in range(5_000)], flag=["A" if i % 2 else "B" for i in range(5_000)], churn=["no", "yes"] * 2_500
    )
    assert set(leaks(table, "churn", Task.BINARY)) == {"flag"}


def test_a_cut_through_one_range_is_a_leak_and_groups_that_keep_apart_are_not() -> None:
    chance = np.random.default_rng(1)
    points = chance.normal(50, 10, 900)
    size = np.concatenate([chance.normal(centre, 0.3, 300) for centre in (1, 4, 9)])
    cut = table_of(points=points, noise=chance.random(900), passed=np.where(points > 52, "yes", "no"))
    apart = table_of(size=size, noise=chance.random(900), kind=np.repeat(["a", "b", "c"], 300))
    assert set(leaks(cut, "passed", Task.BINARY)) == {"points"}
    assert leaks(apart, "kind", Task.MULTICLASS) == {}
    assert set(leaks(apart, "kind", Task.MULTICLASS, Severity.NOTE)) == {"size"}
