"""The families that a plan names, in its order."""

from __future__ import annotations

from dashapp.training.families.boosting import Boosting
from dashapp.training.families.family import Family
from dashapp.training.families.forest import Forest
from dashapp.training.families.linear import Linear
from dashapp.training.run import TrainingPlan


def families(plan: TrainingPlan) -> tuple[Family, ...]:
    known: tuple[Family, ...] = (Linear(plan), Forest(plan), Boosting(plan))
    return tuple(family for planned in plan.candidates for family in known if family.name == planned.name)
