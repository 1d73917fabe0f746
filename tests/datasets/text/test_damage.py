"""What is read back of files with one fault each; `python -m benchmarks.damage` sets the same figures against other readers."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from statistics import fmean

import pytest

from benchmarks.damage.faults import GROUPS, Case, Group, damaged_files
from benchmarks.damage.readers import Loaded, read_ours
from benchmarks.damage.scoring import Score, compare, measure
from benchmarks.damage.tables import Style, Table, made_table
from dashapp.settings import ROOT

FILES_OF_A_GROUP = 10

FLOOR = 0.99  # of the mean F1 by cell, record and header


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return damaged_files(FILES_OF_A_GROUP)


@pytest.fixture(scope="module")
def scores(cases: list[Case]) -> dict[str, list[Score]]:
    found: dict[str, list[Score]] = {}
    for case, (score,) in zip(cases, measure(cases, [read_ours]), strict=True):
        found.setdefault(case.group, []).append(score)
    return found


@pytest.mark.parametrize("group", [group.name for group in GROUPS])
def test_a_damaged_file_is_read_at_least_as_well_as_ever(group: str, scores: dict[str, list[Score]]) -> None:
    means = tuple(fmean(getattr(score, level) for score in scores[group]) for level in ("cell", "record", "header"))
    assert min(means) >= FLOOR, means


@pytest.mark.slow
@pytest.mark.parametrize("tables", [[], ["--other"]], ids=["the tables", "other tables"])
def test_no_other_reader_gets_more_out_of_damaged_files(tables: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.damage", "--quick", *tables], cwd=ROOT, capture_output=True, text=True, timeout=100
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


# --- the measure itself ----------------------------------------------------------------------------------------------------------

TABLE = Table(("a", "b"), (("1", "x"), ("2", ""), ("3", "z")))


def test_the_files_are_the_same_at_each_call(cases: list[Case]) -> None:
    assert damaged_files(FILES_OF_A_GROUP) == cases


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_every_fault_is_in_the_file_and_its_right_answer_scores_ten(group: Group) -> None:
    style, table = Style(quote_all=True), made_table()
    clean = {Style(quote_all=True, end=end).text(style.lines(table)) for end in ("\n", "\r\n")}
    for _, data, answers in group.fault(table, style, random.Random(0)):
        assert (data in clean) == (group.name == "clean")
        for answer in answers:
            assert compare(Loaded(list(answer.header), [list(row) for row in answer.rows]), answer).total == 10


@pytest.mark.parametrize(
    ("header", "rows", "cell", "record", "names"),
    [
        (["a", "b"], [["1", "x"], ["2", ""], ["3", "z"]], 1.0, 1.0, 1.0),
        (["a", "b"], [[" 1", "x "], ["2"], ["", ""], ["3", "z", ""]], 1.0, 1.0, 1.0),
        (["a", "b"], [["3", "z"], ["1", "x"]], 0.8, 0.8, 1.0),
        (["a", "b"], [["1", "x"], ["2", ""], ["z", "3"]], 1.0, 2 / 3, 1.0),
        (["a", "c"], [["1", "x"], ["2", ""], ["3", "z"], ["end", ""]], 6 / 7, 6 / 7, 0.5),
        (None, [["a", "b"], ["1", "x"], ["2", ""], ["3", "z"]], 6 / 7, 6 / 7, 0.0),
        (["a,b"], [["1,x"], ["2,"], ["3,z"]], 1 / 6, 0.0, 0.0),
    ],
)
def test_the_score_counts_what_was_recovered(
    header: list[str] | None, rows: list[list[str]], cell: float, record: float, names: float
) -> None:
    score = compare(Loaded(header, rows), TABLE)
    assert (score.cell, score.record, score.header) == pytest.approx((cell, record, names))


def test_names_that_a_reader_must_invent_are_forgiven() -> None:
    table = Table(("a", "", "a"), (("1", "2", "3"),))
    for header in (["a", "Unnamed: 1", "a.1"], ["a", "column_2", "a_2"], ["a", "", "a"]):
        assert compare(Loaded(header, [["1", "2", "3"]]), table).header == 1
    assert compare(Loaded(["a", "b", "c"], [["1", "2", "3"]]), table).header < 1


def test_a_reader_that_raises_scores_nothing() -> None:
    def refuses(path: Path) -> Loaded:
        raise ValueError(path)

    case = Case("clean", "", "", b"a,b\n", (TABLE,))
    assert measure([case], [refuses]) == [[Score()]]
