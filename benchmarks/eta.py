"""`python -m benchmarks.eta [--budget 15]`: how true the remaining time is that a training tells, on small tables.

Of each training all that it said after a quarter of its work is compared with the time that was really left.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.contest.tables import TABLES, Table
from dashapp.datasets.dataset import Task
from dashapp.datasets.read import read_table
from dashapp.training.plan import plan_training
from dashapp.training.run import Estimate, Progress
from dashapp.training.train import train

NAMES = ("titanic", "penguins", "telco_churn", "german_credit", "auto_mpg_qmark", "pima_diabetes", "insurance", "made: sensors")
AFTER_PERCENT = 25.0
# The last moments are not asked: a second more or less is a large share of very little.
LEAST_LEFT_S = 1.0
MOST_ERROR, WIDEST, LEAST_FORESEEN = 0.2, 3.0, 0.75


@dataclass(frozen=True, slots=True)
class Told:
    """What one training told: errors as shares of what was left, the width of the ranges, and whether they held the truth."""

    seconds: float
    errors: list[float]
    widths: list[float]
    held: list[bool]
    estimate: Estimate | None = None

    @property
    def is_foreseen(self) -> bool:
        return self.estimate is not None and self.estimate.low_s <= self.seconds <= self.estimate.high_s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=float, default=15.0)
    parser.add_argument("--tables", default=",".join(NAMES))
    asked = parser.parse_args()
    everything = []
    for table in TABLES:
        if table.name in asked.tables.split(","):
            told = _told(table, asked.budget)
            everything.append(told)
            before = "" if told.estimate is None else f"{told.estimate.low_s:.1f} to {told.estimate.high_s:.1f} s"
            print(f"{table.name:24} {told.seconds:5.1f} s (before the button: {before})  {_line(told)}", flush=True)
    together = Told(0.0, *([each for told in everything for each in getattr(told, name)] for name in ("errors", "widths", "held")))
    foreseen = float(np.mean([told.is_foreseen for told in everything]))
    print(f"all: {_line(together)}; the estimate before the button held the real time of {foreseen:.0%} of {len(everything)} trainings")
    return int(foreseen < LEAST_FORESEEN or float(np.median(together.errors)) > MOST_ERROR or max(together.widths) > WIDEST)


def _line(told: Told) -> str:
    if not told.errors:
        return "too short to say anything after a quarter of the work"
    error, width = np.median(told.errors), np.max(told.widths)
    return f"median error {error:.0%}, range at most {width:.2f} times wide, the truth in the range {np.mean(told.held):.0%} of the time"


def _told(table: Table, budget_s: float) -> Told:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.csv"
        table.read().to_csv(file, index=False)
        frame, profile = read_table(file)
    plan = plan_training(profile, target=table.target, task=Task(table.task), exclude=(), budget_s=budget_s, seed=0)
    said: list[tuple[float, Progress]] = []
    began = time.monotonic()
    train(frame, plan, lambda progress: said.append((time.monotonic() - began, progress)))
    total = time.monotonic() - began
    told = Told(total, [], [], [], plan.estimate)
    for at, progress in said:
        left = total - at
        if progress.percent < AFTER_PERCENT or left < LEAST_LEFT_S or progress.eta_s is None:
            continue
        low, high = progress.eta_low_s or 0.0, progress.eta_high_s or 0.0
        told.errors.append(abs(progress.eta_s - left) / left)
        told.widths.append(high / max(low, 0.05))
        told.held.append(low <= left <= high)
    return told


if __name__ == "__main__":
    sys.exit(main())
