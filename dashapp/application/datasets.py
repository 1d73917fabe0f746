"""Taking a CSV in, and letting a dataset go."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import BinaryIO
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from dashapp.application.services import Services
from dashapp.datasets.dataset import Dataset
from dashapp.datasets.read import read_table
from dashapp.datasets.receive import Received, receive, safe_name
from dashapp.errors import Conflict
from dashapp.events.fact import EventType, Fact


def upload_csv(services: Services, stream: BinaryIO, name: str, expected_bytes: int | None = None) -> tuple[Dataset, bool]:
    """Keep the CSV in `stream` and say what is in it: `(dataset, is_new)`; the same bytes again give the first dataset.

    Raises `UnreadableCsv`, `TooLarge`, `DiskFull` or `InvalidRequest`; then nothing of the file is left.
    """
    directory = services.datasets.directory
    received = receive(stream, directory, limit_bytes=services.settings.max_upload_bytes, expected_bytes=expected_bytes)
    try:
        known = services.datasets.find_by_hash(received.sha256)
        if known is not None and services.datasets.has_files(known.id):
            return known, False
        if known is not None:  # its files were lost; those that came now take their place
            services.datasets.drop_files(known.id)
            services.datasets.keep_files(known.id, received.path, read_table(received.path)[0])
            return known, True
        return _keep(services, received, safe_name(name))
    finally:
        received.path.unlink(missing_ok=True)


def _keep(services: Services, received: Received, name: str) -> tuple[Dataset, bool]:
    started = time.monotonic()
    table, profile = read_table(received.path)
    dataset = Dataset(
        id=uuid4().hex[:12],
        name=name,
        bytes=received.bytes,
        sha256=received.sha256,
        created_at=datetime.now(UTC),
        uploading_s=round(received.seconds, 3),
        validating_s=round(time.monotonic() - started, 3),
        profile=profile,
    )
    try:
        services.datasets.keep_files(dataset.id, received.path, table)
        with services.database.write() as transaction:
            services.datasets.add(transaction, dataset)
            services.log.append(transaction, _uploaded(dataset))
    except IntegrityError:  # the same bytes came twice at once, and the other one was faster
        services.datasets.drop_files(dataset.id)
        known = services.datasets.find_by_hash(dataset.sha256)
        if known is None:
            raise
        return known, False
    except BaseException:
        services.datasets.drop_files(dataset.id)
        raise
    return dataset, True


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


def _uploaded(dataset: Dataset) -> Fact:
    columns = len(dataset.profile.columns)
    return Fact(
        EventType.USER_ACTION,
        f"{dataset.name} was uploaded: {dataset.profile.rows:,} rows, {columns} columns",
        {"dataset": dataset.id},
        {"action": "dataset_uploaded", "rows": dataset.profile.rows, "columns": columns, "bytes": dataset.bytes},
    )
