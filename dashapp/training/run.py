"""The values of this room: the plan of a training, its progress, and a run as it is kept. What comes of it is in `result`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dashapp.datasets.dataset import ColumnKind, Task, WrittenAs


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
    loss at that point and `iterations` how many it has done. Ranked by `validation_loss`; `is_best` marks the current leader.

    `trials` is how many settings of it were tried, `setting` says the best one in words; `is_tied` where the validation rows cannot
    tell it from the leader.
    """

    name: str
    state: CandidateState
    score: float | None = None
    validation_loss: float | None = None
    accuracy: float | None = None
    iterations: int = 0
    is_best: bool = False
    error: str | None = None
    trials: int = 0
    setting: str = ""
    is_tied: bool = False


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One iteration of one candidate. Losses: log loss (nats) or RMSE (target's units). `accuracy` is None in a regression.

    `trial` and `fold` count from 1 and tell the curves of one candidate apart; `elapsed_s` is seconds since the training began.
    """

    candidate: str
    iteration: int
    train_loss: float
    validation_loss: float
    validation_score: float
    accuracy: float | None = None
    trial: int = 1
    fold: int = 1
    elapsed_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ResourcePoint:
    """What the trainer uses at a moment: `cpu_share` 1.0 is one core kept busy; `memory_bytes` is its resident memory."""

    elapsed_s: float
    cpu_share: float
    memory_bytes: int


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


class Treatment(StrEnum):
    """What is made of a column; the plan decides it from the column's kind and from how many values it has."""

    NUMBER = "number"
    CATEGORY = "category"
    MANY_CATEGORIES = "many categories"
    DATE = "date"
    TEXT = "text"

    @classmethod
    def of(cls, kind: ColumnKind) -> Treatment:
        """That of a column with few values."""
        if kind.is_numeric:
            return cls.NUMBER
        return {ColumnKind.DATETIME: cls.DATE, ColumnKind.TEXT: cls.TEXT}.get(kind, cls.CATEGORY)


@dataclass(frozen=True, slots=True)
class InputColumn:
    """A feature column that a caller sends. `labels` are the values seen in training (category and boolean kinds, most frequent
    first); `minimum` and `maximum` bound what was seen (numeric kinds). `missing_as` are spellings that meant a missing value, and
    `written` says how the values were written in the file (models of older programs have its defaults)."""

    name: str
    kind: ColumnKind
    labels: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    example: str | int | float | None = None
    missing_as: tuple[str, ...] = ()
    many: bool = False
    written: WrittenAs = field(default_factory=WrittenAs)

    @property
    def treatment(self) -> Treatment:
        treatment = Treatment.of(self.kind)
        return Treatment.MANY_CATEGORIES if self.many and treatment is Treatment.CATEGORY else treatment


@dataclass(frozen=True, slots=True)
class LeftOut:
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlannedCandidate:
    """`reason` says why it races, in a sentence."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlannedFeatures:
    """`what` is done to `columns`, in a sentence without them."""

    columns: tuple[str, ...]
    what: str


class SplitKind(StrEnum):
    RANDOM = "random"
    TIME = "time"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """How the rows are parted into those that are learned from and the test. `column` orders them (time) or tells what belongs together
    (group); `reason` is a sentence."""

    kind: SplitKind = SplitKind.RANDOM
    column: str | None = None
    reason: str = "A fifth of the rows, drawn at random, is kept for the test."


@dataclass(frozen=True, slots=True)
class Estimate:
    """Before the start: seconds that the training will take, at least and at most, and the most memory of the trainer."""

    low_s: float
    high_s: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What will be done, decided from the profile alone before anything is trained.

    `score_name` names the validation score: "ROC AUC", "balanced accuracy" or "R²"; `loss_name` the loss: "log loss" or "RMSE".
    `many` in an `InputColumn` is true for a category with too many values for a place each. `most_rows` bounds the rows that are learned
    from where all would not fit in memory; `notes` are sentences on what was made smaller and why.
    """

    target: str
    task: Task
    features: tuple[InputColumn, ...]
    left_out: tuple[LeftOut, ...]
    candidates: tuple[PlannedCandidate, ...]
    budget_s: float
    seed: int
    score_name: str
    loss_name: str
    drop_duplicates: bool = False
    treatments: tuple[PlannedFeatures, ...] = ()
    split: SplitPlan = SplitPlan()
    most_rows: int | None = None
    notes: tuple[str, ...] = ()
    estimate: Estimate | None = None


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
    intervals: Mapping[str, tuple[float, float]] | None = None
    model_id: str | None = None
    error: str | None = None
    version: int = 0
    is_cancel_requested: bool = False
    is_best_kept: bool = False
