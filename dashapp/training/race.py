"""The race: every candidate gets the same time, and ends when it no longer improves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.errors import CannotTrain
from dashapp.training import evaluate
from dashapp.training.candidates import Family, Rows, Step
from dashapp.training.progress import Remaining
from dashapp.training.run import Candidate, CandidateState, CurvePoint, TrainingPlan

PATIENCE = 4
LEAST_GAIN = 1e-4
# The part of the budget that the final fit may take.
MOST_OF_BUDGET = 0.4

# Places in `Lane.remaining_steps`.
_EXPECTED, _LOW, _HIGH = range(3)


@dataclass(frozen=True, slots=True)
class Best:
    """A candidate's best iteration; `spent_s` is the time that it took to get there."""

    iteration: int
    loss: float
    score: float
    accuracy: float | None
    setting: Mapping[str, Any]
    spent_s: float


@dataclass(slots=True)
class Lane:
    """One candidate of the race and how it is doing. `truth` are the targets of `Rows.sample` and of `Rows.validation`."""

    family: Family
    plan: TrainingPlan
    truth: tuple[NDArray[Any], NDArray[Any]]
    steps: Iterator[Step] = field(default_factory=lambda: iter(()))
    encoding_s: float = 0.0
    state: CandidateState = CandidateState.WAITING
    taken: int = 0
    stale: int = 0
    spent_s: float = 0.0
    best: Best | None = None
    error: str | None = None
    last_iteration: int = 0
    recent_s: list[float] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        return self.state in (CandidateState.WAITING, CandidateState.TRAINING)

    def enter(self, encode: Callable[[Family], Rows]) -> None:
        """Encode the rows for this family; one whose encoding fails is out."""
        began = time.monotonic()
        try:
            self.steps = self.family.race(encode(self.family))
        except Exception as error:
            self.state, self.error = CandidateState.FAILED, _in_words(error)
        self.encoding_s = time.monotonic() - began

    def advance(self) -> CurvePoint | None:
        """One iteration; None where there was none, because the candidate is through or failed."""
        self.state = CandidateState.TRAINING
        began = time.monotonic()
        try:
            step = next(self.steps, None)
            point = None if step is None else self._judged(step, time.monotonic() - began)
        except Exception as error:
            self.state, self.error = CandidateState.FAILED, _in_words(error)
            return None
        if point is None or self.stale >= PATIENCE or self.taken >= self.family.steps:
            self.state = CandidateState.FINISHED
        return point

    def step_s(self) -> float:
        """Seconds of an iteration, from the last few; 0 where nothing is known."""
        return float(np.mean(self.recent_s)) if self.recent_s else 0.0

    def remaining_steps(self) -> tuple[float, int, int]:
        """Expected, at least, at most. A candidate that has stopped to improve seldom begins again."""
        if not self.is_running:
            return 0.0, 0, 0
        most = self.family.steps - self.taken
        least = min(PATIENCE - self.stale, most)
        return least + (most - least) * (0.35 if self.stale == 0 else 0.15), least, most

    def _judged(self, step: Step, seconds: float) -> CurvePoint:
        task, (sample_y, y) = self.plan.task, self.truth
        loss = evaluate.loss(task, y, step.validation)
        point = CurvePoint(
            candidate=self.family.name,
            iteration=step.iteration,
            train_loss=evaluate.loss(task, sample_y, step.sample),
            validation_loss=loss,
            validation_score=evaluate.score(task, y, step.validation),
            accuracy=evaluate.accuracy(task, y, step.validation),
        )
        if not np.isfinite([point.train_loss, loss, point.validation_score]).all():
            raise ArithmeticError("its losses are no longer finite numbers")
        self.taken, self.last_iteration = self.taken + 1, step.iteration
        self.spent_s += seconds
        self.recent_s = [*self.recent_s[-2:], seconds]
        # A log loss near zero halves for ever; what is gained in nats counts there, and the share of the loss in a regression.
        is_gain = self.best is None or loss < self.best.loss - LEAST_GAIN * (1.0 if task.is_classification else self.best.loss)
        self.stale = 0 if is_gain else self.stale + 1
        if is_gain:
            self.best = Best(step.iteration, loss, point.validation_score, point.accuracy, step.setting, self.spent_s)
        return point


class Race:
    """Lanes by turns, always the one that has had the least time. `deadline` (of `time.monotonic`) holds for the final fit too;
    `refit_ratio` is rows of that fit per row of the race."""

    def __init__(self, plan: TrainingPlan, lanes: list[Lane], deadline: float, refit_ratio: float) -> None:
        self._plan = plan
        self.lanes = lanes
        self._deadline = deadline
        self._refit_ratio = refit_ratio
        self._longest_refit_s = MOST_OF_BUDGET * plan.budget_s
        self._began = time.monotonic()

    def run(self, on_step: Callable[[Lane, CurvePoint | None], None], should_stop: Callable[[], bool]) -> Lane:
        """The winner; `on_step` hears of every turn. Raises `CannotTrain` where no candidate has finished an iteration."""
        while running := [lane for lane in self.lanes if lane.is_running]:
            if should_stop():
                break
            lane = min(running, key=lambda lane: lane.spent_s)
            if self._leader() is not None and time.monotonic() + lane.step_s() + self.refit_s() > self._deadline:
                lane.state = CandidateState.FINISHED
                continue
            on_step(lane, lane.advance())
        for lane in self.lanes:
            lane.state = CandidateState.FINISHED if lane.is_running else lane.state
        return self._winner()

    def candidates(self) -> tuple[Candidate, ...]:
        leader = self._leader()
        return tuple(_candidate(lane, lane is leader) for lane in self.lanes)

    def refit_s(self, steps_to_come: float = 0.0) -> float:
        """Seconds kept for the final fit of the current leader, were it to lead on for some steps; one that would take longer than
        its part of the budget is done on fewer rows."""
        leader = self._leader()
        if leader is None or leader.best is None:
            return 0.0
        spent = leader.encoding_s + leader.best.spent_s + steps_to_come * leader.step_s()
        return min(self._longest_refit_s, spent * self._refit_ratio)

    def remaining(self) -> Remaining:
        """From the measured rates: at least until every candidate's patience ends, at most until all have done all or the time is up."""
        leader = self._leader()
        is_improving = leader is not None and leader.is_running and leader.stale == 0
        to_come = leader.remaining_steps() if leader is not None and is_improving else (0.0, 0, 0)
        left = max(0.0, self._deadline - time.monotonic())
        lanes = [(lane.remaining_steps(), lane.step_s()) for lane in self.lanes]

        def until(bound: int) -> float:
            growth = 0.0 if bound == _LOW else to_come[bound]
            return min(left, sum(steps[bound] * seconds for steps, seconds in lanes) + self.refit_s(growth))

        return Remaining(until(_EXPECTED), until(_LOW), until(_HIGH))

    def share(self) -> float:
        """The part of the stage's work that is done, counted in seconds."""
        spent = time.monotonic() - self._began
        return spent / (spent + self.remaining().expected_s)

    def _leader(self) -> Lane | None:
        judged = [lane for lane in self.lanes if lane.best is not None and lane.state is not CandidateState.FAILED]
        return min(judged, key=lambda lane: lane.best.loss if lane.best else np.inf, default=None)

    def _winner(self) -> Lane:
        leader = self._leader()
        if leader is None:
            errors = "; ".join(f"{lane.family.name}: {lane.error}" for lane in self.lanes if lane.error)
            if errors:
                raise CannotTrain(f"No candidate could be trained on this table. {errors}", column=self._plan.target)
            raise CannotTrain("The training was stopped before any candidate had finished its first iteration; start it again.")
        return leader


def _candidate(lane: Lane, is_best: bool) -> Candidate:
    best = lane.best
    return Candidate(
        name=lane.family.name,
        state=lane.state,
        score=None if best is None else best.score,
        validation_loss=None if best is None else best.loss,
        accuracy=None if best is None else best.accuracy,
        iterations=lane.last_iteration,
        is_best=is_best,
        error=lane.error,
    )


def _in_words(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "it ran out of memory; leave columns out or send fewer rows"
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return first if len(first) <= 300 else first[:299] + "…"
