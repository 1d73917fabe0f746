"""Table -> what the estimators see: columns with fixed types, and the preprocessing of each family.

Law: what is made of a column follows from its `InputColumn`, never from the rows at hand.
"""

from __future__ import annotations

from dashapp.training.features.blocks import boosting_features, forest_features, linear_features, ramps_for
from dashapp.training.features.frames import input_frame, records, to_frame
from dashapp.training.features.groups import CATEGORIES, DATES, MANY, MANY_FROM, MAX_BINS, NUMBERS, TEXTS, grouped
from dashapp.training.features.said import planned_features, preprocessing_steps
from dashapp.training.parts import DATE_PARTS, DateParts, FloatArray

__all__ = [
    "CATEGORIES",
    "DATES",
    "DATE_PARTS",
    "MANY",
    "MANY_FROM",
    "MAX_BINS",
    "NUMBERS",
    "TEXTS",
    "DateParts",
    "FloatArray",
    "boosting_features",
    "forest_features",
    "grouped",
    "input_frame",
    "linear_features",
    "planned_features",
    "preprocessing_steps",
    "ramps_for",
    "records",
    "to_frame",
]
