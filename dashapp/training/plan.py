"""Decide from the profile alone what will be trained, or say in one sentence why it cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Profile, Task
from dashapp.datasets.target.propose import MOST_CLASSES
from dashapp.datasets.wording import count_of
from dashapp.errors import CannotTrain
from dashapp.training.run import InputColumn, LeftOut, TrainingPlan

MIN_ROWS = 10
MAX_CATEGORIES = 1000
MAX_CLASSES_OF_INTEGERS = 20

LINEAR = {True: "Logistic regression", False: "Linear regression"}
FOREST = "Random forest"
BOOSTING = "Gradient boosting"

_SCORES = {Task.BINARY: "ROC AUC", Task.MULTICLASS: "balanced accuracy", Task.REGRESSION: "R²"}
_REASONS = {
    ColumnKind.IDENTIFIER: "it names the row (nearly every value is different), so nothing can be learned from it",
    ColumnKind.TEXT: "it is free text, which these models cannot read",
    ColumnKind.CONSTANT: "it has the same value everywhere",
}


def plan_training(
    profile: Profile,
    *,
    target: str | None,
    task: Task | None,
    exclude: Sequence[str],
    budget_s: float,
    seed: int,
    doubtful: Mapping[str, str] | None = None,
    drop_duplicates: bool = False,
) -> TrainingPlan:
    """Settle target, task, features and candidates; the profile's proposal fills what is None. Raises `CannotTrain`.

    `doubtful` maps the columns that a finding keeps out, such as a leak, to the reason.
    """
    column = _target_column(profile, target)
    chosen = _checked_task(column, task or _proposed_task(profile, column), profile.rows - column.missing)
    features, left_out = _features(profile, column.name, exclude, doubtful or {})
    return TrainingPlan(
        target=column.name,
        task=chosen,
        features=features,
        left_out=left_out,
        candidates=(LINEAR[chosen.is_classification], BOOSTING, FOREST),
        budget_s=budget_s,
        seed=seed,
        score_name=_SCORES[chosen],
        loss_name="log loss" if chosen.is_classification else "RMSE",
        drop_duplicates=drop_duplicates,
    )


def _target_column(profile: Profile, target: str | None) -> ColumnProfile:
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


def _checked_task(column: ColumnProfile, task: Task, usable: int) -> Task:
    """The task as it will be done: two classes are always binary."""
    name = column.name
    if column.kind is ColumnKind.DATETIME:
        raise CannotTrain(f'"{name}" holds dates, which cannot be predicted; choose another target.', column=name)
    if task is Task.REGRESSION:
        if not column.kind.is_numeric:
            raise CannotTrain(f'"{name}" does not hold numbers, so no regression is possible; choose a classification.', column=name)
        return task
    if column.unique >= usable:
        advice = "choose a regression" if column.kind.is_numeric else "choose another target"
        raise CannotTrain(f'Every row has a different "{name}", so no class has two examples; {advice}.', column=name)
    if column.unique > MOST_CLASSES:
        advice = "choose a regression" if column.kind.is_numeric else "choose a target with fewer values"
        raise CannotTrain(f'"{name}" has {column.unique:,} classes; at most {MOST_CLASSES} can be learned, {advice}.', column=name)
    if task is Task.BINARY and column.unique > 2:
        raise CannotTrain(f'"{name}" has {column.unique} classes, not two; choose the task multiclass.', column=name)
    return Task.BINARY if column.unique == 2 else Task.MULTICLASS


def _features(
    profile: Profile, target: str, exclude: Sequence[str], doubtful: Mapping[str, str]
) -> tuple[tuple[InputColumn, ...], tuple[LeftOut, ...]]:
    for name in exclude:
        if profile.column(name) is None:
            raise CannotTrain(f'There is no column "{name}" in this table, so it cannot be left out.', column=name)
        if name == target:
            raise CannotTrain(f'"{name}" is the target and cannot be left out; choose another target or keep it.', column=name)
    features: list[InputColumn] = []
    left_out: list[LeftOut] = []
    for column in profile.columns:
        if column.name == target:
            continue
        reason = "you left it out" if column.name in exclude else doubtful.get(column.name) or reason_against(column)
        if reason is None:
            features.append(_input_column(column))
        else:
            left_out.append(LeftOut(column.name, reason))
    if not features:
        raise CannotTrain(f'No column is left to predict "{target}" from; add columns or leave fewer out.', column=target)
    return tuple(features), tuple(left_out)


def reason_against(column: ColumnProfile) -> str | None:
    """Why nothing can be learned from this column whatever the user decides; None where something can."""
    if column.unique == 0:
        return "it is empty"
    if column.kind is ColumnKind.CATEGORY and column.unique > MAX_CATEGORIES:
        return f"it has {column.unique:,} different values, more than the {MAX_CATEGORIES:,} that can be learned"
    return _REASONS.get(column.kind)


def _input_column(column: ColumnProfile) -> InputColumn:
    if column.kind.is_numeric:
        example: str | float | None = column.mean if column.example is None else _number(column.example, column.mean)
        low, high = column.minimum, column.maximum
        return InputColumn(column.name, column.kind, minimum=low, maximum=high, example=example, missing_as=column.missing_as)
    labels = () if column.kind is ColumnKind.DATETIME else tuple(entry.value for entry in column.top)
    return InputColumn(column.name, column.kind, labels=labels, example=column.example, missing_as=column.missing_as)


def _number(text: str, otherwise: float | None) -> float | None:
    try:
        return float(text)
    except ValueError:
        return otherwise
