"""A file -> a table and what is known of it: the whole room in one call."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from dashapp.datasets.cells import clean_cells
from dashapp.datasets.dataset import Profile
from dashapp.datasets.kinds import type_column
from dashapp.datasets.profile import profile
from dashapp.datasets.text import read_columns


def read_table(path: Path) -> tuple[pd.DataFrame, Profile]:
    """Read and profile the whole file. Raises UnreadableCsv where it holds no table.

    In the table numbers and integers are float64, datetimes datetime64 without zone, and every other kind is `str` as
    written, less outer blanks; NaN and NaT are missing.
    """
    text = read_columns(path)
    columns = [type_column(name, clean_cells(column)) for name, column in zip(text.names, text.columns, strict=True)]
    table = pd.DataFrame({column.name: column.series for column in columns}, copy=False)
    return table, profile(columns, text.dialect, text.findings)
