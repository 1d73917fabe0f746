"""Threads that cannot be interrupted are left behind, and what is held is counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from dashapp.datasets.dataset import Task
from dashapp.training.families.boosting import Boosting
from dashapp.training.families.family import Rows, Step
from dashapp.training.material import Material, prepared
from dashapp.training.progress import Reporter
from dashapp.training.race.encoded import Encoder, undisturbed_s
from dashapp.training.race.race import GRACE_S, Drift, Race
from dashapp.training.race.schedule import Schedule
from dashapp.training.race.trial import Standing, Trial
from dashapp.training.race.work import TOO_SLOW, Job, Workers
from dashapp.training.run import TrainingPlan
from tests.training.tables import mixed_plan, mixed_table


class _Endless(Boosting):
    """Gives `given` steps and is then in one that only `gate` ends."""

    gate = threading.Event()
    given = 1

    def race(self, rows: Rows, setting: dict[str, Any]) -> Iterator[Step]:  # type: ignore[override]
        sample, half = (np.full((len(part), 2), 0.5) for part in (rows.sample, rows.validation))
        for number in range(self.given):
            yield Step(number + 1, sample, half, {"n_estimators": number + 1}, 0.01)
        self.gate.wait()


@pytest.fixture
def plan() -> TrainingPlan:
    return mixed_plan(Task.BINARY, budget_s=1.0, only="boosting")


@pytest.fixture
def material(plan: TrainingPlan) -> Material:
    return prepared(mixed_table(), plan, Reporter(lambda progress: None, ()))


@pytest.fixture(autouse=True)
def gate() -> Iterator[threading.Event]:
    before = set(threading.enumerate())
    _Endless.gate.clear()
    yield _Endless.gate
    _Endless.gate.set()
    for thread in set(threading.enumerate()) - before:
        thread.join()


def _started(plan: TrainingPlan, material: Material, given: int) -> tuple[Workers, Job]:
    _Endless.given = given
    workers = Workers(plan, material, Encoder(material, 0), 1, 0.0)
    job = Job(Trial(_Endless(plan), {}, 1, 1, False), 0)
    workers.start(job)
    return workers, job


def test_what_a_step_without_end_had_come_to_is_its_run(plan: TrainingPlan, material: Material) -> None:
    workers, job = _started(plan, material, given=1)
    assert workers.hear(30.0) is not None
    workers.abandon(job)
    assert workers.jobs == [] and job.error is None
    assert job.run is not None and job.run.losses == [pytest.approx(np.log(2))] and set(job.run.outputs) == {0}


def test_a_first_step_without_end_is_a_failure_with_its_reason(plan: TrainingPlan, material: Material) -> None:
    workers, job = _started(plan, material, given=0)
    workers.abandon(job)
    assert (job.run, job.error) == (None, TOO_SLOW)


def test_what_an_abandoned_job_tells_later_is_not_heard(plan: TrainingPlan, material: Material, gate: threading.Event) -> None:
    workers, job = _started(plan, material, given=0)
    workers.abandon(job)
    gate.set()
    assert workers.hear(0.5) is None


def test_a_race_does_not_wait_for_a_step_without_end(plan: TrainingPlan, material: Material) -> None:
    _Endless.given = 1
    workers = Workers(plan, material, Encoder(material, 0), 1, time.monotonic())
    race = Race(Schedule(plan, (_Endless(plan),), material), workers, time.monotonic(), lambda: 0.0, lambda: 0.0)
    heard: list[Job | None] = []
    # Asked to stop once there is a point: the grace then runs out while the step goes on.
    race.run(lambda job, point: heard.append(job), lambda: any(job is not None for job in heard))
    assert [len(trial.runs) for trial in race.schedule.trials] == [1] and race.schedule.failed == {}
    assert GRACE_S <= 1.0


def test_one_fold_keeps_the_outputs_of_its_best_step_only(plan: TrainingPlan, material: Material) -> None:
    for folds, kept in ((1, 1), (5, 3)):
        _Endless.given = 3
        _Endless.gate.set()
        workers = Workers(plan, material, Encoder(material, 0), 1, 0.0)
        job = Job(Trial(_Endless(plan), {}, 1, folds, False), 0)
        workers.start(job)
        while workers.jobs:
            workers.hear(30.0)
        assert job.run is not None and len(job.run.losses) == 3 and len(job.run.outputs) == kept


def test_encoded_rows_are_shared_until_they_are_forgotten(plan: TrainingPlan, material: Material) -> None:
    encoder, family = Encoder(material, 0), Boosting(plan)
    first = encoder.rows(family, {}, 0, None)
    assert encoder.rows(family, {}, 0, None) is first
    assert first.row_bytes >= 8 * len(plan.features)
    encoder.forget()
    assert encoder.rows(family, {}, 0, None) is not first


def test_an_open_trial_that_is_cut_short_stays_open_for_its_other_folds(plan: TrainingPlan, material: Material) -> None:
    workers, job = _started(plan, material, given=1)
    assert workers.hear(30.0) is not None
    workers.abandon(job)
    assert job.run is not None
    job.trial.folds = 2
    job.trial.add(0, job.run)
    assert job.trial.standing is Standing.OPEN


@pytest.mark.parametrize(
    ("cpu_s", "wall_s", "expected"), [(2.0, 2.0, 2.0), (1.0, 4.0, 2.0), (0.0, 10.0, 3.162), (3.0, 2.0, 2.0), (0.0, 0.0, 0.0)]
)
def test_undisturbed_seconds_lie_between_the_processors_and_the_clocks(cpu_s: float, wall_s: float, expected: float) -> None:
    assert undisturbed_s(cpu_s, wall_s) == pytest.approx(expected, abs=1e-3)


def test_the_drift_follows_the_last_jobs_and_has_bounds() -> None:
    drift = Drift()
    assert drift.factor == 1.0
    for _ in range(30):
        drift.hear(1.0, 1.5)
    assert drift.factor == pytest.approx(1.5, abs=0.01)
    for _ in range(30):
        drift.hear(1.0, 100.0)
    assert drift.factor == 2.5
