"""Puts the race together: starts what the schedule says, hears of every step, and ends in time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from dashapp.errors import CannotTrain
from dashapp.training.progress import Remaining
from dashapp.training.race.schedule import Schedule
from dashapp.training.race.trial import Trial
from dashapp.training.race.work import OUT_OF_MEMORY, Job, News, Workers
from dashapp.training.run import Candidate, CandidateState, CurvePoint
from dashapp.training.scores import measures

HEAR_S = 0.2
# Seconds that a step which is under way may still take once the race is over.
GRACE_S = 0.6
MEMORY, MOST_DRIFT = 0.85, 2.5
CLOSING_TAKEN = 0.85


@dataclass(slots=True)
class Drift:
    """How much longer jobs take than was thought, the latest counting most: others use the machine too, and settings differ."""

    expected_s: float = 1.0
    took_s: float = 1.0

    def hear(self, expected_s: float, took_s: float) -> None:
        self.expected_s = MEMORY * self.expected_s + expected_s
        self.took_s = MEMORY * self.took_s + took_s

    @property
    def factor(self) -> float:
        return min(MOST_DRIFT, max(1 / MOST_DRIFT, self.took_s / self.expected_s))


@dataclass(slots=True)
class Race:
    """`deadline` (of `time.monotonic`) is that of the whole training; `closing_s` says how long all that follows the race would take at
    most if it ended now, `likely_closing_s` what it probably takes."""

    schedule: Schedule
    workers: Workers
    deadline: float
    closing_s: Callable[[], float]
    likely_closing_s: Callable[[], float]
    done_s: float = 0.0
    drift: Drift = field(default_factory=Drift)
    last: dict[str, CurvePoint] = field(default_factory=dict)

    def run(self, on_news: Callable[[Job | None, CurvePoint | None], None], should_stop: Callable[[], bool]) -> None:
        """`on_news` hears of every point and of every end, and of nothing at least every `HEAR_S`. Where no candidate has finished a
        step, raises `MemoryError` if all of them ran out of it, and `CannotTrain` otherwise."""
        is_stopping = False
        stopped_at = np.inf
        while True:
            left = self._left_s()
            is_over = should_stop() or (left <= 0 and bool(self.schedule.standing()))
            if is_over and not is_stopping:
                is_stopping, stopped_at = True, time.monotonic()
                for job in self.workers.jobs:
                    job.stop.set()
            while not is_stopping and self.workers.has_place:
                to_do = self.schedule.next_job(self.workers.jobs, left)
                if to_do is None:
                    break
                to_do.expected_s = self.schedule.fold_s(to_do.trial)
                self.workers.start(to_do)
            if time.monotonic() - stopped_at > GRACE_S:
                self._abandon(on_news)
            if not self.workers.jobs:
                break
            news = self.workers.hear(HEAR_S)
            if news is None:
                on_news(None, None)
                continue
            self._take(news, is_stopping)
            on_news(news.job, news.point)
        if not self.schedule.standing():
            self._give_up()

    def candidates(self) -> tuple[Candidate, ...]:
        """Those of the plan as they stand, without a leader."""
        shown = {family.name: self.best_of(family.name) for family in self.schedule.families}
        return tuple(self._candidate(name, trial) for name, trial in shown.items())

    def remaining(self) -> Remaining:
        """From the measured rates, or the time that is left where that is less."""
        closing = self.closing_s()
        # What follows is bounded with a margin, and mostly takes less.
        expected = min(self._left_s(), self._to_do_s() / self.workers.count) + CLOSING_TAKEN * self.likely_closing_s()
        return Remaining(expected, 0.65 * expected, min(self._left_s() + 1.2 * closing, 1.6 * expected))

    def share(self) -> float:
        """The part of the race's work that is done, counted in seconds of work."""
        done = self.done_s + sum(time.monotonic() - job.began for job in self.workers.jobs)
        return done / max(1e-9, done + min(self._left_s() * self.workers.count, self._to_do_s()))

    def _left_s(self) -> float:
        return max(0.0, self.deadline - self.closing_s() - time.monotonic())

    def _to_do_s(self) -> float:
        """Seconds of work of one thread, at the pace of the last jobs."""
        return self.drift.factor * self.schedule.remaining_s(self.workers.jobs, self._left_s()) + sum(
            self._left_of(job) for job in self.workers.jobs
        )

    def _left_of(self, job: Job) -> float:
        return max(0.1, self.schedule.fold_s(job.trial) - (time.monotonic() - job.began))

    def _abandon(self, on_news: Callable[[Job | None, CurvePoint | None], None]) -> None:
        """What has not stopped by now is in the middle of a step that nobody can interrupt."""
        for job in list(self.workers.jobs):
            self.workers.abandon(job)
            self._take(News(job, None), is_stopping=True)
            on_news(job, None)

    def _take(self, news: News, is_stopping: bool) -> None:
        job, trial = news.job, news.job.trial
        if news.point is not None:
            self.last[trial.family.name] = news.point
            return
        took_s = time.monotonic() - job.began
        self.done_s += took_s
        # The first of a family was a guess, and says nothing about the pace.
        if job.run is not None and not is_stopping and len(self.schedule.full) > len(self.schedule.families):
            self.drift.hear(job.expected_s, took_s)
        if job.error is not None:
            self.schedule.hear_failure(trial, job.error)
        elif job.run is not None and (job.fold == 0 or job.steps > job.at_least or not is_stopping):
            trial.add(job.fold, job.run)
            self._judge(trial)

    def _judge(self, trial: Trial) -> None:
        if not trial.runs:
            return
        material, task = self.schedule.material, self.schedule.plan.task
        truth = np.concatenate([material.answers.y[judging] for _, judging in material.folds[: len(trial.runs)]])
        output = trial.output_over(len(trial.runs))
        trial.score = measures.score(task, truth, output)
        trial.accuracy = measures.accuracy(task, truth, output)

    def best_of(self, name: str) -> Trial | None:
        """The best of the family's trials that were judged on the most folds."""
        trials = [trial for trial in self.schedule.standing() if trial.family.name == name]
        most = max((len(trial.runs) for trial in trials), default=0)
        return min((trial for trial in trials if len(trial.runs) == most), key=lambda trial: trial.loss, default=None)

    def _candidate(self, name: str, trial: Trial | None) -> Candidate:
        if trial is None and name in self.schedule.failed:
            return Candidate(name, CandidateState.FAILED, error=self.schedule.failed[name])
        is_running = any(job.trial.family.name == name for job in self.workers.jobs)
        point = self.last.get(name)
        trials = sum(each.family.name == name and each.standing.value != "failed" for each in self.schedule.trials)
        if trial is None:
            score = None if point is None else point.validation_score
            return Candidate(
                name,
                CandidateState.TRAINING if is_running else CandidateState.WAITING,
                score=score,
                iterations=0 if point is None else point.iteration,
            )
        run = trial.runs[0]
        return Candidate(
            name=name,
            state=CandidateState.TRAINING if is_running else CandidateState.FINISHED,
            score=trial.score,
            validation_loss=trial.loss,
            accuracy=trial.accuracy,
            iterations=run.iterations[min(trial.best, len(run.iterations) - 1)],
            trials=trials,
            setting=self._setting(trial),
        )

    def _setting(self, trial: Trial) -> str:
        """With the folds where these are not all: a loss on fewer rows is no better for being smaller."""
        words, folds = trial.family.words(trial.reached()), self.schedule.folds
        return words if len(trial.runs) >= folds else f"{words}; judged on {len(trial.runs)} of {folds} folds so far"

    def _give_up(self) -> None:
        failed = self.schedule.failed
        errors = "; ".join(f"{name}: {reason}" for name, reason in failed.items())
        said = f"No candidate could be trained on this table. {errors}"
        if failed and all(reason == OUT_OF_MEMORY for reason in failed.values()):
            raise MemoryError(said)
        if failed:
            raise CannotTrain(said, column=self.schedule.plan.target)
        raise CannotTrain("The training was stopped before any candidate had finished its first iteration; start it again.")
