"""The families of models that race: each is a generator of iterations, and can be fitted again up to the iteration that won."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge

from dashapp.datasets.dataset import Task
from dashapp.training.features import CATEGORIES, FloatArray, boosting_features, forest_features, grouped, linear_features
from dashapp.training.plan import BOOSTING, FOREST, LINEAR
from dashapp.training.run import TrainingPlan
from dashapp.training.split import thinned

TREES_A_STEP = 10
FOREST_THREADS = 2

# A tree that sees more rows than this grows in size and time, not in accuracy.
_ROWS_A_TREE = 20_000
_LEAVES_A_TREE = 2_000
_NUMBERS_A_TREE = 40_000
# Below this many rows small trees generalise better (on four of five public tables that were tried).
_SMALL_TABLE = 8_000
# Cells times classes that a linear model is raced on; beyond it one iteration would hold up the others.
_LINEAR_CELLS = 6_000_000


@dataclass(frozen=True, slots=True)
class Rows:
    """Encoded rows of the race: `x` `[n, width]` is learned with `y` `[n]`; the outputs are wanted for `sample` (rows of `x`, for the
    training loss) and `validation`."""

    x: FloatArray
    y: NDArray[Any]
    sample: FloatArray
    validation: FloatArray


@dataclass(frozen=True, slots=True)
class Step:
    """An iteration: outputs for `Rows.sample` and `Rows.validation`, and the setting that a later fit needs to get here."""

    iteration: int
    sample: FloatArray
    validation: FloatArray
    setting: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fit:
    """An estimator on its way; `share` (to 1) of the work is done."""

    share: float
    estimator: Any


class Family(Protocol):
    """A kind of model. `race` and `refit` yield often enough that the caller can stop them between two yields."""

    @property
    def name(self) -> str: ...

    @property
    def steps(self) -> int:
        """The most iterations that `race` yields."""

    def features(self) -> ColumnTransformer:
        """The unfitted preprocessing."""

    def race(self, rows: Rows) -> Iterator[Step]: ...

    def refit(self, x: FloatArray, y: NDArray[Any], setting: Mapping[str, Any]) -> Iterator[Fit]:
        """Yields an estimator that can be used as it is, nearer to `setting` each time."""


def families(plan: TrainingPlan) -> tuple[Family, ...]:
    """Those that the plan names, in its order."""
    known: tuple[Family, ...] = (Linear(plan), Forest(plan), Boosting(plan))
    return tuple(family for name in plan.candidates for family in known if family.name == name)


def output_of(task: Task, estimator: Any, x: Any) -> FloatArray:
    """Probabilities `[n, classes]`, or values `[n]` in a regression."""
    return np.asarray(estimator.predict_proba(x) if task.is_classification else estimator.predict(x), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Linear:
    """A path from strong to weak regularisation, each fit beginning where the last one ended."""

    plan: TrainingPlan

    @property
    def name(self) -> str:
        return LINEAR[self.plan.task.is_classification]

    @property
    def steps(self) -> int:
        return 12

    def features(self) -> ColumnTransformer:
        return linear_features(self.plan.features)

    def race(self, rows: Rows) -> Iterator[Step]:
        task = self.plan.task
        x, y = _few_enough(rows, task, self.plan.seed)
        estimator = self._estimator()
        strengths = np.logspace(-3, 2.5, self.steps) if task.is_classification else np.logspace(4, -2, self.steps)
        for iteration, strength in enumerate(strengths, 1):
            setting = {"C" if task.is_classification else "alpha": float(f"{strength:.3g}")}
            _fit_quietly(estimator.set_params(**setting), x, y)
            yield Step(iteration, output_of(task, estimator, rows.sample), output_of(task, estimator, rows.validation), setting)

    def refit(self, x: FloatArray, y: NDArray[Any], setting: Mapping[str, Any]) -> Iterator[Fit]:
        yield Fit(1.0, _fit_quietly(self._estimator().set_params(**setting), x, y))

    def _estimator(self) -> Any:
        if self.plan.task.is_classification:
            return LogisticRegression(warm_start=True, max_iter=200, random_state=self.plan.seed)
        return Ridge()


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees added by tens; each tree sees at most 20,000 rows and is bounded in leaves."""

    plan: TrainingPlan
    name: str = FOREST

    @property
    def steps(self) -> int:
        return 20

    def features(self) -> ColumnTransformer:
        return forest_features(self.plan.features)

    def race(self, rows: Rows) -> Iterator[Step]:
        parts = [np.ascontiguousarray(part, dtype=np.float32) for part in (rows.sample, rows.validation)]
        sums: list[Any] = [0.0, 0.0]
        for fit in self._grown(rows.x, rows.y, self.steps * TREES_A_STEP):
            forest = fit.estimator
            # Only the new trees are asked, so that the curve costs the same at its end as at its start.
            for tree in forest.estimators_[-TREES_A_STEP:]:
                sums = [total + output_of(self.plan.task, tree, part) for total, part in zip(sums, parts, strict=True)]
            trees = len(forest.estimators_)
            yield Step(trees, sums[0] / trees, sums[1] / trees, {"n_estimators": trees})

    def refit(self, x: FloatArray, y: NDArray[Any], setting: Mapping[str, Any]) -> Iterator[Fit]:
        return self._grown(x, y, setting["n_estimators"])

    def _grown(self, x: FloatArray, y: NDArray[Any], trees: int) -> Iterator[Fit]:
        is_classification = self.plan.task.is_classification
        rows = min(len(y), _ROWS_A_TREE)
        leaves = min(_LEAVES_A_TREE, _NUMBERS_A_TREE // _classes(y)) if is_classification else _LEAVES_A_TREE
        kind = RandomForestClassifier if is_classification else RandomForestRegressor
        forest = kind(
            max_features="sqrt" if is_classification else 0.5,
            min_samples_leaf=max(2, rows // leaves),
            max_samples=rows if rows < len(y) else None,
            n_jobs=FOREST_THREADS,
            random_state=self.plan.seed,
            warm_start=True,
        )
        for count in range(TREES_A_STEP, trees + 1, TREES_A_STEP):
            yield Fit(count / trees, forest.set_params(n_estimators=count).fit(x, y))


@dataclass(frozen=True, slots=True)
class Boosting:
    """Histogram gradient boosting with native categories, ten iterations a step (fewer where each grows a tree for many classes)."""

    plan: TrainingPlan
    name: str = BOOSTING

    @property
    def steps(self) -> int:
        return 30

    def features(self) -> ColumnTransformer:
        return boosting_features(self.plan.features)

    def race(self, rows: Rows) -> Iterator[Step]:
        task = self.plan.task
        step = min(10, max(1, 30 // _classes(rows.y))) if task.is_classification else 10
        for fit in self._boosted(rows.x, rows.y, self.steps * step, step):
            estimator = fit.estimator
            setting = {"max_iter": estimator.max_iter, "learning_rate": estimator.learning_rate}
            yield Step(estimator.max_iter, output_of(task, estimator, rows.sample), output_of(task, estimator, rows.validation), setting)

    def refit(self, x: FloatArray, y: NDArray[Any], setting: Mapping[str, Any]) -> Iterator[Fit]:
        # Every continued fit bins the rows anew; fewer, longer steps are cheaper and still leave room to stop.
        return self._boosted(x, y, setting["max_iter"], max(1, setting["max_iter"] // 5))

    def _boosted(self, x: FloatArray, y: NDArray[Any], iterations: int, step: int) -> Iterator[Fit]:
        kind = HistGradientBoostingClassifier if self.plan.task.is_classification else HistGradientBoostingRegressor
        categories = len(grouped(self.plan.features)[CATEGORIES])
        estimator = kind(
            learning_rate=0.08,
            max_leaf_nodes=8 if len(y) < _SMALL_TABLE else 31,
            l2_regularization=1.0,
            max_features=0.5,
            min_samples_leaf=max(3, min(20, len(y) // 50)),
            # The preprocessing puts the categories first.
            categorical_features=list(range(categories)) or None,
            early_stopping=False,
            random_state=self.plan.seed,
            warm_start=True,
        )
        for count in [*range(step, iterations, step), iterations]:
            yield Fit(count / iterations, estimator.set_params(max_iter=count).fit(x, y))


def _classes(y: NDArray[Any]) -> int:
    return len(np.unique(y))


def _few_enough(rows: Rows, task: Task, seed: int) -> tuple[FloatArray, NDArray[Any]]:
    """The rows that a linear model is raced on: bounded in cells, with every class."""
    outputs = _classes(rows.y) if task.is_classification else 1
    limit = max(2_000, _LINEAR_CELLS // (rows.x.shape[1] * outputs))
    if len(rows.y) <= limit:
        return rows.x, rows.y
    chosen = thinned(np.arange(len(rows.y)), limit, seed, rows.y if task.is_classification else None)
    return rows.x[chosen], rows.y[chosen]


def _fit_quietly(estimator: Any, x: FloatArray, y: NDArray[Any]) -> Any:
    """A linear fit that has not converged is still a point of the path; its validation loss decides."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(x, y)
