"""Clearing away what a killed process left half-made: files that no row tells of."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from dashapp.application.services import Services

OLD_S = 600.0
"""What was touched more recently may still be on its way to its row."""


def sweep(services: Services) -> None:
    """Remove folders of datasets and models without a row, and uploads that nobody writes to any more."""
    datasets = {dataset.id for dataset in services.datasets.all()}
    models = {model.id for model in services.models.all()}
    for directory, known in ((services.datasets.directory, datasets), (services.models.directory, models)):
        for path in directory.iterdir():
            if path.name not in known and time.time() - _touched(path) > OLD_S:
                _remove(path)

    for table in services.datasets.directory.glob("*/table-*.parquet"):  # of a reading that was never kept
        if time.time() - _touched(table) > OLD_S:
            _remove(table)


def _touched(path: Path) -> float:
    """When it, or anything in it, was written last (epoch seconds); now where it has just gone."""
    try:
        return max(each.stat().st_mtime for each in (path, *path.glob("*")))
    except FileNotFoundError:
        return time.time()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
