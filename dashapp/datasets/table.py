"""The typed table as Parquet: written column parts at a time, and read in parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from dashapp.datasets.columns.typed_column import TypedColumn
from dashapp.datasets.receive import NO_SPACE, disk_full

SAMPLE_ROWS, _FEWEST_SAMPLED = 20_000, 1_000
_SAMPLE_CELLS = 2_000_000
GROUP_ROWS = 65_536
_GROUP_CELLS = 2_000_000
_GROUP_BYTES = 16 * 1024 * 1024
_FEWEST_ROWS = 1_024
_CELLS_READ_AT_ONCE = 2_000_000
STR = pd.StringDtype("pyarrow", na_value=np.nan)


def write_table(columns: Sequence[TypedColumn], path: Path) -> pd.DataFrame:
    """Write all rows and return those of the sample. Where that fails nothing is left at `path`; raises DiskFull."""
    rows = columns[0].rows
    try:
        return _write(columns, path, sample_places(rows, len(columns)))
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno in NO_SPACE:
            raise disk_full(path.parent) from error
        raise
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def sample_table(path: Path, limit: int = SAMPLE_ROWS) -> pd.DataFrame:
    """The rows of the sample, in order and spread evenly, each under its number from 1; one group of rows in memory at a time."""
    with pq.ParquetFile(path) as file:
        chosen = sample_places(file.metadata.num_rows, file.metadata.num_columns, limit)
        parts = []
        begin = 0
        for group in range(file.num_row_groups):
            end = begin + file.metadata.row_group(group).num_rows
            here = chosen[(chosen >= begin) & (chosen < end)] - begin
            if len(here):
                parts.append(file.read_row_group(group).take(pa.array(here)))
            begin = end
        return _to_frame(pa.concat_tables(parts) if parts else file.schema_arrow.empty_table(), chosen)


def read_slice(path: Path, offset: int, limit: int) -> Any:
    """Up to `limit` rows from `offset` on as a pyarrow table; only the groups of rows that hold them are read."""
    with pq.ParquetFile(path) as file:
        groups: list[int] = []
        first = begin = 0
        for group in range(file.num_row_groups):
            end = begin + file.metadata.row_group(group).num_rows
            if end > offset and begin < offset + limit:
                first = begin if not groups else first
                groups.append(group)
            begin = end
        if not groups:
            return file.schema_arrow.empty_table()
        return file.read_row_groups(groups).slice(max(offset - first, 0), limit)


def sample_places(rows: int, columns: int, limit: int = SAMPLE_ROWS) -> NDArray[np.int64]:
    """The places from 0 of up to `limit` rows, from the first to the last; of a very wide table fewer."""
    limit = min(limit, max(_SAMPLE_CELLS // columns, _FEWEST_SAMPLED))
    if rows <= limit:
        return np.arange(rows)
    return np.unique(np.linspace(0, rows - 1, limit).round().astype(np.int64))


def _write(columns: Sequence[TypedColumn], path: Path, chosen: NDArray[np.int64]) -> pd.DataFrame:
    names = [column.name for column in columns]
    group_rows = min(GROUP_ROWS, max(_GROUP_CELLS // len(columns), _FEWEST_ROWS))
    sampled, begin = [], 0
    writer: Any = None
    writing: Future[None] | None = None
    # One group is written while the next is put together.
    with ThreadPoolExecutor(1, "write") as thread:
        try:
            for table in _groups(columns, names, group_rows):
                if writing is not None:
                    writing.result()
                writer = writer or _open(path, table.schema)
                writing = thread.submit(writer.write_table, table, len(table))
                here = chosen[(chosen >= begin) & (chosen < begin + len(table))] - begin
                sampled.append(_plain(table.take(pa.array(here))))
                begin += len(table)
            if writing is not None:
                writing.result()
        finally:
            thread.shutdown()
            if writer is not None:
                writer.close()
    return _to_frame(pa.concat_tables(sampled), chosen)


def _groups(columns: Sequence[TypedColumn], names: list[str], rows: int) -> Iterator[Any]:
    """Tables of about so many rows, fewer where they are large. The parts of all columns are cut at the same rows."""
    held: list[Any] = []
    size = 0
    for arrays in zip(*(column.chunks() for column in columns), strict=True):
        held.append(pa.RecordBatch.from_arrays(list(arrays), names))
        size += sum(map(_bytes_of, arrays))
        if sum(map(len, held)) >= rows or size >= _GROUP_BYTES:
            yield pa.Table.from_batches(held)
            held, size = [], 0
    if held:
        yield pa.Table.from_batches(held)


def _bytes_of(array: Any) -> int:
    return array.indices.nbytes if pa.types.is_dictionary(array.type) else array.nbytes  # type: ignore[no-any-return]


def read_frame(path: Path) -> pd.DataFrame:
    """The whole typed table, a few columns at a time: read at once it would be held three times over."""
    file = pq.read_metadata(path)
    found = file.schema.to_arrow_schema().names
    at_once = max(1, _CELLS_READ_AT_ONCE // max(1, file.num_rows))
    if at_once >= len(found):
        return pd.read_parquet(path)
    return pd.concat([pd.read_parquet(path, columns=found[at : at + at_once]) for at in range(0, len(found), at_once)], axis=1)


def _open(path: Path, schema: Any) -> Any:
    texts = [field.name for field in schema if not pa.types.is_floating(field.type) and not pa.types.is_timestamp(field.type)]
    few = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    codecs = {name: "snappy" if name in texts else "none" for name in schema.names}
    # Without the Arrow schema, so that a dictionary of words is read back as words.
    return pq.ParquetWriter(path, schema, compression=codecs, use_dictionary=few or False, write_statistics=False, store_schema=False)


def _plain(table: Any) -> Any:
    """Dictionaries as the words that they stand for."""
    for index, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(index, field.name, table.column(index).cast(pa.string()))
    return table


def _to_frame(table: Any, chosen: NDArray[np.int64]) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(types_mapper={pa.string(): STR}.get)
    frame.index = pd.Index(chosen + 1)
    return frame
