"""Reading at scale: `python -m benchmarks.scale`. A million rows against pyarrow, and a file of a gigabyte (not with `--quick`).

These machines are shared: quote the ratios, which are taken in turn in one run. Exits with 1 where a limit is broken.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.csv as pacsv

ROWS = 1_000_000
ROUNDS = 7
MAX_RATIO = 5.0
MAX_TABLES = 2.0  # growth of memory, in sizes of the Arrow table
MAX_GIGABYTE_MB = 300.0
GIGABYTE_ROWS = 7_000_000
_PART_ROWS = 100_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the file of a gigabyte")
    is_quick = parser.parse_args().quick
    with TemporaryDirectory() as folder:
        is_kept = judge_million(Path(folder))
        if not is_quick:
            is_kept = judge_gigabyte(Path(folder)) and is_kept
    return 0 if is_kept else 1


def judge_million(folder: Path) -> bool:
    """Time and memory of a million rows of 20 columns against `pyarrow.csv.read_csv`."""
    path = folder / "million.csv"
    write_csv(path, ROWS)
    table_bytes = pacsv.read_csv(path).nbytes
    theirs, ours = [], []
    for _ in range(ROUNDS):
        theirs.append(seconds(lambda: pacsv.read_csv(path)))
        ours.append(seconds(lambda: read(path, folder)))
    ratio = median(our_s / their_s for our_s, their_s in zip(ours, theirs, strict=True))  # in turn: both meet what else runs
    growth = grown_mb(path) * 1e6 / table_bytes
    print(f"{ROWS:,} rows, {path.stat().st_size / 1e6:,.0f} MB: pyarrow {median(theirs):.2f} s, ours {median(ours):.2f} s,", end=" ")
    print(f"{ratio:.1f} times (limit {MAX_RATIO:g}); memory grows by {growth:.1f} Arrow tables (limit {MAX_TABLES:g})")
    path.unlink()
    return ratio <= MAX_RATIO and growth <= MAX_TABLES


def judge_gigabyte(folder: Path) -> bool:
    path = folder / "gigabyte.csv"
    write_csv(path, GIGABYTE_ROWS)
    started = time.perf_counter()
    growth = grown_mb(path)
    took = time.perf_counter() - started
    print(f"{path.stat().st_size / 1e9:.2f} GB in {took:.0f} s: memory grows by {growth:.0f} MB (limit {MAX_GIGABYTE_MB:g})")
    path.unlink()
    return growth <= MAX_GIGABYTE_MB


def write_csv(path: Path, rows: int) -> None:
    """10 floats, 4 integers, 4 categories, a date, and yes or no."""
    chance = np.random.default_rng(0)
    with path.open("wb") as file:
        for begin in range(0, rows, _PART_ROWS):
            options = pacsv.WriteOptions(include_header=begin == 0, quoting_style="none" if begin else "needed")
            pacsv.write_csv(_part(chance, min(_PART_ROWS, rows - begin)), file, options)


def _part(chance: np.random.Generator, rows: int) -> pa.Table:
    columns: dict[str, object] = {f"float_{at}": np.round(chance.normal(100 * at, 50, rows), 4) for at in range(10)}
    columns |= {f"integer_{at}": chance.integers(0, most, rows) for at, most in enumerate((100, 5_000, 100_000, 10_000_000))}
    columns |= {f"category_{at}": _words(chance, rows, most) for at, most in enumerate((3, 12, 50, 500))}
    columns["day"] = (np.datetime64("2015-01-01") + chance.integers(0, 3_000, rows)).astype("datetime64[D]")
    columns["is_paid"] = pa.array(["no", "yes"]).take(pa.array(chance.integers(0, 2, rows)))
    return pa.table(columns)


def _words(chance: np.random.Generator, rows: int, different: int) -> pa.Array:
    return pa.array([f"label_{at}" for at in range(different)]).take(pa.array(chance.integers(0, different, rows)))


def seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def read(path: Path, folder: Path) -> None:
    from dashapp.datasets.read import read_dataset

    read_dataset(path, folder / "table.parquet")


def grown_mb(path: Path) -> float:
    """By how much the memory of a new process grows at most while it reads the file, after its imports."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.scale_child", str(path)], check=True, capture_output=True, text=True)
    return float(done.stdout)


class PeakMemory:
    """A context that watches the memory of this process; `grown` is in bytes."""

    def __enter__(self) -> PeakMemory:
        self._process = psutil.Process()
        self._before = self._most = self._process.memory_info().rss
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="peak")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def grown(self) -> int:
        return self._most - self._before

    def _watch(self) -> None:
        while not self._over.wait(0.005):
            with suppress(psutil.Error):
                self._most = max(self._most, self._process.memory_info().rss)


if __name__ == "__main__":
    sys.exit(main())
