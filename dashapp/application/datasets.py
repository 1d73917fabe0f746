"""Taking a CSV in, and letting a dataset go."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import BinaryIO
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from dashapp.application.profiling import claim_profiling, profile_in_background, profiled, uploaded
from dashapp.application.services import Services
from dashapp.datasets.dataset import EMPTY_PROFILE, Dataset, DatasetState
from dashapp.datasets.read import read_dataset
from dashapp.datasets.receive import Received, receive, safe_name
from dashapp.errors import Conflict
from dashapp.events.fact import EventType, Fact

WAITED_FOR_BYTES = 50_000_000
"""A larger file is profiled after the answer, so that no proxy gives up on the request."""


def upload_csv(services: Services, stream: BinaryIO, name: str, expected_bytes: int | None = None) -> tuple[Dataset, bool]:
    """Keep the CSV in `stream` and say what is in it: `(dataset, is_new)`; the same bytes again give the first dataset.

    A large file comes back in the state `profiling`. Raises `UnreadableCsv`, `TooLarge`, `DiskFull` or `InvalidRequest`; then
    nothing of the file is left.
    """
    datasets = services.datasets
    received = receive(stream, datasets.directory, limit_bytes=services.settings.max_upload_bytes, expected_bytes=expected_bytes)
    try:
        known = datasets.find_by_hash(received.sha256)
        if known is not None and known.state is DatasetState.FAILED:  # another try, perhaps with a newer version of the product
            delete_dataset(services, known.id)
            known = None
        if known is None:
            return _keep(services, _new(received, safe_name(name)), received)
        if known.state is DatasetState.READY and not datasets.has_files(known.id):
            _restore(services, known, received)  # its files were lost; those that came now take their place
            return known, True
        return known, False
    finally:
        received.path.unlink(missing_ok=True)


def _new(received: Received, name: str) -> Dataset:
    return Dataset(
        id=uuid4().hex[:12],
        name=name,
        bytes=received.bytes,
        sha256=received.sha256,
        created_at=datetime.now(UTC),
        uploading_s=round(received.seconds, 3),
        validating_s=0.0,
        profile=EMPTY_PROFILE,
        state=DatasetState.PROFILING,
    )


def _keep(services: Services, dataset: Dataset, received: Received) -> tuple[Dataset, bool]:
    claim = None
    try:
        services.datasets.keep_csv(dataset.id, received.path)
        if dataset.bytes > WAITED_FOR_BYTES:
            claim = claim_profiling(services, dataset.id)  # before the row is seen, so that nobody takes it for forgotten
            with services.database.write() as transaction:
                services.datasets.add(transaction, dataset)
            profile_in_background(services, dataset, claim)
            return dataset, True
        dataset = profiled(services, dataset)
        with services.database.write() as transaction:
            services.datasets.add(transaction, dataset)
            services.log.append(transaction, uploaded(dataset))
    except IntegrityError:  # the same bytes came twice at once, and the other one was faster
        services.datasets.drop_files(dataset.id)
        if claim is not None:
            claim.release()
        known = services.datasets.find_by_hash(dataset.sha256)
        if known is None:
            raise
        return known, False
    except BaseException:
        services.datasets.drop_files(dataset.id)
        raise
    return dataset, True


def _restore(services: Services, dataset: Dataset, received: Received) -> None:
    services.datasets.drop_files(dataset.id)
    services.datasets.keep_csv(dataset.id, received.path)
    read_dataset(services.datasets.csv_path(dataset.id), services.datasets.table_path(dataset.id), dataset.reading)


def delete_dataset(services: Services, dataset_id: str) -> None:
    """Raises `NotFound`, or `Conflict` while a run works on it. The disk space is free afterwards."""
    dataset = services.datasets.get(dataset_id)
    with services.database.write() as transaction:
        if any(run.dataset_id == dataset_id for run in services.runs.unfinished(transaction)):
            raise Conflict(f"{dataset.name} is being trained on; cancel the run first.")
        services.datasets.remove(transaction, dataset_id)
        services.log.append(
            transaction,
            Fact(EventType.USER_ACTION, f"{dataset.name} was deleted", {"dataset": dataset_id}, {"action": "dataset_deleted"}),
        )
    services.datasets.drop_files(dataset_id)
