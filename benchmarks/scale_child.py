"""Reads the file given in a process of its own, and prints by how many MB its memory grew: a part of `benchmarks.scale`."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.scale import PeakMemory
from dashapp.datasets.read import read_dataset


def main() -> None:
    path = Path(sys.argv[1])
    with TemporaryDirectory(dir=path.parent) as folder:
        small = Path(folder) / "small.csv"
        small.write_text("a,b\n" + "1,x\n2,y\n" * 20)
        read_dataset(small, Path(folder) / "small.parquet")  # so that everything is imported
        with PeakMemory() as memory:
            read_dataset(path, Path(folder) / "table.parquet")
    print(f"{memory.grown / 1e6:.0f}")


if __name__ == "__main__":
    main()
