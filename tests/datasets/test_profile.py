from __future__ import annotations

import random

import pytest

from dashapp.datasets.dataset import Profile, ValueCount
from dashapp.datasets.read import read_table
from tests.datasets.conftest import WriteCsv

CHANCE = random.Random(7)
ROWS = [(CHANCE.randint(18, 80), CHANCE.random(), CHANCE.choice(["basic", "pro"]), CHANCE.choice(["yes", "no"])) for _ in range(200)]


def table(rows: list[tuple[object, ...]], header: str = "age,income,plan,churn") -> str:
    return header + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)


def profiled(write_csv: WriteCsv, content: str) -> Profile:
    return read_table(write_csv(content))[1]


def test_a_clean_table_has_no_findings(write_csv: WriteCsv) -> None:
    profile = profiled(write_csv, table(list(ROWS)))
    assert profile.warnings == ()
    assert profile.rows == 200
    assert (profile.target.name, profile.target.task) == ("churn", "binary")


def test_a_column_profile_says_what_the_whole_column_says(write_csv: WriteCsv) -> None:
    profile = profiled(write_csv, "a,b\n1,x\n2.5,x\n,y\n1.0,\n")
    number, word = profile.columns
    assert (number.missing, number.unique, number.minimum, number.maximum, number.mean) == (1, 2, 1.0, 2.5, 1.5)
    assert (word.missing, word.unique, word.example, word.smallest_class) == (1, 2, "x", 1)
    assert word.top == (ValueCount("x", 2), ValueCount("y", 1))
    assert word.minimum is None


def test_numbers_with_many_values_list_none(write_csv: WriteCsv) -> None:
    profile = profiled(write_csv, table(list(ROWS)))
    assert profile.columns[1].top == ()
    assert len(profile.columns[0].top) == 0


@pytest.mark.parametrize(
    ("code", "column", "change"),
    [
        ("too_few_rows", None, lambda rows: rows[:10]),
        ("duplicate_rows", None, lambda rows: [*rows, *rows[:50]]),
        ("constant", "plan", lambda rows: [(a, b, "basic", d) for a, b, c, d in rows]),
        ("all_missing", "plan", lambda rows: [(a, b, "", d) for a, b, c, d in rows]),
        ("identifier", "plan", lambda rows: [(a, b, f"p-{i}", d) for i, (a, b, c, d) in enumerate(rows)]),
        ("free_text", "plan", lambda rows: [(a, b, f"{i} is a bad price for this", d) for i, (a, b, c, d) in enumerate(rows)]),
        ("high_cardinality", "plan", lambda rows: [(a, b, f"p-{i // 2}", d) for i, (a, b, c, d) in enumerate(rows)]),
        ("many_missing", "plan", lambda rows: [(a, b, c if i % 3 else "", d) for i, (a, b, c, d) in enumerate(rows)]),
        ("target_missing", "churn", lambda rows: [(a, b, c, d if i % 9 else "") for i, (a, b, c, d) in enumerate(rows)]),
        ("rare_class", "churn", lambda rows: [(a, b, c, d if i else "maybe") for i, (a, b, c, d) in enumerate(rows)]),
        ("imbalance", "churn", lambda rows: [(a, b, c, "no" if i % 40 else "yes") for i, (a, b, c, d) in enumerate(rows)]),
        ("many_classes", "churn", lambda rows: [(a, b, c, f"s{i % 66}") for i, (a, b, c, d) in enumerate(rows)]),
        ("leak", "plan", lambda rows: [(a, b, "left" if d == "yes" else "stayed", d) for a, b, c, d in rows]),
        ("leak", "income", lambda rows: [(a, b * 0.79 + 3, c, b) for a, b, c, d in rows]),
    ],
)
def test_findings(write_csv: WriteCsv, code: str, column: str | None, change: object) -> None:
    assert callable(change)
    profile = profiled(write_csv, table(change(list(ROWS))))
    (finding,) = [finding for finding in profile.warnings if finding.code == code]
    assert finding.column == column
    assert finding.message.endswith((".", "?"))
    assert column is None or f'"{column}"' in finding.message


def test_a_wide_table_of_few_rows_may_be_transposed(write_csv: WriteCsv) -> None:
    content = "\n".join(",".join([name, *map(str, range(200))]) for name in ("age", "income", "visits"))
    (finding,) = [finding for finding in profiled(write_csv, content).warnings if finding.code == "too_few_rows"]
    assert "transposed" in finding.message
