"""Regularised linear models: logistic and ridge regression."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline

from dashapp.training.families.family import IsOver, Rows, Step, output_of, padded
from dashapp.training.features import DATES, NUMBERS, grouped, linear_features, ramps_for
from dashapp.training.plan import LINEAR
from dashapp.training.result import Setting
from dashapp.training.run import TrainingPlan

STEPS = 14
# Columns that a number becomes, so that its effect may bend; more of them where rows are so few that this costs next to nothing.
RAMPS, FINE_RAMPS = 8, 20
FEW_ROWS = 4_000


@dataclass(frozen=True, slots=True)
class Linear:
    """A path from strong to weak regularisation, each fit beginning where the last one ended."""

    plan: TrainingPlan
    patience: int = 3
    fixed_rows: int = 500

    @property
    def name(self) -> str:
        return LINEAR[self.plan.task.is_classification]

    def settings(self, rows: int, classes: int) -> tuple[Setting, ...]:
        groups = grouped(self.plan.features)
        if not groups[NUMBERS] and not groups[DATES]:
            return ({"ramps": 0},)
        fine = ramps_for(self.plan.features, asked=FINE_RAMPS)
        further = ({"ramps": fine},) if rows < FEW_ROWS and fine > RAMPS else ()
        return ({"ramps": RAMPS}, {"ramps": 0}, *further)

    def words(self, setting: Setting) -> str:
        strength = setting.get("C", setting.get("alpha"))
        shape = ("finely bent effects" if setting["ramps"] > RAMPS else "bent effects") if setting["ramps"] else "straight effects"
        return shape if strength is None else f"{shape}, penalty {1 / strength if 'C' in setting else strength:.3g}"

    def effort(self, setting: Setting) -> float:
        return max(0.4, float(setting["ramps"]) / RAMPS)

    def features(self, setting: Setting) -> ColumnTransformer:
        return linear_features(self.plan.features, self.plan.task, self.plan.seed, setting["ramps"])

    def encoding(self, setting: Setting) -> str:
        return f"{setting['ramps']} ramps"

    def held(self, rows: Rows) -> Rows:
        return rows

    def race(self, rows: Rows, setting: Setting) -> Iterator[Step]:
        task = self.plan.task
        estimator = self._estimator()
        strengths = np.logspace(-3, 2.5, STEPS) if task.is_classification else np.logspace(4, -2, STEPS)
        for iteration, strength in enumerate(strengths, 1):
            reached = {"C" if task.is_classification else "alpha": float(f"{strength:.3g}")}
            began = time.monotonic()
            estimator.set_params(**reached).fit(rows.x, rows.y)
            learned_s = time.monotonic() - began
            outputs = [output_of(task, estimator, part) for part in (rows.sample, rows.validation)]
            sample, validation = (padded(each, estimator.classes_, rows.classes) if rows.classes else each for each in outputs)
            yield Step(iteration, sample, validation, {**setting, **reached}, learned_s)

    def scaled(self, setting: Setting, rows_ratio: float) -> Setting:
        return setting

    def trees(self, setting: Setting, classes: int) -> int:
        return 0

    def fitted(self, x: pd.DataFrame, y: NDArray[Any], setting: Setting, is_over: IsOver) -> tuple[Pipeline, Setting]:
        features = self.features(setting)
        strength = {name: value for name, value in setting.items() if name != "ramps"}
        model = self._estimator().set_params(**strength).fit(features.fit_transform(x, y), y)
        return Pipeline([("features", features), ("model", model)]), setting

    def _estimator(self) -> Any:
        if self.plan.task.is_classification:
            return LogisticRegression(max_iter=200, warm_start=True, random_state=self.plan.seed)
        return Ridge()
