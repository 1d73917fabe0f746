"""Every way down the trees ends at the same leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dashapp.datasets.dataset import Task
from dashapp.serving import walk
from dashapp.serving.bits import bit_trees, shape_of
from dashapp.serving.compiled import compile_blend
from dashapp.serving.native import native_leaves
from dashapp.serving.trees import Trees
from dashapp.serving.walk import walk_of
from dashapp.training.features import FloatArray
from tests.serving.blends import a_blend

KINDS = [("boosting",), ("histogram",), ("forest",), ("boosting", "histogram", "extra", "linear")]


def grown(kinds: tuple[str, ...], task: Task = Task.MULTICLASS) -> Trees:
    model = a_blend(task, *kinds)
    trees = compile_blend(model.model, model.inputs, task.is_classification).members.trees
    assert isinstance(trees, Trees)
    return trees


TREES = {kinds: grown(kinds) for kinds in KINDS}


def rows(trees: Trees, count: int, seed: int) -> FloatArray:
    """Codes, thresholds themselves, what lies beside them, zeros of all sorts and gaps."""
    random = np.random.default_rng(seed)
    finite = trees.threshold[np.abs(trees.threshold) < 1e300]
    levels = random.choice(finite, (count, trees.width))
    sorts = [
        levels,
        np.nextafter(levels, np.inf),
        random.integers(-2, 8, levels.shape) + random.choice([0.0, 0.5], levels.shape),
        random.choice([0.0, -0.0, 1e-36, -1e-36, 5e-324, 1e-35, 1e30, -1e30], levels.shape),
        np.full(levels.shape, np.nan),
    ]
    return np.choose(random.integers(0, len(sorts), levels.shape), sorts)


@settings(max_examples=25, deadline=None)
@given(some.sampled_from(KINDS), some.integers(0, 10**6), some.sampled_from([1, 3, 40, 700]))
def test_all_ways_end_at_the_same_leaves(kinds: tuple[str, ...], seed: int, count: int) -> None:
    trees = TREES[kinds]
    x = rows(trees, count, seed)
    expected = trees.leaves(x)
    np.testing.assert_array_equal(walk_of(trees).leaves(x), expected)
    few, many = native_leaves(trees), bit_trees(trees, shape_of(trees))
    assert few is not None
    np.testing.assert_array_equal(few(x), expected)
    if many is not None:
        np.testing.assert_array_equal(many.leaves(x), expected)


def test_large_trees_are_walked_beside_small_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    trees = TREES["boosting", "histogram", "extra", "linear"]
    leaves = shape_of(trees).count[: trees.trees]
    monkeypatch.setattr(walk, "MOST_LEAVES", int(np.median(leaves)))
    found = walk_of(trees)
    assert found.small is not None and found.large is not None and found.places is not None
    assert found.large.trees + len(found.places) == trees.trees
    x = rows(trees, 300, 1)
    np.testing.assert_array_equal(found.leaves(x), trees.leaves(x))


def test_without_lightgbm_numpy_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "native_leaves", lambda trees: None)
    trees = TREES["boosting",]
    x = rows(trees, 5, 2)
    np.testing.assert_array_equal(walk_of(trees).leaves(x), trees.leaves(x))


def test_a_tree_without_a_split_has_one_leaf() -> None:
    trees = TREES["boosting",]
    nodes = 2
    bare = replace(
        trees,
        feature=np.zeros(nodes, dtype=np.int32),
        threshold=np.full(nodes, np.inf),
        left=np.arange(nodes, dtype=np.int32),
        leaf=np.arange(nodes, dtype=np.int32),
        deeper=(),
        trees=nodes,
        splits=(),
    )
    x = rows(trees, 20, 3)
    for few in (x, x[:1]):
        np.testing.assert_array_equal(walk_of(bare).leaves(few), np.tile([0, 1], (len(few), 1)))
