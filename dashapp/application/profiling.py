"""A kept CSV -> its typed table and its profile: while the caller waits, or for a large file in a thread of its own.

A process that profiles holds a lease on the dataset; where it dies, the dispatcher writes down that the dataset failed.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace

from dashapp.application.services import Services
from dashapp.database.leases import Lease
from dashapp.datasets.dataset import Dataset, DatasetState
from dashapp.datasets.read import read_dataset
from dashapp.errors import DashappError, NotFound
from dashapp.events.fact import EventType, Fact

LEASE_S = 3600.0
ABANDONED = "The server stopped while it read this file. Upload the file again."
_FAILED = "The file could not be read because of an error of the product's own; the server's log has the details."

_log = logging.getLogger(__name__)


def profiled(services: Services, dataset: Dataset) -> Dataset:
    """Write the table beside the kept CSV; returns the dataset as ready, with its profile. Raises `UnreadableCsv` or `DiskFull`."""
    started = time.monotonic()
    files = services.datasets
    profile = read_dataset(files.csv_path(dataset.id), files.table_path(dataset.id), dataset.reading)
    return replace(dataset, profile=profile, state=DatasetState.READY, validating_s=round(time.monotonic() - started, 3))


def claim_profiling(services: Services, dataset_id: str) -> Lease:
    lease = Lease(services.database, f"profiling:{dataset_id}", LEASE_S)
    lease.hold()
    return lease


def profile_in_background(services: Services, dataset: Dataset, claim: Lease) -> threading.Thread:
    """Profile a dataset that is kept as `profiling`; it becomes `ready` or `failed`, and then the claim is released."""
    thread = threading.Thread(target=_profile, args=(services, dataset, claim), name=f"profiling-{dataset.id}", daemon=True)
    thread.start()
    return thread


def _profile(services: Services, dataset: Dataset, claim: Lease) -> None:
    try:
        ended = profiled(services, dataset)
    except DashappError as error:
        ended = _failed(dataset, error.message)
    except Exception as error:
        if not (isinstance(error, FileNotFoundError) and _is_deleted(services, dataset)):
            _log.exception("%s could not be profiled", dataset.id)
        ended = _failed(dataset, _FAILED)
    try:
        _keep(services, ended)
    finally:
        claim.release()


def _is_deleted(services: Services, dataset: Dataset) -> bool:
    try:
        services.datasets.get(dataset.id)
    except NotFound:
        return True
    return False


def fail_abandoned(services: Services) -> None:
    """Write down the failure of each dataset whose process died while it read the file."""
    for dataset in services.datasets.profiling():
        claim = Lease(services.database, f"profiling:{dataset.id}", LEASE_S)
        if claim.hold():
            _keep(services, _failed(dataset, ABANDONED))
            claim.release()


def _failed(dataset: Dataset, reason: str) -> Dataset:
    return replace(dataset, state=DatasetState.FAILED, error=reason)


def _keep(services: Services, dataset: Dataset) -> None:
    try:
        with services.database.write() as transaction:
            services.datasets.update(transaction, dataset)
            services.log.append(transaction, uploaded(dataset))
    except NotFound:  # deleted in the meantime
        services.datasets.drop_files(dataset.id)
    if dataset.state is DatasetState.FAILED:
        services.datasets.drop_files(dataset.id)


def uploaded(dataset: Dataset) -> Fact:
    """What the log says once an upload is read, or could not be."""
    rows, columns = dataset.profile.rows, len(dataset.profile.columns)
    if dataset.state is DatasetState.FAILED:
        message = f"{dataset.name} was uploaded but could not be read: {dataset.error}"
        return Fact(EventType.USER_ACTION, message, {"dataset": dataset.id}, {"action": "dataset_failed", "bytes": dataset.bytes})
    return Fact(
        EventType.USER_ACTION,
        f"{dataset.name} was uploaded: {rows:,} rows, {columns} columns",
        {"dataset": dataset.id},
        {"action": "dataset_uploaded", "rows": rows, "columns": columns, "bytes": dataset.bytes},
    )
