"""The preprocessing of each family, unfitted: a ColumnTransformer with a block for each treatment.

The width stays bounded whatever the columns hold, and one `seed` draws all that is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder

from dashapp.datasets.dataset import Task
from dashapp.training.features.groups import CATEGORIES, DATES, MANY, MAX_BINS, NUMBERS, TEXTS, grouped
from dashapp.training.parts import DATE_PARTS, DateParts, Ramps, Topics, Words
from dashapp.training.run import InputColumn

ONE_HOT_COLUMNS, MOST_PLACES = 400, 50
RAMP_COLUMNS, RAMP_CELLS, RAMPS = 400, 40_000_000, 8
MOST_TERMS = 5_000
TOPICS = 24
ENCODING_FOLDS = 5

_TARGETS = {Task.BINARY: "binary", Task.MULTICLASS: "multiclass", Task.REGRESSION: "continuous", None: "auto"}


def linear_features(inputs: Sequence[InputColumn], task: Task | None = None, seed: int = 0, ramps: int = RAMPS) -> ColumnTransformer:
    """Everything filled, scaled and one-hot encoded; rare categories share a column. Sparse where there is free text.

    Each number becomes up to `ramps` columns, so that effects may bend; with fewer than two it stays one.
    """
    ramps = ramps_for(inputs, asked=ramps)
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=places(inputs), sparse_output=False)
    blocks = {
        CATEGORIES: encoder,
        NUMBERS: _filled_and_scaled(ramps),
        DATES: _filled_and_scaled(ramps, ("parts", DateParts())),
        MANY: Pipeline([("means", _means(task, seed)), ("scale", StandardScaler())]),
        TEXTS: Words(MOST_TERMS),
    }
    return _columns(inputs, blocks, sparse_threshold=1.0 if grouped(inputs)[TEXTS] else 0.0)


def forest_features(inputs: Sequence[InputColumn], task: Task | None = None, seed: int = 0) -> ColumnTransformer:
    """Numbers as they are, NaN included; categories as codes, -1 for one that was not seen in training."""
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=float("nan"))
    return _columns(inputs, {CATEGORIES: encoder, **_for_trees(task, seed)})


def boosting_features(inputs: Sequence[InputColumn], task: Task | None = None, seed: int = 0) -> ColumnTransformer:
    """Numbers as they are; categories as codes for the native splits (unseen means missing, the rarest share a code)."""
    nan = float("nan")
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=nan, encoded_missing_value=nan, max_categories=MAX_BINS)
    return _columns(inputs, {CATEGORIES: encoder, **_for_trees(task, seed)})


def places(inputs: Sequence[InputColumn]) -> int:
    """Most columns that the linear model gives to one category."""
    return max(5, min(MOST_PLACES, ONE_HOT_COLUMNS // max(1, len(grouped(inputs)[CATEGORIES]))))


def ramps_for(inputs: Sequence[InputColumn], rows: int = 0, asked: int = RAMPS) -> int:
    """Columns that the linear model gives to one number; fewer than two where there are so many numbers, or so many rows to hold at a
    time, that each must do with one."""
    groups = grouped(inputs)
    numbers = max(1, len(groups[NUMBERS]) + len(DATE_PARTS) * len(groups[DATES]))
    return min(asked, RAMP_COLUMNS // numbers, RAMP_CELLS // max(1, numbers * rows))


def _for_trees(task: Task | None, seed: int) -> dict[str, Any]:
    return {NUMBERS: "passthrough", DATES: DateParts(), MANY: _means(task, seed), TEXTS: Topics(TOPICS, MOST_TERMS, seed)}


def _filled_and_scaled(ramps: int, *before: tuple[str, Any]) -> Pipeline:
    fill = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    bend = [("ramps", Ramps(ramps))] if ramps >= 2 else []
    return Pipeline([*before, ("fill", fill), *bend, ("scale", StandardScaler())])


def _means(task: Task | None, seed: int) -> TargetEncoder:
    """Its `fit_transform` takes each row's value from rows of other folds, so that no row is told its own answer."""
    # Not stratified: classes with fewer rows than folds are no error then.
    return TargetEncoder(target_type=_TARGETS[task], cv=KFold(ENCODING_FOLDS, shuffle=True, random_state=seed))


def _columns(inputs: Sequence[InputColumn], blocks: Mapping[str, Any], sparse_threshold: float = 0.0) -> ColumnTransformer:
    groups = grouped(inputs)
    return ColumnTransformer([(name, blocks[name], groups[name]) for name in groups if groups[name]], sparse_threshold=sparse_threshold)
