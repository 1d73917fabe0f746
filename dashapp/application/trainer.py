"""The trainer process: `python -m dashapp.application.trainer RUN_ID GUARDIAN_PID`.

It trains one queued run, writes its progress, registers the model and ends. Its guardian is the process that the install lives and dies
with (gunicorn's arbiter, or the development server): when that is gone, so is the trainer.
"""

from __future__ import annotations

import logging
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import psutil

from dashapp.application.registration import register_model
from dashapp.application.services import Services, open_services
from dashapp.application.training import end_run, first_stages
from dashapp.database.leases import HOST
from dashapp.errors import DashappError
from dashapp.events.fact import EventType, Fact
from dashapp.settings import Settings
from dashapp.training.plan import plan_training
from dashapp.training.run import CurvePoint, Progress, Run, RunState
from dashapp.training.store import Trainer
from dashapp.training.train import train

BEAT_S = 0.5
WRITE_S = 0.25
NICENESS = 10
OUT_OF_MEMORY = (
    "The training ran out of memory. Leave out columns, train on fewer rows, or raise DASHAPP_TRAINER_MEMORY_BYTES if the machine has more."
)


_log = logging.getLogger(__name__)


def main(run_id: str, guardian_pid: int) -> None:
    try:
        guardian = psutil.Process(guardian_pid)
    except psutil.NoSuchProcess:  # the server stopped while this process was starting; the run stays queued
        return
    os.nice(NICENESS)
    settings = Settings.from_environment()
    _limit_memory(settings.trainer_memory_bytes)
    services = open_services(settings, migrate=False)
    watch = Watch(services, run_id, guardian)
    watch.start()
    try:
        _train(services, run_id, watch)
    except MemoryError:
        _fail(services, run_id, OUT_OF_MEMORY)
    except DashappError as error:
        _fail(services, run_id, error.message)
    except Exception as error:
        _fail(services, run_id, f"The training failed with an error of its own: {type(error).__name__}: {error}")
        raise
    finally:
        watch.stop()
        services.close()


class Watch:
    """A thread that says that this trainer is alive, hears of a cancellation, and ends the process when its guardian is gone."""

    def __init__(self, services: Services, run_id: str, guardian: psutil.Process) -> None:
        self._services, self._run_id = services, run_id
        self._guardian = guardian
        self._over = threading.Event()
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def is_cancelled(self) -> bool:
        """True once somebody asked to stop and to keep the best model so far."""
        return self._cancelled.is_set()

    def _watch(self) -> None:
        while not self._over.wait(BEAT_S):
            if not self._guardian.is_running():
                os.killpg(os.getpgrp(), signal.SIGKILL)
            try:
                self._services.runs.beat(self._run_id)
                if self._services.runs.get(self._run_id).is_best_kept:
                    self._cancelled.set()
            except Exception:  # a locked or full database must not end the watch over the guardian
                _log.exception("no heartbeat this time")


class Reporter:
    """Writes the progress of a run: a snapshot at most every `WRITE_S`, its curve points, and a fact at each milestone."""

    def __init__(self, services: Services, run: Run) -> None:
        self._services, self._run = services, run
        self._points: list[CurvePoint] = []
        self._written_at = 0.0
        self._told: tuple[str, str | None, int] = ("", None, 0)
        self.last: Progress | None = None

    def __call__(self, progress: Progress) -> None:
        self.last = progress
        self._points.extend(progress.points)
        if time.monotonic() - self._written_at >= WRITE_S or self._milestone(progress) != self._told:
            self.write()

    def write(self) -> None:
        """Write what was reported last."""
        progress = self.last
        if progress is None:
            return
        milestone = self._milestone(progress)
        with self._services.database.write() as transaction:
            run = self._services.runs.get(self._run.id, transaction)
            self._services.runs.add_points(transaction, run.id, self._points)
            self._services.runs.save(transaction, _with_progress(run, progress))
            if milestone != self._told:
                data = {"stage": milestone[0], "percent": round(progress.percent), "leader": milestone[1]}
                fact = Fact(EventType.TRAINING_PROGRESS, f"{milestone[0]}: {progress.message}", {"run": run.id}, data)
                self._services.log.append(transaction, fact)
        self._points.clear()
        self._told = milestone
        self._written_at = time.monotonic()

    @staticmethod
    def _milestone(progress: Progress) -> tuple[str, str | None, int]:
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


def _train(services: Services, run_id: str, watch: Watch) -> None:
    run = _begin(services, run_id)
    if run is None:
        return
    started = time.monotonic()
    dataset = services.datasets.get(run.dataset_id)
    plan = plan_training(
        dataset.profile,
        target=run.target,
        task=run.task,
        exclude=run.exclude,
        budget_s=run.budget_s,
        seed=run.seed,
        doubtful={out.column: out.reason for out in run.left_out},
        drop_duplicates=dataset.reading.drop_duplicates,
    )
    reporter = Reporter(services, run)
    should_stop: Callable[[], bool] = watch.is_cancelled
    trained = train(services.datasets.table(dataset.id), plan, reporter, should_stop, earlier=first_stages(dataset))
    reporter.write()
    register_model(services, run_id, dataset, trained, training_s=time.monotonic() - started)


def _begin(services: Services, run_id: str) -> Run | None:
    """Say that the run has begun and which process works on it; None where it was cancelled or another trainer has it."""
    me = psutil.Process()
    with services.database.write() as transaction:
        run = services.runs.get(run_id, transaction)
        if not run.state.can_become(RunState.RUNNING):
            return None
        run = services.runs.save(
            transaction, replace(run, state=RunState.RUNNING, started_at=datetime.now(UTC), message="Reading the data")
        )
        services.runs.set_trainer(transaction, Trainer(run_id, me.pid, me.create_time(), HOST, time.time()))
        fact = Fact(
            EventType.TRAINING_STARTED,
            f"Training of {run.target} on {run.dataset_name} started",
            {"run": run.id, "dataset": run.dataset_id},
            {"task": run.task.value, "budget_s": run.budget_s},
        )
        services.log.append(transaction, fact)
    return run


def _fail(services: Services, run_id: str, reason: str) -> None:
    with services.database.write() as transaction:
        run = services.runs.get(run_id, transaction)
        if not run.state.is_finished:
            state = RunState.CANCELLED if run.is_cancel_requested else RunState.FAILED
            end_run(services, transaction, run, state, error=None if run.is_cancel_requested else reason)


def _limit_memory(limit_bytes: int) -> None:
    if limit_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
