"""What is tried next: a glimpse on few rows where there are many, each family's own default, then the other settings, each first on one
fold and on the others only where it is within reach of the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dashapp.datasets.dataset import Task
from dashapp.training.families.family import Family
from dashapp.training.features import FloatArray
from dashapp.training.material import Material
from dashapp.training.race.trial import Standing, Trial, grown_by
from dashapp.training.race.work import Job
from dashapp.training.result import Setting
from dashapp.training.run import TrainingPlan

# Cells (rows x columns x a factor for the classes) of a glimpse: half a second or so for each family.
GLIMPSE_CELLS = 100_000
LEAST_GLIMPSE, MOST_GLIMPSE = 1_000, 5_000
# The part of the budget that one fold of one trial may take; where it would take more, fewer rows are raced.
MOST_OF_BUDGET_A_FOLD = 0.12
# On more rows a model grows for longer until it is at its best.
MORE_STEPS = 1.5
# Encoded rows of one fold, in memory.
MOST_RACED_BYTES = 40_000_000
# How many standard errors of the difference a trial may lie behind the leader to get the other folds, and a family to be tried further.
WITHIN_REACH = 1.5
HOPELESS = 8.0
WORTH_COMPLETING = 3
# The part of the time that is left which every fold of every setting may take to be done without choosing among them.
MOST_OF_REST = 0.75
# The part of the budget that a fold is thought to take before anything is known.
UNKNOWN = 0.02
_SMALLEST = 1e-15


@dataclass(slots=True)
class Schedule:
    """Only the race's own thread may call it."""

    plan: TrainingPlan
    families: tuple[Family, ...]
    material: Material
    threads: int = 1
    trials: list[Trial] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    _glimpse: int | None = None
    _waiting: list[tuple[Family, Setting]] = field(default_factory=list)
    _entered: set[str] = field(default_factory=set)
    _is_thorough: bool | None = None

    def __post_init__(self) -> None:
        rows = self.fold_rows
        width = len(self.plan.features) * max(1.0, len(self.material.answers.labels) ** 0.5)
        glimpse = int(np.clip(GLIMPSE_CELLS / width, LEAST_GLIMPSE, MOST_GLIMPSE))
        self._glimpse = glimpse if rows > 2 * glimpse else None
        classes = len(self.material.answers.labels)
        further = [[(family, setting) for setting in family.settings(rows, classes)[1:]] for family in self.families]
        self._waiting = _interleaved(further)

    @property
    def folds(self) -> int:
        return len(self.material.folds)

    @property
    def fold_rows(self) -> int:
        return len(self.material.folds[0][0])

    @property
    def full(self) -> list[Trial]:
        """Trials that are more than a glimpse."""
        return [trial for trial in self.trials if trial.number > 0 and not self._is_glimpse(trial)]

    def standing(self) -> list[Trial]:
        """Trials with something to show, glimpses of families that have nothing better included."""
        shown = {trial.family.name for trial in self.full if trial.runs}
        return [trial for trial in self.trials if trial.runs and (not self._is_glimpse(trial) or trial.family.name not in shown)]

    def next_job(self, running: Sequence[Job], left_s: float) -> Job | None:
        """None where nothing is to be done that would end in time."""
        busy = {(id(job.trial), job.fold) for job in running}
        if job := self._first_rounds() or self._defaults_completed(busy, left_s):
            return job
        self._settle(left_s)
        return self._screening(left_s) or self._completion(busy, left_s)

    def hear_failure(self, trial: Trial, reason: str) -> None:
        trial.standing, trial.error = Standing.FAILED, reason
        if not any(each.runs for each in self.trials if each.family.name == trial.family.name):
            self.failed[trial.family.name] = reason
            self._waiting = [entry for entry in self._waiting if entry[0].name != trial.family.name]

    def fold_s(self, trial: Trial) -> float:
        """Seconds that a fold of this trial takes: as its other folds, else as its family's, else as the glimpse says."""
        if trial.runs:
            return float(np.mean([run.total_s for run in trial.runs]))
        return self.family_fold_s(trial.family, trial.setting)

    def family_fold_s(self, family: Family, setting: Setting) -> float:
        effort = family.effort(setting)
        runs = [run.total_s / family.effort(trial.setting) for trial in self.full if trial.family.name == family.name for run in trial.runs]
        if runs:
            return effort * float(np.mean(runs))
        glimpses = [run for trial in self.trials if trial.family.name == family.name for run in trial.runs]
        if not glimpses:
            return UNKNOWN * self.plan.budget_s
        growth = grown_by(family, glimpses[0].rows, self._limit(family) or self.fold_rows)
        return effort * MORE_STEPS * glimpses[0].grown_s(growth)

    def remaining_s(self, running: Sequence[Job], left_s: float) -> float:
        """Seconds of work (of one thread) until the portfolio is through, as far as one can tell; what would not end in time is not
        begun, and does not count."""
        busy = {(id(job.trial), job.fold) for job in running}
        screened = [trial for trial in self.full if trial.runs]
        promising = [trial for trial in screened if self._is_within_reach(trial)]
        # Families' defaults are always completed, and tell nothing about the others.
        others = [trial for trial in screened if not self._is_first(trial)]
        share = 1.0 if self._is_thorough else (sum(not self._is_first(trial) for trial in promising) + 0.5) / (len(others) + 1.5)
        hopeless = {family.name for family in self.families if self._is_hopeless(family)}
        ahead = [entry for entry in self._waiting if entry[0].name not in hopeless]
        ahead += [(each, self._default(each)) for each in self.families if each.name not in self._entered and each.name not in self.failed]
        work = 0.0
        for family, setting in ahead:
            fold_s = self.family_fold_s(family, setting)
            work += fold_s * (1 + share * (self.folds - 1)) if self._fits(fold_s, left_s) else 0.0
        for trial in promising:
            if trial.is_open and self._fits(self.fold_s(trial), left_s):
                work += self.fold_s(trial) * sum((id(trial), fold) not in busy for fold in range(len(trial.runs), self.folds))
        return work

    def _first_rounds(self) -> Job | None:
        if self._glimpse is not None:
            glimpsed = {trial.family.name for trial in self.trials if self._is_glimpse(trial)}
            for family in self.families:
                if family.name not in glimpsed:
                    return Job(self._entry(family, self._default(family), self._glimpse), 0)
        for family in self.families:
            has_glimpse = self._glimpse is None or any(t.runs for t in self.trials if t.family.name == family.name)
            if family.name not in self._entered and family.name not in self.failed and has_glimpse:
                self._entered.add(family.name)
                return Job(self._entry(family, self._default(family), self._limit(family)), 0)
        return None

    def _defaults_completed(self, busy: set[tuple[int, int]], left_s: float) -> Job | None:
        """The other folds of each family's default, the best first: whatever comes later, these can be compared and blended."""
        defaults = [trial for trial in self._begun() if trial.family.name in self._entered and self._is_first(trial)]
        for trial in sorted(defaults, key=lambda trial: trial.loss_over(1)):
            job = self._next_fold(trial, busy, left_s)
            if job is not None:
                return job
        return None

    def _settle(self, left_s: float) -> None:
        """Once each family's default was judged: whether there is time for every fold of every setting that is left. Where there is,
        what lies ahead is counted and not guessed, and the blend has more to choose from."""
        if self._is_thorough is not None or any(not trial.runs and trial.is_open for trial in self.full):
            return
        self._waiting = [entry for entry in self._waiting if not self._is_hopeless(entry[0])]
        work = self.folds * sum(self.family_fold_s(family, setting) for family, setting in self._waiting)
        self._is_thorough = self.folds > 1 and work / self.threads < MOST_OF_REST * left_s

    def _screening(self, left_s: float) -> Job | None:
        while self._waiting:
            family, setting = self._waiting[0]
            if self._is_hopeless(family):
                self._waiting = [entry for entry in self._waiting if entry[0].name != family.name]
                continue
            if not self._fits(self.family_fold_s(family, setting), left_s - self._worth_completing_s()):
                return None
            self._waiting.pop(0)
            return Job(self._entry(family, setting, self._limit(family)), 0)
        return None

    def _completion(self, busy: set[tuple[int, int]], left_s: float) -> Job | None:
        for trial in self._begun():
            if not self._is_within_reach(trial):
                trial.let_go()
            elif job := self._next_fold(trial, busy, left_s):
                return job
        return None

    def _worth_completing_s(self) -> float:
        """Seconds that the best few of the trials that are under way still need; kept for them before more are begun."""
        few = [trial for trial in self._begun() if self._is_within_reach(trial)][:WORTH_COMPLETING]
        return sum(self.fold_s(trial) * (self.folds - len(trial.runs)) for trial in few) / self.threads

    def _begun(self) -> list[Trial]:
        return sorted((trial for trial in self.full if trial.is_open and trial.runs), key=lambda trial: trial.loss_over(1))

    def _is_first(self, trial: Trial) -> bool:
        return next(each for each in self.full if each.family.name == trial.family.name) is trial

    def _next_fold(self, trial: Trial, busy: set[tuple[int, int]], left_s: float) -> Job | None:
        for fold in range(len(trial.runs), self.folds):
            if (id(trial), fold) not in busy and fold not in trial.ahead:
                return Job(trial, fold, at_least=trial.best) if self._fits(self.fold_s(trial), left_s) else None
        return None

    def _fits(self, seconds: float, left_s: float) -> bool:
        """A single fold that is cut short still says something; one of several folds does not."""
        return seconds * (0.4 if self.folds == 1 else 0.9) < left_s

    def _entry(self, family: Family, setting: Setting, limit: int | None) -> Trial:
        number = 1 + sum(trial.family.name == family.name for trial in self.trials)
        is_squared = self.plan.task is Task.REGRESSION
        folds = 1 if limit is not None and limit == self._glimpse else self.folds
        trial = Trial(family, setting, number, folds, is_squared, limit)
        self.trials.append(trial)
        return trial

    def _default(self, family: Family) -> Setting:
        return family.settings(self.fold_rows, len(self.material.answers.labels))[0]

    def _limit(self, family: Family) -> int | None:
        """Rows that trials of this family learn from, so that one fold does not take too much of the budget."""
        glimpse = next((trial.runs[0] for trial in self.trials if trial.family.name == family.name and trial.runs), None)
        if self._glimpse is None or glimpse is None:
            return None
        allowed_s = MOST_OF_BUDGET_A_FOLD * self.plan.budget_s
        outputs_s = MORE_STEPS * (glimpse.total_s - glimpse.learned_s)
        growth = max(allowed_s - outputs_s, 0.4 * allowed_s) / max(1e-3, MORE_STEPS * glimpse.learned_s)
        affordable = growth * (glimpse.rows + family.fixed_rows) - family.fixed_rows
        affordable = min(affordable, MOST_RACED_BYTES / max(1.0, glimpse.row_bytes))
        return None if affordable >= self.fold_rows else max(self._glimpse + 1, int(affordable))

    def _is_glimpse(self, trial: Trial) -> bool:
        return trial.limit is not None and trial.limit == self._glimpse

    def _is_within_reach(self, trial: Trial) -> bool:
        return bool(self._is_thorough) or self._behind(trial) <= WITHIN_REACH

    def _is_hopeless(self, family: Family) -> bool:
        if self._is_thorough:
            return False
        known = [trial for trial in self.full if trial.family.name == family.name and trial.runs]
        return bool(known) and min(self._behind(trial) for trial in known) > HOPELESS

    def _behind(self, trial: Trial) -> float:
        """By how many standard errors of the rows' differences it lies behind the leader on the first fold."""
        leader = min((each for each in self.full if each.runs), key=lambda each: each.loss_over(1), default=None)
        if leader is None or leader is trial or not trial.runs:
            return 0.0
        truth = self.material.answers.y[self.material.folds[0][1]].astype(np.float64)
        differences = losses_by_row(truth, trial, 0) - losses_by_row(truth, leader, 0)
        error = float(differences.std()) / math.sqrt(len(differences))
        return float(differences.mean()) / max(error, _SMALLEST)


def losses_by_row(truth: FloatArray, trial: Trial, fold: int) -> FloatArray:
    """-ln p of the truth, or the squared error, of each validation row of a fold."""
    output = trial.runs[fold].output_at(trial.best).astype(np.float64)
    if trial.is_squared:
        return np.asarray((truth - output) ** 2)
    return np.asarray(-np.log(np.maximum(output[np.arange(len(truth)), truth.astype(np.intp)], _SMALLEST)))


def _interleaved(lists: list[list[tuple[Family, Setting]]]) -> list[tuple[Family, Setting]]:
    """Each at its own pace, so that all end together."""
    placed = [((at + 0.5) / len(each), entry) for each in lists for at, entry in enumerate(each)]
    return [entry for _, entry in sorted(placed, key=lambda item: item[0])]
