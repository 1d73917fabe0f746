"""By time, by group or at random: what names and profiles decide."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Dialect, Profile, TargetProposal, Task, ValueCount
from dashapp.datasets.read import read_table
from dashapp.training.plan import plan_training
from dashapp.training.run import SplitKind
from dashapp.training.split_plan import plan_split

ROWS = 1_000
DATE, INTEGER, CATEGORY = ColumnKind.DATETIME, ColumnKind.INTEGER, ColumnKind.CATEGORY
TARGET = ColumnProfile("y", ColumnKind.BOOLEAN, 0, 2, top=(ValueCount("no", 700), ValueCount("yes", 300)), smallest_class=300)


def profile(*columns: ColumnProfile, rows: int = ROWS) -> Profile:
    return Profile(rows, (*columns, TARGET), TargetProposal("y", Task.BINARY, "a test"), (), Dialect("utf-8", ",", '"', True))


def dated(name: str, unique: int = ROWS, *, missing: int = 0, is_ordered: bool = False) -> ColumnProfile:
    return ColumnProfile(name, DATE, missing, unique, is_ordered=is_ordered)


def coded(name: str, unique: int = 200, kind: ColumnKind = INTEGER, *, missing: int = 0, most: int = 12) -> ColumnProfile:
    return ColumnProfile(name, kind, missing, unique, top=(ValueCount("7", most),))


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (dated("when", is_ordered=True), SplitKind.TIME),
        (dated("whatever", 40, is_ordered=True), SplitKind.TIME),
        (dated("created_at"), SplitKind.TIME),
        (dated("date", 300), SplitKind.RANDOM),
        (dated("birth_date", is_ordered=True), SplitKind.RANDOM),
        (dated("hire_date"), SplitKind.RANDOM),
        (dated("whatever"), SplitKind.RANDOM),
        (dated("when", 12, is_ordered=True), SplitKind.RANDOM),
        (dated("when", 800, missing=200, is_ordered=True), SplitKind.RANDOM),
        (coded("patient_id"), SplitKind.GROUP),
        (coded("customer", kind=CATEGORY), SplitKind.GROUP),
        (coded("CustomerNo"), SplitKind.GROUP),
        (coded("userid"), SplitKind.GROUP),
        (coded("id"), SplitKind.GROUP),
        (coded("store_id", 45), SplitKind.GROUP),
        (coded("store", 45), SplitKind.RANDOM),
        (coded("category_id", 45), SplitKind.RANDOM),
        (coded("product_category", 45, CATEGORY), SplitKind.RANDOM),
        (coded("age", 60), SplitKind.RANDOM),
        (coded("zip_code", 200), SplitKind.RANDOM),
        (coded("student_age", 25), SplitKind.RANDOM),
        (coded("patient_id", ROWS), SplitKind.RANDOM),
        (coded("patient_id", 12), SplitKind.RANDOM),
        (coded("patient_id", most=400), SplitKind.RANDOM),
        (coded("customer_id", 100, missing=400), SplitKind.RANDOM),
    ],
    ids=lambda value: f"{value.name} {value.unique}" if isinstance(value, ColumnProfile) else str(value),
)
def test_kind_of_split(column: ColumnProfile, kind: SplitKind) -> None:
    found = plan_split(profile(column, coded("x", 30)), "y", ())
    assert found.kind is kind
    assert found.column == (None if kind is SplitKind.RANDOM else column.name)
    assert kind is SplitKind.RANDOM or column.name in found.reason
    assert plan_split(profile(column), "y", (column.name,)).kind is SplitKind.RANDOM


def test_few_rows_and_two_dates_have_no_order_by_name() -> None:
    assert plan_split(profile(dated("when", 60, is_ordered=True), rows=60), "y", ()).kind is SplitKind.RANDOM
    assert plan_split(profile(dated("created_at"), dated("paid_at")), "y", ()).kind is SplitKind.RANDOM


def test_time_goes_before_group_and_the_coarser_group_before_the_finer() -> None:
    assert plan_split(profile(coded("patient_id"), dated("visit", is_ordered=True)), "y", ()).kind is SplitKind.TIME
    assert plan_split(profile(coded("order_id", 400), coded("customer_id", 100)), "y", ()).column == "customer_id"


def test_the_column_of_a_group_is_left_out_and_stays_so_when_planned_again() -> None:
    of = profile(coded("patient_id"), coded("x", 30))
    planned = plan_training(of, target=None, task=None, exclude=(), budget_s=10, seed=0)
    assert [out.column for out in planned.left_out] == ["patient_id"]
    doubtful = {out.column: out.reason for out in planned.left_out}
    assert plan_training(of, target=None, task=None, exclude=(), budget_s=10, seed=0, doubtful=doubtful) == planned
    excluded = plan_training(of, target=None, task=None, exclude=("patient_id",), budget_s=10, seed=0)
    assert excluded.split.kind is SplitKind.RANDOM and "you" in excluded.left_out[0].reason


@pytest.mark.parametrize(("order", "is_ordered"), [("rising", True), ("falling", True), ("shuffled", False), ("nearly", True)])
def test_reading_tells_whether_dates_are_in_order(tmp_path: Path, order: str, is_ordered: bool) -> None:
    random = np.random.default_rng(0)
    days = np.sort(random.integers(0, 900, 300))
    days = {"rising": days, "falling": days[::-1], "shuffled": random.permutation(days), "nearly": days + random.integers(0, 9, 300)}[order]
    dates = (np.datetime64("2021-01-01") + days).astype(str)
    table = pd.DataFrame({"day": dates, "x": random.normal(size=300).round(3), "y": random.choice(["a", "b"], 300)})
    table.to_csv(tmp_path / "table.csv", index=False)
    found = read_table(tmp_path / "table.csv")[1].column("day")
    assert found is not None and found.kind is DATE and found.is_ordered is is_ordered
