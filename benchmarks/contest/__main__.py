"""`python -m benchmarks.contest [--tables a,b] [--seeds 0,1] [--budget 60] [--only ours,hist]`: scores side by side, and mean ranks."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from benchmarks.contest.run import COMMANDS, Outcome, compete, lay_out
from benchmarks.contest.tables import REGRESSION, TABLES, Table

# Where a score is perfect, what is below this log loss is equally good.
PERFECT = 0.01
MOST_BEHIND_HIST = 0.01


def main() -> int:
    asked = _asked()
    tables = [table for table in TABLES if not asked.tables or any(name in table.name for name in asked.tables.split(","))]
    contestants = asked.only.split(",")
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in map(int, asked.seeds.split(",")):
            for table in tables:
                place = Path(folder) / f"{seed}-{TABLES.index(table)}"
                truth = lay_out(table, seed, asked.budget, place)
                found = [compete(name, table, seed, truth, place) for name in contestants]
                outcomes += found
                print(_line(table, seed, found), flush=True)
                if asked.out:
                    Path(asked.out).write_text(json.dumps([asdict(each) for each in outcomes], indent=1))
    return _summary(outcomes, {table.name: table for table in tables}, contestants)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", default="", help="parts of names, separated by commas; all where none are given")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds for each contestant on each table")
    parser.add_argument("--only", default=",".join(COMMANDS), help="contestants, separated by commas")
    parser.add_argument("--out", default="", help="a file for the outcomes as JSON")
    return parser.parse_args()


def _line(table: Table, seed: int, outcomes: Iterable[Outcome]) -> str:
    cells = [
        f"{each.contestant} {'failed: ' + each.error[:60] if each.loss is None else format(each.loss, '.5g')} ({each.seconds:.0f} s)"
        for each in outcomes
    ]
    return f"{table.name:24} seed {seed}  " + "  ".join(cells)


def _ranks(losses: Mapping[str, float], task: str) -> dict[str, float]:
    """1 is the best; who ties shares the mean of the places."""
    floor = 0.0 if task == REGRESSION else PERFECT
    floored = {name: max(loss, floor) for name, loss in losses.items()}
    return {
        name: 1 + sum(other < mine for other in floored.values()) + (sum(other == mine for other in floored.values()) - 1) / 2
        for name, mine in floored.items()
    }


def _summary(outcomes: Sequence[Outcome], tables: Mapping[str, Table], contestants: Sequence[str]) -> int:
    ranks: dict[str, list[float]] = defaultdict(list)
    behind: list[str] = []
    rounds: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
    for each in outcomes:
        rounds[each.table, each.seed][each.contestant] = np.inf if each.loss is None else each.loss
    for (name, seed), losses in rounds.items():
        for contestant, rank in _ranks(losses, tables[name].task).items():
            ranks[contestant].append(rank)
        floor = 0.0 if tables[name].task == REGRESSION else PERFECT
        if {"ours", "hist"} <= losses.keys() and max(losses["ours"], floor) > (1 + MOST_BEHIND_HIST) * max(losses["hist"], floor):
            behind.append(f"{name} (seed {seed}): {losses['ours']:.5g} against {losses['hist']:.5g}")
    means = {name: float(np.mean(ranks[name])) for name in contestants}
    print("\nMean rank, 1 is best: " + ", ".join(f"{name} {means[name]:.2f}" for name in sorted(means, key=means.__getitem__)))
    for each in behind:
        print(f"More than 1 % worse than plain gradient boosting: {each}")
    return int(bool(behind) or any(means["ours"] > mean for name, mean in means.items() if "ours" in means))


if __name__ == "__main__":
    sys.exit(main())
