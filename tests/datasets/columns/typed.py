"""Columns of a few values, typed as a file's are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from dashapp.datasets.columns.intake import Intake
from dashapp.datasets.columns.kinds import type_cells
from dashapp.datasets.columns.spool import Spool
from dashapp.datasets.columns.typed_column import TypedColumn
from dashapp.datasets.dataset import ColumnReading
from dashapp.datasets.table import write_table
from tests.datasets.conftest import text_array

NUMBERS = [str(number) for number in range(100, 200)]


def typed(values: list[str], name: str = "x", reading: ColumnReading = ColumnReading()) -> TypedColumn:
    intake = Intake(Spool(Path()), reading, columns=1)
    intake.add(text_array(*values))
    return type_cells(name, intake.cells(), reading)


def series(column: TypedColumn, tmp_path: Path) -> pd.Series:
    """The column as it is read back from the stored table."""
    write_table([column], tmp_path / "table.parquet")
    return pd.read_parquet(tmp_path / "table.parquet")[column.name]


def obeyed(column: TypedColumn, code: str) -> ColumnReading:
    """What the remedy of the finding says of the column."""
    (finding,) = [finding for finding in column.findings if finding.code == code]
    change = finding.remedies[0].change["columns"]
    assert isinstance(change, dict)
    (options,) = change.values()
    return ColumnReading(**{option: tuple(value) if isinstance(value, list) else value for option, value in options.items()})
