"""A plan and explanations of models, as the trainer leaves them, for the tests of what is drawn from them."""

from __future__ import annotations

from typing import Any

from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.training.result import (
    Bands,
    Confusion,
    Contribution,
    Effect,
    EffectPoint,
    Explanation,
    Importance,
    Line,
    Member,
    RowReasons,
    Slice,
    Threshold,
    WorstRow,
)
from dashapp.training.run import Estimate, InputColumn, LeftOut, PlannedCandidate, PlannedFeatures, SplitKind, SplitPlan, TrainingPlan
from tests.web.pages_values import NASTY

FARE = InputColumn("fare", ColumnKind.NUMBER, minimum=0, maximum=512.3, example=7.25)
SEX = InputColumn("sex", ColumnKind.CATEGORY, labels=("male", "female"), example="male")
SINCE = InputColumn("since", ColumnKind.DATETIME, example="2026-01-31T00:00:00")
MEMBERS = (
    Member("Gradient boosting", {"iterations": 240, "learning_rate": 0.05, "num_leaves": 31, "seed": 0}, 0.6),
    Member("Logistic regression", {"C": 0.1}, 0.4),
)
THRESHOLD = Threshold("yes", 0.23, "F1", 0.48, 0.61)
BANDS = Bands(0.9, (0.0, 1.0), (-4.0,), (5.0,), 0.91)
TIMED = SplitPlan(SplitKind.TIME, "since", "The newest fifth of the rows by since is kept for the test.")
PLAN = TrainingPlan(
    target="survived",
    task=Task.BINARY,
    features=(FARE, SEX),
    left_out=(LeftOut("id", "it names the row"),),
    candidates=(
        PlannedCandidate("Logistic regression", "quick, and hard to beat where effects simply add up"),
        PlannedCandidate("Gradient boosting", "the strongest on most tables of mixed columns."),
    ),
    budget_s=60.0,
    seed=0,
    score_name="ROC AUC",
    loss_name="log loss",
    treatments=(
        PlannedFeatures(("fare", "age", "sibsp", "parch", "pclass", NASTY), "as numbers, with a mark where they are missing"),
        PlannedFeatures(("sex",), "one place for each of its values"),
    ),
    notes=("Only 500,000 of 1,000,000 rows are learned from, so that they fit in memory.",),
    estimate=Estimate(20.4, 45.0, 900_000_000),
)


def reasons(of: str | None = "yes") -> RowReasons:
    rest = tuple(Contribution(f"column {place}", place, 0.01) for place in range(12))
    first = (Contribution("sex", "female", 0.35), Contribution("fare", 80.0, 0.14))
    return RowReasons(0.38, 0.97, of, (*first, *rest, Contribution(NASTY, NASTY, -0.02)))


def an_explanation(**changes: Any) -> Explanation:
    """Of two classes."""
    values: dict[str, Any] = {
        "importances": (
            Importance("sex", 0.21, 0.18, 0.25, 0.7),
            Importance("fare", 0.09, 0.07, 0.11, 0.3),
            Importance(NASTY, -0.001, -0.004, 0.002, 0.0),
        ),
        "effects": (
            Effect("sex", (EffectPoint("male", (0.81, 0.19), 0.65), EffectPoint("female", (0.26, 0.74), 0.35))),
            Effect("fare", tuple(EffectPoint(10.0 * step, (0.7 - 0.05 * step, 0.3 + 0.05 * step), 0.125) for step in range(8))),
            Effect("since", (EffectPoint("2026-01-01", (0.6, 0.4), 0.5), EffectPoint("2026-02-01", (0.5, 0.5), 0.5))),
        ),
        "confusion": Confusion(("no", "yes"), ((97, 13), (21, 48))),
        "roc": (Line("yes", (0.0, 0.1, 0.4, 1.0), (0.0, 0.6, 0.9, 1.0), 0.842),),
        "precision_recall": (Line("yes", (0.0, 0.6, 0.9, 1.0), (1.0, 0.8, 0.6, 0.385), 0.81),),
        "calibration": (Line("yes", (0.1, 0.5, 0.9), (0.08, 0.55, 0.93), None, (90, 40, 49)),),
        "slices": (
            Slice("sex is female", "sex", 64, 0.71, 0.59, 0.81, is_worse=True),
            Slice("fare is below 10", "fare", 80, 0.86, 0.77, 0.92, is_worse=False),
        ),
        "worst": (
            WorstRow(298, {"sex": "female", "fare": 151.55, NASTY: NASTY}, "no", "yes", 0.03, 3.5, reasons()),
            WorstRow(12, {"sex": "male", "fare": None}, "yes", "no", 0.06, 2.8),
        ),
        "skipped": ("The effect of cabin was not computed: the time did not suffice.",),
    }  # fmt: skip
    return Explanation(**(values | changes))


def of_numbers() -> Explanation:
    """Of a regression."""
    added = (Contribution("fare", 3.0, 500.0),)
    return Explanation(
        importances=(Importance("fare", 1200.0, 900.0, 1500.0, 1.0),),
        effects=(Effect("fare", tuple(EffectPoint(10.0 * step, (1000.0 + 90 * step,), 0.125) for step in range(8))),),
        residuals=tuple((1000.0 + 13 * step, 1000.0 + 11 * step + 40 * (step % 5)) for step in range(60)),
        slices=(Slice("sex is female", "sex", 64, 4300.0, 3900.0, 4800.0, is_worse=True),),
        worst=(WorstRow(7, {"fare": 3.0}, 9000.0, 2500.0, None, 6500.0, RowReasons(2000.0, 2500.0, None, added)),),
    )
