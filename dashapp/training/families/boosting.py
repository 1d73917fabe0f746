"""Gradient boosting with LightGBM: quick on small tables, native categories, the same trees whatever the number of threads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from dashapp.training.families.family import IsOver, Rows, Step
from dashapp.training.features import CATEGORIES, FloatArray, boosting_features, grouped
from dashapp.training.plan import BOOSTING
from dashapp.training.result import Setting
from dashapp.training.run import TrainingPlan

TREES_A_STEP = 10
MOST_TREES = 1_500
# A boosted classifier has a tree for each class and iteration; what answers requests must stay small.
MOST_TREES_OF_ALL_CLASSES = 6_000
FIXED: dict[str, Any] = {"verbose": -1, "deterministic": True, "force_col_wise": True, "min_data_in_bin": 3, "feature_pre_filter": False}
# Up to here a leaf of few rows is mostly chance, and small trees do better.
FEW_ROWS = 4_000
# From here on a tree costs so much that fewer, larger steps get further in the time.
MANY_ROWS = 30_000

ON_FEW_ROWS = (
    *("default", "random cuts", "large with random cuts", "four leaves", "five leaves", "slow", "deep", "one-hot", "three leaves"),
    *("smooth with random cuts", "small with random cuts", "leaves of one", "shrunk", "huge"),
)
ON_MORE_ROWS = (
    "default",
    "deep",
    "five leaves",
    "wide",
    "careful",
    "one-hot",
    "random cuts",
    "smooth with random cuts",
    "four leaves",
    "slow",
    "huge",
)


@dataclass(frozen=True, slots=True)
class Boosting:
    plan: TrainingPlan
    name: str = BOOSTING
    patience: int = 6
    fixed_rows: int = 6000

    def settings(self, rows: int, classes: int) -> tuple[Setting, ...]:
        """Each was the best, or often in the blend, on some of two dozen tables; on few rows smaller trees and random cuts come first."""
        few = rows < FEW_ROWS
        rate = 0.15 if classes > 20 else 0.1 if rows > MANY_ROWS else 0.05
        tiny = min(10, max(3, rows // 40))
        shapes = ON_FEW_ROWS if few else ON_MORE_ROWS
        return tuple(_shaped(shape, few, tiny, rate) for shape in shapes)

    def words(self, setting: Setting) -> str:
        drawn = ", random cuts" if setting.get("extra_trees") else ""
        return f"{setting['num_leaves']} leaves a tree, learning rate {setting['learning_rate']:.3g}{drawn}"

    def effort(self, setting: Setting) -> float:
        return float((0.05 / setting["learning_rate"]) ** 0.8 * (0.6 + 0.02 * setting["num_leaves"]))

    def features(self, setting: Setting) -> ColumnTransformer:
        return boosting_features(self.plan.features, self.plan.task, self.plan.seed)

    def encoding(self, setting: Setting) -> str:
        return ""

    def held(self, rows: Rows) -> Rows:
        learned = lightgbm.Dataset(rows.x, rows.y, categorical_feature=self._categories(), params={**FIXED, "num_threads": 1}).construct()
        return replace(rows, x=learned, sample=np.asarray(rows.sample), validation=np.asarray(rows.validation))

    def race(self, rows: Rows, setting: Setting) -> Iterator[Step]:
        booster = lightgbm.Booster(self._native(setting, rows.classes), rows.x)
        sums: list[Any] = [0.0, 0.0]
        before = 0
        is_grown = False
        most = min(MOST_TREES, max(3 * TREES_A_STEP, MOST_TREES_OF_ALL_CLASSES // max(1, rows.classes)))
        step = TREES_A_STEP if rows.classes <= 20 else 2
        while not is_grown and before < most:
            began = time.monotonic()
            for _ in range(step):
                is_grown = bool(booster.update())
                if is_grown:
                    break
            learned_s = time.monotonic() - began
            count = booster.current_iteration()
            if count == before:
                break
            at: dict[str, Any] = {"start_iteration": before, "num_iteration": count - before, "raw_score": True}
            sums = [
                total + np.asarray(booster.predict(part, **at)) for total, part in zip(sums, (rows.sample, rows.validation), strict=True)
            ]
            sample, validation = (_linked(each, rows.classes) for each in sums)
            yield Step(count, sample, validation, {**setting, "n_estimators": count}, learned_s)
            before = count

    def scaled(self, setting: Setting, rows_ratio: float) -> Setting:
        return {**setting, "n_estimators": max(1, round(setting["n_estimators"] * min(2.0, rows_ratio**0.3)))}

    def trees(self, setting: Setting, classes: int) -> int:
        return int(setting["n_estimators"]) * (classes if classes > 2 else 1)

    def fitted(self, x: pd.DataFrame, y: NDArray[Any], setting: Setting, is_over: IsOver) -> tuple[Pipeline, Setting]:
        features = self.features(setting)
        encoded = features.fit_transform(x, y)
        kind = lightgbm.LGBMClassifier if self.plan.task.is_classification else lightgbm.LGBMRegressor
        model = kind(**{"random_state": self.plan.seed, "n_jobs": 1, **FIXED, **setting})

        stopped_at: list[int] = []

        def end_if_over(at: Any) -> None:
            if is_over((at.iteration + 1) / setting["n_estimators"]):
                stopped_at.append(at.iteration + 1)
                raise lightgbm.callback.EarlyStopException(at.iteration, [])

        model.fit(encoded, y, categorical_feature=self._categories(), callbacks=[end_if_over])
        reached = {**setting, "n_estimators": stopped_at[0]} if stopped_at else setting
        return Pipeline([("features", features), ("model", model)]), reached

    def _categories(self) -> list[int]:
        """The preprocessing puts the categories first."""
        return list(range(len(grouped(self.plan.features)[CATEGORIES])))

    def _native(self, setting: Setting, classes: int) -> dict[str, Any]:
        objective: dict[str, Any] = {"objective": "regression"}
        if classes:
            objective = {"objective": "binary"} if classes == 2 else {"objective": "multiclass", "num_class": classes}
        return {**FIXED, **objective, "num_threads": 1, "seed": self.plan.seed, **setting}


def _linked(raw: FloatArray, classes: int) -> FloatArray:
    """Raw scores -> probabilities `[n, classes]`, or the values."""
    if classes == 2:
        positive = 1.0 / (1.0 + np.exp(-raw))
        return np.column_stack([1.0 - positive, positive])
    if classes:
        powers = np.exp(raw - raw.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))
    return raw


def _shaped(shape: str, few: bool, tiny: int, rate: float) -> Setting:
    """`tiny` is the least number of rows that a leaf should hold here."""
    base: dict[str, Any] = {"learning_rate": rate, "subsample_freq": 1, "subsample": 0.9}
    rows = "min_child_samples"
    shapes: dict[str, dict[str, Any]] = {
        "default": {"num_leaves": 10 if few else 31, rows: tiny if few else 20, "colsample_bytree": 0.7, "reg_lambda": 1.0},
        "random cuts": {"num_leaves": 31, rows: tiny, "colsample_bytree": 0.9, "extra_trees": True},
        "large with random cuts": {"num_leaves": 64, rows: tiny, "colsample_bytree": 0.7, "extra_trees": True, "reg_lambda": 5.0},
        "small with random cuts": {"num_leaves": 8, rows: tiny, "colsample_bytree": 0.6, "extra_trees": True, "reg_lambda": 1.0},
        "leaves of one": {"num_leaves": 31, rows: 1, "colsample_bytree": 0.7, "extra_trees": True, "reg_lambda": 1.0},
        "smooth with random cuts": {
            **{"num_leaves": 31, rows: tiny, "colsample_bytree": 0.9, "extra_trees": True},
            **{"max_cat_to_onehot": 64, "path_smooth": 5.0},
        },
        "huge": {"num_leaves": 127, rows: 10, "colsample_bytree": 0.5, "extra_trees": True, "path_smooth": 2.0},
        "deep": {"num_leaves": 96, rows: 5, "colsample_bytree": 0.8, "learning_rate": 0.6 * rate},
        "wide": {
            **{"num_leaves": 127, rows: 10, "colsample_bytree": 0.6, "subsample": 0.8},
            **{"reg_lambda": 5.0, "learning_rate": 0.6 * rate},
        },
        "careful": {"num_leaves": 48, rows: 40, "colsample_bytree": 0.6, "reg_lambda": 10.0},
        "shrunk": {"num_leaves": 16, rows: tiny, "colsample_bytree": 1.0, "reg_lambda": 20.0, "learning_rate": 1.6 * rate},
        "one-hot": {"num_leaves": 15, rows: 10, "colsample_bytree": 0.6, "max_cat_to_onehot": 64, "cat_smooth": 30.0},
        "five leaves": {"num_leaves": 5, rows: 2 * tiny, "colsample_bytree": 0.5, "reg_lambda": 5.0},
        "four leaves": {"num_leaves": 4, rows: tiny, "colsample_bytree": 0.8, "max_cat_to_onehot": 64},
        "three leaves": {"num_leaves": 3, rows: tiny, "colsample_bytree": 0.6, "learning_rate": 1.5 * rate},
        "slow": {"num_leaves": 20, rows: 2 * tiny, "colsample_bytree": 0.7, "learning_rate": 0.5 * rate, "subsample": 0.6},
    }
    return {**base, **shapes[shape]}
