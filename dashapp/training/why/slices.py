"""Where the model errs more than elsewhere: groups of rows by one column, and within the worst of them by a second one.

With hundreds of groups some look bad by luck. So a group is called worse only where a test that knows how many were looked at says so
(Holm 1979, all errors together at 1 %): by the hypergeometric distribution of its wrong rows, or by its rows' mean rank in absolute
error. A pair of columns must be worse than either column's group: it is tested within both, and the less sure of the two counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from dashapp.datasets.wording import count_of
from dashapp.training.features import FloatArray
from dashapp.training.result import Slice
from dashapp.training.run import InputColumn
from dashapp.training.why.bins import Bins, bins_of
from dashapp.training.why.mixing import Positions
from dashapp.training.why.seen import Seen, drawn
from dashapp.training.why.watch import Watch

MOST_SLICES = 12
_MOST_ROWS, _ENOUGH_ROWS, _MOST_CELLS = 50_000, 5_000, 2_000_000
_LEAST_ROWS, _LEAST_SHARE = 20, 0.02
_FALSE_ALARMS = 0.01
_PAIRED = 3


@dataclass(frozen=True, slots=True)
class _Group:
    """`chance`: how likely it is that a group drawn at random is as bad. `within`: the group that it is a part of."""

    bins: Bins
    code: int
    chance: float
    within: _Group | None = None

    @property
    def where(self) -> str:
        mine = self.bins.sentences[self.code]
        return mine if self.within is None else f"{self.within.where} and {mine}"

    @property
    def column(self) -> str:
        return self.bins.column if self.within is None else self.within.column

    def rows(self) -> Positions:
        rows = np.flatnonzero(self.bins.codes == self.code)
        return rows if self.within is None else np.intersect1d(rows, self.within.rows(), assume_unique=True)


@dataclass(frozen=True, slots=True)
class _Errors:
    """By row: 1.0 where the class is wrong or the squared error; and what the test compares (wrong again, or the error's rank)."""

    sizes: FloatArray
    ranks: FloatArray
    is_classification: bool

    def chances(self, rows: Positions, codes: NDArray[np.intp], groups: int) -> tuple[NDArray[np.intp], FloatArray]:
        """(rows, chance) of each group among these rows; a code of -1 is in none."""
        counts = np.bincount(codes + 1, minlength=groups + 1)[1:]
        ranks = self.ranks[rows]
        sums = np.bincount(codes + 1, weights=ranks, minlength=groups + 1)[1:]
        if self.is_classification:
            return counts, stats.hypergeom.sf(np.round(sums) - 1, len(rows), round(float(ranks.sum())), counts)
        shrink = (len(rows) - counts) / max(1, len(rows) - 1)
        spread = np.sqrt(np.maximum(1e-300, ranks.var() * shrink / np.maximum(1, counts)))
        return counts, stats.norm.sf((sums / np.maximum(1, counts) - ranks.mean()) / spread)

    def figure(self, rows: Positions) -> tuple[float, float, float]:
        """Accuracy with its Wilson interval, or RMSE with a t interval of its logarithm by the delta method."""
        mine = self.sizes[rows]
        if self.is_classification:
            right = 1.0 - float(mine.mean())
            return right, *_wilson(right, len(mine))
        mean = float(mine.mean())
        if mean == 0.0 or len(mine) < 2:
            return mean**0.5, mean**0.5, mean**0.5
        half = float(stats.t.ppf(0.975, len(mine) - 1) * mine.std(ddof=1) / np.sqrt(len(mine)) / (2 * mean))
        return mean**0.5, mean**0.5 * float(np.exp(-half)), mean**0.5 * float(np.exp(half))


def error_slices(
    seen: Seen, columns: Sequence[InputColumn], watch: Watch, deadline: float, seed: int
) -> tuple[tuple[Slice, ...], tuple[str, ...]]:
    """At most `MOST_SLICES` that look worse than all rows, those that are so for sure first; the columns are taken in the order given."""
    part = drawn(len(seen), min(_MOST_ROWS, max(_ENOUGH_ROWS, _MOST_CELLS // max(1, len(columns)))), seed)
    errors = _errors_of(seen, part)
    every = np.arange(len(part))
    least = max(_LEAST_ROWS, int(np.ceil(_LEAST_SHARE * len(part))))
    tables: list[Bins] = []
    groups: list[_Group] = []
    for number, column in enumerate(columns):
        if watch.left(deadline) < 0:
            break
        watch.say(f"Looking for rows where the model errs more, by {column.name}", number / len(columns))
        tables.append(bins_of(seen.frame[column.name].take(part), column))
        groups.extend(_groups(tables[-1], errors, every, least))
    for group in sorted(groups, key=lambda each: each.chance)[:_PAIRED]:
        for bins in tables:
            if watch.left(deadline) > 0 and bins is not group.bins:
                groups.extend(_groups(bins, errors, group.rows(), least, group))
    late = len(columns) - len(tables)
    skipped = (f"The errors by slice leave out {count_of(late, 'column')}: the time did not suffice.",) if late else ()
    return tuple(_chosen(groups, errors)), skipped


def _errors_of(seen: Seen, part: Positions) -> _Errors:
    if seen.task.is_classification:
        wrong = (seen.called != seen.y)[part].astype(np.float64)
        return _Errors(wrong, wrong, True)
    losses = seen.losses[part]
    return _Errors(losses, stats.rankdata(losses), False)


def _groups(bins: Bins, errors: _Errors, rows: Positions, least: int, within: _Group | None = None) -> Iterator[_Group]:
    """The groups of the column among these rows that are large enough; one that is all of the rows tells nothing."""
    counts, chances = errors.chances(rows, bins.codes[rows].astype(np.intp), len(bins.sentences))
    for code in np.flatnonzero((counts >= least) & (counts < len(rows))):
        chance = float(chances[code])
        if within is not None and chance < _FALSE_ALARMS:
            other = np.flatnonzero(bins.codes == code)
            chance = max(chance, float(errors.chances(other, np.isin(other, rows).astype(np.intp) - 1, 1)[1][0]))
        yield _Group(bins, int(code), chance, within)


def _chosen(groups: list[_Group], errors: _Errors) -> list[Slice]:
    """The slices that are shown; the same rows are shown once."""
    whole = errors.figure(np.arange(len(errors.sizes)))[0]
    sign = 1.0 if errors.is_classification else -1.0
    found: list[tuple[float, Slice]] = []
    known: set[bytes] = set()
    for group, is_sure in _by_chance(groups):
        rows = group.rows()
        value, low, high = errors.figure(rows)
        at_least = whole - high if errors.is_classification else low - whole
        is_worse = is_sure and at_least > 0
        key = rows.tobytes()
        if sign * (whole - value) <= 0 or key in known or (group.within is not None and not is_worse):
            continue
        known.add(key)
        found.append((at_least, Slice(group.where, group.column, len(rows), value, low, high, is_worse)))
    found.sort(key=lambda each: (not each[1].is_worse, -each[0]))
    return [each for _, each in found[:MOST_SLICES]]


def _by_chance(groups: list[_Group]) -> Iterator[tuple[_Group, bool]]:
    """Least likely first, each with whether it is called bad by Holm's procedure; the sure ones, and enough of the others to choose."""
    is_sure = True
    for number, group in enumerate(sorted(groups, key=lambda each: each.chance)):
        is_sure = is_sure and group.chance <= _FALSE_ALARMS / (len(groups) - number)
        if not is_sure and number > 20 * MOST_SLICES:
            return
        yield group, is_sure


def _wilson(share: float, rows: int) -> tuple[float, float]:
    """95 % score interval of a share (Wilson 1927)."""
    z = 1.959964
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * (share * (1 - share) / rows + z * z / (4 * rows * rows)) ** 0.5
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))
