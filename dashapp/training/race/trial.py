"""A trial: one setting of one family, and how it did on the validation rows of each fold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from dashapp.training.families.family import Family
from dashapp.training.features import FloatArray
from dashapp.training.result import Setting


@dataclass(slots=True)
class FoldRun:
    """What a trial found on one fold, step by step. `seconds` is how long it took to learn up to a step, predictions left out; of
    `outputs` (for the validation rows; probabilities as float32) only the best may be kept. `row_bytes` is what an encoded row takes."""

    rows: int
    validation_rows: int
    encode_s: float = 0.0
    total_s: float = 0.0
    iterations: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    outputs: dict[int, FloatArray] = field(default_factory=dict)
    row_bytes: float = 0.0

    @property
    def learned_s(self) -> float:
        """What grows with the rows: encoding and learning. The rest of `total_s` went to the outputs, which are of a set number of rows."""
        return min(self.total_s, self.encode_s + (self.seconds[-1] if self.seconds else 0.0))

    def grown_s(self, growth: float) -> float:
        """Seconds of such a fold were learning to take `growth` times as long."""
        return self.learned_s * growth + self.total_s - self.learned_s

    def loss_at(self, step: int) -> float:
        """A fold that ended earlier stays where it ended."""
        return self.losses[min(step, len(self.losses) - 1)]

    def output_at(self, step: int) -> FloatArray:
        """The nearest that was kept."""
        return self.outputs[min(self.outputs, key=lambda kept: abs(kept - step))]

    def cut_at(self, steps: int, total_s: float) -> FoldRun:
        """The first steps alone, as one that another thread still adds to."""
        outputs = {step: output for step, output in list(self.outputs.items()) if step < steps}
        return replace(
            self,
            total_s=total_s,
            iterations=self.iterations[:steps],
            losses=self.losses[:steps],
            settings=self.settings[:steps],
            seconds=self.seconds[:steps],
            outputs=outputs,
        )

    def keep_only(self, step: int) -> None:
        self.outputs = {step: self.output_at(step)}


def grown_by(family: Family, rows: int, more: int) -> float:
    """How many times longer learning takes on `more` rows than on `rows`."""
    return (more + family.fixed_rows) / (rows + family.fixed_rows)


class Standing(Enum):
    OPEN = "open"
    LET_GO = "let go"
    COMPLETE = "complete"
    FAILED = "failed"


@dataclass(slots=True)
class Trial:
    """`number` counts the trials of its family from 1. `limit` bounds the rows of a first glimpse (None: all that the race learns from).

    `runs` are the folds that are through, in their order; the best step is that of the least loss over all of them together, so
    that no fold picks its own.
    """

    family: Family
    setting: Setting
    number: int
    folds: int
    is_squared: bool
    limit: int | None = None
    runs: list[FoldRun] = field(default_factory=list)
    ahead: dict[int, FoldRun] = field(default_factory=dict)
    standing: Standing = Standing.OPEN
    error: str | None = None
    best: int = 0
    loss: float = np.inf
    score: float | None = None
    accuracy: float | None = None

    @property
    def is_open(self) -> bool:
        return self.standing is Standing.OPEN

    def add(self, fold: int, run: FoldRun) -> None:
        """A fold that is through; it counts once those before it are, and not where the trial has been let go."""
        if not self.is_open:
            return
        self.ahead[fold] = run
        while len(self.runs) in self.ahead:
            self.runs.append(self.ahead.pop(len(self.runs)))
        if not self.runs:
            return
        curve = self._curve(len(self.runs))
        self.best = int(np.argmin(curve))
        self.loss = float(curve[self.best])
        if len(self.runs) == self.folds:
            self.standing = Standing.COMPLETE
            for each in self.runs:
                each.keep_only(self.best)

    def let_go(self) -> None:
        """It will get no more folds."""
        self.standing = Standing.LET_GO
        self.ahead.clear()
        for each in self.runs:
            each.keep_only(self.best)

    def loss_over(self, folds: int) -> float:
        """The least loss over the first folds together."""
        return float(self._curve(folds).min()) if 0 < folds <= len(self.runs) else np.inf

    def output_over(self, folds: int) -> FloatArray:
        """Outputs for the validation rows of the first folds, one fold after the other."""
        return np.concatenate([run.output_at(self.best) for run in self.runs[:folds]]).astype(np.float64)

    def reached(self) -> Setting:
        """The setting with what the best step adds to it."""
        longest = max(self.runs, key=lambda run: len(run.losses))
        return longest.settings[self.best]

    def fit_s(self, rows: int, setting: Setting) -> float:
        """Seconds that a fit of `setting` takes on so many rows, from what the folds took."""
        run = max(self.runs, key=lambda run: run.total_s / max(1, run.rows))
        at = min(self.best, len(run.losses) - 1)
        growth = setting.get("n_estimators", 1) / max(1, run.settings[at].get("n_estimators", 1))
        encode_s = run.encode_s * rows / max(1, run.rows)
        return float(encode_s + run.seconds[at] * growth * grown_by(self.family, run.rows, rows))

    def _curve(self, folds: int) -> FloatArray:
        runs = self.runs[:folds]
        steps = max(len(run.losses) for run in runs)
        weights = np.array([run.validation_rows for run in runs], dtype=np.float64)
        losses = np.array([[run.loss_at(step) for step in range(steps)] for run in runs])
        weights /= weights.sum()
        if not self.is_squared:
            return np.asarray(weights @ losses)
        # The square of 1e-200 would be 0, and that of 1e200 infinite.
        largest = losses.max() or 1.0
        return np.asarray(largest * np.sqrt(weights @ (losses / largest) ** 2))
