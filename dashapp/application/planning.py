"""The plan of a training: for a page or a program that asks before the start, for the run that is queued, and for its trainer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from dashapp.application.memory import trainer_memory_bytes
from dashapp.application.reading import leaks_for, left_out_by_findings, ready_dataset
from dashapp.application.services import Services
from dashapp.datasets.dataset import Dataset, Task
from dashapp.errors import CannotTrain, InvalidRequest
from dashapp.training.plan import plan_training
from dashapp.training.run import Run, TrainingPlan

SEED = 0
SHORTEST_BUDGET_S = 1.0
LONGEST_BUDGET_S = 24 * 3600.0


def plan_for(
    services: Services,
    dataset_id: str,
    *,
    target: str | None = None,
    task: Task | None = None,
    budget_s: float | None = None,
    exclude: Sequence[str] = (),
    include: Sequence[str] = (),
) -> TrainingPlan:
    """What `start_training` would do with the same words; nothing is queued. Raises as that does."""
    dataset = ready_dataset(services, dataset_id, needs_files=True)
    budget = budget_of(services, budget_s)
    return planned(services, dataset, target=target, task=task, budget_s=budget, exclude=exclude, include=include)[0]


def budget_of(services: Services, budget_s: float | None) -> float:
    """The budget that was asked for, or the usual one. Raises `InvalidRequest`."""
    budget = services.settings.budget_s if budget_s is None else budget_s
    if not SHORTEST_BUDGET_S <= budget <= LONGEST_BUDGET_S:
        raise InvalidRequest("The budget must be between 1 second and a day.", got=budget_s, expected="1 to 86400", example=60)
    return budget


def planned(
    services: Services,
    dataset: Dataset,
    *,
    target: str | None,
    task: Task | None,
    budget_s: float,
    exclude: Sequence[str],
    include: Sequence[str],
) -> tuple[TrainingPlan, list[str]]:
    """The plan, and the columns that the user leaves out of it, for this run or for all on this dataset. Raises `CannotTrain`."""
    for name in include:
        if dataset.profile.column(name) is None:
            raise CannotTrain(f'There is no column "{name}" in this table, so it cannot be put back.', column=name)
    plan = partial(plan_training, dataset.profile, budget_s=budget_s, seed=SEED, **_given(services, dataset))
    settled = plan(target=target, task=task, exclude=())
    never = [name for name, column in dataset.reading.columns.items() if column.use is False and dataset.profile.column(name)]
    left_out = [*dict.fromkeys([*exclude, *(name for name in never if name not in include and name != settled.target)])]
    leaks = leaks_for(services, dataset.id, settled.target, settled.task)
    doubtful = {name: reason for name, reason in left_out_by_findings(dataset, leaks, settled.target).items() if name not in include}
    return plan(target=settled.target, task=settled.task, exclude=left_out, doubtful=doubtful), left_out


def plan_of(services: Services, dataset: Dataset, run: Run) -> TrainingPlan:
    """The plan of a run that was queued, made again from what is kept of it."""
    return plan_training(
        dataset.profile,
        target=run.target,
        task=run.task,
        exclude=run.exclude,
        budget_s=run.budget_s,
        seed=run.seed,
        doubtful={out.column: out.reason for out in run.left_out},
        **_given(services, dataset),
    )


def _given(services: Services, dataset: Dataset) -> dict[str, Any]:
    """What neither the caller nor the run says: how the table is read, and the memory that a trainer may use."""
    return {"drop_duplicates": dataset.reading.drop_duplicates, "memory_bytes": trainer_memory_bytes(services.settings)}
