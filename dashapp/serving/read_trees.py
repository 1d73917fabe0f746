"""scikit-learn's own trees -> nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.serving.encoder import NotCompilable
from dashapp.serving.trees import MISSING_LEFT, MISSING_RIGHT, Nodes
from dashapp.training.features import FloatArray

_CODES = 256


def read_forest(forest: Any) -> Nodes:
    """A fitted random forest or extra trees. They compare in single precision, which their thresholds are made to say."""
    trees = [estimator.tree_ for estimator in forest.estimators_]
    roots = np.cumsum([0] + [tree.node_count for tree in trees])[:-1]
    left = np.concatenate(
        [np.where(tree.children_left < 0, -1, tree.children_left + root) for tree, root in zip(trees, roots, strict=True)]
    )
    right = np.concatenate([tree.children_right + root for tree, root in zip(trees, roots, strict=True)])
    missing_left = np.concatenate([tree.missing_go_to_left for tree in trees]).astype(bool)
    return Nodes(
        feature=np.concatenate([tree.feature for tree in trees]).astype(np.intp),
        threshold=in_double_precision(np.concatenate([tree.threshold for tree in trees])),
        left=left,
        right=right,
        variant=np.where(missing_left, MISSING_LEFT, MISSING_RIGHT),
        split=np.full(len(left), -1, dtype=np.intp),
        roots=roots,
        values=np.concatenate([tree.value[:, 0, :] for tree in trees]),
    )


def in_double_precision(threshold: FloatArray) -> FloatArray:
    """The largest double that, rounded to single precision, is still at most `threshold`."""
    with np.errstate(over="ignore"):
        below = threshold.astype(np.float32)
        below = np.where(below > threshold, np.nextafter(below, np.float32(-np.inf)), below).astype(np.float32)
        above = np.nextafter(below, np.float32(np.inf))
    middle = (below.astype(np.float64) + above.astype(np.float64)) / 2.0
    # What lies in the middle is rounded to the even neighbour.
    is_even = below.view(np.int32) & 1 == 0
    return np.where(is_even, middle, np.nextafter(middle, -np.inf))


def read_histogram_boosting(estimator: Any) -> Nodes:
    """A fitted `HistGradientBoosting*`, which keeps its trees to itself."""
    _check_codes(estimator)
    trees = [tree for iteration in estimator._predictors for tree in iteration]
    records = np.concatenate([tree.nodes for tree in trees])
    roots = np.cumsum([0] + [len(tree.nodes) for tree in trees])[:-1]
    root_of = np.repeat(roots, [len(tree.nodes) for tree in trees])
    is_leaf = records["is_leaf"].astype(bool)
    is_split = records["is_categorical"].astype(bool) & ~is_leaf
    missing_left = records["missing_go_to_left"].astype(bool)
    bits = [tree.raw_left_cat_bitsets[tree.nodes[tree.nodes["is_categorical"].astype(bool)]["bitset_idx"]] for tree in trees]
    goes_left = _goes_left(np.concatenate(bits))
    feature = records["feature_idx"].astype(np.intp)
    return Nodes(
        feature=feature,
        threshold=records["num_threshold"].astype(np.float64),
        left=np.where(is_leaf, -1, records["left"].astype(np.intp) + root_of),
        right=records["right"].astype(np.intp) + root_of,
        variant=np.where(missing_left, MISSING_LEFT, MISSING_RIGHT),
        split=np.where(is_split, np.cumsum(is_split) - 1, -1),
        roots=roots,
        values=records["value"].astype(np.float64)[:, None],
        splits=[(int(feature[at]), left, bool(missing_left[at])) for at, left in zip(np.flatnonzero(is_split), goes_left, strict=True)],
    )


def _check_codes(estimator: Any) -> None:
    """The estimator encodes its categories once more; that must leave our codes as they are."""
    inner = getattr(estimator, "_preprocessor", None)
    if inner is None:
        return
    for known in inner.named_transformers_["encoder"].categories_:
        codes = known[~np.isnan(known)]
        if len(codes) >= _CODES or not np.array_equal(codes, np.arange(len(codes))):
            raise NotCompilable("the categories are numbered differently inside of the estimator")


def _goes_left(bits: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """`[splits, 256]` from bitsets `[splits, 8]`."""
    codes = np.arange(_CODES)
    return ((bits[:, codes // 32] >> (codes % 32).astype(np.uint32)) & 1).astype(bool)
