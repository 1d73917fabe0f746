"""The states of a run, without a process."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashapp.application.datasets import delete_dataset, upload_csv
from dashapp.application.services import Services
from dashapp.application.training import cancel_training, end_run, start_training
from dashapp.datasets.dataset import Dataset
from dashapp.errors import Conflict, NotFound
from dashapp.events.fact import EventType
from dashapp.training.run import RunState
from tests.conftest import DATA

ALLOWED = {
    ("queued", "running"),
    ("queued", "cancelled"),
    ("queued", "failed"),
    ("running", "succeeded"),
    ("running", "failed"),
    ("running", "cancelled"),
    ("running", "interrupted"),
}


@pytest.fixture
def dataset(services: Services) -> Dataset:
    with (DATA / "iris.csv").open("rb") as file:
        return upload_csv(services, file, "iris.csv")[0]


def test_the_allowed_steps() -> None:
    allowed = {(a.value, b.value) for a, b in itertools.product(RunState, RunState) if a.can_become(b)}
    assert allowed == ALLOWED


def test_asking_twice_gives_the_same_run(services: Services, dataset: Dataset) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = {run.id for run in pool.map(lambda _: start_training(services, dataset.id), range(16))}
    assert len(ids) == 1
    assert services.runs.count() == 1


def test_a_queued_run_is_cancelled_at_once(services: Services, dataset: Dataset) -> None:
    run = start_training(services, dataset.id)
    assert cancel_training(services, run.id).state is RunState.CANCELLED
    with pytest.raises(Conflict):
        cancel_training(services, run.id)
    last = services.log.latest(1)[0]
    assert (last.type, last.data["outcome"]) == (EventType.TRAINING_COMPLETED, "cancelled")


def test_a_dataset_in_use_is_not_deleted(services: Services, dataset: Dataset) -> None:
    run = start_training(services, dataset.id)
    with pytest.raises(Conflict):
        delete_dataset(services, dataset.id)
    cancel_training(services, run.id)
    delete_dataset(services, dataset.id)
    assert services.datasets.all() == []


def test_a_run_ends_once(services: Services, dataset: Dataset) -> None:
    run = start_training(services, dataset.id)
    with services.database.write() as transaction:
        ended = end_run(services, transaction, run, RunState.FAILED, error="for a reason")
    with pytest.raises(Conflict), services.database.write() as transaction:
        end_run(services, transaction, ended, RunState.SUCCEEDED)
    assert services.runs.get(run.id).error == "for a reason"


def test_a_dataset_whose_files_were_lost_is_told_and_comes_back_with_its_csv(services: Services, dataset: Dataset) -> None:
    services.datasets.drop_files(dataset.id)
    with pytest.raises(NotFound, match="upload the CSV again"):
        services.datasets.table(dataset.id)
    with (DATA / "iris.csv").open("rb") as file:
        again, is_new = upload_csv(services, file, "iris.csv")
    assert (again.id, is_new) == (dataset.id, True)
    assert len(services.datasets.table(dataset.id)) == dataset.profile.rows
