"""The datasets that are kept: a folder each (the CSV as it came, the typed table as Parquet) and a row with the profile."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pandas as pd
from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, insert, select, update

from dashapp.database.engine import Database
from dashapp.database.tables import datasets
from dashapp.datasets.dataset import Dataset, DatasetState
from dashapp.datasets.table import read_frame, read_slice, sample_table
from dashapp.errors import NotFound

_DOCUMENT = TypeAdapter(Dataset)
_CSV, _TABLE = "data.csv", "table.parquet"


class Datasets:
    """`get` raises `NotFound`, `find` returns None. Files are in place before the row is committed; the row goes first on deletion."""

    def __init__(self, database: Database, directory: Path) -> None:
        self._database = database
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def add(self, transaction: Connection, dataset: Dataset) -> None:
        transaction.execute(
            insert(datasets).values(
                id=dataset.id,
                name=dataset.name,
                sha256=dataset.sha256,
                bytes=dataset.bytes,
                created_at=dataset.created_at,
                document=_DOCUMENT.dump_python(dataset, mode="json"),
            )
        )

    def update(self, transaction: Connection, dataset: Dataset) -> None:
        """Write `dataset` over what is kept of it. Raises `NotFound` where it was deleted."""
        values = {"document": _DOCUMENT.dump_python(dataset, mode="json")}
        if not transaction.execute(update(datasets).where(datasets.c.id == dataset.id).values(values)).rowcount:
            raise NotFound(f"There is no dataset {dataset.id}.")

    def keep_csv(self, dataset_id: str, csv: Path) -> None:
        """Move `csv` into a folder for the dataset, where its table will lie beside it."""
        (self.directory / dataset_id).mkdir()
        csv.replace(self.csv_path(dataset_id))

    def csv_path(self, dataset_id: str) -> Path:
        return self.directory / dataset_id / _CSV

    def table_path(self, dataset_id: str) -> Path:
        return self.directory / dataset_id / _TABLE

    def new_table(self, dataset_id: str) -> Path:
        """Where another table is written before `replace_table` puts it in place."""
        return self.directory / dataset_id / f"table-{uuid4().hex[:8]}.parquet"

    def replace_table(self, dataset_id: str, table: Path) -> None:
        """Put another typed table in the place of the one that is there; readers see either the old or the new one."""
        table.replace(self.table_path(dataset_id))

    def has_files(self, dataset_id: str) -> bool:
        return all((self.directory / dataset_id / name).is_file() for name in (_CSV, _TABLE))

    def drop_files(self, dataset_id: str) -> None:
        shutil.rmtree(self.directory / dataset_id, ignore_errors=True)

    def get(self, dataset_id: str, transaction: Connection | None = None) -> Dataset:
        query = select(datasets.c.document).where(datasets.c.id == dataset_id)
        with self._database.read(within=transaction) as connection:
            document = connection.execute(query).scalar_one_or_none()
        if document is None:
            raise NotFound(f"There is no dataset {dataset_id}.")
        return _DOCUMENT.validate_python(document)

    def find_by_hash(self, sha256: str) -> Dataset | None:
        with self._database.read() as connection:
            document = connection.execute(select(datasets.c.document).where(datasets.c.sha256 == sha256)).scalar_one_or_none()
        return None if document is None else _DOCUMENT.validate_python(document)

    def profiling(self) -> list[Dataset]:
        query = select(datasets.c.document).where(datasets.c.document["state"].as_string() == DatasetState.PROFILING.value)
        with self._database.read() as connection:
            return [_DOCUMENT.validate_python(document) for document in connection.execute(query).scalars()]

    def all(self) -> list[Dataset]:
        """Newest first."""
        query = select(datasets.c.document).order_by(datasets.c.created_at.desc(), datasets.c.id)
        with self._database.read() as connection:
            return [_DOCUMENT.validate_python(document) for document in connection.execute(query).scalars()]

    def table(self, dataset_id: str) -> pd.DataFrame:
        """The typed table: numbers as float64, dates as datetime64, everything else as text with NaN for missing."""
        self.check_files(dataset_id)
        return read_frame(self.table_path(dataset_id))

    def sample(self, dataset_id: str) -> pd.DataFrame:
        """Rows of the typed table, spread evenly over it, each under its number from 1: what its quality is judged by."""
        self.check_files(dataset_id)
        return sample_table(self.table_path(dataset_id))

    def rows(self, dataset_id: str, offset: int, limit: int) -> list[dict[str, object]]:
        """Rows for a preview, JSON-ready, read out of the file without loading all of it."""
        self.check_files(dataset_id)
        table = read_slice(self.directory / dataset_id / _TABLE, offset, limit)
        return [{name: _plain(value) for name, value in row.items()} for row in table.to_pylist()]

    def check_files(self, dataset_id: str) -> None:
        """Raises `NotFound` where the disk has lost them."""
        if not self.has_files(dataset_id):
            raise NotFound(f"The files of dataset {dataset_id} are missing; upload the CSV again.")

    def remove(self, transaction: Connection, dataset_id: str) -> None:
        """Raises `NotFound` where somebody else was faster."""
        if not transaction.execute(delete(datasets).where(datasets.c.id == dataset_id)).rowcount:
            raise NotFound(f"There is no dataset {dataset_id}.")

    def count(self) -> int:
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(datasets)).scalar_one()


def _plain(value: object) -> object:
    """JSON knows no times: these are written as ISO 8601 has them."""
    return value.isoformat() if isinstance(value, datetime) else value
