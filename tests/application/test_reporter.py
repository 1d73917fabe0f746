"""Progress as it is kept: what the training says, and the seconds in which it says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dashapp.application import reporter as module
from dashapp.application.datasets import upload_csv
from dashapp.application.reporter import Reporter, aged
from dashapp.application.services import Services
from dashapp.application.training import end_run, start_training
from dashapp.training.run import CurvePoint, Progress, Run, RunState, Stage, StageProgress, StageState
from tests.conftest import DATA

PROGRESS = Progress(
    stage=Stage.TRAINING,
    percent=42.0,
    message="Racing",
    eta_s=10.0,
    eta_low_s=4.0,
    eta_high_s=20.0,
    stages=(StageProgress(Stage.PREPROCESSING, StageState.DONE, 3.0), StageProgress(Stage.TRAINING, StageState.RUNNING, 5.0)),
)


class Clock:
    """`time.monotonic` that the test moves on."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def running_run(services: Services) -> Iterator[Run]:
    with (DATA / "iris.csv").open("rb") as file:
        dataset, _ = upload_csv(services, file, "iris.csv")
    run = start_training(services, dataset.id)
    with services.database.write() as transaction:
        run = services.runs.save(transaction, replace(run, state=RunState.RUNNING))
    yield run


@pytest.mark.parametrize(
    ("passed_s", "left"), [(0.0, (10.0, 4.0, 20.0)), (3.0, (7.0, 1.0, 17.0)), (12.0, (0.0, 0.0, 8.0)), (99.0, (0.0, 0.0, 0.0))]
)
def test_what_is_left_shrinks_with_the_time_and_the_percentage_stands(passed_s: float, left: tuple[float, float, float]) -> None:
    later = aged(PROGRESS, passed_s)
    assert (later.eta_s, later.eta_low_s, later.eta_high_s) == left
    assert later.percent == PROGRESS.percent
    assert [stage.seconds for stage in later.stages] == [3.0, 5.0 + passed_s]


def test_nothing_known_stays_unknown() -> None:
    assert aged(replace(PROGRESS, eta_s=None, eta_low_s=None, eta_high_s=None), 5.0).eta_s is None


def test_a_silent_training_is_written_again_each_second(services: Services, running_run: Run, clock: Clock) -> None:
    reporter = Reporter(services, running_run.id)
    reporter(PROGRESS)
    versions = [services.runs.get(running_run.id).version]
    for _ in range(10):
        clock.now += 0.2
        reporter.tick()
        versions.append(services.runs.get(running_run.id).version)
    assert len(set(versions)) == 4
    run = services.runs.get(running_run.id)
    assert (run.eta_s, run.eta_low_s, run.eta_high_s, run.percent) == (8.2, 2.2, 18.2, 42.0)


def test_a_training_that_speaks_is_not_interrupted(services: Services, running_run: Run, clock: Clock) -> None:
    reporter = Reporter(services, running_run.id)
    reporter(PROGRESS)
    clock.now += 0.5
    reporter(replace(PROGRESS, eta_s=9.0))
    version = services.runs.get(running_run.id).version
    reporter.tick()
    assert services.runs.get(running_run.id).version == version


def test_curve_points_wait_for_the_next_writing_and_none_is_lost(services: Services, running_run: Run, clock: Clock) -> None:
    reporter = Reporter(services, running_run.id)
    for iteration in range(1, 8):
        clock.now += 0.1
        reporter(replace(PROGRESS, points=(CurvePoint("Forest", iteration, 0.1, 0.2, 0.9),)))
    reporter.write()
    points = services.runs.points(running_run.id)
    assert [(point["number"], point["iteration"]) for point in points] == [(at, at) for at in range(1, 8)]


def test_nothing_is_written_over_a_run_that_has_ended(services: Services, running_run: Run, clock: Clock) -> None:
    reporter = Reporter(services, running_run.id)
    reporter(PROGRESS)
    with services.database.write() as transaction:
        ended = end_run(services, transaction, services.runs.get(running_run.id, transaction), RunState.CANCELLED)
    clock.now += 5
    reporter.tick()
    reporter(replace(PROGRESS, percent=90.0))
    assert services.runs.get(running_run.id) == ended
