"""Many rows through small trees at once, without walking: each column's value crosses out leaves, and what is left is where a row ends.

After QuickScorer (Lucchese et al. 2015): the leaves of a tree are bits in their order from left to right; a node that a row passes on its
right crosses out the leaves on its left; the lowest bit that is left is the row's leaf. What one value crosses out in all trees is a line
of a table that is made once, so that a row is the common part of as many lines as the trees look at columns.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.serving.trees import ZERO, ZERO_RIGHT, Ints, Narrow, Trees
from dashapp.training.features import FloatArray

MOST_LEAVES = 64
MOST_BYTES = 48 * 2**20
# Rows whose bits are worked on together fit into the processor's cache.
_PORTION_BYTES = 128 * 1024
# By the bytes of a word: the floating type that holds each bit as a power of two, the integer that it is seen as, where its exponent is.
_EXPONENTS: dict[int, tuple[Any, Any, int, int]] = {4: (np.float32, np.int32, 23, 127), 8: (np.float64, np.int64, 52, 1023)}


@dataclass(frozen=True, slots=True)
class _View:
    """A place in the row that trees look at. Its lines in the table begin at `first`: one for each number of `thresholds` below the value,
    then those of a missing value and of zero. With `codes` there is a line for each code instead, and one for all other values."""

    place: int
    first: int
    thresholds: FloatArray
    codes: int = 0
    has_zero: bool = False
    levels: Sequence[float] = ()

    def line(self, value: float) -> int:
        """`lines` of one row, ten times as fast."""
        if self.codes:
            return self.first + (int(value) if -1.0 < value < self.codes else self.codes)
        if value != value:
            return self.first + len(self.levels) + 1
        if self.has_zero and abs(value) <= ZERO:
            return self.first + len(self.levels) + 2
        return self.first + bisect_left(self.levels, value)

    def lines(self, x: FloatArray) -> Ints:
        values = x[:, self.place]
        if self.codes:
            with np.errstate(invalid="ignore"):
                is_known = (values > -1.0) & (values < self.codes)
                return self.first + np.where(is_known, values, self.codes).astype(np.intp)
        lines = np.searchsorted(self.thresholds, values, side="left")
        lines[np.isnan(values)] = len(self.thresholds) + 1
        if self.has_zero:
            lines[np.abs(values) <= ZERO] = len(self.thresholds) + 2
        return self.first + lines


class BitTrees:
    """`Trees` none of which has more than `MOST_LEAVES`."""

    def __init__(self, trees: Trees, shape: Shape) -> None:
        self._word = np.uint32 if shape.leaves <= 32 else np.uint64
        self._views, self._table = _tables(trees, shape, self._word)
        numbers = np.zeros((trees.trees, shape.leaves), dtype=np.int32)
        ends = np.flatnonzero(shape.is_leaf)
        numbers[shape.tree[ends], shape.start[ends]] = trees.leaf[ends]
        self._flat = numbers.ravel()
        self._begins = np.arange(trees.trees) * shape.leaves
        self._rows = max(1, _PORTION_BYTES // self._table[:1].nbytes)

    def leaves_of_one(self, row: Sequence[float]) -> Narrow:
        """`leaves` of one row, `[1, trees]`."""
        first, *others = self._views
        left = self._table[first.line(row[first.place])].copy()
        # `take` and `reduce` let go of the interpreter's lock, and wait for it again; these steps are too short for that.
        for view in others:
            np.bitwise_and(left, self._table[view.line(row[view.place])], out=left)
        leaves: Narrow = self._flat[_lowest_bit(left) + self._begins]
        return leaves[np.newaxis]

    def leaves(self, x: FloatArray) -> Narrow:
        lines = [view.lines(x) for view in self._views]
        left = np.empty((len(x), self._table.shape[1]), dtype=self._word)
        other = np.empty((min(self._rows, len(x)), left.shape[1]), dtype=self._word)
        for at in range(0, len(x), self._rows):
            here = left[at : at + self._rows]
            buffer = other[: len(here)]
            self._table.take(lines[0][at : at + len(here)], axis=0, out=here, mode="clip")
            for each in lines[1:]:
                self._table.take(each[at : at + len(here)], axis=0, out=buffer, mode="clip")
                np.bitwise_and(here, buffer, out=here)
        return self._flat.take(_lowest_bit(left) + self._begins)


def bit_trees(trees: Trees, shape: Shape) -> BitTrees | None:
    """None where a tree has too many leaves or the table would be too large."""
    if shape.leaves > MOST_LEAVES or not shape.inner.size or _table_bytes(trees, shape) > MOST_BYTES:
        return None
    return BitTrees(trees, shape)


@dataclass(frozen=True, slots=True)
class Shape:
    """By node: its `tree`, the first leaf below it (`start`, counted from the left of its tree) and how many leaves there are (`count`).
    `inner` are the nodes that split, `leaves` the most leaves of one tree."""

    tree: Ints
    start: Ints
    count: Ints
    is_leaf: NDArray[np.bool_]
    inner: Ints
    leaves: int


def shape_of(trees: Trees) -> Shape:
    nodes = len(trees.left)
    tree, start, count = np.zeros(nodes, dtype=np.intp), np.zeros(nodes, dtype=np.intp), np.zeros(nodes, dtype=np.intp)
    is_leaf = np.zeros(nodes, dtype=bool)
    level = np.arange(trees.trees)
    tree[level] = level
    splits: list[Ints] = []
    for _ in range(len(trees.deeper) + 1):
        ends = trees.left[level] == level
        is_leaf[level[ends]], count[level[ends]] = True, 1
        inner = level[~ends]
        splits.append(inner)
        left = trees.left[inner].astype(np.intp)
        tree[left] = tree[left + 1] = tree[inner]
        level = np.concatenate([left, left + 1])
    for inner in reversed(splits):
        left = trees.left[inner]
        count[inner] = count[left] + count[left + 1]
    for inner in splits:
        left = trees.left[inner]
        start[left], start[left + 1] = start[inner], start[inner] + count[left]
    return Shape(tree, start, count, is_leaf, np.concatenate(splits), int(count[: trees.trees].max(initial=0)))


def _start_of_sets(trees: Trees) -> int:
    return (4 if trees.zero_is_missing else 2) * trees.width


def _table_bytes(trees: Trees, shape: Shape) -> int:
    """About, from above."""
    start = _start_of_sets(trees)
    numeric = shape.inner[trees.feature[shape.inner] < start]
    pairs = np.column_stack([trees.feature[numeric] % trees.width, trees.threshold[numeric]])
    lines = len(np.unique(pairs, axis=0)) + 3 * trees.width + sum(len(split.goes_right) for split in trees.splits)
    return lines * trees.trees * (4 if shape.leaves <= 32 else 8)


def _tables(trees: Trees, shape: Shape, word: Any) -> tuple[list[_View], NDArray[Any]]:
    inner = shape.inner
    left = trees.left[inner]
    ones = (np.uint64(1) << np.minimum(shape.count[left], 63).astype(np.uint64)) - np.uint64(1)
    crossed = (~(ones << shape.start[inner].astype(np.uint64))).astype(word)
    feature = trees.feature[inner].astype(np.intp)
    views: list[_View] = []
    tables: list[NDArray[Any]] = []
    first = 0
    is_set = feature >= _start_of_sets(trees)
    for place in np.unique(feature[~is_set] % trees.width).tolist():
        here = np.flatnonzero(~is_set & (feature % trees.width == place))
        kinds, owners = feature[here] // trees.width, shape.tree[inner[here]]
        thresholds, table = _of_numbers(trees, trees.threshold[inner[here]], kinds, owners, crossed[here])
        views.append(_View(place, first, thresholds, has_zero=trees.zero_is_missing, levels=thresholds.tolist()))
        tables.append(table)
        first += len(table)
    begin = _start_of_sets(trees)
    for split in trees.splits:
        columns = split.goes_right.shape[1]
        here = np.flatnonzero((feature >= begin) & (feature < begin + columns))
        table = np.full((len(split.goes_right), trees.trees), ~word(0), dtype=word)
        goes_right = split.goes_right[:, feature[here] - begin].astype(bool)
        for line, right in zip(table, goes_right, strict=True):
            np.bitwise_and.at(line, shape.tree[inner[here[right]]], crossed[here[right]])
        views.append(_View(split.place, first, np.zeros(0), codes=len(table) - 1))
        tables.append(table)
        first += len(table)
        begin += columns
    return views, np.concatenate(tables)


def _of_numbers(trees: Trees, levels: FloatArray, kinds: Ints, owners: Ints, crossed: NDArray[Any]) -> tuple[FloatArray, NDArray[Any]]:
    """The thresholds, and a line for a value above none, one, two, … of them, for a missing value, and for zero."""
    word = crossed.dtype.type
    thresholds, rank = np.unique(levels, return_inverse=True)
    table = np.full((len(thresholds) + 1, trees.trees), ~word(0), dtype=word)
    np.bitwise_and.at(table, (rank + 1, owners), crossed)
    table = np.bitwise_and.accumulate(table, axis=0)
    special = np.full((2, trees.trees), ~word(0), dtype=word)
    # Odd kinds send a missing value to the right, the last two kinds a zero with it.
    missing = kinds % 2 == 1
    zero = np.where(kinds >= ZERO_RIGHT - 1, missing, levels < 0)
    for line, right in zip(special, (missing, zero), strict=True):
        np.bitwise_and.at(line, owners[right], crossed[right])
    return thresholds, np.vstack([table, special])


def _lowest_bit(words: NDArray[Any]) -> Ints:
    """The place of the lowest bit of each word, none of which is 0."""
    kind, seen_as, shift, bias = _EXPONENTS[words.itemsize]
    lowest = np.bitwise_and(words, np.negative(words), out=words)
    exponents: Ints = lowest.astype(kind).view(seen_as).astype(np.intp)
    return (exponents >> shift) - bias
