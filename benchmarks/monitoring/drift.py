"""Drift: false alarms where there is none, and what is found where there is some: `python -m benchmarks.monitoring.drift [--windows 1000]`

A window is a false alarm where any of its ten columns alarms. Windows of up to 10,000 rows are made row by row, larger ones by counting.
Beside ours stand rules of others, with their usual limits, for one column of numbers. The exit code is 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.monitoring.laws import Law, Trained, continuous, counted_drift, discrete, mixed_laws, trained, window
from dashapp.datasets.dataset import ColumnKind
from dashapp.monitoring.drift import measured

MOST_FALSE, LEAST_POWER = 0.01, 0.95
ROW_BY_ROW = 10_000
FRESH = 20
"""Windows after which another training is drawn where it has many rows; of few rows each window has its own."""


def any_alarm(laws: Sequence[Law], model: Trained, chance: np.random.Generator, rows: int) -> bool:
    if rows > ROW_BY_ROW:
        return any(each.is_drifting for each in counted_drift(laws, model, chance, rows))
    return bool(measured("m", 1, model.inputs, model.reference, window(laws, chance, rows)).drifting)


def false_alarms(rows: int, training: int, windows: int) -> float:
    laws, chance = mixed_laws(), np.random.default_rng([rows, training])
    alarms = 0
    for number in range(windows):
        if number % (FRESH if training > 1_000 else 1) == 0:
            model = trained(laws, chance, training)
        alarms += any_alarm(laws, model, chance, rows)
    return alarms / windows


def power(changed: Sequence[Law], rows: int, training: int, windows: int) -> float:
    """How often the changed columns, by their names, are told among all of the table."""
    laws, chance = mixed_laws(), np.random.default_rng([rows, training, windows])
    names = {law.name for law in changed}
    live = [next((law for law in changed if law.name == each.name), each) for each in laws]
    found = 0
    for number in range(windows):
        if number % (FRESH if training > 1_000 else 1) == 0:
            model = trained(laws, chance, training)
        drift = measured("m", 1, model.inputs, model.reference, window(live, chance, rows))
        found += names <= {each.column for each in drift.drifting}
    return found / windows


AGE = stats.norm(40, 12)
SHIFTED = continuous("age", AGE, shift=6.0)
CHANGES: dict[str, tuple[Sequence[Law], int]] = {
    "age 0.5 SD higher, n = 1,000": ([SHIFTED], 1_000),
    "age 1 SD higher, n = 500": ([continuous("age", AGE, shift=12.0)], 500),
    "age 1 SD higher, n = 200": ([continuous("age", AGE, shift=12.0)], 200),
    "age twice as wide, n = 1,000": ([continuous("age", stats.norm(0, 24), shift=40.0)], 1_000),
    "income missing in half of the rows, n = 500": ([continuous("income", stats.lognorm(2), missing=0.5)], 500),
    "plan: pro 30 to 60 %, n = 500": (
        [discrete("plan", ColumnKind.CATEGORY, {"free": 0.2, "pro": 0.6, "team": 0.1, "😀": 0.05, "old": 0.03, None: 0.02})],
        500,
    ),
    "city: all names written in another way, n = 100": (
        [discrete("city", ColumnKind.CATEGORY, {f"CITY {place}": 1 / place for place in range(1, 2_001)})],
        100,
    ),
    "age 0.1 SD higher, too little to matter, n = 5,000": ([continuous("age", AGE, shift=1.2)], 5_000),
}
BARRED = tuple(CHANGES)[:2]


def by_p_value(training: NDArray[np.float64], live: NDArray[np.float64]) -> bool:
    return bool(stats.ks_2samp(training, live, method="asymp").pvalue < 0.05)


def by_stability_index(training: NDArray[np.float64], live: NDArray[np.float64]) -> bool:
    edges = np.quantile(training, np.linspace(0.1, 0.9, 9))
    shares = [np.bincount(np.searchsorted(edges, each), minlength=10) / len(each) + 1e-4 for each in (training, live)]
    return bool(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum() > 0.2)


def by_wasserstein(training: NDArray[np.float64], live: NDArray[np.float64]) -> bool:
    return bool(stats.wasserstein_distance(training, live) / training.std() > 0.1)


OTHERS: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64]], bool]] = {
    "Kolmogorov-Smirnov, p < 0.05": by_p_value,
    "population stability index > 0.2": by_stability_index,
    "Wasserstein over SD > 0.1": by_wasserstein,
}


def of_others(windows: int) -> None:
    """For a single normal column, a training of 5,000 rows; a tenth of a standard deviation is nobody's business."""
    print("\nRules of others, one normal column, training of 5,000 rows (share of windows that alarm)")
    print(f"{'':34}{'same, 100':>12}{'same, 5,000':>12}{'0.1 SD, 5,000':>15}{'0.5 SD, 1,000':>15}")
    for name, rule in OTHERS.items():
        chance = np.random.default_rng(1)
        said = []
        for rows, shift in ((100, 0.0), (5_000, 0.0), (5_000, 0.1), (1_000, 0.5)):
            said.append(np.mean([rule(chance.normal(size=5_000), chance.normal(shift, size=rows)) for _ in range(windows)]))
        print(f"{name:34}{said[0]:12.1%}{said[1]:12.1%}{said[2]:15.1%}{said[3]:15.1%}")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows", type=int, default=1_000)
    windows = parser.parse_args().windows
    is_kept = True
    print(f"False alarms in {windows:,} windows of ten columns without drift (bar: {MOST_FALSE:.0%})")
    for training in (200, 20_000):
        for rows in (100, 1_000, 5_000, 100_000, 1_000_000):
            found = false_alarms(rows, training, windows)
            is_kept &= found < MOST_FALSE
            print(f"  training {training:>6,} rows, window {rows:>9,} rows: {found:6.2%}", flush=True)
    print(f"Found in {windows:,} windows, training of 20,000 rows (bar of the first two: {LEAST_POWER:.0%})")
    for name, (changed, rows) in CHANGES.items():
        found = power(changed, rows, 20_000, windows)
        is_kept &= name not in BARRED or found > LEAST_POWER
        print(f"  {name:52} {found:6.1%}", flush=True)
    of_others(min(windows, 200))
    return int(not is_kept)


if __name__ == "__main__":
    sys.exit(main())
