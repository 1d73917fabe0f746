"""What was read against what is right: cells, records and header as multisets."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.damage.faults import GROUPS, Case
from benchmarks.damage.readers import Loaded
from benchmarks.damage.tables import Table


@dataclass(frozen=True, slots=True)
class Score:
    """`total` is of 10: success, and precision, recall and F1 of cells, records and header."""

    total: float = 0.0
    cell: float = 0.0
    record: float = 0.0
    header: float = 0.0


def score(case: Case, reader: Callable[[Path], Loaded], path: Path) -> Score:
    try:
        loaded = reader(path)
    except Exception:
        return Score()
    return max((compare(loaded, answer) for answer in case.answers), key=lambda found: found.total)


def compare(loaded: Loaded, answer: Table) -> Score:
    header, rows = loaded.header, [row for row in loaded.rows if any(cell and not cell.isspace() for cell in row)]
    if not loaded.says_header and answer.header:
        header, rows = (rows[0], rows[1:]) if rows else (None, rows)
    width = len(answer.rows[0]) if answer.rows else len(answer.header)
    got = [_fitted(row, width) for row in rows]
    wanted = [_fitted(row, width) for row in answer.rows]
    cells = _agreement(Counter(cell for row in wanted for cell in row), Counter(cell for row in got for cell in row))
    records = _agreement(Counter(wanted), Counter(got))
    names = _agreement(Counter(map(_plain, answer.header)), Counter(same_names(header or [], answer.header)))
    return Score(1 + sum(cells) + sum(records) + sum(names), cells[2], records[2], names[2])


def same_names(header: list[str], wanted: tuple[str, ...]) -> list[str]:
    """The names less what a reader invents where none may be blank or twice, as "Unnamed: 3", or "x_2" for a second x."""
    plain = list(map(_plain, header))
    if len(header) != len(wanted):
        return plain
    twice = {_plain(name) for name in wanted if wanted.count(name) > 1}
    forgiven = [_plain(name) if not name.strip() or _plain(name) in twice else None for name in wanted]
    return [want if want is not None and got.startswith(want) else got for got, want in zip(plain, forgiven, strict=True)]


def _fitted(row: Iterable[str], width: int) -> tuple[str, ...]:
    """Blanks at the end say nothing: a short row and a long one that differ by those alone are the same record."""
    cells = [_plain(cell) for cell in row]
    while len(cells) > width and not cells[-1]:
        cells.pop()
    return tuple(cells + [""] * (width - len(cells)))


def _plain(cell: str) -> str:
    return cell.strip().replace("\r\n", "\n").replace("\r", "\n")


def _agreement(wanted: Counter[Any], got: Counter[Any]) -> tuple[float, float, float]:
    """Precision, recall, F1; all of them 1 where nothing was to be found, as in Pollock."""
    if not wanted:
        return 1.0, 1.0, 1.0
    hits = (wanted & got).total()
    if not hits:
        return 0.0, 0.0, 0.0
    precision, recall = hits / got.total(), hits / wanted.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def measure(cases: list[Case], readers: list[Callable[[Path], Loaded]]) -> list[list[Score]]:
    """One list for each case, one score for each reader."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "table.csv"
        scores = []
        for case in cases:
            path.write_bytes(case.data)
            scores.append([score(case, reader, path) for reader in readers])
        return scores


@dataclass(frozen=True, slots=True)
class Means:
    """Of the totals: plain over all files, weighted over all groups, and of each group."""

    plain: float
    weighted: float
    groups: dict[str, float]


def means(cases: list[Case], scores: list[Score]) -> Means:
    groups = {
        group.name: statistics.fmean(each.total for case, each in zip(cases, scores, strict=True) if case.group == group.name)
        for group in GROUPS
    }
    weighted = sum(group.weight * groups[group.name] for group in GROUPS) / sum(group.weight for group in GROUPS)
    return Means(statistics.fmean(each.total for each in scores), weighted, groups)
