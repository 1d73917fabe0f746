"""Trained models made by hand: small fitted blends of every kind of estimator, without a race."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline

from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.training.families.family import output_of
from dashapp.training.features import (
    CATEGORIES,
    boosting_features,
    forest_features,
    grouped,
    input_frame,
    linear_features,
    records,
    to_frame,
)
from dashapp.training.parts import Blend
from dashapp.training.result import Bands, Explanation, Member, Record, Scores, Threshold, TrainedModel
from dashapp.training.run import InputColumn
from tests.training.tables import mixed_plan, mixed_table

_HISTOGRAM: dict[str, Any] = {"max_iter": 12, "min_samples_leaf": 3, "random_state": 0, "early_stopping": False}
_FOREST: dict[str, Any] = {"n_estimators": 8, "random_state": 0}
_LIGHT: dict[str, Any] = {"n_estimators": 12, "num_leaves": 7, "min_child_samples": 3, "min_data_per_group": 3, "verbose": -1, "n_jobs": 1}

# By name: the preprocessing, the classifier, the regressor, and whether it is told which columns are categories.
KINDS: Mapping[str, tuple[Any, Callable[[], Any], Callable[[], Any], bool]] = {
    "linear": (linear_features, lambda: LogisticRegression(max_iter=200), lambda: Ridge(), False),
    "forest": (forest_features, lambda: RandomForestClassifier(**_FOREST), lambda: RandomForestRegressor(**_FOREST), False),
    "extra": (forest_features, lambda: ExtraTreesClassifier(**_FOREST), lambda: ExtraTreesRegressor(**_FOREST), False),
    "boosting": (boosting_features, lambda: lightgbm.LGBMClassifier(**_LIGHT), lambda: lightgbm.LGBMRegressor(**_LIGHT), True),
    "histogram": (
        boosting_features,
        lambda: HistGradientBoostingClassifier(categorical_features=[0, 1, 2], **_HISTOGRAM),
        lambda: HistGradientBoostingRegressor(categorical_features=[0, 1, 2], **_HISTOGRAM),
        False,
    ),
}


def fitted(kind: str, task: Task, frame: pd.DataFrame, y: Any, inputs: Sequence[InputColumn], **setting: Any) -> Pipeline:
    features, classifier, regressor, is_told = KINDS[kind]
    estimator = (classifier() if task.is_classification else regressor()).set_params(**setting)
    told = {"model__categorical_feature": list(range(len(grouped(inputs)[CATEGORIES])))} if is_told else {}
    return Pipeline([("features", features(inputs)), ("model", estimator)]).fit(frame, y, **told)


def seen(column: InputColumn, values: pd.Series) -> InputColumn:
    """The column with what was seen of it."""
    present = values.dropna()
    if column.kind is ColumnKind.DATETIME:
        return replace(column, example=present.iloc[0].isoformat())
    if column.kind.is_numeric:
        example = int(present.iloc[0]) if column.kind is ColumnKind.INTEGER else float(present.iloc[0])
        return replace(column, minimum=float(present.min()), maximum=float(present.max()), example=example)
    labels = tuple(str(label) for label in present.value_counts().index)
    if column.kind is ColumnKind.TEXT:
        return replace(column, example=labels[0])
    return replace(column, labels=labels, example=labels[0])


def a_blend(task: Task, *kinds: str, **changes: Any) -> TrainedModel:
    """A blend of these kinds on the mixed table; `changes` are those of `blend_of`."""
    plan = mixed_plan(task)
    return blend_of(mixed_table(), task, plan.target, plan.features, kinds, **changes)


def a_wordy_blend(task: Task, *kinds: str, **changes: Any) -> TrainedModel:
    """A blend on a table with two texts, a category of many values and numbers of odd shapes."""
    return blend_of(wordy_table(), task, {Task.MULTICLASS: "grade", Task.REGRESSION: "value"}[task], WORDY, kinds, **changes)


WORDY = (
    InputColumn("note", ColumnKind.TEXT),
    InputColumn("ort", ColumnKind.TEXT),
    InputColumn("city", ColumnKind.CATEGORY, many=True),
    InputColumn("skewed", ColumnKind.NUMBER),
    InputColumn("huge", ColumnKind.INTEGER),
    InputColumn("single", ColumnKind.NUMBER),
    InputColumn("when", ColumnKind.DATETIME),
)
WORDS = ("late", "Delivery", "broken", "Straße", "très", "good", "naïve", "a", "refund", "don't", "e-mail", "42", "東京", "мир")


def wordy_table(rows: int = 360) -> pd.DataFrame:
    random = np.random.default_rng(11)
    notes = [" ".join(random.choice(WORDS, random.integers(1, 12))) for _ in range(rows)]
    cities = random.integers(0, 120, rows)
    value = np.array([note.count("late") - note.count("good") for note in notes]) + (cities % 5) + random.normal(0, 0.3, rows)
    gaps = random.random((rows, 5)) < 0.1
    return pd.DataFrame(
        {
            "note": pd.array([None if gap else note for gap, note in zip(gaps[:, 0], notes, strict=True)], dtype="str"),
            "ort": pd.array(["".join(random.choice(list("東京大阪名古屋"), 30)) for _ in range(rows)], dtype="str"),
            "city": pd.array([None if gap else f"city {at}" for gap, at in zip(gaps[:, 1], cities, strict=True)], dtype="str"),
            "skewed": np.where(gaps[:, 2], np.nan, np.exp(random.normal(0, 4, rows))),
            "huge": np.where(gaps[:, 3], np.nan, 2.0**53 + random.integers(-9, 9, rows) * 2),
            "single": np.where(gaps[:, 4], np.nan, 1.0),
            "when": pd.to_datetime("1999-12-31") + pd.to_timedelta(random.integers(-9000, 9000, rows), unit="h"),
            "value": value,
            "grade": np.select([value < 1, value < 3], ["C", "B"], "A"),
        }
    )


def blend_of(
    table: pd.DataFrame,
    task: Task,
    target: str,
    columns: Sequence[InputColumn],
    kinds: Sequence[str],
    temperature: float = 1.0,
    threshold: Threshold | None = None,
    bands: Bands | None = None,
) -> TrainedModel:
    frame = input_frame(table, columns)
    y = table[target].to_numpy(dtype=np.float64 if task is Task.REGRESSION else str)
    inputs = tuple(seen(column, frame[column.name]) for column in columns)
    weights = [(at + 1) * 2 / (len(kinds) * (len(kinds) + 1)) for at in range(len(kinds))]
    members = tuple(Member(kind, {"a": 1}, weight) for kind, weight in zip(kinds, weights, strict=True))
    blend = Blend([fitted(kind, task, frame, y, inputs) for kind in kinds], weights, temperature)
    rows = records(frame.iloc[::12], inputs)
    outputs = output_of(task, blend, to_frame(rows, inputs)).reshape(len(rows), -1)
    return TrainedModel(
        model=blend,
        candidate=" and ".join(kinds),
        record=Record(
            replace(mixed_plan(task), target=target, features=inputs),
            members,
            temperature,
            threshold,
            bands,
            versions={"numpy": np.__version__},
        ),
        inputs=inputs,
        labels=tuple(sorted(set(y.tolist()))) if task.is_classification else (),
        scores=Scores({"log_loss": 0.5}, {"log_loss": (0.4, 0.6)}, {"log_loss": 0.7}, "It is better.", True, ("another",)),
        explanation=Explanation(skipped=("nothing",)),
        rows={"learn": 200, "test": 40},
        check_rows=tuple(rows),
        check_outputs=tuple(tuple(row) for row in outputs.tolist()),
    )
