"""Trees of each library go where the library itself goes, node by node."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor

from dashapp.serving import trees as walking
from dashapp.serving.encoder import NotCompilable
from dashapp.serving.read_lightgbm import read_booster
from dashapp.serving.read_trees import in_double_precision, read_forest
from dashapp.serving.trees import Nodes, grown

ODD = [
    np.nan,
    0.0,
    -0.0,
    1e-36,
    -1e-36,
    5e-324,
    16_777_217.0,
    9.007e15,
    1e30,
    -1e30,
    0.1,
    0.5,
    -1.0,
    -7.0,
    3.7,
    63.0,
    64.0,
    255.0,
    5_000.0,
    2**31 - 1.0,
]
WIDTH = 6


def table(seed: int, rows: int = 400, gaps: float = 0.1) -> tuple[NDArray[Any], NDArray[Any]]:
    """Two columns of codes, one of few numbers with zeros, one of whole numbers beyond single precision, two of plain ones."""
    random = np.random.default_rng(seed)
    x = np.column_stack(
        [
            random.integers(0, 70, rows),
            random.integers(0, 300, rows),
            random.choice([0.0, 0.0, 1.0, -2.0], rows),
            16_777_216 + random.integers(0, 8, rows),
            random.normal(size=(rows, 2)),
        ]
    ).astype(float)
    y = 4.0 * np.isin(x[:, 0] % 7, [1, 4]) + 0.5 * (x[:, 1] % 3) + x[:, 2] + (x[:, 3] % 2) + x[:, 4] + random.normal(0, 0.1, rows)
    x[random.random(x.shape) < gaps] = np.nan
    return x, y


def answered(nodes: Nodes, x: NDArray[Any]) -> NDArray[Any]:
    """The sum of the leaves that each row reaches."""
    trees, [(places, values)] = grown([nodes], x.shape[1])
    return np.asarray(values.take(trees.leaves(x).take(places, axis=1), axis=0).sum(axis=1))


def boosted(gaps: float, **parameters: Any) -> lightgbm.Booster:
    x, y = table(3, gaps=gaps)
    # Without gaps in training no value counts as missing, and NaN is 0.
    fixed = {
        "verbose": -1,
        "num_threads": 1,
        "min_data_in_leaf": 3,
        "min_data_per_group": 3,
        "num_leaves": 15,
        "cat_smooth": 1.0,
        "seed": 1,
    }
    return lightgbm.train(fixed | parameters, lightgbm.Dataset(x, y, categorical_feature=[0, 1], free_raw_data=False), 15)


BOOSTERS = {
    "gaps": boosted(0.1),
    "no gaps": boosted(0.0),
    "zeros are missing": boosted(0.1, zero_as_missing=True),
    "missing is no value": boosted(0.1, use_missing=False),
    "one tree a category": boosted(0.1, max_cat_to_onehot=400),
    "stumps": boosted(0.0, num_leaves=2),
    "nothing to split": boosted(0.0, min_data_in_leaf=300),
}
CELLS = some.sampled_from(ODD) | some.floats(-5, 5) | some.integers(-3, 400).map(float)


@pytest.mark.parametrize("name", BOOSTERS)
@settings(max_examples=40, deadline=None)
@given(rows=some.lists(some.lists(CELLS, min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=5))
def test_lightgbm(name: str, rows: list[list[float]]) -> None:
    booster = BOOSTERS[name]
    nodes, outputs, objective = read_booster(booster.model_to_string())
    assert (outputs, objective) == (1, "regression")
    x = np.array(rows)
    np.testing.assert_allclose(answered(nodes, x)[:, 0], booster.predict(x), rtol=0, atol=1e-12)


def test_every_case_of_missing_values_is_among_the_tested() -> None:
    kinds = {name: {int(kind) >> 2 & 3 for kind in _decisions(booster)} for name, booster in BOOSTERS.items()}
    assert kinds["gaps"] == {0, 2} or kinds["gaps"] == {2}
    assert 0 in kinds["no gaps"] and 1 in kinds["zeros are missing"] and 0 in kinds["missing is no value"]
    assert any(int(kind) & 1 for kind in _decisions(BOOSTERS["gaps"]))


def _decisions(booster: lightgbm.Booster) -> list[str]:
    lines = booster.model_to_string().split("\n")
    return [word for line in lines if line.startswith("decision_type=") for word in line.split("=")[1].split()]


@pytest.mark.parametrize("parameters", [{"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, {"linear_tree": True}])
def test_boosting_of_another_kind_is_refused(parameters: dict[str, Any]) -> None:
    x, y = table(4, gaps=0.0)
    booster = lightgbm.train({"verbose": -1, "num_threads": 1, **parameters}, lightgbm.Dataset(x, y), 3)
    with pytest.raises(NotCompilable):
        read_booster(booster.model_to_string())


FORESTS = {
    kind.__name__: kind(n_estimators=6, random_state=0).fit(*table(5))
    for kind in (RandomForestRegressor, ExtraTreesRegressor)
}  # fmt: skip


@pytest.mark.parametrize("name", FORESTS)
@settings(max_examples=40, deadline=None)
@given(rows=some.lists(some.lists(CELLS, min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=5))
def test_forests_compare_in_single_precision(name: str, rows: list[list[float]]) -> None:
    forest = FORESTS[name]
    x = np.array(rows)
    np.testing.assert_allclose(answered(read_forest(forest), x)[:, 0] / 6, forest.predict(x), rtol=0, atol=1e-12)


@given(some.floats(-1e38, 1e38), some.lists(some.integers(-3, 3), min_size=1, max_size=4))
def test_a_threshold_in_double_precision_parts_what_it_parted_in_single(threshold: float, steps: list[int]) -> None:
    found = in_double_precision(np.array([threshold]))[0]
    for step in steps:
        x = found
        for _ in range(abs(step)):
            x = np.nextafter(x, np.inf if step > 0 else -np.inf)
        assert (np.float64(np.float32(x)) <= threshold) == (x <= found)


def test_rows_in_portions_are_the_rows_together(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes, _, _ = read_booster(BOOSTERS["gaps"].model_to_string())
    x = np.resize(np.array(ODD), (50, WIDTH))
    together = answered(nodes, x)
    monkeypatch.setattr(walking, "_PORTION", 100)
    np.testing.assert_array_equal(answered(nodes, x), together)
