"""Trees of any origin as a few numpy arrays, and one walk down all of them together.

A row is laid out as `[x, NaN as -inf | x, NaN as +inf | a 0 or 1 per categorical split]`, so that each node is a plain
`value > threshold` whatever it does with missing values and categories. Two siblings are neighbours (right = left + 1), a leaf is its own
left child. The deepest trees come first: the walk leaves a tree as soon as it has no deeper level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.training.features import FloatArray

Ints = NDArray[np.intp]
Narrow = NDArray[np.int32]
Arrays = Mapping[str, NDArray[Any]]
# Encoded rows `[n, width]` -> the leaf that each reaches in each tree `[n, trees]`.
Leaves = Callable[[FloatArray], Narrow]

_LARGEST = np.finfo(np.float64).max
# Nodes looked at together: more rows than this are walked in portions that fit into the processor's cache.
_PORTION = 65_536
# LightGBM takes what is not further from zero for zero.
ZERO = float(np.float32(1e-35))
_VARIANTS = 2
_ZERO_VARIANTS = 4


@dataclass(frozen=True, slots=True)
class Splits:
    """The categorical splits of one place in the row: `goes_right` `[codes + 1, splits]`, whose last line is for all other values (missing,
    negative, unknown)."""

    place: int
    goes_right: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Trees:
    """By node: `feature` (place in the laid out row), `threshold`, `left` and `leaf` (the number of the leaf). The first nodes are the
    roots; `deeper[n]` trees have more than n levels. `width` is that of a row; `zero_is_missing` lays it out twice more, zeros as NaN."""

    width: int
    feature: Narrow
    threshold: FloatArray
    left: Narrow
    leaf: Narrow
    deeper: tuple[int, ...]
    trees: int
    splits: tuple[Splits, ...] = ()
    zero_is_missing: bool = False

    def leaves(self, x: FloatArray) -> Narrow:
        """The leaf that each row reaches in each tree, `[n, trees]`."""
        rows = max(1, _PORTION // self.trees)
        if len(x) <= rows:
            return self._leaves(x)
        return np.concatenate([self._leaves(x[at : at + rows]) for at in range(0, len(x), rows)])

    def _leaves(self, x: FloatArray) -> Narrow:
        laid = self._laid_out(x)
        cells = laid.ravel()
        offset = np.arange(len(x)) * laid.shape[1]
        node = np.repeat(np.arange(self.trees, dtype=np.intp)[:, None], len(x), axis=1)
        for count in self.deeper:
            at = node[:count]
            place = self.feature.take(at)
            if len(x) > 1:
                place = place + offset
            np.add(self.left.take(at), cells.take(place) > self.threshold.take(at), out=at)
        return self.leaf.take(node.T)

    def _laid_out(self, x: FloatArray) -> FloatArray:
        is_missing = np.isnan(x)
        parts = [np.where(is_missing, -np.inf, x), np.where(is_missing, np.inf, x)]
        if self.zero_is_missing:
            is_missing = is_missing | (np.abs(x) <= ZERO)
            parts += [np.where(is_missing, -np.inf, x), np.where(is_missing, np.inf, x)]
        for split in self.splits:
            values = x[:, split.place]
            others = len(split.goes_right) - 1
            with np.errstate(invalid="ignore"):
                is_known = (values > -1.0) & (values < others)
                codes = np.where(is_known, values, others).astype(np.intp)
            parts.append(split.goes_right[codes])
        return np.hstack(parts)


@dataclass(slots=True)
class Nodes:
    """Trees as their library holds them, one after the other. By node: `left` and `right` (places among the nodes, -1 at a leaf),
    `variant` of the layout that a split looks at, and `split`, -1 or the number of a categorical split. `roots` is each tree's first
    node; `values` `[nodes, outputs]`. `splits`: the place in the row, which codes go left, whether all other values do."""

    feature: Ints
    threshold: FloatArray
    left: Ints
    right: Ints
    variant: Ints
    split: Ints
    roots: Ints
    values: FloatArray
    splits: Sequence[tuple[int, NDArray[np.bool_], bool]] = ()


MISSING_LEFT, MISSING_RIGHT, ZERO_LEFT, ZERO_RIGHT = range(4)


def grown(parts: Sequence[Nodes], width: int) -> tuple[Trees, list[tuple[Ints, FloatArray]]]:
    """All trees of the parts in one array; for each part, where its trees are among them and the values of its leaves."""
    splits, columns = _splits(parts)
    zero_is_missing = any(bool((part.variant >= ZERO_LEFT).any()) for part in parts)
    start = (_ZERO_VARIANTS if zero_is_missing else _VARIANTS) * width
    first = np.cumsum([0] + [len(part.left) for part in parts])
    left, right = (
        np.concatenate([np.where(part.left < 0, -1, getattr(part, side) + at) for part, at in zip(parts, first, strict=False)])
        for side in ("left", "right")
    )
    feature = np.concatenate(
        [
            np.where(part.split < 0, part.feature + part.variant * width, start + table[part.split])
            for part, table in zip(parts, columns, strict=True)
        ]
    )
    # A split of missing against present has the threshold inf, which the +inf of a missing value must still exceed.
    threshold = np.concatenate([np.where(part.split < 0, np.minimum(part.threshold, _LARGEST), 0.5) for part in parts])
    roots = np.concatenate([part.roots + at for part, at in zip(parts, first, strict=False)])
    depths, deeper = _depths(left, right, roots)
    order = np.argsort(-depths, kind="stable")
    inner = np.flatnonzero(left >= 0)
    number = np.empty(len(left), dtype=np.intp)
    number[roots[order]] = np.arange(len(roots))
    number[left[inner]] = len(roots) + 2 * np.arange(len(inner))
    number[right[inner]] = len(roots) + 2 * np.arange(len(inner)) + 1
    is_leaf = left < 0
    found = Trees(
        width=width,
        feature=_by(number, np.where(is_leaf, 0, feature)),
        threshold=_by(number, np.where(is_leaf, np.inf, threshold)),
        left=_by(number, np.where(is_leaf, number, number[left])),
        leaf=_by(number, np.concatenate([np.where(part.left < 0, np.cumsum(part.left < 0) - 1, 0) for part in parts])),
        deeper=deeper,
        trees=len(roots),
        splits=splits,
        zero_is_missing=zero_is_missing,
    )
    ends = np.cumsum([len(part.roots) for part in parts])
    places = np.split(np.argsort(order, kind="stable"), ends[:-1])
    return found, [(place, part.values[part.left < 0]) for place, part in zip(places, parts, strict=True)]


def _by(number: Ints, values: NDArray[Any]) -> NDArray[Any]:
    """The values in the order of the new numbers; whole numbers in 32 bits."""
    ordered = np.empty_like(values)
    ordered[number] = values
    return ordered.astype(np.int32) if ordered.dtype.kind == "i" else ordered


def _splits(parts: Sequence[Nodes]) -> tuple[tuple[Splits, ...], list[Ints]]:
    """The categorical splits of all parts by place, equal ones once; for each part, the column of each of its splits."""
    places = sorted({place for part in parts for place, _, _ in part.splits})
    codes = {at: max(len(left) for part in parts for place, left, _ in part.splits if place == at) for at in places}
    known: dict[int, dict[bytes, int]] = {place: {} for place in places}
    numbers: list[list[tuple[int, int]]] = []
    for part in parts:
        numbers.append([])
        for place, left, others_left in part.splits:
            goes_right = np.ones(codes[place] + 1, dtype=np.uint8)
            goes_right[: len(left)] = ~left
            goes_right[-1] = not others_left
            numbers[-1].append((place, known[place].setdefault(goes_right.tobytes(), len(known[place]))))
    starts = dict(zip(places, np.cumsum([0] + [len(known[place]) for place in places]).tolist(), strict=False))
    found = tuple(
        Splits(place, np.ascontiguousarray(np.frombuffer(b"".join(known[place]), dtype=np.uint8).reshape(len(known[place]), -1).T))
        for place in places
    )
    # One more, for the nodes that have no such split.
    return found, [np.array([starts[place] + at for place, at in part] + [0], dtype=np.intp) for part in numbers]


def _depths(left: Ints, right: Ints, roots: Ints) -> tuple[Ints, tuple[int, ...]]:
    """Levels below each root, and how many trees have more than 0, 1, 2, … of them."""
    depths = np.zeros(len(roots), dtype=np.intp)
    level, tree, depth = roots, np.arange(len(roots)), 0
    while True:
        inner = left[level] >= 0
        if not inner.any():
            break
        level, tree, depth = np.concatenate([left[level[inner]], right[level[inner]]]), np.tile(tree[inner], 2), depth + 1
        depths[tree] = depth
    return depths, tuple(int((depths > at).sum()) for at in range(depth))
