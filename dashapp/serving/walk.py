"""The quickest way down the trees for as many rows as there are: LightGBM's library for few, bits for many, steps in numpy for the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dashapp.serving.bits import MOST_LEAVES, BitTrees, Shape, bit_trees, shape_of
from dashapp.serving.native import native_leaves
from dashapp.serving.trees import Ints, Leaves, Narrow, Trees
from dashapp.training.features import FloatArray

_FEW_ROWS = 12


@dataclass(frozen=True, slots=True)
class Walk:
    """Gives what `trees.leaves` gives. `few` answers few rows; for more, `small` answers the trees at `places`, and `large` all others."""

    trees: Trees
    few: Leaves
    small: BitTrees | None = None
    places: Ints | None = None
    large: Trees | None = None

    def leaves(self, x: FloatArray) -> Narrow:
        if len(x) == 1 and self.small is not None and self.large is None:
            return self.small.leaves_of_one(x[0].tolist())
        if len(x) <= _FEW_ROWS:
            return self.few(x)
        if self.small is None:
            return self.trees.leaves(x)
        found = self.small.leaves(x)
        if self.large is None or self.places is None:
            return found
        all_leaves = np.empty((len(x), self.trees.trees), dtype=np.int32)
        is_small = np.zeros(self.trees.trees, dtype=bool)
        is_small[self.places] = True
        all_leaves[:, is_small], all_leaves[:, ~is_small] = found, self.large.leaves(x)
        return all_leaves


def walk_of(trees: Trees) -> Walk:
    few = native_leaves(trees) or trees.leaves
    shape = shape_of(trees)
    is_small = shape.count[: trees.trees] <= MOST_LEAVES
    if is_small.all() or not is_small.any():
        return Walk(trees, few, bit_trees(trees, shape))
    part = _part(trees, shape, is_small)
    small = bit_trees(part, shape_of(part))
    if small is None:
        return Walk(trees, few)
    return Walk(trees, few, small, np.flatnonzero(is_small), _part(trees, shape, ~is_small))


def _part(trees: Trees, shape: Shape, is_chosen: NDArray[np.bool_]) -> Trees:
    """Some of the trees, in their order. Siblings stay neighbours, as they all come in pairs."""
    kept = np.flatnonzero(is_chosen[shape.tree])
    numbers = np.zeros(len(trees.left), dtype=np.int32)
    numbers[kept] = np.arange(len(kept))
    depths = (np.arange(trees.trees)[:, None] < np.array(trees.deeper, dtype=np.intp)).sum(axis=1)[is_chosen]
    return replace(
        trees,
        feature=trees.feature[kept],
        threshold=trees.threshold[kept],
        left=numbers[trees.left[kept]],
        leaf=trees.leaf[kept],
        deeper=tuple(int((depths > at).sum()) for at in range(int(depths.max()))),
        trees=int(is_chosen.sum()),
    )
