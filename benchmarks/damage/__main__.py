"""The table of figures; see the package."""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.damage.faults import GROUPS, Case, damaged_files
from benchmarks.damage.readers import READERS, Loaded
from benchmarks.damage.scoring import Score, means, measure
from benchmarks.damage.tables import other_sources, sources


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a sample of the files")
    parser.add_argument("--only", nargs="*", choices=list(READERS), default=list(READERS), help="these readers alone")
    parser.add_argument("--group", help="this group alone, file by file, the worst first")
    parser.add_argument("--other", action="store_true", help="tables of other makes")
    options = parser.parse_args()
    cases = damaged_files(14 if options.quick else 100, other_sources() if options.other else sources())
    if options.group:
        return show_group([case for case in cases if case.group == options.group], READERS[options.only[0]])
    workers = min(2, os.cpu_count() or 1)
    parts = [cases[start::workers] for start in range(workers)]
    with ProcessPoolExecutor(workers) as pool:
        found = pool.map(measure, parts, [[READERS[name] for name in options.only]] * workers)
        scores = [each for part in found for each in part]
    cases = [case for part in parts for case in part]
    return show(cases, {name: [each[place] for each in scores] for place, name in enumerate(options.only)})


def show(cases: list[Case], scores: dict[str, list[Score]]) -> int:
    """Print the table; 1 where ours is not ahead of everybody in both means."""
    summary = {name: means(cases, each) for name, each in scores.items()}
    counts = Counter(case.group for case in cases)
    print(f"{'fault':<20}{'weight':>7}{'files':>7}" + "".join(f"{name:>14}" for name in scores))
    for group in GROUPS:
        print(f"{group.name:<20}{group.weight:>7g}{counts[group.name]:>7}" + _figures(each.groups[group.name] for each in summary.values()))
    print(f"{'plain mean, of 10':<27}{len(cases):>7}" + _figures(each.plain for each in summary.values()))
    print(f"{'weighted mean, of 10':<34}" + _figures(each.weighted for each in summary.values()))
    for level in ("cell", "record", "header"):
        print(f"{f'mean F1 by {level}':<34}" + _figures(statistics.fmean(getattr(one, level) for one in each) for each in scores.values()))
    if "ours" not in summary:
        return 0
    ours = summary.pop("ours")
    return int(any(ours.plain <= each.plain or ours.weighted <= each.weighted for each in summary.values()))


def _figures(values: Iterable[float]) -> str:
    return "".join(f"{value:>14.3f}" for value in values)


def show_group(cases: list[Case], reader: Callable[[Path], Loaded]) -> int:
    scores = [each[0] for each in measure(cases, [reader])]
    for case, each in sorted(zip(cases, scores, strict=True), key=lambda pair: pair[1].total):
        levels = f"cell {each.cell:.3f}  record {each.record:.3f}  header {each.header:.3f}"
        print(f"{each.total:6.3f}  {levels}  table {case.source}, {case.fault}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
