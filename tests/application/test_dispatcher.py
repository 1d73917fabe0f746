"""The dispatcher at the moments that are hard to hit from outside."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dashapp.application import dispatcher as dispatcher_module
from dashapp.application.datasets import upload_csv
from dashapp.application.dispatcher import Dispatcher, interrupt_all, is_running
from dashapp.application.registration import model_id_of
from dashapp.application.services import Services
from dashapp.application.sweep import OLD_S, sweep
from dashapp.application.training import cancel_training, start_training
from dashapp.training.run import ResourcePoint, Run, RunState
from tests.conftest import DATA
from tests.waiting import wait_until


@pytest.fixture
def queued(services: Services) -> Iterator[Run]:
    with (DATA / "iris.csv").open("rb") as file:
        dataset, _ = upload_csv(services, file, "iris.csv")
    yield start_training(services, dataset.id, budget_s=3)
    interrupt_all(services, "the test is over")


def test_a_dispatcher_that_takes_over_while_a_trainer_starts_does_not_start_another(services: Services, queued: Run) -> None:
    first, second = Dispatcher(services, os.getpid()), Dispatcher(services, os.getpid())
    first.step()
    started = services.runs.trainers()
    assert [trainer.run_id for trainer in started] == [queued.id]
    second.step()
    assert services.runs.trainers() == started
    wait_until(lambda: _step(second, services, queued.id).state.is_finished, timeout_s=60)
    assert services.runs.get(queued.id).state is RunState.SUCCEEDED
    first._reap()
    assert services.runs.get(queued.id).state is RunState.SUCCEEDED


def _step(dispatcher: Dispatcher, services: Services, run_id: str) -> Run:
    dispatcher.step()
    return services.runs.get(run_id)


def test_a_server_that_stops_while_a_trainer_starts_leaves_no_process_and_the_run_queued(services: Services, queued: Run) -> None:
    dispatcher = Dispatcher(services, os.getpid())
    dispatcher.step()
    trainer = services.runs.trainers()[0]
    interrupt_all(services, "stopped")
    wait_until(lambda: not is_running(trainer))
    assert services.runs.get(queued.id).state is RunState.QUEUED


def test_a_run_that_is_cancelled_leaves_no_files_of_its_model(services: Services, queued: Run) -> None:
    dispatcher = Dispatcher(services, os.getpid())
    dispatcher.step()
    wait_until(lambda: services.runs.get(queued.id).state is RunState.RUNNING, timeout_s=30)
    half_made = services.models.folder(model_id_of(queued.id))
    half_made.mkdir(exist_ok=True)
    cancel_training(services, queued.id)

    def over() -> bool:
        dispatcher.step()
        dispatcher._reap()
        return services.runs.get(queued.id).state.is_finished

    wait_until(over)
    assert services.runs.get(queued.id).state is RunState.CANCELLED
    assert not half_made.exists()


def test_what_a_killed_process_left_is_swept_but_not_what_is_on_its_way(services: Services, queued: Run) -> None:
    datasets, models = services.datasets.directory, services.models.directory
    old, new = datasets / "upload-old.part", datasets / "upload-new.part"
    for path in (old, new):
        path.write_bytes(b"a,b")
    orphan = models / "morphan"
    orphan.mkdir()
    for path in (old, orphan):
        os.utime(path, (time.time() - 2 * OLD_S,) * 2)
    sweep(services)
    assert (old.exists(), new.exists(), orphan.exists()) == (False, True, False)
    assert services.datasets.has_files(queued.dataset_id)


@pytest.mark.parametrize(
    ("code", "is_oom", "memory_bytes", "state", "words"),
    [
        (-signal.SIGKILL, True, 50_000_000, RunState.FAILED, "ran out of memory"),
        (-signal.SIGKILL, False, 50_000_000, RunState.INTERRUPTED, "SIGKILL"),
        (-signal.SIGKILL, False, 290_000_000, RunState.FAILED, "ran out of memory"),
        (-signal.SIGABRT, False, 290_000_000, RunState.FAILED, "ran out of memory"),
        (-signal.SIGSEGV, True, 50_000_000, RunState.INTERRUPTED, "SIGSEGV"),
        (1, False, 290_000_000, RunState.FAILED, "ran out of memory"),
        (3, True, 50_000_000, RunState.INTERRUPTED, "exit code 3"),
        (None, False, 290_000_000, RunState.INTERRUPTED, "while nobody watched"),
    ],
)
def test_the_end_of_a_trainer_is_told_by_how_it_died(
    services: Services, queued: Run, code: int | None, is_oom: bool, memory_bytes: int, state: RunState, words: str
) -> None:
    limited = replace(services, settings=replace(services.settings, trainer_memory_bytes=300_000_000))
    with services.database.write() as transaction:
        services.runs.save(transaction, replace(queued, state=RunState.RUNNING))
        services.runs.add_resources(transaction, queued.id, [ResourcePoint(1.0, 0.9, 10_000_000), ResourcePoint(2.0, 0.9, memory_bytes)])
    half_made = services.models.folder(model_id_of(queued.id))
    half_made.mkdir()
    Dispatcher(limited, os.getpid())._end(queued.id, 1, code, is_oom=is_oom)
    run = services.runs.get(queued.id)
    assert run.state is state
    assert words in str(run.error)
    assert not half_made.exists()


def test_a_trainer_that_no_longer_answers_is_ended(services: Services, queued: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher_module, "SILENT_S", 2.0)
    dispatcher = Dispatcher(services, os.getpid())
    dispatcher.step()
    wait_until(lambda: services.runs.get(queued.id).state is RunState.RUNNING, timeout_s=60)
    trainer = services.runs.trainers()[0]
    with services.database.write():  # so that it does not stop in the middle of a write of its own
        os.kill(trainer.pid, signal.SIGSTOP)
    run = wait_until(lambda: (run := _step(dispatcher, services, queued.id)).state.is_finished and run)
    assert run.state is RunState.INTERRUPTED
    assert "no longer answered" in str(run.error)
    wait_until(lambda: not is_running(trainer))
    dispatcher._reap()
    assert services.runs.get(queued.id) == run
