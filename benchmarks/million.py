"""Training on a million rows: `python -m benchmarks.million [--budget 60]`. It ends in its time, and its memory is a few times its data.

Exits with 1 where a limit is broken.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from pydantic import TypeAdapter

from dashapp.datasets.dataset import Task
from dashapp.datasets.read import read_dataset
from dashapp.datasets.table import read_frame
from dashapp.training.plan import plan_training
from dashapp.training.run import Progress, TrainingPlan

ROWS, COLUMNS = 1_000_000, 20
MAX_TABLES = 3.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=float, default=60.0, help="seconds")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child is not None:
        print(json.dumps(_trained(asked.child)))
        return 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "million.parquet"
        _plan(_written(Path(folder) / "million.csv"), path, asked.budget)
        command = [sys.executable, "-m", "benchmarks.million", "--budget", str(asked.budget), "--child", str(path)]
        # A process of its own: the peak of memory is that of the training alone.
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    limit_s = 1.1 * asked.budget + 5
    print(
        f"{ROWS:,} rows x {COLUMNS} columns: {found['seconds']:.0f} s of {asked.budget:g} s (limit {limit_s:.0f} s), "
        f"ROC AUC {found['score']:.4f}, peak memory {found['peak_bytes'] / 1e6:,.0f} MB above the imports, "
        f"{found['peak_bytes'] / found['table_bytes']:.1f} times the data of {found['table_bytes'] / 1e6:,.0f} MB (limit {MAX_TABLES:g}); "
        f"a first model after {found['first_s']:.1f} s"
    )
    return int(found["seconds"] > limit_s or found["peak_bytes"] > MAX_TABLES * found["table_bytes"])


def _written(csv: Path) -> Path:
    random = np.random.default_rng(5)
    table: dict[str, Any] = {f"amount_{number}": random.normal(size=ROWS).round(5) for number in range(COLUMNS - 5)}
    for number in range(4):
        table[f"kind_{number}"] = np.array([f"k{code}" for code in range(8)])[random.integers(0, 8, ROWS)]
    score = table["amount_0"] * table["amount_1"] + np.sin(3 * table["amount_2"]) + (table["kind_0"] == "k3") * 2
    table["answer"] = np.where(score + random.logistic(0, 1, ROWS) > 0.5, "yes", "no")
    pacsv.write_csv(pa.table(table), csv)
    return csv


def _plan(csv: Path, parquet: Path, budget_s: float) -> None:
    """Read the file as an upload would, and lay the plan beside its table."""
    profile = read_dataset(csv, parquet)
    plan = plan_training(profile, target="answer", task=Task.BINARY, exclude=(), budget_s=budget_s, seed=0)
    parquet.with_suffix(".json").write_bytes(TypeAdapter(TrainingPlan).dump_json(plan))


def _trained(path: Path) -> dict[str, float | str]:
    from dashapp.training.train import train

    plan = TypeAdapter(TrainingPlan).validate_json(path.with_suffix(".json").read_bytes())
    imported = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    tables = [read_frame(path)]
    table_bytes = int(tables[0].memory_usage(deep=True).sum())
    first: list[float] = []
    began = time.monotonic()

    def hear(progress: Progress) -> None:
        if not first and any(each.score is not None and each.score > 0.55 for each in progress.candidates):
            first.append(time.monotonic() - began)

    # Given away, as the trainer does it.
    trained = train(tables.pop(), plan, hear)
    seconds = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - imported
    score = trained.scores.metrics["roc_auc"]
    return {"seconds": seconds, "peak_bytes": peak, "table_bytes": table_bytes, "score": score, "first_s": first[0] if first else -1.0}


if __name__ == "__main__":
    sys.exit(main())
