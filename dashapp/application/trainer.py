"""The trainer process: `python -m dashapp.application.trainer RUN_ID GUARDIAN_PID`.

It trains one queued run, writes its progress, registers the model and ends. Its guardian is the process that the install lives and dies
with (gunicorn's arbiter, or the development server): when that is gone, so is the trainer.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

import psutil

from dashapp.application.memory import OUT_OF_MEMORY, hold_to, let_go, trainer_memory_bytes
from dashapp.application.planning import plan_of
from dashapp.application.registration import model_id_of, register_model
from dashapp.application.reporter import Reporter
from dashapp.application.services import Services, open_services
from dashapp.application.training import end_run, first_stages
from dashapp.application.watch import Watch
from dashapp.database.leases import HOST
from dashapp.errors import DashappError
from dashapp.events.fact import EventType, Fact
from dashapp.log_format import configure_logs
from dashapp.settings import Settings
from dashapp.training.allocation import is_shortage
from dashapp.training.run import Run, RunState
from dashapp.training.store import Trainer
from dashapp.training.train import train

NICENESS = 10

_log = logging.getLogger(__name__)


def main(run_id: str, guardian_pid: int) -> None:
    try:
        guardian = psutil.Process(guardian_pid)
    except psutil.NoSuchProcess:  # the server stopped while this process was starting; the run stays queued
        return
    os.nice(NICENESS)
    settings = Settings.from_environment()
    configure_logs(settings.log_format)
    limit_bytes = trainer_memory_bytes(settings)
    services = open_services(settings, migrate=False)
    watch = Watch(services, run_id, guardian, limit_bytes, on_full=lambda: _give_up(services, run_id))
    watch.start()
    hold_to(limit_bytes)
    try:
        reason = _reason_of_failure(services, run_id, watch)  # what the training held in memory is free again here
        let_go()
        if reason is not None:
            _fail(services, run_id, reason)
    finally:
        watch.stop()
        services.close()


def _reason_of_failure(services: Services, run_id: str, watch: Watch) -> str | None:
    """Train; why that failed, as a sentence, or None where it did not."""
    try:
        _train(services, run_id, watch)
    except DashappError as error:
        return error.message
    except Exception as error:
        if is_shortage(error):
            return OUT_OF_MEMORY
        _log.exception("run %s failed", run_id)
        return f"The training failed with an error of its own: {type(error).__name__}: {error}"
    return None


def _train(services: Services, run_id: str, watch: Watch) -> None:
    run = _begin(services, run_id)
    if run is None:
        return
    started = time.monotonic()
    dataset = services.datasets.get(run.dataset_id)
    reporter = Reporter(services, run.id)
    watch.follow(reporter, run.budget_s)
    plan = plan_of(services, dataset, run)
    # Given away, so that the training can free it.
    trained = train(services.datasets.table(dataset.id), plan, reporter, watch.is_cancelled, earlier=first_stages(dataset))
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


def _fail(services: Services, run_id: str, reason: str) -> bool:
    """Write down the failure, or the cancellation that was asked for; False where the run had ended before."""
    with services.database.write() as transaction:
        run = services.runs.get(run_id, transaction)
        if run.state.is_finished:
            return False
        state = RunState.CANCELLED if run.is_cancel_requested else RunState.FAILED
        end_run(services, transaction, run, state, error=None if run.is_cancel_requested else reason)
    return True


def _give_up(services: Services, run_id: str) -> None:
    """The memory is used up although no allocation was refused (by several processes together, say): end all of them."""
    let_go()
    if _fail(services, run_id, OUT_OF_MEMORY):
        services.models.drop_files(model_id_of(run_id))
        os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
