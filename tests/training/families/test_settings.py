"""What each family tries, on few rows and on many."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.training.families.boosting import Boosting
from dashapp.training.families.forest import Forest
from dashapp.training.families.linear import FEW_ROWS, FINE_RAMPS, RAMPS, Linear
from dashapp.training.run import InputColumn, TrainingPlan


def _plan(*kinds: ColumnKind) -> TrainingPlan:
    features = tuple(InputColumn(f"column {at}", kind) for at, kind in enumerate(kinds))
    return TrainingPlan("answer", Task.REGRESSION, features, (), (), budget_s=10, seed=0, score_name="R²", loss_name="RMSE")


def _ramps(plan: TrainingPlan, rows: int) -> list[int]:
    return [setting["ramps"] for setting in Linear(plan).settings(rows, 0)]


@pytest.mark.parametrize(
    ("kinds", "rows", "ramps"),
    [
        ([ColumnKind.NUMBER], FEW_ROWS - 1, [RAMPS, 0, FINE_RAMPS]),
        ([ColumnKind.DATETIME], FEW_ROWS - 1, [RAMPS, 0, FINE_RAMPS]),
        ([ColumnKind.NUMBER], FEW_ROWS, [RAMPS, 0]),
        ([ColumnKind.NUMBER] * 60, 100, [RAMPS, 0]),
        ([ColumnKind.CATEGORY], 100, [0]),
    ],
)
def test_effects_bend_only_where_there_are_numbers_and_finely_only_where_that_is_cheap(
    kinds: list[ColumnKind], rows: int, ramps: list[int]
) -> None:
    assert _ramps(_plan(*kinds), rows) == ramps


@pytest.mark.parametrize("classes", [0, 2, 30])
@pytest.mark.parametrize("rows", [20, 3_999, 4_000, 1_000_000])
def test_no_setting_is_tried_twice(rows: int, classes: int) -> None:
    plan = replace(_plan(ColumnKind.NUMBER), task=Task.MULTICLASS if classes else Task.REGRESSION)
    for family in (Linear(plan), Forest(plan), Boosting(plan)):
        settings = family.settings(rows, classes)
        assert all(setting not in settings[:at] for at, setting in enumerate(settings))
        assert all(family.effort(setting) > 0 and family.words(setting) for setting in settings)
