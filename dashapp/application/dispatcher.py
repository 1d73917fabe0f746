"""The dispatcher: one per install, it starts a fresh trainer process for the next queued run and writes down how each ended.

A trainer outlives the web worker that started it: whoever takes the role over finds it by its process id, and watches on.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace

import psutil

from dashapp.application.memory import NEARLY, OUT_OF_MEMORY, trainer_memory_bytes
from dashapp.application.profiling import fail_abandoned
from dashapp.application.registration import model_id_of
from dashapp.application.services import Services
from dashapp.application.sweep import sweep
from dashapp.application.training import end_run
from dashapp.database.leases import HOST, Lease
from dashapp.events.live import ChangeCounter
from dashapp.monitoring.cgroup import oom_kills
from dashapp.settings import ROOT
from dashapp.training.run import Run, RunState
from dashapp.training.store import Trainer

STEP_S = 0.25
PATIENCE_S = 1.0
"""How often it is asked whether the role is free."""
LOST_S = 15.0
ABANDONED_S = 5.0
SILENT_S, OVERDUE = 120.0, 3.0
"""A trainer that is silent for so long, or takes so many times its budget and as long again, is taken for stuck."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Child:
    """A trainer that this process started, and how often the kernel had run out of memory before."""

    process: subprocess.Popen[bytes]
    oom_kills_before: int


@dataclass(frozen=True, slots=True)
class Heard:
    """When this process first saw a run's trainer, and when its heart beat last (monotonic seconds)."""

    first_at: float
    beat_at: float
    heartbeat_at: float


class Dispatcher:
    """A thread that plays the role while it holds the lease. `guardian_pid` is the process that trainers must not outlive."""

    def __init__(self, services: Services, guardian_pid: int) -> None:
        self._services, self._guardian_pid = services, guardian_pid
        self._lease = Lease(services.database, "dispatcher")
        self._children: dict[str, Child] = {}
        self._heard: dict[str, Heard] = {}
        self._is_holder = self._has_swept = self._is_busy = False
        self._looked_at = 0.0
        self._seen: object = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="dispatcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()
        self._lease.release()

    def _work(self) -> None:
        with ChangeCounter(self._services.database) as counter:
            while not self._over.wait(STEP_S if self._is_holder else PATIENCE_S):
                try:
                    self._round(counter)
                except Exception:
                    _log.exception("the dispatcher will try again")

    def _round(self, counter: ChangeCounter) -> None:
        self._reap()
        was_holder, self._is_holder = self._is_holder, self._lease.hold()
        if not self._is_holder:
            return
        if not self._has_swept:
            sweep(self._services)
            self._has_swept = True
        if time.monotonic() - self._looked_at > ABANDONED_S:
            self._looked_at = time.monotonic()
            fail_abandoned(self._services)
        changed = counter.read()
        if changed != self._seen or self._is_busy or not was_holder:  # with nothing to do, only a commit can change that
            self.step()
            self._seen = changed

    def step(self) -> None:
        """Look at every unfinished run once: end what is dead or cancelled, start what is next."""
        runs = self._services.runs.unfinished()
        self._is_busy = bool(runs)
        self._heard = {run.id: self._heard[run.id] for run in runs if run.id in self._heard}
        if not runs:
            return
        trainers = {each.run_id: each for each in self._services.runs.trainers()}
        for run in runs:
            if run.state is RunState.RUNNING and run.id in trainers:
                self._look_after(run, trainers[run.id])
        waiting = [run for run in runs if run.state is RunState.QUEUED and not self._is_starting(run, trainers.get(run.id))]
        for run in waiting[: max(self._services.settings.max_runs - (len(runs) - len(waiting)), 0)]:
            self._start(run)

    def _is_starting(self, run: Run, trainer: Trainer | None) -> bool:
        """Whether a trainer of this queued run, started here or by the dispatcher before, is on its way."""
        return run.id in self._children or (trainer is not None and not self._is_lost(trainer))

    @staticmethod
    def _is_lost(trainer: Trainer) -> bool:
        return not is_running(trainer) if trainer.host == HOST else time.time() - trainer.heartbeat_at > LOST_S

    def _start(self, run: Run) -> None:
        """A fresh process in a group of its own, which inherits neither sockets nor threads; the run remembers it at once."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DASHAPP_")}
        environment |= self._services.settings.to_environment()
        # The race has threads of its own. With more than one in each library, each waits for the other on a busy machine.
        environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        child = subprocess.Popen(  # noqa: S603 (our own interpreter and module; the id is ours)
            [sys.executable, "-m", "dashapp.application.trainer", run.id, str(self._guardian_pid)],
            cwd=ROOT,
            env=environment,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )
        self._children[run.id] = Child(child, oom_kills())
        with contextlib.suppress(psutil.NoSuchProcess), self._services.database.write() as transaction:
            started = psutil.Process(child.pid).create_time()
            self._services.runs.set_trainer(transaction, Trainer(run.id, child.pid, started, HOST, time.time()))

    def _reap(self) -> None:
        """Write down the end of our own children that ended without doing so themselves."""
        for run_id, child in list(self._children.items()):
            code = child.process.poll()
            if code is not None:
                del self._children[run_id]
                self._end(run_id, child.process.pid, code, is_oom=oom_kills() > child.oom_kills_before)

    def _look_after(self, run: Run, trainer: Trainer) -> None:
        if run.is_cancel_requested and not run.is_best_kept and trainer.host == HOST and is_running(trainer):
            kill_group(trainer.pid)
        elif trainer.host == HOST and self._is_stuck(run, trainer) and is_running(trainer):
            self._end(run.id, trainer.pid, None, error="The trainer no longer answered and was ended. Train again to start over.")
            kill_group(trainer.pid)
        if run.id not in self._children and self._is_lost(trainer):
            self._end(run.id, trainer.pid, None)

    def _is_stuck(self, run: Run, trainer: Trainer) -> bool:
        """Whether its heart has stood still for long, or the budget is over by far: by a clock of our own, which stops with the machine."""
        now = time.monotonic()
        first = self._heard.setdefault(run.id, Heard(now, now, trainer.heartbeat_at))
        if trainer.heartbeat_at != first.heartbeat_at:
            self._heard[run.id] = replace(first, beat_at=now, heartbeat_at=trainer.heartbeat_at)
            first = self._heard[run.id]
        return now - first.beat_at > SILENT_S or now - first.first_at > OVERDUE * run.budget_s + SILENT_S

    def _end(self, run_id: str, pid: int, code: int | None, *, is_oom: bool = False, error: str | None = None) -> None:
        """Write down how the trainer `pid` ended, where that is still the one that works on the run, and clear away what it left.
        `is_oom`: the kernel has ended somebody for want of memory since it was started."""
        with self._services.database.write() as transaction:
            run = self._services.runs.get(run_id, transaction)
            trainer = self._services.runs.trainer(run_id, transaction)
            if run.state.is_finished or (trainer is not None and trainer.pid != pid):
                return
            if run.is_cancel_requested:
                end_run(self._services, transaction, run, RunState.CANCELLED)
            elif self._ran_out_of_memory(run_id, code, is_oom):
                end_run(self._services, transaction, run, RunState.FAILED, error=OUT_OF_MEMORY)
            elif run.state is RunState.QUEUED:
                end_run(self._services, transaction, run, RunState.FAILED, error=f"The trainer could not start: it {_ending(code)}.")
            else:
                end_run(self._services, transaction, run, RunState.INTERRUPTED, error=error or f"The trainer process {_ending(code)}.")
        self._services.models.drop_files(model_id_of(run_id))

    def _ran_out_of_memory(self, run_id: str, code: int | None, is_oom: bool) -> bool:
        """It died, and the kernel says so or it was close to its limit when it was measured last."""
        if not code:
            return False
        used = self._services.runs.resources(run_id)[-1:]
        limit = trainer_memory_bytes(self._services.settings)
        return (is_oom and code == -signal.SIGKILL) or any(point["memory_bytes"] > NEARLY * limit for point in used)


def is_running(trainer: Trainer) -> bool:
    """Whether that very process still works (not another one with its number, nor a zombie)."""
    try:
        process = psutil.Process(trainer.pid)
        return abs(process.create_time() - trainer.pid_started) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        _log.info("process group %s was gone already", pid)


def interrupt_all(services: Services, reason: str) -> None:
    """End every trainer on this host and say why: what a server does when it stops. A run whose trainer was about to start stays queued."""
    for trainer in services.runs.trainers():
        if trainer.host != HOST:
            continue
        if is_running(trainer):
            kill_group(trainer.pid)
        with services.database.write() as transaction:
            run = services.runs.get(trainer.run_id, transaction)
            if run.state is not RunState.RUNNING:
                continue
            end_run(services, transaction, run, RunState.INTERRUPTED, error=reason)
        services.models.drop_files(model_id_of(trainer.run_id))


def _ending(code: int | None) -> str:
    if code is None:
        return "is gone; it ended while nobody watched"
    if code < 0:
        return f"was killed from outside ({signal.Signals(-code).name})"
    return f"ended with exit code {code}"
