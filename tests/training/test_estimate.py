"""What a training takes grows with the table, and a plan that is too large is made smaller and says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Dialect, Profile, TargetProposal, Task, ValueCount
from dashapp.training.estimate import in_gigabytes
from dashapp.training.plan import plan_training
from dashapp.training.run import TrainingPlan


def numbers(rows: int, columns: int) -> Profile:
    features = tuple(
        ColumnProfile(f"x{at}", ColumnKind.NUMBER, 0, rows, "1.5", minimum=0.0, maximum=9.0, mean=3.0) for at in range(columns)
    )
    target = ColumnProfile("y", ColumnKind.BOOLEAN, 0, 2, top=(ValueCount("no", rows // 2),), smallest_class=rows // 2)
    return Profile(rows, (*features, target), TargetProposal("y", Task.BINARY, "a test"), (), Dialect("utf-8", ",", '"', True))


def planned(rows: int, columns: int, *, budget_s: float = 60.0, memory_bytes: int | None = None) -> TrainingPlan:
    return plan_training(numbers(rows, columns), target=None, task=None, exclude=(), budget_s=budget_s, seed=0, memory_bytes=memory_bytes)


@pytest.mark.parametrize("budget_s", [5.0, 60.0, 600.0])
@pytest.mark.parametrize(("rows", "columns"), [(20, 1), (500, 10), (50_000, 30), (1_000_000, 20), (10_000, 5_000)])
def test_seconds_are_a_range_within_the_budget(rows: int, columns: int, budget_s: float) -> None:
    found = planned(rows, columns, budget_s=budget_s).estimate
    assert found is not None
    assert 0 < found.low_s < found.high_s <= 1.1 * budget_s + 3


def test_more_rows_or_columns_take_more() -> None:
    found = [planned(*size).estimate for size in ((1_000, 5), (100_000, 5), (100_000, 100), (1_000_000, 100))]
    sizes = [each.memory_bytes for each in found if each is not None]
    assert sizes == sorted(set(sizes)) and sizes[0] < 400_000_000 < 1_000_000_000 < sizes[-1]


def test_what_does_not_fit_learns_from_fewer_rows_and_says_so() -> None:
    plan = planned(1_000_000, 100, memory_bytes=3_000_000_000)
    assert plan.estimate is not None and plan.most_rows is not None
    assert 10_000 < plan.most_rows < 1_000_000 and plan.estimate.memory_bytes <= 3_000_000_000
    assert f"{plan.most_rows:,} of its 1,000,000 rows" in plan.notes[-1] and "3 GB" in plan.notes[-1]


def test_what_cannot_fit_at_all_says_what_to_do() -> None:
    assert "leave columns out" in planned(1_000_000, 1_000, memory_bytes=500_000_000).notes[-1]


def test_what_fits_is_left_as_it_is() -> None:
    plan = planned(1_000, 5, memory_bytes=2_000_000_000)
    assert plan.most_rows is None and plan == replace(planned(1_000, 5), estimate=plan.estimate)


@pytest.mark.parametrize(("count", "said"), [(9_040_000_000, "9 GB"), (1_500_000_000, "1.5 GB"), (304_000_000, "304 MB")])
def test_bytes_in_words(count: int, said: str) -> None:
    assert in_gigabytes(count) == said
