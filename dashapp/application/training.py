"""Asking for a training, cancelling it, and writing down how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from dashapp.application.planning import budget_of, planned
from dashapp.application.reading import TRIES, ready_dataset
from dashapp.application.services import Services
from dashapp.datasets.dataset import Dataset, Task
from dashapp.errors import Conflict
from dashapp.events.fact import EventType, Fact
from dashapp.training.run import Run, RunState, Stage, StageProgress, StageState, TrainingPlan


def start_training(
    services: Services,
    dataset_id: str,
    *,
    target: str | None = None,
    task: Task | None = None,
    budget_s: float | None = None,
    exclude: Sequence[str] = (),
    include: Sequence[str] = (),
) -> Run:
    """Queue a run. The same request while its run is unfinished gives that run, so a second click starts nothing.

    Columns that give the target away are left out unless they stand in `include`, as is what the dataset's reading leaves out.
    Raises `NotFound`, `InvalidRequest`, `CannotTrain`, or `Conflict` where the dataset is not ready.
    """
    budget = budget_of(services, budget_s)
    for _ in range(TRIES):
        dataset = ready_dataset(services, dataset_id, needs_files=True)
        plan, left_out = planned(services, dataset, target=target, task=task, budget_s=budget, exclude=exclude, include=include)
        if (run := _queue(services, dataset, _queued(dataset, plan, left_out))) is not None:
            return run
    raise Conflict(f"Others decide how {dataset.name} is read at this moment; try again.")


def _queue(services: Services, dataset: Dataset, run: Run) -> Run | None:
    """The run as it waits, or the one that waits already; None where the dataset has been read another way since it was planned."""
    with services.database.write() as transaction:
        if services.datasets.get(dataset.id, transaction).reading != dataset.reading:
            return None
        others = services.runs.unfinished(transaction)
        for other in others:
            if _request(other) == _request(run):
                return other
        if len(others) >= services.settings.max_runs:
            run = replace(run, message="Waiting for its turn: other trainings are before it")
        services.runs.add(transaction, run)
        _tell(
            services,
            transaction,
            run,
            EventType.USER_ACTION,
            f"Training of {run.target} on {run.dataset_name} was requested",
            "training_requested",
        )
    return run


def _request(run: Run) -> tuple[object, ...]:
    return run.dataset_id, run.target, run.task, run.budget_s, sorted(out.column for out in run.left_out)


def _queued(dataset: Dataset, plan: TrainingPlan, exclude: Sequence[str]) -> Run:
    return Run(
        id=uuid4().hex[:12],
        dataset_id=dataset.id,
        dataset_name=dataset.name,
        target=plan.target,
        task=plan.task,
        budget_s=plan.budget_s,
        seed=plan.seed,
        exclude=tuple(exclude),
        state=RunState.QUEUED,
        created_at=datetime.now(UTC),
        stage=Stage.PREPROCESSING,
        percent=0.0,
        message="Starting the trainer",
        stages=first_stages(dataset) + tuple(StageProgress(stage, StageState.WAITING) for stage in list(Stage)[2:]),
        score_name=plan.score_name,
        loss_name=plan.loss_name,
        left_out=plan.left_out,
    )


def first_stages(dataset: Dataset) -> tuple[StageProgress, ...]:
    """Uploading and validating, with what they really took when the file came."""
    return (
        StageProgress(Stage.UPLOADING, StageState.DONE, dataset.uploading_s),
        StageProgress(Stage.VALIDATING, StageState.DONE, dataset.validating_s),
    )


def cancel_training(services: Services, run_id: str, keep_best: bool = False) -> Run:
    """Ask a run to end: a queued one is cancelled at once, a running one by the dispatcher (or, with `keep_best`, by its trainer
    after it has kept the best model so far). Raises `NotFound`, or `Conflict` where the run is over."""
    with services.database.write() as transaction:
        run = services.runs.get(run_id, transaction)
        if run.state.is_finished:
            raise Conflict(f"This run is over already: it {_ENDED[run.state]}.")
        if run.is_cancel_requested and run.is_best_kept == keep_best:
            return run
        _tell(
            services,
            transaction,
            run,
            EventType.USER_ACTION,
            f"Training of {run.target} on {run.dataset_name} was cancelled",
            "training_cancelled",
        )
        if run.state is RunState.QUEUED:
            return end_run(services, transaction, run, RunState.CANCELLED)
        return services.runs.save(transaction, replace(run, is_cancel_requested=True, is_best_kept=keep_best, message="Cancelling"))


_ENDED = {
    RunState.SUCCEEDED: "succeeded",
    RunState.FAILED: "failed",
    RunState.CANCELLED: "was cancelled",
    RunState.INTERRUPTED: "was interrupted",
}


def end_run(
    services: Services,
    transaction: Connection,
    run: Run,
    state: RunState,
    *,
    error: str | None = None,
    model_id: str | None = None,
    result: Mapping[str, Any] | None = None,
) -> Run:
    """Write down how a run ended and the fact that tells of it; raises `Conflict` where the run cannot take that step.

    `result` replaces further fields of the run (its metrics, say).
    """
    if not run.state.can_become(state):
        raise Conflict(f"A run that is {run.state} cannot become {state}.")
    message = _last_message(run, state, error)
    kept = " and its best model so far was kept" if state is RunState.CANCELLED and model_id else ""
    ended = replace(
        run,
        state=state,
        ended_at=datetime.now(UTC),
        error=error,
        model_id=model_id,
        message=message,
        eta_s=None,
        eta_low_s=None,
        eta_high_s=None,
        stages=_stopped(run.stages) if state is not RunState.SUCCEEDED else run.stages,
        **(result or {}),
    )
    fact = Fact(
        EventType.TRAINING_COMPLETED,
        f"Training of {run.target} on {run.dataset_name} {_ENDED[state]}{kept}" + (f": {error}" if error else ""),
        _subject(ended),
        {"outcome": state.value, "metrics": dict(ended.metrics or {})},
    )
    services.log.append(transaction, fact)
    return services.runs.save(transaction, ended)


def _last_message(run: Run, state: RunState, error: str | None) -> str:
    if state is RunState.SUCCEEDED:
        return run.message
    return error or ("Cancelled" if state is RunState.CANCELLED else state.value.capitalize())


def _stopped(stages: tuple[StageProgress, ...]) -> tuple[StageProgress, ...]:
    return tuple(replace(each, state=StageState.STOPPED) if each.state is StageState.RUNNING else each for each in stages)


def _subject(run: Run) -> dict[str, str]:
    return {"run": run.id, "dataset": run.dataset_id, **({"model": run.model_id} if run.model_id else {})}


def _tell(services: Services, transaction: Connection, run: Run, kind: EventType, message: str, action: str) -> None:
    services.log.append(transaction, Fact(kind, message, _subject(run), {"action": action}))
