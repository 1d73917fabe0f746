"""Which columns are treated alike: the names of the blocks that the preprocessing of every family is made of."""

from __future__ import annotations

from collections.abc import Sequence

from dashapp.training.run import InputColumn, Treatment

CATEGORIES, NUMBERS, DATES, MANY, TEXTS = "categories", "numbers", "dates", "many categories", "texts"
# The histograms of gradient boosting have 255 bins, and each category takes one.
MAX_BINS = 250
# From so many values on, a place for each would hold too few rows.
MANY_FROM = 100

BLOCKS = {
    Treatment.CATEGORY: CATEGORIES,
    Treatment.NUMBER: NUMBERS,
    Treatment.DATE: DATES,
    Treatment.MANY_CATEGORIES: MANY,
    Treatment.TEXT: TEXTS,
}


def grouped(inputs: Sequence[InputColumn]) -> dict[str, list[str]]:
    """Column names by block; categories come first, as gradient boosting is told their places.

    A category of many values is in two: its commonest values are told apart as those of any category, and all become means.
    """
    groups: dict[str, list[str]] = {name: [] for name in BLOCKS.values()}
    for column in inputs:
        groups[BLOCKS[column.treatment]].append(column.name)
        if column.treatment is Treatment.MANY_CATEGORIES:
            groups[CATEGORIES].append(column.name)
    return groups
