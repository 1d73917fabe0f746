"""Decide from the profile alone what will be trained, or say in one sentence why it cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Profile, Task
from dashapp.errors import CannotTrain
from dashapp.training.contenders import BLEND, BOOSTING, FOREST, LINEAR, Table, contenders
from dashapp.training.estimate import fits
from dashapp.training.features import MANY_FROM, planned_features
from dashapp.training.run import InputColumn, LeftOut, SplitKind, SplitPlan, TrainingPlan
from dashapp.training.split_plan import plan_split
from dashapp.training.target import MIN_ROWS, notes_on_target, settled_task, target_column

MAX_CATEGORIES = 1000
# Of a category with more than `MAX_CATEGORIES` values: from this share of different ones on there is nothing that repeats.
NEARLY_ALL = 0.8
# Columns that the means of the target may take, one for each category of many values and class; and rows a class that they need.
MOST_MEANS, ROWS_A_MEAN = 300, 10

_SCORES = {Task.BINARY: "ROC AUC", Task.MULTICLASS: "balanced accuracy", Task.REGRESSION: "R²"}
_REASONS = {
    ColumnKind.IDENTIFIER: "it names the row (nearly every value is different), so nothing can be learned from it",
    ColumnKind.CONSTANT: "it has the same value everywhere",
}
_TOLD_APART = "it says which rows belong together, and the test asks about ones that the model has never met"

__all__ = ["BLEND", "BOOSTING", "FOREST", "LINEAR", "MIN_ROWS", "plan_training", "reason_against"]


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
    memory_bytes: int | None = None,
) -> TrainingPlan:
    """Settle target, task, features and candidates; the profile's proposal fills what is None. Raises `CannotTrain`.

    `doubtful` maps the columns that a finding keeps out, such as a leak, to the reason. `memory_bytes` is what the trainer may use (None:
    unknown); a plan that needs more learns from fewer rows.
    """
    column = target_column(profile, target)
    chosen = settled_task(profile, column, task)
    split = plan_split(profile, column.name, exclude)
    features, left_out = _features(profile, column, chosen, exclude, doubtful or {}, split)
    classes = column.unique if chosen.is_classification else 0
    candidates, notes = contenders(Table(profile.rows - column.missing, features, classes), chosen)
    gaps = [each.name for each in profile.columns if each.missing]
    plan = TrainingPlan(
        target=column.name,
        task=chosen,
        features=features,
        left_out=left_out,
        candidates=candidates,
        budget_s=budget_s,
        seed=seed,
        score_name=_SCORES[chosen],
        loss_name="log loss" if chosen.is_classification else "RMSE",
        drop_duplicates=drop_duplicates,
        treatments=planned_features(features, gaps),
        split=split,
        notes=(*notes_on_target(profile, column, chosen), *notes),
    )
    return fits(plan, profile, memory_bytes)


def _features(
    profile: Profile, target: ColumnProfile, task: Task, exclude: Sequence[str], doubtful: Mapping[str, str], split: SplitPlan
) -> tuple[tuple[InputColumn, ...], tuple[LeftOut, ...]]:
    for name in exclude:
        if profile.column(name) is None:
            raise CannotTrain(f'There is no column "{name}" in this table, so it cannot be left out.', column=name)
        if name == target.name:
            raise CannotTrain(f'"{name}" is the target and cannot be left out; choose another target or keep it.', column=name)
    told_apart = {split.column: _TOLD_APART} if split.kind is SplitKind.GROUP else {}
    features: list[InputColumn] = []
    left_out: list[LeftOut] = []
    most_means = _most_means(target, task, profile.rows)
    for column in profile.columns:
        if column.name == target.name:
            continue
        reason = "you left it out" if column.name in exclude else doubtful.get(column.name) or told_apart.get(column.name)
        reason = reason or reason_against(column, profile.rows)
        if reason is not None:
            left_out.append(LeftOut(column.name, reason))
            continue
        feature = _input_column(column, many=most_means > 0)
        most_means -= feature.many
        features.append(feature)
    if not features:
        why = f" ({left_out[0].column}: {left_out[0].reason})" if left_out else ""
        raise CannotTrain(f'No column is left to predict "{target.name}" from{why}; add columns or leave fewer out.', column=target.name)
    return tuple(features), tuple(left_out)


def _most_means(target: ColumnProfile, task: Task, rows: int) -> int:
    """Columns that may be replaced by means of the target; each takes a place for every class of more than two."""
    outputs = target.unique if task is Task.MULTICLASS else 1
    return 0 if rows < ROWS_A_MEAN * outputs else MOST_MEANS // outputs


def reason_against(column: ColumnProfile, rows: int | None = None) -> str | None:
    """Why nothing can be learned from this column whatever the user decides; None where something can. `rows` are the table's."""
    if column.unique == 0:
        return "it is empty"
    if column.kind is ColumnKind.CATEGORY and column.unique > MAX_CATEGORIES and rows is not None:
        present = rows - column.missing
        if column.unique > NEARLY_ALL * present:
            return f"{column.unique:,} of its {present:,} values are different, so hardly any of them comes again"
    return _REASONS.get(column.kind)


def _input_column(column: ColumnProfile, *, many: bool) -> InputColumn:
    """`many`: whether a category of many values may be replaced by means of the target."""
    if column.kind.is_numeric:
        example: str | float | None = column.mean if column.example is None else _number(column.example, column.mean)
        low, high = column.minimum, column.maximum
        return InputColumn(
            *(column.name, column.kind), minimum=low, maximum=high, example=example, missing_as=column.missing_as, written=column.written
        )
    is_category = column.kind not in (ColumnKind.DATETIME, ColumnKind.TEXT)
    labels = tuple(entry.value for entry in column.top) if is_category else ()
    is_many = many and is_category and column.unique >= MANY_FROM
    return InputColumn(
        *(column.name, column.kind, labels), example=column.example, missing_as=column.missing_as, many=is_many, written=column.written
    )


def _number(text: str, otherwise: float | None) -> float | None:
    try:
        return float(text)
    except ValueError:
        return otherwise
