"""A large file is profiled after the answer; however that ends, the dataset says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from dashapp.application import datasets as uploads
from dashapp.application import profiling
from dashapp.application.datasets import delete_dataset, upload_csv
from dashapp.application.profiling import ABANDONED, fail_abandoned
from dashapp.application.reading import change_reading
from dashapp.application.services import Services, open_services
from dashapp.application.training import start_training
from dashapp.database.leases import Lease
from dashapp.datasets.dataset import Dataset, DatasetState, Profile
from dashapp.errors import Conflict, UnreadableCsv
from dashapp.settings import Settings
from tests.waiting import wait_until

CSV = b"x,churn\n" + b"".join(b"%d,%s\n" % (i, b"yes" if i % 3 else b"no") for i in range(40))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with closing(open_services(Settings(home=tmp_path / "home"))) as opened:
        yield opened


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Every file counts as large, and its reading waits until the gate is set."""
    opened = threading.Event()

    def wait_and_read(*arguments: object) -> Profile:
        assert opened.wait(20)
        return read(*arguments)

    read = profiling.read_dataset
    monkeypatch.setattr(uploads, "WAITED_FOR_BYTES", 0)
    monkeypatch.setattr(profiling, "read_dataset", wait_and_read)
    yield opened
    opened.set()
    wait_until(lambda: not any(thread.name.startswith("profiling") for thread in threading.enumerate()))


def upload(services: Services) -> tuple[Dataset, bool]:
    return upload_csv(services, BytesIO(CSV), "large.csv")


def test_a_large_file_is_answered_at_once_and_ready_later(services: Services, gate: threading.Event) -> None:
    dataset, is_new = upload(services)
    assert (dataset.state, is_new, dataset.profile.rows) == (DatasetState.PROFILING, True, 0)
    assert upload(services) == (dataset, False)
    for work in (lambda: start_training(services, dataset.id), lambda: change_reading(services, dataset.id, {"drop_duplicates": True})):
        with pytest.raises(Conflict, match="still being read"):
            work()
    gate.set()
    wait_until(lambda: services.datasets.get(dataset.id).state is DatasetState.READY)
    ready = services.datasets.get(dataset.id)
    assert (ready.profile.rows, ready.profile.target.name) == (40, "churn")
    assert len(services.datasets.table(dataset.id)) == 40
    wait_until(lambda: any(event.data["action"] == "dataset_uploaded" for event in services.log.since(0)))


def test_a_large_file_that_is_no_table_fails_with_the_reason_and_can_be_tried_again(
    services: Services, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Profile:
        raise UnreadableCsv("This is poetry.")

    monkeypatch.setattr(profiling, "read_dataset", refuse)
    first, _ = upload(services)
    wait_until(lambda: services.datasets.get(first.id).state is DatasetState.FAILED)
    assert services.datasets.get(first.id).error == "This is poetry."
    with pytest.raises(Conflict, match="poetry"):
        start_training(services, first.id)
    wait_until(lambda: not services.datasets.csv_path(first.id).exists())
    second, is_new = upload(services)
    assert is_new and second.id != first.id and len(services.datasets.all()) == 1


def test_an_error_of_our_own_fails_the_dataset_and_not_the_server(
    services: Services, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiling, "read_dataset", lambda *_: 1 / 0)
    dataset, _ = upload(services)
    wait_until(lambda: services.datasets.get(dataset.id).state is DatasetState.FAILED)
    assert "error of the product's own" in str(services.datasets.get(dataset.id).error)


def test_a_dataset_deleted_while_it_is_read_leaves_nothing(services: Services, gate: threading.Event) -> None:
    dataset, _ = upload(services)
    delete_dataset(services, dataset.id)
    gate.set()
    wait_until(lambda: not any(thread.name.startswith("profiling") for thread in threading.enumerate()))
    assert services.datasets.all() == []
    assert list(services.datasets.directory.iterdir()) == []


def test_only_a_dataset_whose_process_died_is_given_up(services: Services, gate: threading.Event) -> None:
    alive, _ = upload(services)
    fail_abandoned(services)
    assert services.datasets.get(alive.id).state is DatasetState.PROFILING
    abandoned = replace(alive, id="abandoned", sha256="0" * 64)
    with services.database.write() as transaction:
        services.datasets.add(transaction, abandoned)
    fail_abandoned(services)
    assert services.datasets.get("abandoned").error == ABANDONED
    assert services.datasets.get(alive.id).state is DatasetState.PROFILING
    assert Lease(services.database, "profiling:abandoned").hold()
