"""The training itself: a table and a plan in, a fitted and measured model out, progress on the way."""

from __future__ import annotations

import math
import os
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib.metadata import version

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from dashapp.datasets.dataset import Task
from dashapp.training.allocation import give_back_large_blocks
from dashapp.training.carry_out import Pace, carry_out
from dashapp.training.conclude import Conclusion, blend_candidate, concluded
from dashapp.training.families.every import families
from dashapp.training.material import Material, prepared
from dashapp.training.parts import tempered
from dashapp.training.plan import BLEND
from dashapp.training.progress import Reporter
from dashapp.training.race.encoded import Encoder
from dashapp.training.race.race import Race
from dashapp.training.race.schedule import Schedule
from dashapp.training.race.work import Job, Workers
from dashapp.training.result import Record, TrainedModel
from dashapp.training.run import Candidate, CandidateState, CurvePoint, Progress, Stage, StageProgress, TrainingPlan
from dashapp.training.scores import measures
from dashapp.training.scores.calibration import temperature
from dashapp.training.scores.conformal import bands
from dashapp.training.scores.threshold import tuned
from dashapp.training.scores.ties import ties

MOST_THREADS = 2
# The part of the budget that both final fits may take; where there are so many rows that one fold judges, more rows are worth more than
# more settings.
MOST_OF_BUDGET, MOST_ON_MANY_ROWS = 0.3, 0.45
# Seconds that scores and the like take after the fits, as far as one can tell before.
AFTER_S = 0.3
# The part of the budget that the explanation may take, and its least seconds (or its largest part of a very short budget).
EXPLAINED, LEAST_EXPLAINED_S, MOST_EXPLAINED = 0.07, 0.8, 0.25
# What an explanation takes by itself: a little, more with the root of the test's cells, and as much again for so many trees.
EXPLAINED_AT_LEAST_S, ROOT_CELLS_A_SECOND, TREES = 0.3, 50.0, 150
# After a cancellation the best so far is fitted in so many seconds.
SHORT_S = 2.0


@dataclass(slots=True)
class _Training:
    """A race and what is known of its end. `threads` learn side by side."""

    plan: TrainingPlan
    material: Material
    race: Race | None
    threads: int
    explain_s: float
    conclusion: Conclusion | None = None
    known: int = 0
    looked_at: float = field(default_factory=lambda: -1e9)

    def closing_s(self) -> float:
        """Seconds of all that follows the race, were it to end now, at most."""
        return self.fits_s() + self.explain_s + AFTER_S

    def likely_closing_s(self) -> float:
        """The same as it will probably be: a small table does not need all the time that its explanation may take."""
        return self.fits_s() + self.explaining_s() + AFTER_S

    def explaining_s(self) -> float:
        cells = len(self.material.test) * len(self.plan.features)
        members = () if self.conclusion is None else self.conclusion.members
        effort = 1.0 + sum(float(member.setting.get("n_estimators", 0)) for member in members) / TREES
        return min(self.explain_s, EXPLAINED_AT_LEAST_S + effort * math.sqrt(cells) / ROOT_CELLS_A_SECOND)

    def fits_s(self) -> float:
        return 0.0 if self.conclusion is None else self.conclusion.fits_s

    def look(self, race: Race) -> None:
        """Conclude anew where more is known than the last time; seldom, as it takes time of its own."""
        trials = race.schedule.standing()
        found = sum(len(trial.runs) for trial in trials)
        is_due = time.monotonic() - self.looked_at > 0.02 * self.plan.budget_s
        if trials and found != self.known and (is_due or self.conclusion is None):
            self.known, self.looked_at = found, time.monotonic()
            most_s = (MOST_OF_BUDGET if len(self.material.folds) > 1 else MOST_ON_MANY_ROWS) * self.plan.budget_s
            self.conclusion = concluded(self.plan, self.material, trials, self.threads, most_s)

    def candidates(self, race: Race) -> tuple[Candidate, ...]:
        found = race.candidates()
        return found if self.conclusion is None else with_leader(found, self.plan, self.conclusion)


def train(
    table: pd.DataFrame,
    plan: TrainingPlan,
    report: Callable[[Progress], None],
    should_stop: Callable[[], bool] = lambda: False,
    earlier: tuple[StageProgress, ...] = (),
) -> TrainedModel:
    """Train within `plan.budget_s` and return the winner, fitted on all rows once it was measured on those of the test.

    `should_stop` is asked several times a second; once it is true the race ends and its leader is taken. `earlier` are the stages
    before this one with what they took. Raises `CannotTrain`.
    """
    began = time.monotonic()
    reporter = Reporter(report, earlier)
    give_back_large_blocks()
    # With two OpenMP threads on two cores that others use too, each waits for the other: 7.3 s instead of 0.6 s were measured.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        # A linear fit that has not converged is still a point of its path; its validation loss decides.
        warnings.simplefilter("ignore", ConvergenceWarning)
        material = prepared(table, plan, reporter)
        plan = replace(plan, split=material.how)
        del table  # what the frame does not share of it is free, unless the caller holds it
        deadline = began + plan.budget_s
        training = _raced(plan, material, began, deadline, reporter, should_stop)
        return _concluded(training, deadline, reporter, should_stop())


def _raced(
    plan: TrainingPlan, material: Material, began: float, deadline: float, reporter: Reporter, should_stop: Callable[[], bool]
) -> _Training:
    threads = max(1, min(MOST_THREADS, os.cpu_count() or 1))
    workers = Workers(plan, material, Encoder(material, plan.seed), threads, began)
    training = _Training(
        plan, material, None, threads, min(max(LEAST_EXPLAINED_S, EXPLAINED * plan.budget_s), MOST_EXPLAINED * plan.budget_s)
    )
    race = Race(Schedule(plan, families(plan), material, threads), workers, deadline, training.closing_s, training.likely_closing_s)
    message = f"Racing {len(plan.candidates)} candidates: {', '.join(planned.name for planned in plan.candidates)}"
    reporter.begin(Stage.TRAINING, message)

    def on_news(job: Job | None, point: CurvePoint | None) -> None:
        training.look(race)
        points = () if point is None else (point,)
        nonlocal message
        if job is not None:
            message = _of_news(plan, len(material.folds), job, point)
        elif workers.jobs:
            message = f"{_who(workers.jobs[0], len(material.folds))}, is being learned"
        reporter.say(message, 0.85 * race.share(), remaining=race.remaining(), candidates=training.candidates(race), points=points)

    race.run(on_news, should_stop)
    training.race = race
    return training


def _concluded(training: _Training, deadline: float, reporter: Reporter, is_stopped: bool) -> TrainedModel:
    plan, race = training.plan, training.race
    assert race is not None
    race.workers.forget()
    most_s = SHORT_S if is_stopped else max(0.1 * plan.budget_s, deadline - training.explain_s - AFTER_S - time.monotonic())
    conclusion = concluded(plan, training.material, race.schedule.standing(), training.threads, most_s)
    tied = _ties(training, race, conclusion)
    leaders = with_leader(_ended(race.candidates()), plan, conclusion)
    candidates = tuple(replace(candidate, is_tied=candidate.name in tied) for candidate in leaders)
    reporter.say(f"{conclusion.name} wins; {_said_of(plan, conclusion)}", 0.85, remaining=race.remaining(), candidates=candidates)
    record = _recorded(plan, training.material, conclusion)
    fits_s = (1.0 if is_stopped else 2.0 + 0.05 * plan.budget_s) + most_s
    until = time.monotonic() + fits_s * conclusion.learn_s / max(1e-9, conclusion.fits_s)
    explain_s = 0.5 if is_stopped else training.explain_s
    explaining_s = min(explain_s, training.explaining_s())
    pace = Pace(until, conclusion.learn_s, conclusion.all_s, explain_s, explaining_s, training.threads)
    return carry_out(record, training.material, reporter, conclusion.name, pace, tied)


def _recorded(plan: TrainingPlan, material: Material, conclusion: Conclusion) -> Record:
    """What the outputs for the validation rows tell beside the members: how sure to be, and where to draw the line."""
    versions = {name: version(name) for name in ("scikit-learn", "lightgbm", "numpy", "pandas", "scipy")}
    record = Record(plan, conclusion.members, most_rows=conclusion.most_rows, versions=versions)
    if not plan.task.is_classification:
        return replace(record, bands=bands(conclusion.y.astype(np.float64), conclusion.output))
    heat = temperature(conclusion.y, conclusion.output)
    labels = material.answers.labels
    line = tuned(conclusion.y, tempered(conclusion.output, heat), labels) if plan.task is Task.BINARY else None
    return replace(record, temperature=heat, threshold=line)


def _ties(training: _Training, race: Race, conclusion: Conclusion) -> tuple[str, ...]:
    """The candidates that the validation rows cannot tell from the winner."""
    folds = conclusion.folds
    outputs = {conclusion.name: conclusion.output}
    for family in race.schedule.families:
        trial = race.best_of(family.name)
        if trial is not None and len(trial.runs) >= folds and family.name != conclusion.name:
            outputs[family.name] = trial.output_over(folds)
    return ties(training.plan.task, conclusion.y, outputs, conclusion.name)


def with_leader(candidates: tuple[Candidate, ...], plan: TrainingPlan, conclusion: Conclusion) -> tuple[Candidate, ...]:
    """The candidates with the blend as one of them where it leads."""
    marked = tuple(replace(candidate, is_best=candidate.name == conclusion.name) for candidate in candidates)
    return (*marked, blend_candidate(plan, conclusion)) if conclusion.name == BLEND else marked


def _ended(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """After the race nothing waits any more."""
    reason = "there was no time left for it"
    return tuple(
        replace(each, state=CandidateState.FAILED, error=reason) if each.state is CandidateState.WAITING else each for each in candidates
    )


def _said_of(plan: TrainingPlan, conclusion: Conclusion) -> str:
    why = "fit into the memory" if conclusion.most_rows == plan.most_rows else "can be afforded in time"
    fewer = "" if conclusion.most_rows is None else f", with {conclusion.most_rows:,} rows, as no more {why}"
    return f"fitting it once more with the validation rows{fewer}"


def _of_news(plan: TrainingPlan, folds: int, job: Job, point: CurvePoint | None) -> str:
    who = _who(job, folds)
    if point is not None:
        return f"{who}, iteration {point.iteration}: {plan.loss_name} {measures.in_words(point.validation_loss)} on the validation rows"
    return f"{who} failed: {job.error}" if job.error else f"{who} is through"


def _who(job: Job, folds: int) -> str:
    who = f"{job.trial.family.name}, setting {job.trial.number}"
    return f"{who}, fold {job.fold + 1} of {folds}" if folds > 1 else who
