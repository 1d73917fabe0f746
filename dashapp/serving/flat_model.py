"""A fitted estimator as a few numpy arrays, and the same answers from them.

All trees lie in one array of nodes, and one row walks down all of them together, a level at a time. Two siblings are neighbours
(right = left + 1), a leaf is its own left child. A row is laid out as `[x with NaN as -inf | x with NaN as +inf | one 0/1 per
categorical split]`, so that each node is a plain `value > threshold` whatever it does with missing values and categories.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.serving.encoder import NotCompilable
from dashapp.training.features import FloatArray

CATEGORY_CODES = 256
_MISSING_CODE = CATEGORY_CODES - 1
_LARGEST = np.finfo(np.float64).max
# Nodes looked at together: more rows than this are walked in portions that fit into the processor's cache.
_PORTION = 65_536

IDENTITY, MEAN, LOGISTIC, SOFTMAX = range(4)

Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class LinearModel:
    """`coefficients` `[outputs, width]`, `intercepts` `[outputs]`; `link` makes probabilities of the scores."""

    coefficients: FloatArray
    intercepts: FloatArray
    link: int

    def outputs(self, x: FloatArray) -> FloatArray:
        # einsum and not BLAS: one row and a thousand rows must give the same bits, and no thread pool may wake up.
        return _linked(np.einsum("nw,ow->no", x, self.coefficients) + self.intercepts, self.link, 1)


@dataclass(frozen=True, slots=True)
class TreeModel:
    """`feature` (place in the laid out row), `threshold` and `left` by node; `values` `[nodes, outputs of a tree]`; `baseline`
    `[outputs]`. The first `trees` nodes are the roots. `split_feature` `[splits]` and `goes_right` `[256, splits]` say where a
    category's code goes in each categorical split; code 255 stands for missing."""

    feature: Ints
    threshold: FloatArray
    left: Ints
    values: FloatArray
    baseline: FloatArray
    split_feature: Ints
    goes_right: NDArray[np.uint8]
    trees: int
    depth: int
    link: int
    is_single_precision: bool

    def outputs(self, x: FloatArray) -> FloatArray:
        rows = max(1, _PORTION // self.trees)
        if len(x) <= rows:
            return self._outputs(x)
        return np.concatenate([self._outputs(x[at : at + rows]) for at in range(0, len(x), rows)])

    def _outputs(self, x: FloatArray) -> FloatArray:
        laid = self._laid_out(x)
        cells = laid.ravel()
        offset = np.arange(len(x))[:, None] * laid.shape[1]
        node = np.broadcast_to(np.arange(self.trees), (len(x), self.trees))
        for _ in range(self.depth):
            place = self.feature.take(node)
            if len(x) > 1:
                place += offset
            node = self.left.take(node) + (cells.take(place) > self.threshold.take(node))
        found = self.values.take(node, axis=0).reshape(len(x), -1, len(self.baseline)).sum(axis=1)
        return _linked(found + self.baseline, self.link, self.trees)

    def _laid_out(self, x: FloatArray) -> FloatArray:
        if self.is_single_precision:
            with np.errstate(over="ignore"):
                x = x.astype(np.float32).astype(np.float64)
        is_missing = np.isnan(x)
        width = x.shape[1]
        laid = np.empty((len(x), 2 * width + len(self.split_feature)))
        laid[:, :width] = np.where(is_missing, -np.inf, x)
        laid[:, width : 2 * width] = np.where(is_missing, np.inf, x)
        if len(self.split_feature):
            codes = np.where(is_missing, float(_MISSING_CODE), x).take(self.split_feature, axis=1).astype(np.intp)
            laid[:, 2 * width :] = self.goes_right[codes, np.arange(len(self.split_feature))]
        return laid


FlatModel = LinearModel | TreeModel


def to_arrays(model: FlatModel) -> dict[str, NDArray[Any]]:
    """Plain arrays; `from_arrays` is the inverse. Whole numbers are kept in 32 bits."""
    arrays: dict[str, NDArray[Any]] = {}
    for each in fields(model):
        value = np.asarray(getattr(model, each.name))
        arrays[each.name] = value.astype(np.int32) if value.dtype == np.intp else value
    return arrays


def from_arrays(arrays: Mapping[str, NDArray[Any]]) -> FlatModel:
    if "coefficients" in arrays:
        return LinearModel(np.asarray(arrays["coefficients"]), np.asarray(arrays["intercepts"]), int(arrays["link"]))
    return TreeModel(
        feature=arrays["feature"].astype(np.intp),
        threshold=np.asarray(arrays["threshold"]),
        left=arrays["left"].astype(np.intp),
        values=np.asarray(arrays["values"]),
        baseline=np.asarray(arrays["baseline"]),
        split_feature=arrays["split_feature"].astype(np.intp),
        goes_right=np.asarray(arrays["goes_right"]),
        trees=int(arrays["trees"]),
        depth=int(arrays["depth"]),
        link=int(arrays["link"]),
        is_single_precision=bool(arrays["is_single_precision"]),
    )


def flatten(estimator: Any, width: int) -> FlatModel:
    """From a fitted estimator of one of the three families; raises `NotCompilable`."""
    if hasattr(estimator, "coef_"):
        return _flat_linear(estimator)
    if hasattr(estimator, "estimators_"):
        return _flat_forest(estimator, width)
    if hasattr(estimator, "_predictors"):
        return _flat_boosting(estimator, width)
    raise NotCompilable(f"{type(estimator).__name__} has no compiled form")


def _flat_linear(estimator: Any) -> LinearModel:
    coefficients = np.atleast_2d(np.asarray(estimator.coef_, dtype=np.float64))
    link = IDENTITY if not hasattr(estimator, "classes_") else LOGISTIC if len(coefficients) == 1 else SOFTMAX
    return LinearModel(coefficients, np.atleast_1d(np.asarray(estimator.intercept_, dtype=np.float64)), link)


@dataclass(slots=True)
class _Nodes:
    """The nodes of all trees in a row, before they are renumbered. `left` is -1 at a leaf; `missing_left` and `split` (-1 or the
    categorical split's number) by node; `roots` is each tree's first node."""

    feature: Ints
    threshold: FloatArray
    left: Ints
    right: Ints
    missing_left: NDArray[np.bool_]
    split: Ints
    values: FloatArray
    roots: Ints


def _flat_forest(forest: Any, width: int) -> TreeModel:
    trees = [estimator.tree_ for estimator in forest.estimators_]
    roots = np.cumsum([0] + [tree.node_count for tree in trees[:-1]])
    children = {}
    for side in ("children_left", "children_right"):
        shifted = [getattr(tree, side) + root for tree, root in zip(trees, roots, strict=True)]
        children[side] = np.concatenate(shifted)
    is_leaf = np.concatenate([tree.children_left for tree in trees]) < 0
    values = np.concatenate([tree.value[:, 0, :] for tree in trees])
    nodes = _Nodes(
        feature=np.concatenate([tree.feature for tree in trees]).astype(np.intp),
        threshold=np.concatenate([tree.threshold for tree in trees]),
        left=np.where(is_leaf, -1, children["children_left"]),
        right=children["children_right"],
        missing_left=np.concatenate([tree.missing_go_to_left for tree in trees]).astype(bool),
        split=np.full(len(is_leaf), -1, dtype=np.intp),
        values=values,
        roots=roots,
    )
    baseline = np.zeros(values.shape[1])
    return _renumbered(nodes, width, baseline, np.empty((CATEGORY_CODES, 0), np.uint8), np.empty(0, np.intp), MEAN, True)


def _flat_boosting(estimator: Any, width: int) -> TreeModel:
    trees = [tree for iteration in estimator._predictors for tree in iteration]
    records = np.concatenate([tree.nodes for tree in trees])
    roots = np.cumsum([0] + [len(tree.nodes) for tree in trees[:-1]])
    root_of = np.repeat(roots, [len(tree.nodes) for tree in trees])
    is_leaf = records["is_leaf"].astype(bool)
    is_split = records["is_categorical"].astype(bool) & ~is_leaf
    _check_codes(estimator)
    nodes = _Nodes(
        feature=records["feature_idx"].astype(np.intp),
        threshold=records["num_threshold"].astype(np.float64),
        left=np.where(is_leaf, -1, records["left"].astype(np.intp) + root_of),
        right=records["right"].astype(np.intp) + root_of,
        missing_left=records["missing_go_to_left"].astype(bool),
        split=np.where(is_split, np.cumsum(is_split) - 1, -1),
        values=records["value"].astype(np.float64)[:, None],
        roots=roots,
    )
    bits = [tree.raw_left_cat_bitsets[tree.nodes[tree.nodes["is_categorical"].astype(bool)]["bitset_idx"]] for tree in trees]
    goes_right = _goes_right(np.concatenate(bits), nodes.missing_left[is_split])
    baseline = np.asarray(estimator._baseline_prediction, dtype=np.float64).ravel()
    is_classifier = hasattr(estimator, "classes_")
    link = IDENTITY if not is_classifier else LOGISTIC if len(baseline) == 1 else SOFTMAX
    return _renumbered(nodes, width, baseline, goes_right, nodes.feature[is_split], link, False)


def _check_codes(estimator: Any) -> None:
    """The estimator encodes its categories once more; that must leave our codes as they are."""
    inner = getattr(estimator, "_preprocessor", None)
    if inner is None:
        return
    for known in inner.named_transformers_["encoder"].categories_:
        codes = known[~np.isnan(known)]
        if len(codes) >= _MISSING_CODE or not np.array_equal(codes, np.arange(len(codes))):
            raise NotCompilable("the categories are numbered differently inside of the estimator")


def _goes_right(bits: NDArray[np.uint32], missing_left: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """`[256, splits]` from bitsets `[splits, 8]` of the codes that go left."""
    codes = np.arange(CATEGORY_CODES)
    is_left = (bits[:, codes // 32] >> (codes % 32).astype(np.uint32)) & 1
    is_left[:, _MISSING_CODE] = missing_left
    return np.ascontiguousarray(1 - is_left.T).astype(np.uint8)


def _renumbered(
    nodes: _Nodes, width: int, baseline: FloatArray, goes_right: NDArray[np.uint8], split_feature: Ints, link: int, is_single: bool
) -> TreeModel:
    """Roots first, then the children of each inner node as neighbours."""
    trees, inner = len(nodes.roots), np.flatnonzero(nodes.left >= 0)
    number = np.zeros(len(nodes.left), dtype=np.intp)
    number[nodes.roots] = np.arange(trees)
    number[nodes.left[inner]] = trees + 2 * np.arange(len(inner))
    number[nodes.right[inner]] = trees + 2 * np.arange(len(inner)) + 1
    feature = np.zeros(len(number), dtype=np.intp)
    threshold = np.full(len(number), np.inf)
    left = np.arange(len(number))
    values = np.empty_like(nodes.values)
    is_split = nodes.split[inner] >= 0
    plain = nodes.feature[inner] + np.where(nodes.missing_left[inner], 0, width)
    feature[number[inner]] = np.where(is_split, 2 * width + nodes.split[inner], plain)
    # A split of missing against present has the threshold inf, which the +inf of a missing value must still exceed.
    threshold[number[inner]] = np.where(is_split, 0.5, np.minimum(nodes.threshold[inner], _LARGEST))
    left[number[inner]] = number[nodes.left[inner]]
    values[number] = nodes.values
    depth = _depth(left, trees)
    return TreeModel(feature, threshold, left, values, baseline, split_feature, goes_right, trees, depth, link, is_single)


def _depth(left: Ints, trees: int) -> int:
    """Levels below the roots of the deepest tree."""
    level, depth = np.arange(trees), 0
    while True:
        inner = level[left[level] != level]
        if not len(inner):
            return depth
        level, depth = np.concatenate([left[inner], left[inner] + 1]), depth + 1


def _linked(scores: FloatArray, link: int, trees: int) -> FloatArray:
    """Scores `[n, outputs]` -> probabilities `[n, classes]`, or values `[n, 1]`."""
    if link == MEAN:
        return scores / trees
    if link == LOGISTIC:
        # The two branches never take the exponential of a large positive number.
        small = np.exp(-np.abs(scores))
        positive = np.where(scores >= 0, 1.0, small) / (1.0 + small)
        return np.hstack([1.0 - positive, positive])
    if link == SOFTMAX:
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))
    return scores
