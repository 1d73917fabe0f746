"""A file -> a typed table on the disk and what is known of it: the whole room in one call."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pyarrow as pa

from dashapp.datasets.columns.batches import join_small, read_batches
from dashapp.datasets.columns.decimals import FileDecimals, decimals_of_file
from dashapp.datasets.columns.intake import Intake
from dashapp.datasets.columns.kinds import type_cells
from dashapp.datasets.columns.long_columns import type_numbers, type_texts
from dashapp.datasets.columns.number_stream import NumberStream
from dashapp.datasets.columns.numbers import Style
from dashapp.datasets.columns.spool import Chunks, Spool
from dashapp.datasets.columns.typed_column import TypedColumn
from dashapp.datasets.dataset import ColumnReading, Finding, Profile, Reading
from dashapp.datasets.profile import profile
from dashapp.datasets.table import write_table
from dashapp.datasets.text.account import layout_findings
from dashapp.datasets.text.dialect import Layout, find_layout
from dashapp.datasets.text.names import name_columns, unique_names
from dashapp.datasets.text.reader import RowReader
from dashapp.errors import UnreadableCsv

THREADS = 2
_PARTS = 2 * THREADS  # that the columns of a batch are divided into


def read_dataset(csv: Path, parquet: Path, reading: Reading = Reading()) -> Profile:
    """Read and profile the whole file, and write the typed table to `parquet`; memory does not grow with the file.

    In the table numbers and integers are float64, datetimes timestamps in microseconds without zone, and every other kind is
    text as written, less outer blanks; missing values are null. Raises UnreadableCsv where the file holds no table, and DiskFull.
    """
    layout = find_layout(csv, reading)
    with Spool(parquet.parent) as spool, ThreadPoolExecutor(THREADS, "read") as pool:
        columns, findings = _Source(csv, layout, reading, spool, pool).columns()
        sample = write_table(columns, parquet)
    described = profile(columns, sample, columns[0].rows, layout.dialect, findings)
    pa.default_memory_pool().release_unused()
    return described


def read_table(path: Path, reading: Reading = Reading()) -> tuple[pd.DataFrame, Profile]:
    """The same with the table in memory: float64, datetime64 and `str`, NaN and NaT for missing."""
    with tempfile.TemporaryDirectory() as folder:
        parquet = Path(folder) / "table.parquet"
        described = read_dataset(path, parquet, reading)
        return pd.read_parquet(parquet), described


class _Source:
    """The file, which is gone through once, and once more for columns that turn out not to be what they seemed."""

    def __init__(self, path: Path, layout: Layout, reading: Reading, spool: Spool, pool: Executor) -> None:
        self._path, self._layout, self._reading, self._spool, self._pool = path, layout, reading, spool, pool
        self._decimals = FileDecimals()

    def columns(self) -> tuple[list[TypedColumn], list[Finding]]:
        intakes = [self._intake(name) for name in unique_names(self._layout.header, self._layout.width)]
        findings = self._take(dict(enumerate(intakes)))
        if not intakes[0].rows:
            raise UnreadableCsv("The file has a header but no rows.", got="0 rows")
        named = name_columns(self._layout.header, [intake.is_blank for intake in intakes])
        if len(named.names) < 2:
            raise UnreadableCsv("Only one column was found. At least one feature is needed besides the target.", got="1 column")
        kept = named.kept
        self._decimals = decimals_of_file([intakes[index].signs() for index in kept], self._layout.dialect.delimiter)
        typed = dict(zip(kept, self._pool.map(self._type, named.names, [intakes[index] for index in kept]), strict=True))
        again = {index: name for index, name in zip(kept, named.names, strict=True) if typed[index] is None}
        typed.update(self._type_again(again, intakes))
        return [column for index in kept if (column := typed[index]) is not None], [*findings, *named.findings]

    def _intake(self, name: str, *, is_text: bool = False) -> Intake:
        return Intake(self._spool, self._reading.columns.get(name, ColumnReading()), self._layout.width, is_text=is_text)

    def _take(self, intakes: dict[int, Intake]) -> list[Finding]:
        """Go through the file and give each column to its intake."""
        reader = RowReader(self._layout)
        added: list[Future[None]] = []
        for batch in join_small(read_batches(self._path, self._layout, reader, self._pool)):
            parts = [(intake, batch[index]) for index, intake in intakes.items()]
            _wait_for(added)  # each column takes its batches one after the other
            added = [self._pool.submit(_add, parts[at::_PARTS]) for at in range(_PARTS)]
        _wait_for(added)
        pa.default_memory_pool().release_unused()
        return [*layout_findings(self._layout), *reader.findings()]

    def _type(self, name: str, intake: Intake) -> TypedColumn | None:
        if intake.numbers is not None:
            return type_numbers(name, intake.numbers, intake.reading, self._decimals)
        if intake.texts is not None:
            return type_texts(name, intake.texts, intake.reading, Chunks(self._spool))
        return type_cells(name, intake.cells(), intake.reading, self._decimals)

    def _type_again(self, names: dict[int, str], before: Sequence[Intake]) -> dict[int, TypedColumn | None]:
        """Columns that began as numbers and are none, or not in that style."""
        if not names:
            return {}
        intakes = {index: self._intake(name, is_text=True) for index, name in names.items()}
        self._take(intakes)
        typed: dict[int, TypedColumn | None] = {}
        for index, name in names.items():
            seemed = before[index].numbers
            typed[index] = self._in_other_style(name, intakes[index], seemed) or self._type(name, intakes[index])
        return typed

    def _in_other_style(self, name: str, intake: Intake, seemed: NumberStream | None) -> TypedColumn | None:
        if seemed is None or seemed.is_code or intake.texts is None:
            return None
        stream = intake.stream(Style.ENGLISH if seemed.style is Style.EUROPEAN else Style.EUROPEAN)
        for texts in intake.texts:
            stream.add(texts)
            if stream.is_broken:
                return None
        return type_numbers(name, stream, intake.reading, self._decimals)


def _wait_for(tasks: Iterable[Future[None]]) -> None:
    for task in tasks:
        task.result()


def _add(parts: Sequence[tuple[Intake, pa.Array]]) -> None:
    for intake, texts in parts:
        intake.add(texts)
