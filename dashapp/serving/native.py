"""One row down compiled trees by LightGBM's own library, whatever library grew them: ten times as fast as numpy.

The trees are written as the text of a LightGBM model, which says of each node what `Trees` says, and come back as the leaves that a
row reaches.
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.serving.trees import ZERO, Ints, Leaves, Narrow, Trees
from dashapp.training.features import FloatArray

MOST_NODES = 1_000_000
_DOUBLES, _LEAVES = 1, 2
_PARAMETERS = b"num_threads=1 predict_disable_shape_check=true"
# By variant of the layout: what is missing (8: NaN, 4: zero too), and 2 where that goes left.
_DECISIONS = np.array([10, 8, 6, 4])
_CATEGORICAL = 1
_HEAD = "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx={last}\nobjective=regression\n"
_HEAD += "feature_names={names}\nfeature_infos={infos}\n\n"


def native_leaves(trees: Trees) -> Leaves | None:
    """The same as `trees.leaves`, for few rows; None where LightGBM cannot be used for it."""
    if len(trees.left) > MOST_NODES:
        return None
    try:
        return _Walker(trees).leaves
    except (ImportError, OSError, AttributeError, KeyError, RuntimeError):
        return None


class _Walker:
    """Safe to share between threads: nothing in it changes, and LightGBM locks what it writes to."""

    def __init__(self, trees: Trees) -> None:
        self._trees = trees
        text, order = written(trees)
        library, booster, row = _library(), ctypes.c_void_p(), ctypes.c_void_p()
        _call(library.LGBM_BoosterLoadModelFromString, text.encode(), ctypes.byref(ctypes.c_int()), ctypes.byref(booster))
        weakref.finalize(self, library.LGBM_BoosterFree, booster).atexit = False
        _call(
            library.LGBM_BoosterPredictForMatSingleRowFastInit,
            *(booster, _LEAVES, 0, -1, _DOUBLES, trees.width, _PARAMETERS, ctypes.byref(row)),
        )
        weakref.finalize(self, library.LGBM_FastConfigFree, row).atexit = False
        self._predict, self._one = library.LGBM_BoosterPredictForMatSingleRowFast, row
        self._numbers = trees.leaf[np.concatenate(order)]
        self._begins = np.cumsum([0, *map(len, order)])[:-1]
        # LightGBM takes numbers nearer to zero than `ZERO` for zero, which only such a threshold could tell from it.
        self._is_careful = bool((np.abs(trees.threshold) < ZERO).any())

    def leaves(self, x: FloatArray) -> Narrow:
        if self._is_careful and ((x != 0) & (np.abs(x) <= ZERO)).any():
            return self._trees.leaves(x)
        found = np.empty((len(x), self._trees.trees))
        rows = np.ascontiguousarray(x, dtype=np.float64)
        begin, to, length = rows.ctypes.data, found.ctypes.data, ctypes.byref(ctypes.c_int64())
        for at in range(len(x)):
            _call(self._predict, self._one, begin + at * rows.strides[0], length, to + at * found.strides[0])
        leaves: Narrow = self._numbers.take(found.astype(np.intp) + self._begins)
        return leaves


def _library() -> Any:
    """The interpreter's lock is held during its calls: to let go of it for so short a time, and wait for it again, would take longer."""
    import lightgbm.basic

    library = ctypes.PyDLL(vars(lightgbm.basic)["_LIB"]._name)
    pointer, whole = ctypes.c_void_p, ctypes.c_int
    library.LGBM_BoosterLoadModelFromString.argtypes = [ctypes.c_char_p, pointer, pointer]
    library.LGBM_BoosterPredictForMatSingleRowFastInit.argtypes = [pointer, *[whole] * 4, ctypes.c_int32, ctypes.c_char_p, pointer]
    library.LGBM_BoosterPredictForMatSingleRowFast.argtypes = [pointer] * 4
    library.LGBM_BoosterFree.argtypes = library.LGBM_FastConfigFree.argtypes = [pointer]
    return library


def _call(function: Any, *given: Any) -> None:
    if function(*given):
        raise RuntimeError("LightGBM could not do it")


def written(trees: Trees) -> tuple[str, list[Ints]]:
    """The text of the model, and for each tree the nodes that are its leaves, in LightGBM's order."""
    head = _HEAD.format(last=trees.width - 1, names=" ".join(map("f{}".format, range(trees.width))), infos=" ".join(["none"] * trees.width))
    texts, order = [], []
    sets = _Sets(trees)
    for number, nodes in enumerate(_by_tree(trees)):
        text, leaves = _tree(trees, nodes, sets)
        texts.append(f"Tree={number}\n{text}\n\n")
        order.append(leaves)
    return head + "".join(texts) + "end of trees\n\nparameters:\n\nend of parameters\n", order


def _by_tree(trees: Trees) -> Iterator[Ints]:
    """The nodes of each tree, its root first; no node below the depth that the trees are said to have."""
    level = np.arange(trees.trees)
    found, owners = [level], [level]
    owner = level
    for _ in trees.deeper:
        is_inner = trees.left[level] != level
        level, owner = trees.left[level[is_inner]].astype(np.intp), owner[is_inner]
        level, owner = np.concatenate([level, level + 1]), np.tile(owner, 2)
        found.append(level)
        owners.append(owner)
    nodes, owned = np.concatenate(found), np.concatenate(owners)
    by_owner = np.argsort(owned, kind="stable")
    ends = np.cumsum(np.bincount(owned, minlength=trees.trees))
    yield from np.split(nodes[by_owner], ends[:-1])


def _tree(trees: Trees, nodes: Ints, sets: _Sets) -> tuple[str, Ints]:
    is_leaf = trees.left[nodes] == nodes
    leaves, inner = nodes[is_leaf], nodes[~is_leaf]
    if not len(inner):
        return "num_leaves=1\nnum_cat=0\nleaf_value=0\nshrinkage=1", leaves
    sorted_nodes = np.argsort(nodes)
    names = np.where(is_leaf, -np.cumsum(is_leaf), np.cumsum(~is_leaf) - 1)
    left = names[sorted_nodes[np.searchsorted(nodes[sorted_nodes], trees.left[inner])]]
    right = names[sorted_nodes[np.searchsorted(nodes[sorted_nodes], trees.left[inner] + 1)]]
    feature, threshold = trees.feature[inner].astype(np.intp), trees.threshold[inner]
    is_set = feature >= sets.start
    decision = np.where(is_set, _CATEGORICAL, _DECISIONS[np.minimum(feature // trees.width, len(_DECISIONS) - 1)])
    columns = feature[is_set] - sets.start
    place = feature % trees.width
    place[is_set] = sets.places[columns]
    swapped = np.zeros(len(inner), dtype=bool)
    swapped[is_set] = sets.is_swapped[columns]
    left, right = np.where(swapped, right, left), np.where(swapped, left, right)
    thresholds = threshold.tolist()
    for at, node in enumerate(np.flatnonzero(is_set).tolist()):
        thresholds[node] = at
    lines = {
        "num_leaves": [len(leaves)],
        "num_cat": [len(columns)],
        "split_feature": place.tolist(),
        "threshold": thresholds,
        "decision_type": decision.tolist(),
        "left_child": left.tolist(),
        "right_child": right.tolist(),
        "leaf_value": [0] * len(leaves),
    }
    if len(columns):
        words = [sets.words[column] for column in columns.tolist()]
        lines["cat_boundaries"] = [0, *np.cumsum([len(each) for each in words]).tolist()]
        lines["cat_threshold"] = [word for each in words for word in each]
    return "\n".join(f"{name}={' '.join(map(repr, values))}" for name, values in lines.items()) + "\nshrinkage=1", leaves


class _Sets:
    """The categorical splits, one for each of their columns in the layout from `start` on: the codes that go left as bits in words of 32,
    or, where all other values go left too (`is_swapped`), the codes that go right."""

    def __init__(self, trees: Trees) -> None:
        self.start = (4 if trees.zero_is_missing else 2) * trees.width
        tables = [(split.place, column) for split in trees.splits for column in split.goes_right.T]
        self.places = np.array([place for place, _ in tables], dtype=np.intp)
        self.is_swapped = np.array([not column[-1] for _, column in tables], dtype=bool)
        self.words = [_words(column[:-1] if not column[-1] else 1 - column[:-1]) for _, column in tables]


def _words(is_in: NDArray[np.uint8]) -> list[int]:
    bits = np.packbits(is_in, bitorder="little")
    return np.frombuffer(np.append(bits, np.zeros(-len(bits) % 4, dtype=np.uint8)).tobytes(), dtype="<u4").tolist() or [0]
