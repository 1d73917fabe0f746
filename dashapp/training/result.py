"""The values that a training leaves behind: how it was carried out, what was measured, why the model says what it says.

All but the pipeline itself and the answers for the test rows are plain values that JSON can hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.training.run import InputColumn, TrainingPlan

Setting = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """One model of the final blend: a candidate's name, the setting that a fit needs (hyper-parameters, iterations, seed; JSON values
    only) and its weight. The weights of a blend add up to 1."""

    candidate: str
    setting: Setting
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which probability of `label` on a row is called `label`: tuned on the validation rows where the classes are imbalanced.

    `tuned_for` names the measure, in `before` (at 0.5) and `after` it stands as it was on the validation rows.
    """

    label: str
    value: float
    tuned_for: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Bands:
    """Prediction intervals of a regression, conformal: for a prediction p in the bin between two `edges` (len(low) - 1 of them) the
    interval is [p + low, p + high]. `coverage` is what was asked for, `measured` the share of test rows that fell inside."""

    coverage: float
    edges: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    measured: float | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A training as it was carried out: with the same table it gives the same model and the same scores to 1e-9 (`training.fit`).

    `temperature` calibrates the probabilities (1: as they are); `most_rows` bounds the rows of the final fits (None: all); `versions`
    are those of the libraries that took part.
    """

    plan: TrainingPlan
    members: tuple[Member, ...]
    temperature: float = 1.0
    threshold: Threshold | None = None
    bands: Bands | None = None
    most_rows: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scores:
    """Measured on the test rows. `metrics` by key (log_loss, accuracy, balanced_accuracy, f1, roc_auc; rmse, mae, r2), `intervals` their
    95 % bootstrap intervals, `baseline` the same figures for always guessing the commonest class or the mean.

    `verdict` is a sentence; `ties` names the candidates that the validation rows could not tell from the winner.
    """

    metrics: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    baseline: Mapping[str, float]
    verdict: str
    is_better: bool
    ties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Importance:
    """How much worse the loss (see `TrainingPlan.loss_name`) is on the test rows when this column is shuffled: the mean of the shuffles
    and its 95 % interval. `share` is the part of all columns' means (0 where it does not help)."""

    column: str
    mean: float
    low: float
    high: float
    share: float


@dataclass(frozen=True, slots=True)
class EffectPoint:
    """`at` is a number, a label or an ISO date; `mean` the mean prediction (by class: in the order of the labels) with every row set to
    it; `rows` the share of the rows that are near it."""

    at: float | str
    mean: tuple[float, ...]
    rows: float


@dataclass(frozen=True, slots=True)
class Effect:
    """Partial dependence of one column."""

    column: str
    points: tuple[EffectPoint, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A named curve: ROC (x false, y true positive rate), precision-recall (x recall, y precision), calibration (x predicted, y observed).
    `area` under it where that means something; `rows` by point for the calibration."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    area: float | None = None
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of the test set that have something in common (`where`: a sentence such as "sex is female"), and how the model does on them:
    accuracy or RMSE with a 95 % interval. `is_worse` where even the interval lies beyond the whole test set's figure."""

    where: str
    column: str
    rows: int
    value: float
    low: float
    high: float
    is_worse: bool


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one column's value adds to this row's score (probability of the predicted class, or the value), against `RowReasons.start`."""

    column: str
    value: str | float | int | None
    amount: float


@dataclass(frozen=True, slots=True)
class RowReasons:
    """`start` (the mean of background rows) plus all `contributions` is `score`. `of` is the label whose probability is explained, None
    in a regression."""

    start: float
    score: float
    of: str | None
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class WorstRow:
    """A test row that the model got most wrong. `row` counts the table's rows from 1; `loss` is -ln p(truth) or the absolute error."""

    row: int
    values: Mapping[str, Any]
    truth: str | float
    predicted: str | float
    share: float | None
    loss: float
    reasons: RowReasons | None = None


@dataclass(frozen=True, slots=True)
class Confusion:
    """`counts[i][j]`: test rows of class i that were called j."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why, computed by the trainer on the test rows. What does not apply to the task is empty or None; what the time did not suffice
    for is named in `skipped`, a sentence each. `background` are rows that single rows are explained against (JSON-ready records)."""

    importances: tuple[Importance, ...] = ()
    effects: tuple[Effect, ...] = ()
    confusion: Confusion | None = None
    roc: tuple[Line, ...] = ()
    precision_recall: tuple[Line, ...] = ()
    calibration: tuple[Line, ...] = ()
    residuals: tuple[tuple[float, float], ...] = ()
    slices: tuple[Slice, ...] = ()
    worst: tuple[WorstRow, ...] = ()
    background: tuple[Mapping[str, Any], ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What was answered for each test row by the model that had not seen them, so that another model can be compared on the same rows.

    `rows` are places in the table as it was read, `truth` codes into the labels or values; `said` is the probability of the second of
    two classes, the code that was called of several, or the value.
    """

    rows: NDArray[np.int64]
    truth: NDArray[np.float64]
    said: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """The result of a training.

    `model` is a fitted `parts.Blend` that takes a DataFrame with `inputs`' columns; it was fitted on all rows after the scores were
    taken from one that had never seen the test rows. `labels` are the classes as they are written in the file, in the order of the
    probabilities (empty in a regression). `check_rows` are up to 200 test rows as JSON-ready records and `check_outputs` what `model`
    answers for them (probabilities `[n, classes]`, or values `[n, 1]`).
    `held_out` is what was scored.
    """

    model: Any
    candidate: str
    record: Record
    inputs: tuple[InputColumn, ...]
    labels: tuple[str, ...]
    scores: Scores
    explanation: Explanation
    rows: Mapping[str, int]
    check_rows: tuple[Mapping[str, Any], ...]
    check_outputs: tuple[tuple[float, ...], ...]
    held_out: HeldOut | None = None

    @property
    def plan(self) -> TrainingPlan:
        return self.record.plan
