"""LightGBM's own text of a model -> nodes.

Where a value goes is said in LightGBM's `tree.h`: a split's `decision_type` holds bit 0 (categorical), bit 1 (missing goes left) and
bits 2 and 3 (what counts as missing: nothing, zeros and NaN, NaN). Where nothing counts as missing, NaN is 0. In a categorical split
the listed codes go left and all else goes right.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.serving.encoder import NotCompilable
from dashapp.serving.trees import MISSING_LEFT, MISSING_RIGHT, ZERO_LEFT, ZERO_RIGHT, Nodes

_NONE, _ZERO, _NAN = range(3)
_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_BITS = 32


def read_booster(text: str) -> tuple[Nodes, int, str]:
    """From `Booster.model_to_string()`: the nodes, how many trees belong to one iteration, and the objective in LightGBM's words, such as
    `binary sigmoid:1`. Raises `NotCompilable`."""
    head, *blocks = text.split("\nTree=")
    about = _fields(head)
    if "\naverage_output" in head or "objective" not in about:
        raise NotCompilable("this way of boosting has no compiled form")
    trees = [_fields(block.split("\n\n", 1)[0]) for block in blocks]
    if any(tree.get("is_linear", "0") != "0" for tree in trees):
        raise NotCompilable("trees with linear leaves have no compiled form")
    return _joined([_nodes(tree) for tree in trees]), int(about["num_tree_per_iteration"]), about["objective"]


def _fields(block: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in block.split("\n") if "=" in line)


def _numbers(tree: Mapping[str, str], name: str, kind: Any) -> NDArray[Any]:
    return np.array(tree.get(name, "").split(), dtype=kind)


def _nodes(tree: Mapping[str, str]) -> Nodes:
    """The splits come first, then the leaves; LightGBM writes leaf n as child -n - 1."""
    values = _numbers(tree, "leaf_value", np.float64)
    decisions = _numbers(tree, "decision_type", np.intp)
    inner, leaves = len(decisions), np.full(len(values), -1, dtype=np.intp)
    left, right = (_numbers(tree, f"{side}_child", np.intp) for side in ("left", "right"))
    threshold = _numbers(tree, "threshold", np.float64)
    feature = _numbers(tree, "split_feature", np.intp)
    missing = decisions >> 2 & 3
    to_left = np.where(missing == _NONE, threshold >= 0.0, (decisions & _DEFAULT_LEFT) > 0)
    variant = np.where(missing == _ZERO, np.where(to_left, ZERO_LEFT, ZERO_RIGHT), np.where(to_left, MISSING_LEFT, MISSING_RIGHT))
    is_category = (decisions & _CATEGORICAL) > 0
    bits = _bitsets(tree)
    split = np.where(is_category, np.cumsum(is_category) - 1, -1)
    zeros = np.zeros(len(values), dtype=np.intp)
    return Nodes(
        feature=np.concatenate([feature, zeros]),
        threshold=np.concatenate([threshold, zeros.astype(np.float64)]),
        left=np.concatenate([np.where(left < 0, inner - left - 1, left), leaves]),
        right=np.concatenate([np.where(right < 0, inner - right - 1, right), leaves]),
        variant=np.concatenate([np.where(is_category, 0, variant), zeros]),
        split=np.concatenate([split, leaves]),
        roots=np.zeros(1, dtype=np.intp),
        values=np.concatenate([np.zeros(inner), values])[:, None],
        splits=[(int(feature[at]), bits[int(threshold[at])], False) for at in np.flatnonzero(is_category)],
    )


def _bitsets(tree: Mapping[str, str]) -> list[NDArray[np.bool_]]:
    """Which codes go left, by categorical split."""
    words, ends = _numbers(tree, "cat_threshold", np.uint32), _numbers(tree, "cat_boundaries", np.intp)
    return [(words[start:end, None] >> np.arange(_BITS, dtype=np.uint32) & 1).astype(bool).ravel() for start, end in pairwise(ends)]


def _joined(trees: list[Nodes]) -> Nodes:
    first = np.cumsum([0] + [len(tree.left) for tree in trees])[:-1]
    splits = np.cumsum([0] + [len(tree.splits) for tree in trees])[:-1]
    pairs = list(zip(trees, first, strict=True))
    return Nodes(
        feature=np.concatenate([tree.feature for tree in trees]),
        threshold=np.concatenate([tree.threshold for tree in trees]),
        left=np.concatenate([np.where(tree.left < 0, -1, tree.left + at) for tree, at in pairs]),
        right=np.concatenate([np.where(tree.right < 0, -1, tree.right + at) for tree, at in pairs]),
        variant=np.concatenate([tree.variant for tree in trees]),
        split=np.concatenate([np.where(tree.split < 0, -1, tree.split + at) for tree, at in zip(trees, splits, strict=True)]),
        roots=first,
        values=np.concatenate([tree.values for tree in trees]),
        splits=[split for tree in trees for split in tree.splits],
    )
