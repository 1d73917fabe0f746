"""A registered model as a zip that works without this product."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pandas as pd

from dashapp.application.reading import as_read
from dashapp.application.services import Services
from dashapp.datasets.dataset import Dataset, DatasetState
from dashapp.datasets.read import read_dataset
from dashapp.errors import Conflict, NotFound, UnreadableCsv
from dashapp.models import artifact_format
from dashapp.models.export.archive import streamed
from dashapp.models.export.contents import entries
from dashapp.models.export.exported import Csv, Exported
from dashapp.models.export.rows import columns_needed, parts_of
from dashapp.models.export.safe_model import exported_pipeline
from dashapp.models.model import ModelVersion


@dataclass(frozen=True, slots=True)
class Export:
    """A zip called `name`, and its bytes, which can be taken once."""

    name: str
    content: Iterator[bytes]


def export_model(services: Services, model_id: str) -> Export:
    """Everything that can fail has been done when this returns; what is left is copying. Without its dataset a model is exported
    without the table. Raises `NotFound`, `ModelDamaged` or `Conflict`."""
    model = services.models.get(model_id)
    path = services.models.verified_file(model)
    stored = artifact_format.load(path)
    record = stored.record
    if record is None:
        raise Conflict(
            f"Version {model.version} is from an older program, which did not record how it was made; train it again to export it."
        )
    dataset = _dataset(services, model)
    with ExitStack() as on_failure:
        pipeline = on_failure.enter_context(exported_pipeline(path))
        table = None if dataset is None else _table(services, model, dataset)
        rows = None
        if table is not None:
            on_failure.enter_context(table)
            rows = parts_of(record, pd.read_parquet(table, columns=columns_needed(record.plan)), stored.rows["test"])
        exported = Exported(
            model=model,
            blend=stored.pipeline(),
            record=record,
            scores=stored.scores,
            explanation=stored.explanation(),
            example_rows=stored.check_rows,
            csv=_csv(model, dataset),
            has_table=table is not None,
        )
        files = entries(exported, pipeline, rows, table)
        on_failure.pop_all()
    return Export(f"{exported.name}.zip", streamed(files, model.created_at))


def _dataset(services: Services, model: ModelVersion) -> Dataset | None:
    """The model's, or the same bytes uploaded again; None where there are none that can be read."""
    try:
        found: Dataset | None = services.datasets.get(model.dataset_id)
    except NotFound:
        found = services.datasets.find_by_hash(model.dataset_sha256)
    is_there = found is not None and found.state is DatasetState.READY and services.datasets.has_files(found.id)
    return found if is_there else None


def _table(services: Services, model: ModelVersion, dataset: Dataset) -> IO[bytes] | None:
    """The typed table as the training had it: the one that is kept, or read anew where it was decided since to read it otherwise."""
    try:
        if as_read(dataset.reading) == as_read(model.reading):
            return services.datasets.table_path(dataset.id).open("rb")
        with tempfile.TemporaryDirectory(dir=services.datasets.directory) as folder:
            table = Path(folder) / "table.parquet"
            read_dataset(services.datasets.csv_path(dataset.id), table, model.reading)
            return table.open("rb")
    except (FileNotFoundError, UnreadableCsv):  # it was deleted at this moment
        return None


def _csv(model: ModelVersion, dataset: Dataset | None) -> Csv:
    size, rows = (None, None) if dataset is None else (dataset.bytes, dataset.profile.rows)
    return Csv(model.dataset_name, model.dataset_sha256, size, rows)
