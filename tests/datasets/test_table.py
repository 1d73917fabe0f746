from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from dashapp.datasets import table
from dashapp.datasets.read import read_dataset
from dashapp.datasets.table import read_slice, sample_places, sample_table
from tests.datasets.conftest import WriteCsv

ROWS = 1_000
CONTENT = "amount,plan,day,key,gone\n" + "".join(
    f"{number / 4 if number % 9 else ''},{'pro' if number % 3 else 'basic'},2022-01-{1 + number % 28:02},k{number},\n"
    for number in range(ROWS)
)


@pytest.fixture
def parquet(write_csv: WriteCsv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("dashapp.datasets.columns.batches._ENOUGH_ROWS", 50)
    monkeypatch.setattr("dashapp.datasets.columns.batches.read_batches.__defaults__", (2_000, 500))
    monkeypatch.setattr("dashapp.datasets.columns.blocks.read_blocks.__defaults__", (2_000, 500))
    monkeypatch.setattr(table, "GROUP_ROWS", 100)
    read_dataset(write_csv(CONTENT), tmp_path / "table.parquet")
    return tmp_path / "table.parquet"


def test_the_table_has_the_types_that_training_expects(parquet: Path) -> None:
    frame = pd.read_parquet(parquet)
    assert [str(dtype) for dtype in frame.dtypes] == ["float64", "str", "datetime64[us]", "str", "str"]
    assert frame["amount"].isna().sum() == (ROWS + 8) // 9
    assert frame["gone"].isna().all()
    assert pq.ParquetFile(parquet).num_row_groups > 5


@pytest.mark.parametrize(("offset", "limit", "first", "count"), [(0, 3, 0, 3), (99, 200, 99, 200), (998, 50, 998, 2), (1_000, 5, 0, 0)])
def test_any_rows_can_be_read(parquet: Path, offset: int, limit: int, first: int, count: int) -> None:
    rows = read_slice(parquet, offset, limit)
    assert rows.column("key").to_pylist() == [f"k{number}" for number in range(first, first + count)]


def test_the_sample_is_spread_evenly_under_the_numbers_of_the_rows(parquet: Path) -> None:
    sample = sample_table(parquet, 10)
    assert sample.index.tolist() == [1, 112, 223, 334, 445, 556, 667, 778, 889, 1000]
    assert sample["key"].tolist() == [f"k{number - 1}" for number in sample.index]
    assert (sample.dtypes == pd.read_parquet(parquet).dtypes).all()


def test_the_sample_of_reading_is_that_of_the_file(write_csv: WriteCsv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[pd.DataFrame] = []
    monkeypatch.setattr("dashapp.datasets.profile.judge_quality", lambda sample, *rest: seen.append(sample) or [])
    monkeypatch.setattr(table, "SAMPLE_ROWS", 50)
    read_dataset(write_csv(CONTENT), tmp_path / "table.parquet")
    pd.testing.assert_frame_equal(seen[0], sample_table(tmp_path / "table.parquet", 20_000))


@pytest.mark.parametrize(
    ("rows", "columns", "limit", "count"), [(5, 3, 10, 5), (1_000_000, 20, 20_000, 20_000), (50_000, 4_000, 20_000, 1_000)]
)
def test_how_many_rows_a_sample_has(rows: int, columns: int, limit: int, count: int) -> None:
    places = sample_places(rows, columns, limit)
    assert (len(places), places[0], places[-1]) == (count, 0, rows - 1)
    assert (np.diff(places) > 0).all()


def test_a_failure_leaves_nothing_behind(write_csv: WriteCsv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(table, "_plain", fail)
    with pytest.raises(MemoryError):
        read_dataset(write_csv(CONTENT), tmp_path / "table.parquet")
    assert not (tmp_path / "table.parquet").exists()
