"""Threads that learn folds, one fold each, and tell the race what they find. LightGBM and the forests leave the GIL to the others."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from dashapp.training.allocation import is_shortage
from dashapp.training.material import Material
from dashapp.training.race.encoded import Encoder, undisturbed_s
from dashapp.training.race.trial import FoldRun, Trial
from dashapp.training.run import CurvePoint, TrainingPlan
from dashapp.training.scores import measures

LEAST_GAIN = 1e-4
# Below this log loss there is nothing left to gain.
PERFECT = 0.002
# Seconds between two points of a curve, so that thousands of small steps do not flood the page.
POINT_EVERY_S = 0.12
# Outputs of every step are kept up to here, so that several folds can agree on a step; beyond, each keeps its own best.
MOST_KEPT_BYTES = 60_000_000

OUT_OF_MEMORY = "it ran out of memory; leave columns out or send fewer rows"
TOO_SLOW = "a single step takes longer than there is time for; give it more time or leave columns out"


@dataclass(slots=True)
class Job:
    """One fold of one trial. `stop` ends it after its current step; `at_least` is the step that it should reach, and
    `expected_s` how long it was thought to take."""

    trial: Trial
    fold: int
    at_least: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    run: FoldRun | None = None
    partial: FoldRun | None = None
    error: str | None = None
    began: float = 0.0
    expected_s: float = 0.0
    steps: int = 0
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """A point of a job's curve (None where the job has ended)."""

    job: Job
    point: CurvePoint | None


class Workers:
    """`count` threads at most, each started for a single job. `began` is when the training began (`time.monotonic`)."""

    def __init__(self, plan: TrainingPlan, material: Material, encoder: Encoder, count: int, began: float) -> None:
        self._plan, self._material, self._encoder = plan, material, encoder
        # Of a billion, float32 keeps no more than its hundreds, and of 1e39 nothing; a probability needs no more.
        self._kept_as = np.dtype(np.float32 if plan.task.is_classification else np.float64)
        self._began = began
        self._news: queue.SimpleQueue[News] = queue.SimpleQueue()
        self._threads: dict[int, threading.Thread] = {}
        self.jobs: list[Job] = []
        self.count = count

    @property
    def has_place(self) -> bool:
        return len(self.jobs) < self.count

    def start(self, job: Job) -> None:
        job.began = time.monotonic()
        thread = threading.Thread(target=self._work, args=(job,), name=f"{job.trial.family.name} {job.trial.number}", daemon=True)
        self.jobs.append(job)
        self._threads[id(job)] = thread
        thread.start()

    def abandon(self, job: Job) -> None:
        """Wait for it no longer: a step cannot be interrupted. What its curve had come to is its run; its thread ends with its step."""
        self.jobs.remove(job)
        self._threads.pop(id(job))
        run = None if job.partial is None else job.partial.cut_at(job.steps, time.monotonic() - job.began)
        if run is not None and run.outputs:
            job.run = run
        else:
            job.error = TOO_SLOW

    def forget(self) -> None:
        """The race is over: its encoded rows are needed no more."""
        self._encoder.forget()

    def hear(self, seconds: float) -> News | None:
        """What happened next; None where nothing did for so long. A job whose end is heard of has left its place."""
        try:
            news = self._news.get(timeout=seconds)
        except queue.Empty:
            return None
        if news.job not in self.jobs:
            return None
        if news.point is None:
            self.jobs.remove(news.job)
            self._threads.pop(id(news.job)).join()
        return news

    def _work(self, job: Job) -> None:
        try:
            with threadpool_limits(limits=1):
                self._learn(job)
        except Exception as error:
            job.error = in_words(error)
        job.is_over = True
        self._news.put(News(job, None))

    def _learn(self, job: Job) -> None:
        trial, material = job.trial, self._material
        encoded = self._encoder.rows(trial.family, trial.setting, job.fold, trial.limit)
        rows = encoded.rows
        y = material.answers.y
        sample_y, truth = y[self._encoder.sampled(job.fold, trial.limit)], y[material.folds[job.fold][1]]
        run = FoldRun(rows.size, len(truth), encoded.seconds, row_bytes=encoded.row_bytes)
        job.partial = run
        learned_s, told, stale, least = 0.0, 0.0, 0, np.inf
        kept_bytes = 0
        most_kept = MOST_KEPT_BYTES if trial.folds > 1 else 0
        steps = trial.family.race(rows, trial.setting)
        while True:
            began, began_cpu = time.monotonic(), time.thread_time()
            step = next(steps, None)
            if step is None:
                break
            wall_s = time.monotonic() - began
            learned_s += step.learned_s * undisturbed_s(time.thread_time() - began_cpu, wall_s) / max(1e-9, wall_s)
            loss = measures.loss(self._plan.task, truth, step.validation)
            if not np.isfinite(loss):
                raise ArithmeticError("its losses are no longer finite numbers")
            # A log loss near zero halves for ever; what is gained in nats counts there, and the share of the loss in a regression.
            least_gain = LEAST_GAIN * (least if trial.is_squared and np.isfinite(least) else 1.0)
            is_gain = loss < least - least_gain and (trial.is_squared or least > PERFECT)
            stale = 0 if is_gain else stale + 1
            kept_bytes += step.validation.size * self._kept_as.itemsize
            if loss < min(run.losses, default=np.inf) and kept_bytes > most_kept:
                run.outputs.clear()
            if kept_bytes <= most_kept or loss < min(run.losses, default=np.inf):
                run.outputs[len(run.losses)] = step.validation.astype(self._kept_as)
            least = min(least, loss) if is_gain else least
            run.iterations.append(step.iteration)
            run.losses.append(loss)
            run.settings.append(step.setting)
            run.seconds.append(learned_s)
            job.steps = len(run.losses)
            is_last = job.stop.is_set() or (stale >= trial.family.patience and job.steps > job.at_least)
            if is_last or time.monotonic() - told >= POINT_EVERY_S:
                told = time.monotonic()
                self._news.put(
                    News(job, self._point(job, run, measures.loss(self._plan.task, sample_y, step.sample), truth, step.validation))
                )
            if is_last:
                break
        run.total_s = time.monotonic() - job.began
        job.run = run if run.losses else None
        if not run.losses and not job.stop.is_set():
            job.error = "it found nothing to learn from"

    def _point(self, job: Job, run: FoldRun, train_loss: float, truth: NDArray[Any], output: NDArray[Any]) -> CurvePoint:
        return CurvePoint(
            candidate=job.trial.family.name,
            iteration=run.iterations[-1],
            train_loss=train_loss,
            validation_loss=run.losses[-1],
            validation_score=measures.score(self._plan.task, truth, output),
            accuracy=measures.accuracy(self._plan.task, truth, output),
            trial=job.trial.number,
            fold=job.fold + 1,
            elapsed_s=round(time.monotonic() - self._began, 3),
        )


def in_words(error: Exception) -> str:
    """Why a candidate failed, for the screen."""
    if is_shortage(error):
        return OUT_OF_MEMORY
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return first if len(first) <= 300 else first[:299] + "…"
