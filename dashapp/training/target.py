"""What is to be predicted: the column and the task, or in one sentence why they cannot be."""

from __future__ import annotations

import math

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Profile, Task
from dashapp.datasets.target.propose import MOST_CLASSES
from dashapp.datasets.wording import count_of, quoted
from dashapp.errors import CannotTrain

MIN_ROWS = 10
MAX_CLASSES_OF_INTEGERS = 20
# LightGBM keeps values as float32, which end at 3e38, and adds up their differences.
LARGEST_VALUE = 1e30


def target_column(profile: Profile, target: str | None) -> ColumnProfile:
    name = profile.target.name if target is None else target
    if name is None:
        raise CannotTrain(profile.target.reason)
    column = profile.column(name)
    if column is None:
        raise CannotTrain(f'There is no column "{name}" in this table; choose the target from its columns.', column=name)
    usable = profile.rows - column.missing
    if usable == 0 or column.unique == 0:
        raise CannotTrain(f'The target "{name}" is empty in every row; choose another target.', column=name)
    if usable < MIN_ROWS:
        few = count_of(usable, "row")
        raise CannotTrain(f'Only {few} with a value in "{name}"; add rows until there are at least {MIN_ROWS}.', column=name)
    if column.unique < 2:
        raise CannotTrain(f'Every row has the same "{name}", so there is nothing to tell apart; choose another target.', column=name)
    return column


def settled_task(profile: Profile, column: ColumnProfile, task: Task | None) -> Task:
    """The task as it will be done, the profile's proposal where none is asked for: two classes are always binary."""
    task = task or _proposed_task(profile, column)
    name = column.name
    if column.kind is ColumnKind.DATETIME:
        raise CannotTrain(f'"{name}" holds dates, which cannot be predicted; choose another target.', column=name)
    if task is Task.REGRESSION:
        if not column.kind.is_numeric:
            raise CannotTrain(f'"{name}" does not hold numbers, so no regression is possible; choose a classification.', column=name)
        _check_size(column)
        return task
    classes = _checked_classes(column, profile.rows - column.missing)
    if task is Task.BINARY and classes > 2:
        raise CannotTrain(f'"{name}" has {classes} classes, not two; choose the task multiclass.', column=name)
    return Task.BINARY if classes == 2 else Task.MULTICLASS


def notes_on_target(profile: Profile, column: ColumnProfile, task: Task) -> tuple[str, ...]:
    """Which rows have no say because of their target."""
    name = quoted(column.name)
    notes = [
        f"{count_of(found.row_count, 'row')} with an infinite {name} {'is' if found.row_count == 1 else 'are'} not used."
        for found in profile.warnings
        if found.code == "infinite" and found.column == column.name
    ]
    infinite = sum(found.row_count for found in profile.warnings if found.code == "infinite" and found.column == column.name)
    if column.missing > infinite:
        count = column.missing - infinite
        notes.append(f"{count_of(count, 'row')} without a value in {name} {'is' if count == 1 else 'are'} not used.")
    if task.is_classification and column.smallest_class == 1:
        single = [entry.value for entry in column.top if entry.count == 1]
        which = f"The class {quoted(single[0])} of {name}" if len(single) == 1 else f"Each class of {name} with a single row"
        notes.append(f"{which} is dropped: with one row it cannot be both learned and tested.")
    return tuple(notes)


def learnable_classes(column: ColumnProfile) -> int:
    """Those of two rows or more; where the profile does not tell, all of them."""
    counts = [entry.count for entry in column.top]
    is_known = counts and (column.unique <= len(counts) or counts[-1] == 1)
    return sum(count > 1 for count in counts) if is_known else column.unique


def _proposed_task(profile: Profile, column: ColumnProfile) -> Task:
    if profile.target.name == column.name and profile.target.task is not None:
        return profile.target.task
    for option in profile.target.alternatives:
        if option.name == column.name:
            return option.task
    many = column.kind is ColumnKind.NUMBER or column.unique > MAX_CLASSES_OF_INTEGERS
    if column.kind.is_numeric and many and column.unique > 2:
        return Task.REGRESSION
    return Task.BINARY if column.unique == 2 else Task.MULTICLASS


def _check_size(column: ColumnProfile) -> None:
    low, high = column.minimum or 0.0, column.maximum or 0.0
    largest = max(low, high, key=abs)
    if abs(largest) > LARGEST_VALUE:
        goes = f"{'go down' if largest < 0 else 'go up'} to {largest:.3g}"
        advice = f"divide them by 1e+{math.floor(math.log10(abs(largest)))} or leave out the rows in which they are so large"
        raise CannotTrain(f'The values of "{column.name}" {goes}, too large to calculate with; {advice}.', column=column.name)


def _checked_classes(column: ColumnProfile, usable: int) -> int:
    """How many can be learned."""
    name, is_numeric = column.name, column.kind.is_numeric
    if column.unique >= usable:
        advice = "choose a regression" if is_numeric else "choose another target"
        raise CannotTrain(f'Every row has a different "{name}", so no class has two examples; {advice}.', column=name)
    if column.unique > MOST_CLASSES:
        advice = "choose a regression" if is_numeric else "choose a target with fewer values"
        raise CannotTrain(f'"{name}" has {column.unique:,} classes; at most {MOST_CLASSES} can be learned, {advice}.', column=name)
    classes = learnable_classes(column)
    if classes < 2:
        raise CannotTrain(
            f'Only one value of "{name}" has more than one row; add rows of the others or choose another target.', column=name
        )
    left = usable - (column.unique - classes)
    if left < MIN_ROWS:
        raise CannotTrain(
            f'Only {count_of(left, "row")} are left once the classes of "{name}" with a single row are dropped; add rows until there are '
            f"at least {MIN_ROWS}.",
            column=name,
        )
    return classes
