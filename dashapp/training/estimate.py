"""What a training will take, told before it starts: seconds from and to, and the most memory; and what to do where that is too much.

Every figure of the calibration stands at the top; a unit of work is one encoded cell that is gone through once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log10, sqrt

from dashapp.datasets.dataset import ColumnKind, Profile
from dashapp.training.contenders import BOOSTING, FOREST
from dashapp.training.features.blocks import MOST_TERMS, TOPICS, places, ramps_for
from dashapp.training.parts import DATE_PARTS
from dashapp.training.run import Estimate, InputColumn, TrainingPlan, Treatment
from dashapp.training.split import FOLDS, MOST_CROSS_VALIDATED

# Seconds.
START_S = 1.0
A_CELL_ENCODED_S = 2e-8
A_WORD_READ_S = 1.5e-6
A_LINEAR_CELL_S = 4e-7
A_BOOSTED_CELL_S = 3e-7
A_BOOSTED_CLASS_S = 0.25  # the trees of one class on a table of few rows
A_FOREST_CELL_S = 2.5e-6  # of the root of the columns, as so many are looked at in each node
A_FOREST_S = 0.4
SETTINGS = 4  # trainings that a race comes to for each candidate, counting those that it ends early
# A training that uses its budget up ends between these: it stops where the last fits are thought to take what is left.
LEAST_OF_BUDGET, MOST_OF_BUDGET, MOST_AFTER_S = 0.6, 1.1, 3.0
# Trials end when they no longer improve, and hopeless families are not tried further.
NEEDED = 0.65
SPREAD = 2.2  # how far the truth may lie from the middle of the range, as a factor
RACED_ROWS_A_SECOND = 1_000
# Bytes.
LIBRARIES = 300_000_000
A_WORD_KEPT, A_LABEL_KEPT, A_CHARACTER = 14, 16, 1
COPIES_OF_TABLE = 2.2  # the table, its usable rows and the typed frame, not all at the same time
COPIES_OF_CELLS = 2.2  # an encoded matrix, and what the estimator makes of it
A_TREE_NODE = 90
FEWEST_ROWS = 2_000
CHARACTERS_A_WORD = 6.0
FEWEST_WORDS = 20.0


@dataclass(frozen=True, slots=True)
class Size:
    """Of a table as it will be encoded: `linear` and `trees` are dense columns (`numbers` of the linear model not counted), `words` those
    of the texts of a row, `outputs` what a model answers for a row."""

    rows: int
    table_bytes: int
    linear: float
    numbers: int
    trees: float
    words: float
    outputs: int


def estimate(plan: TrainingPlan, profile: Profile) -> Estimate:
    """Of the plan as it stands, `most_rows` included."""
    size = size_of(plan, profile)
    learned = size.rows if plan.most_rows is None else min(size.rows, plan.most_rows)
    needed = START_S + NEEDED * seconds_of(plan, size, learned)
    most = plan.budget_s * MOST_OF_BUDGET + MOST_AFTER_S
    low, high = needed / SPREAD, needed * SPREAD
    if high >= plan.budget_s:
        high = most
    low = min(low, LEAST_OF_BUDGET * plan.budget_s)
    return Estimate(round(low, 1), round(max(high, low + 1.0) if high < most else most, 1), bytes_of(plan, size, learned))


def fits(plan: TrainingPlan, profile: Profile, memory_bytes: int | None) -> TrainingPlan:
    """The plan with its estimate; where that is more than `memory_bytes`, learning from fewer rows, with a note that says so."""
    whole = estimate(plan, profile)
    if memory_bytes is None or whole.memory_bytes <= memory_bytes:
        return replace(plan, estimate=whole)
    size = size_of(plan, profile)
    rows = _rows_that_fit(plan, size, memory_bytes)
    smaller = replace(plan, most_rows=rows)
    smaller = replace(smaller, estimate=estimate(smaller, profile))
    return replace(smaller, notes=(*plan.notes, _note(whole.memory_bytes, rows, size.rows, memory_bytes, smaller.estimate)))


def _rows_that_fit(plan: TrainingPlan, size: Size, memory_bytes: int) -> int:
    """To two digits, `FEWEST_ROWS` at least; memory grows with the rows."""
    low, high = min(FEWEST_ROWS, size.rows), size.rows
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if bytes_of(plan, size, middle) <= memory_bytes else (low, middle)
    digits = int(10 ** max(0, int(log10(low)) - 1))
    return max(low // digits * digits, min(FEWEST_ROWS, size.rows))


def _note(whole: int, rows: int, of: int, memory_bytes: int, after: Estimate | None) -> str:
    said = f"The table would need about {in_gigabytes(whole)}; {rows:,} of its {of:,} rows are learned from, "
    if after is not None and after.memory_bytes > memory_bytes:
        return f"{said}and even so it may not fit into {in_gigabytes(memory_bytes)}; leave columns out."
    return f"{said}so that it fits into {in_gigabytes(memory_bytes)}."


def in_gigabytes(count: int) -> str:
    if count < 1_000_000_000:
        return f"{max(count, 1_000_000) / 1_000_000:,.0f} MB"
    return f"{count / 1_000_000_000:.1f}".removesuffix(".0") + " GB"


def size_of(plan: TrainingPlan, profile: Profile) -> Size:
    """From the profile alone."""
    columns = {column.name: column for column in profile.columns}
    target = columns[plan.target]
    classes = target.unique if plan.task.is_classification else 0
    outputs = classes if classes > 2 else 1
    places_each = places(plan.features)
    linear = trees = words = 0.0
    numbers = 0
    for column in plan.features:
        gaps, unique = columns[column.name].missing > 0, columns[column.name].unique
        if column.treatment is Treatment.NUMBER:
            linear, numbers, trees = linear + gaps, numbers + 1, trees + 1
        elif column.treatment is Treatment.DATE:
            parts = len(DATE_PARTS)
            linear, numbers, trees = linear + parts * gaps, numbers + parts, trees + parts
        elif column.treatment is Treatment.CATEGORY:
            linear, trees = linear + min(unique + gaps, places_each), trees + 1
        elif column.treatment is Treatment.MANY_CATEGORIES:
            linear, trees = linear + places_each + outputs, trees + 1 + outputs
        else:
            words += _words_of(column)
    return Size(profile.rows - target.missing, _table_bytes(profile), linear, numbers, trees + (TOPICS if words else 0), words, outputs)


def _words_of(column: InputColumn) -> float:
    known = len(column.example) / CHARACTERS_A_WORD if isinstance(column.example, str) else 0.0
    return max(FEWEST_WORDS, known)


def _table_bytes(profile: Profile) -> int:
    """In memory, as numbers and as texts."""
    total = 0.0
    for column in profile.columns:
        if column.kind.is_numeric or column.kind is ColumnKind.DATETIME:
            total += 8.0
        else:
            shown = [column.example or "", *(entry.value for entry in column.top[:5])]
            total += A_LABEL_KEPT + A_CHARACTER * sum(map(len, shown)) / len(shown)
    return int(total * profile.rows)


def seconds_of(plan: TrainingPlan, size: Size, learned: int) -> float:
    """Of a race that goes on until nothing improves, and of the final fits."""
    raced = min(learned * 0.64, max(10_000.0, RACED_ROWS_A_SECOND * plan.budget_s))
    folds = FOLDS if learned * 0.8 <= MOST_CROSS_VALIDATED else 1
    each = _with_ramps(plan, size, raced)
    fits_to_come = folds * SETTINGS + 2 * learned / max(raced, 1.0)
    return sum(
        _one_fit(planned.name, each, raced) * fits_to_come + _encoding(planned.name, each, raced) * (folds + 2 * learned / max(raced, 1.0))
        for planned in plan.candidates
    )


def _with_ramps(plan: TrainingPlan, size: Size, rows: float) -> Size:
    """The linear columns with those of the numbers, as many as so many rows allow."""
    return replace(size, linear=size.linear + size.numbers * max(1, ramps_for(plan.features, int(rows))))


def _encoding(name: str, size: Size, rows: float) -> float:
    width = size.trees if name in (BOOSTING, FOREST) else size.linear
    return rows * (width * A_CELL_ENCODED_S + size.words * A_WORD_READ_S)


def _one_fit(name: str, size: Size, rows: float) -> float:
    if name == BOOSTING:
        return size.outputs * (A_BOOSTED_CLASS_S + rows * size.trees * A_BOOSTED_CELL_S)
    if name == FOREST:
        return A_FOREST_S + rows * sqrt(size.trees) * A_FOREST_CELL_S * sqrt(size.outputs)
    return rows * (size.linear + 2 * size.words) * size.outputs * A_LINEAR_CELL_S


def bytes_of(plan: TrainingPlan, size: Size, learned: int) -> int:
    """At the worst moment: the table, and the encoded rows of the candidate that takes most."""
    each = _with_ramps(plan, size, learned)
    encoded = max(_bytes_encoded(planned.name, each, learned) for planned in plan.candidates)
    return int(LIBRARIES + COPIES_OF_TABLE * size.table_bytes * _share_kept(size, learned) + encoded)


def _share_kept(size: Size, learned: int) -> float:
    """The whole table is read once; only what is learned from is copied."""
    return (1.0 + (COPIES_OF_TABLE - 1.0) * learned / max(size.rows, 1)) / COPIES_OF_TABLE


def _bytes_encoded(name: str, size: Size, rows: int) -> float:
    vocabulary = MOST_TERMS * 200 if size.words else 0
    if name == BOOSTING:
        return rows * (size.trees * 9 + 8 * size.outputs * 3) + rows * 8 * size.trees * (COPIES_OF_CELLS - 1) + vocabulary
    if name == FOREST:
        nodes = min(rows, 100_000) * 200
        return rows * size.trees * 12 + nodes * (A_TREE_NODE + 8 * size.outputs) * 0.5 + vocabulary
    # The words beside them make a sparse matrix of all.
    if size.words:
        return rows * (size.linear + 2 * size.words) * A_WORD_KEPT * COPIES_OF_CELLS + vocabulary
    return rows * size.linear * 8 * COPIES_OF_CELLS + rows * size.outputs * 16
