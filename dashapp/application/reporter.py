"""Writes the progress of a run, also while the training has nothing to say."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from dashapp.application.services import Services
from dashapp.events.fact import EventType, Fact
from dashapp.training.run import CurvePoint, Progress, Run, RunState, StageProgress, StageState

WRITE_S = 0.25
SILENCE_S = 0.6
"""After so long without a word the last progress is written again; with the watch's own step that is once a second."""

Milestone = tuple[str, str | None, int]


class Reporter:
    """A snapshot at most every `WRITE_S`, its curve points, and a fact at each milestone. Safe from many threads."""

    def __init__(self, services: Services, run_id: str) -> None:
        self._services, self._run_id = services, run_id
        self._points: list[CurvePoint] = []
        self._last: Progress | None = None
        self._said_at = self._written_at = 0.0
        self._told: Milestone = ("", None, 0)
        self._lock = threading.Lock()

    def __call__(self, progress: Progress) -> None:
        with self._lock:
            self._last, self._said_at = progress, time.monotonic()
            self._points.extend(progress.points)
            if self._said_at - self._written_at >= WRITE_S or _milestone(progress) != self._told:
                self._write(progress)

    def write(self) -> None:
        """Write what was reported last, if it was not written yet."""
        with self._lock:
            if self._last is not None and self._said_at > self._written_at:
                self._write(self._last)

    def tick(self) -> None:
        """Write the last progress again where nothing was written for a while: less time is left, and no more work is done."""
        with self._lock:
            now = time.monotonic()
            if self._last is not None and now - self._written_at >= SILENCE_S:
                self._write(aged(self._last, now - self._said_at))

    def _write(self, progress: Progress) -> None:
        milestone = _milestone(progress)
        with self._services.database.write() as transaction:
            run = self._services.runs.get(self._run_id, transaction)
            if run.state is not RunState.RUNNING:  # somebody else has written down how it ended
                return
            self._services.runs.add_points(transaction, run.id, self._points)
            self._services.runs.save(transaction, _with_progress(run, progress))
            if milestone != self._told:
                data = {"stage": milestone[0], "percent": round(progress.percent), "leader": milestone[1]}
                fact = Fact(EventType.TRAINING_PROGRESS, f"{milestone[0]}: {progress.message}", {"run": run.id}, data)
                self._services.log.append(transaction, fact)
        self._points.clear()
        self._told = milestone
        self._written_at = time.monotonic()


def aged(progress: Progress, passed_s: float) -> Progress:
    """The same progress some seconds later: what is left has shrunk by them, the stage has lasted longer, the percentage stands."""
    return replace(
        progress,
        eta_s=_less(progress.eta_s, passed_s),
        eta_low_s=_less(progress.eta_low_s, passed_s),
        eta_high_s=_less(progress.eta_high_s, passed_s),
        stages=tuple(_longer(stage, passed_s) for stage in progress.stages),
    )


def _less(left_s: float | None, passed_s: float) -> float | None:
    return None if left_s is None else round(max(0.0, left_s - passed_s), 2)


def _longer(stage: StageProgress, passed_s: float) -> StageProgress:
    if stage.state is not StageState.RUNNING or stage.seconds is None:
        return stage
    return replace(stage, seconds=round(stage.seconds + passed_s, 3))


def _milestone(progress: Progress) -> Milestone:
    leader = next((each.name for each in progress.candidates if each.is_best), None)
    return progress.stage.value, leader, int(progress.percent // 10)


def _with_progress(run: Run, progress: Progress) -> Run:
    return replace(
        run,
        stage=progress.stage,
        percent=round(progress.percent, 1),
        message=run.message if run.is_cancel_requested else progress.message,
        eta_s=progress.eta_s,
        eta_low_s=progress.eta_low_s,
        eta_high_s=progress.eta_high_s,
        stages=progress.stages or run.stages,
        candidates=progress.candidates or run.candidates,
    )
