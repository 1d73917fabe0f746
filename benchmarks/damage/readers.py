"""The readers: each gets the path alone and its best automatic mode."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a reader returned. `says_header` False: it does not tell the header from the rows; the first row is taken for the
    header of a file that has one. Otherwise `header` None means that it found none.
    """

    header: list[str] | None
    rows: list[list[str]]
    says_header: bool = True


def read_ours(path: Path) -> Loaded:
    from dashapp.datasets.text.rows import read_text

    return Loaded(None, read_text(path), says_header=False)


def read_pandas_sniffing(path: Path) -> Loaded:
    return _pandas(path, sep=None, engine="python")


def read_pandas(path: Path) -> Loaded:
    return _pandas(path)


def _pandas(path: Path, **options: Any) -> Loaded:
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, on_bad_lines="skip", index_col=False, **options)
    return Loaded(list(map(str, frame.columns)), frame.fillna("").values.tolist())


@cache
def _duckdb_connection() -> Any:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    return connection


_LENIENT = ", ignore_errors = true, null_padding = true, parallel = false, strict_mode = false"


def read_duckdb(path: Path) -> Loaded:
    """Leniently where it refuses the file or finds a single column, as a person would go on."""
    import duckdb

    try:
        loaded = _duckdb(path, ", ignore_errors = true")
    except duckdb.Error:
        return read_duckdb_leniently(path)
    return loaded if loaded.header is None or len(loaded.header) > 1 else read_duckdb_leniently(path)


def read_duckdb_leniently(path: Path) -> Loaded:
    return _duckdb(path, _LENIENT)


def _duckdb(path: Path, options: str) -> Loaded:
    answer = _duckdb_connection().execute(f"SELECT * FROM read_csv(?, all_varchar = true{options})", [str(path)])
    names = [column[0] for column in answer.description]
    made_up = all(name.startswith("column") and name[6:].isdigit() for name in names)
    return Loaded(None if made_up else names, [["" if cell is None else cell for cell in row] for row in answer.fetchall()])


def read_clevercsv(path: Path) -> Loaded:
    import clevercsv

    return Loaded(None, list(clevercsv.read_table(str(path))), says_header=False)


def read_sniffer(path: Path) -> Loaded:
    with path.open(encoding="utf-8", newline="") as file:
        dialect = csv.Sniffer().sniff(file.read(64 * 1024))
        file.seek(0)
        return Loaded(None, list(csv.reader(file, dialect)), says_header=False)


READERS: dict[str, Callable[[Path], Loaded]] = {
    "ours": read_ours,
    "pandas": read_pandas,
    "pandas sniffs": read_pandas_sniffing,
    "DuckDB": read_duckdb,
    "DuckDB lax": read_duckdb_leniently,
    "clevercsv": read_clevercsv,
    "csv.Sniffer": read_sniffer,
}
