"""Forests: random forests and extra trees."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.pipeline import Pipeline

from dashapp.training.families.family import IsOver, Rows, Step, output_of, padded
from dashapp.training.features import forest_features
from dashapp.training.plan import FOREST
from dashapp.training.result import Setting
from dashapp.training.run import TrainingPlan

TREES_A_STEP = 20
# What the race grows, and the final model: more trees never do harm, they only cost time.
MOST_TREES = 140
FINAL_TREES = 240


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees added by twenties. `kind` in a setting is "random" or "extra"; the rest are the estimator's own parameters."""

    plan: TrainingPlan
    name: str = FOREST
    patience: int = 4
    fixed_rows: int = 500

    def settings(self, rows: int, classes: int) -> tuple[Setting, ...]:
        if classes:
            return (
                {"kind": "random", "max_features": "sqrt", "min_samples_leaf": 3},
                {"kind": "extra", "max_features": "sqrt", "min_samples_leaf": 1},
                {"kind": "extra", "max_features": 1.0, "min_samples_leaf": 2},
                {"kind": "extra", "max_features": "sqrt", "min_samples_leaf": 3},
            )
        return (
            {"kind": "random", "max_features": 0.5, "min_samples_leaf": 2},
            {"kind": "extra", "max_features": 0.8, "min_samples_leaf": 1},
            {"kind": "extra", "max_features": 1.0, "min_samples_leaf": 2},
        )

    def words(self, setting: Setting) -> str:
        kind = "extra trees" if setting["kind"] == "extra" else "a random forest"
        return f"{kind}, at least {setting['min_samples_leaf']} rows a leaf"

    def effort(self, setting: Setting) -> float:
        return 0.7 if setting["kind"] == "extra" else 1.0

    def features(self, setting: Setting) -> ColumnTransformer:
        return forest_features(self.plan.features, self.plan.task, self.plan.seed)

    def encoding(self, setting: Setting) -> str:
        return ""

    def held(self, rows: Rows) -> Rows:
        x, sample, validation = (np.ascontiguousarray(part, dtype=np.float32) for part in (rows.x, rows.sample, rows.validation))
        return replace(rows, x=x, sample=sample, validation=validation)

    def race(self, rows: Rows, setting: Setting) -> Iterator[Step]:
        sums: list[Any] = [0.0, 0.0]
        grown = 0
        began = time.monotonic()
        for forest in self._growing(rows.x, rows.y, setting, MOST_TREES, rows.classes):
            learned_s = time.monotonic() - began
            # Only the new trees are asked, so that the curve costs the same at its end as at its start.
            for tree in forest.estimators_[grown:]:
                sums = [
                    total + output_of(self.plan.task, tree, part) for total, part in zip(sums, (rows.sample, rows.validation), strict=True)
                ]
            grown = len(forest.estimators_)
            means = [total / grown for total in sums]
            sample, validation = (padded(each, forest.classes_, rows.classes) if rows.classes else each for each in means)
            yield Step(grown, sample, validation, {**setting, "n_estimators": grown}, learned_s)
            began = time.monotonic()

    def scaled(self, setting: Setting, rows_ratio: float) -> Setting:
        return {**setting, "n_estimators": FINAL_TREES if setting["n_estimators"] >= 2 * TREES_A_STEP else setting["n_estimators"]}

    def trees(self, setting: Setting, classes: int) -> int:
        return int(setting["n_estimators"])

    def fitted(self, x: pd.DataFrame, y: NDArray[Any], setting: Setting, is_over: IsOver) -> tuple[Pipeline, Setting]:
        features = self.features(setting)
        encoded = features.fit_transform(x, y)
        forest: Any = None
        for forest in self._growing(encoded, y, setting, setting["n_estimators"], len(np.unique(y))):
            if is_over(len(forest.estimators_) / setting["n_estimators"]):
                break
        forest.set_params(warm_start=False)
        return Pipeline([("features", features), ("model", forest)]), {**setting, "n_estimators": len(forest.estimators_)}

    def _growing(self, x: Any, y: NDArray[Any], setting: Setting, most: int, classes: int) -> Iterator[Any]:
        """The forest with ever more trees; the same trees in whatever steps it grows."""
        kinds = {
            ("random", True): RandomForestClassifier,
            ("extra", True): ExtraTreesClassifier,
            ("random", False): RandomForestRegressor,
            ("extra", False): ExtraTreesRegressor,
        }
        own = {name: value for name, value in setting.items() if name not in ("kind", "n_estimators")}
        forest = kinds[setting["kind"], self.plan.task.is_classification](warm_start=True, random_state=self.plan.seed, **own)
        step = TREES_A_STEP if len(y) * max(1, classes) < 200_000 else 2
        for trees in [*range(step, most, step), most]:
            yield forest.set_params(n_estimators=trees).fit(x, y)
