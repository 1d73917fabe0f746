"""The values of this room: the plan of a training, its progress, its result, and a run as it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from dashapp.datasets.dataset import ColumnKind, Task


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_finished(self) -> bool:
        return self not in (RunState.QUEUED, RunState.RUNNING)

    def can_become(self, state: RunState) -> bool:
        """The one place that knows the allowed steps of a run."""
        if self is RunState.QUEUED:
            return state in (RunState.RUNNING, RunState.CANCELLED, RunState.FAILED)
        return self is RunState.RUNNING and state.is_finished


class Stage(StrEnum):
    """The six stages in their order, with the words of the screen."""

    UPLOADING = "Uploading data"
    VALIDATING = "Validating data quality"
    PREPROCESSING = "Preprocessing features"
    TRAINING = "Training model"
    EVALUATING = "Evaluating performance"
    COMPLETE = "Training complete"


class StageState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class StageProgress:
    name: Stage
    state: StageState
    seconds: float | None = None


class CandidateState(StrEnum):
    WAITING = "waiting"
    TRAINING = "training"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model in the race. `score` is its best validation score so far (see `TrainingPlan.score_name`), `validation_loss` the
    loss at that point and `iterations` how many it has done. Ranked by `validation_loss`; `is_best` marks the current leader."""

    name: str
    state: CandidateState
    score: float | None = None
    validation_loss: float | None = None
    accuracy: float | None = None
    iterations: int = 0
    is_best: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One iteration of one candidate. Losses: log loss (nats) or RMSE (target's units). `accuracy` is None in a regression."""

    candidate: str
    iteration: int
    train_loss: float
    validation_loss: float
    validation_score: float
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A snapshot of a training; `points` are the curve points that are new since the last one. `percent` (0 to 100) counts work done
    and never goes back. `eta_s` is None while nothing is known."""

    stage: Stage
    percent: float
    message: str
    eta_s: float | None = None
    eta_low_s: float | None = None
    eta_high_s: float | None = None
    stages: tuple[StageProgress, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    points: tuple[CurvePoint, ...] = ()


@dataclass(frozen=True, slots=True)
class InputColumn:
    """A feature column that a caller sends. `labels` are the values seen in training (category and boolean kinds, most frequent
    first); `minimum` and `maximum` bound what was seen (numeric kinds). `missing_as` are spellings that meant a missing value."""

    name: str
    kind: ColumnKind
    labels: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    example: str | int | float | None = None
    missing_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What will be done, decided from the profile alone before anything is trained.

    `score_name` names the validation score: "ROC AUC", "balanced accuracy" or "R²"; `loss_name` the loss: "log loss" or "RMSE".
    """

    target: str
    task: Task
    features: tuple[InputColumn, ...]
    left_out: tuple[LeftOut, ...]
    candidates: tuple[str, ...]
    budget_s: float
    seed: int
    score_name: str
    loss_name: str
    drop_duplicates: bool = False


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """The result of a training.

    `pipeline` is a fitted scikit-learn Pipeline that takes a DataFrame with `inputs`' columns. `labels` are the classes as they are written
    in the file, in the order of the probabilities (empty in a regression). `metrics` are measured on the test set and `baseline` are the
    same for always guessing the commonest class or the mean. `check_rows` are up to 200 held-out rows as JSON-ready records and
    `check_outputs` what the pipeline answers for them (probabilities `[n, classes]`, or values `[n, 1]`).
    """

    pipeline: Any
    candidate: str
    plan: TrainingPlan
    inputs: tuple[InputColumn, ...]
    labels: tuple[str, ...]
    metrics: Mapping[str, float]
    baseline: Mapping[str, float]
    parameters: Mapping[str, Any]
    rows: Mapping[str, int]
    check_rows: tuple[Mapping[str, Any], ...]
    check_outputs: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A training as it is kept and shown. `version` grows with each write, so that a page can tell newer from older."""

    id: str
    dataset_id: str
    dataset_name: str
    target: str
    task: Task
    budget_s: float
    seed: int
    exclude: tuple[str, ...]
    state: RunState
    created_at: datetime
    stage: Stage
    percent: float
    message: str
    stages: tuple[StageProgress, ...]
    score_name: str
    loss_name: str
    left_out: tuple[LeftOut, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    eta_s: float | None = None
    eta_low_s: float | None = None
    eta_high_s: float | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    metrics: Mapping[str, float] | None = None
    baseline: Mapping[str, float] | None = None
    model_id: str | None = None
    error: str | None = None
    version: int = 0
    is_cancel_requested: bool = False
    is_best_kept: bool = False
