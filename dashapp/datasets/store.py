"""The datasets that are kept: a folder each (the CSV as it came, the typed table as Parquet) and a row with the profile."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pandas as pd
from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, insert, select

from dashapp.database.engine import Database
from dashapp.database.tables import datasets
from dashapp.datasets.dataset import Dataset
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

    def keep_files(self, dataset_id: str, csv: Path, table: pd.DataFrame) -> None:
        """Move `csv` into the dataset's folder and write the typed table beside it."""
        folder = self.directory / dataset_id
        folder.mkdir()
        csv.replace(folder / _CSV)
        table.to_parquet(folder / _TABLE, index=False)

    def has_files(self, dataset_id: str) -> bool:
        return all((self.directory / dataset_id / name).is_file() for name in (_CSV, _TABLE))

    def drop_files(self, dataset_id: str) -> None:
        shutil.rmtree(self.directory / dataset_id, ignore_errors=True)

    def get(self, dataset_id: str) -> Dataset:
        with self._database.read() as connection:
            document = connection.execute(select(datasets.c.document).where(datasets.c.id == dataset_id)).scalar_one_or_none()
        if document is None:
            raise NotFound(f"There is no dataset {dataset_id}.")
        return _DOCUMENT.validate_python(document)

    def find_by_hash(self, sha256: str) -> Dataset | None:
        with self._database.read() as connection:
            document = connection.execute(select(datasets.c.document).where(datasets.c.sha256 == sha256)).scalar_one_or_none()
        return None if document is None else _DOCUMENT.validate_python(document)

    def all(self) -> list[Dataset]:
        """Newest first."""
        query = select(datasets.c.document).order_by(datasets.c.created_at.desc(), datasets.c.id)
        with self._database.read() as connection:
            return [_DOCUMENT.validate_python(document) for document in connection.execute(query).scalars()]

    def table(self, dataset_id: str) -> pd.DataFrame:
        """The typed table: numbers as float64, dates as datetime64, everything else as text with NaN for missing."""
        self._check_files(dataset_id)
        return pd.read_parquet(self.directory / dataset_id / _TABLE)

    def rows(self, dataset_id: str, offset: int, limit: int) -> list[dict[str, object]]:
        """Rows for a preview, JSON-ready, read out of the file without loading all of it."""
        import duckdb

        self._check_files(dataset_id)
        file = str(self.directory / dataset_id / _TABLE)
        relation = duckdb.connect().from_parquet(file)
        names = relation.columns
        return [dict(zip(names, map(_plain, row), strict=True)) for row in relation.limit(limit, offset).fetchall()]

    def _check_files(self, dataset_id: str) -> None:
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
