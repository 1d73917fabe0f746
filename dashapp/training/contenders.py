"""Which kinds of models race on a table, each with the reason that this table gives."""

from __future__ import annotations

from dataclasses import dataclass

from dashapp.datasets.dataset import Task
from dashapp.datasets.wording import count_of, quoted
from dashapp.training.features import grouped
from dashapp.training.features.groups import CATEGORIES, MANY, NUMBERS, TEXTS
from dashapp.training.run import InputColumn, PlannedCandidate

LINEAR = {True: "Logistic regression", False: "Linear regression"}
BOOSTING = "Gradient boosting"
FOREST = "Forest"
BLEND = "Blend"

FEW_ROWS, MANY_ROWS = 500, 50_000
# Beyond these a forest takes the time of the others, or more memory than all the rest: a tree holds a share of each class in each node.
MOST_FOREST_ROWS, MOST_FOREST_COLUMNS, MOST_FOREST_CELLS = 300_000, 1_500, 50_000_000
MOST_FOREST_SHARES = 2_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """What the choice depends on: `rows` with a target, the columns that are learned from and how many `classes` (0 in a regression)."""

    rows: int
    features: tuple[InputColumn, ...]
    classes: int


def contenders(table: Table, task: Task) -> tuple[tuple[PlannedCandidate, ...], tuple[str, ...]]:
    """The candidates, and a note where one that often races does not."""
    linear = PlannedCandidate(LINEAR[task.is_classification], _why_linear(table))
    boosting = PlannedCandidate(BOOSTING, _why_boosting(table))
    against = _against_forest(table)
    if against is not None:
        return (linear, boosting), (f"No forest races: {against}.",)
    why = "steady on few rows" if table.rows <= 10 * FEW_ROWS else "steady"
    return (linear, boosting, PlannedCandidate(FOREST, f"{why}, and wrong in other places than boosting, which helps a blend")), ()


def _why_linear(table: Table) -> str:
    texts = grouped(table.features)[TEXTS]
    if texts:
        where = quoted(texts[0]) if len(texts) == 1 else f"{len(texts)} columns of free text"
        return f"it gives a weight to every word of {where}, and on words that is hard to beat"
    if len(table.features) * 10 >= table.rows:
        columns, rows = count_of(len(table.features), "column"), count_of(table.rows, "row")
        return f"with {columns} for {rows} its penalty guards best against chance"
    if table.rows <= FEW_ROWS:
        return f"{count_of(table.rows, 'row')} ask for a simple model"
    return "quick, and hard to beat where effects simply add up"


def _why_boosting(table: Table) -> str:
    groups = grouped(table.features)
    if table.rows >= MANY_ROWS:
        return f"the strongest on most tables, and it has {table.rows:,} rows to learn from"
    if groups[MANY]:
        return f"it finds what goes together, and reads categories of many values such as {quoted(groups[MANY][0])} well"
    if groups[CATEGORIES] and groups[NUMBERS]:
        return "the strongest on most tables of mixed columns"
    return "it finds steps, bends and what goes together"


def _against_forest(table: Table) -> str | None:
    """Why it cannot keep up here; None where it can."""
    groups = grouped(table.features)
    if len(groups[TEXTS]) == len(table.features):
        return "its trees ask for one word at a time, and there is nothing but text"
    if table.rows > MOST_FOREST_ROWS or len(table.features) * table.rows > MOST_FOREST_CELLS:
        size = f"{count_of(table.rows, 'row')} and {count_of(len(table.features), 'column')}"
        return f"growing one on {size} would take the time of the others"
    if len(table.features) > MOST_FOREST_COLUMNS:
        return f"among {len(table.features):,} columns its trees seldom meet those that matter"
    if table.classes * table.rows > MOST_FOREST_SHARES and table.classes > 2:
        return f"with {table.classes} classes its trees would fill the memory"
    return None
