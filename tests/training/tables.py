"""Tables made by hand, with every kind of column, and their plans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Dialect, Profile, TargetProposal, Task, ValueCount
from dashapp.training.plan import plan_training
from dashapp.training.result import TrainedModel
from dashapp.training.run import TrainingPlan
from dashapp.training.train import train

KINDS = {
    "amount": ColumnKind.NUMBER,
    "visits": ColumnKind.INTEGER,
    "colour": ColumnKind.CATEGORY,
    "code": ColumnKind.CATEGORY,
    "member": ColumnKind.BOOLEAN,
    "joined": ColumnKind.DATETIME,
    "answer": ColumnKind.CATEGORY,
    "grade": ColumnKind.CATEGORY,
    "value": ColumnKind.NUMBER,
}
TARGETS = {Task.BINARY: "answer", Task.MULTICLASS: "grade", Task.REGRESSION: "value"}


def mixed_table(rows: int = 240, seed: int = 7) -> pd.DataFrame:
    """Numbers, whole numbers, words, digits with leading zeros, booleans and dates; all but the targets with gaps."""
    random = np.random.default_rng(seed)
    amount = random.normal(50, 20, rows)
    visits = random.integers(0, 9, rows).astype(float)
    colour = random.choice(["red", "green", "blue", "none of these"], rows, p=[0.5, 0.3, 0.15, 0.05])
    days = random.integers(0, 2000, rows)
    value = amount + 5 * visits + np.where(colour == "red", 30, 0) + days / 100 + random.normal(0, 3, rows)
    table = pd.DataFrame(
        {
            "amount": np.where(random.random(rows) < 0.1, np.nan, amount),
            "visits": np.where(random.random(rows) < 0.1, np.nan, visits),
            "colour": _with_gaps(colour, random),
            "code": _with_gaps(random.choice(["001", "1", "02", "7"], rows), random),
            "member": _with_gaps(np.where(visits > 4, "Yes", "No"), random),
            "joined": pd.to_datetime("2020-01-01") + pd.to_timedelta(days, unit="D"),
            "answer": pd.array(np.where(value > np.median(value), "yes", "no").tolist(), dtype="str"),
            "grade": pd.array(np.select([value < 60, value < 90], ["C", "B"], "A").tolist(), dtype="str"),
            "value": value,
        }
    )
    table.loc[random.random(rows) < 0.05, "joined"] = pd.NaT
    return table


def _with_gaps(values: np.ndarray, random: np.random.Generator) -> object:
    gaps = random.random(len(values)) < 0.08
    return pd.array([None if gap else str(value) for value, gap in zip(values, gaps, strict=True)], dtype="str")


def profile_of(table: pd.DataFrame, kinds: dict[str, ColumnKind] = KINDS, target: str | None = None, task: Task | None = None) -> Profile:
    columns = tuple(_column(table[str(name)], kinds[str(name)]) for name in table.columns)
    return Profile(len(table), columns, TargetProposal(target, task, "a test"), (), Dialect("utf-8", ",", '"', True))


def _column(series: pd.Series, kind: ColumnKind) -> ColumnProfile:
    present = series.dropna()
    counts = present.value_counts()
    top = tuple(ValueCount(str(value), int(count)) for value, count in counts.head(20).items())
    example = str(present.iloc[0]) if len(present) else None
    unique = int(present.nunique())
    least = int(counts.min()) if len(counts) else None
    found = ColumnProfile(str(series.name), kind, int(series.isna().sum()), unique, example, top=top, smallest_class=least)
    if not kind.is_numeric or present.empty:
        return found
    return replace(found, minimum=float(present.min()), maximum=float(present.max()), mean=float(present.mean()))


def mixed_plan(task: Task, *, budget_s: float = 3.0, only: str | None = None, seed: int = 3) -> TrainingPlan:
    """Predict the task's target from everything but the other targets; `only` names the one candidate that is to run."""
    target = TARGETS[task]
    others = [name for name in TARGETS.values() if name != target]
    plan = plan_training(profile_of(mixed_table()), target=target, task=task, exclude=others, budget_s=budget_s, seed=seed)
    return plan if only is None else replace(plan, candidates=tuple(each for each in plan.candidates if only in each.name))


def trained(task: Task, only: str) -> TrainedModel:
    return train(mixed_table(), mixed_plan(task, only=only), lambda progress: None)
