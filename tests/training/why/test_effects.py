"""Partial dependence of models that can be computed by hand, and the points at which it is taken."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashapp.datasets.dataset import ColumnKind
from dashapp.training.features import FloatArray
from dashapp.training.run import InputColumn
from dashapp.training.why.effects import MOST_POINTS, column_effects, grid
from tests.training.why.rows import Clock, numbers, seen, watching


def additive(frame: pd.DataFrame) -> FloatArray:
    return np.asarray(frame["x0"] ** 2 + 5 * frame["x1"])


def test_the_effect_of_an_additive_model_is_its_term() -> None:
    frame = numbers(500, 2)
    rows = seen(frame, additive(frame), additive)
    effects, skipped = column_effects(rows, rows.inputs, watching(additive, rows), 1e9, seed=0)
    assert [effect.column for effect in effects] == ["x0", "x1"] and skipped == ()
    rest = float(5 * frame["x1"].mean())
    for point in effects[0].points:
        assert point.mean == pytest.approx((point.at**2 + rest,))


def test_a_point_has_a_mean_for_each_class() -> None:
    frame = numbers(50, 1)
    rows = seen(frame, np.zeros(50, dtype=int), lambda each: np.full((len(each), 3), 1 / 3), labels=("a", "b", "c"))
    effects, _ = column_effects(rows, rows.inputs, watching(lambda each: np.full((len(each), 3), 1 / 3), rows), 1e9, seed=0)
    assert all(point.mean == pytest.approx((1 / 3,) * 3) for point in effects[0].points)


def test_what_the_time_does_not_suffice_for_is_named() -> None:
    frame = numbers(500, 2)
    clock = Clock(row_s=0.01)
    rows = seen(frame, additive(frame), additive)
    watch = watching(clock.timing(additive), rows, clock=clock)
    effects, skipped = column_effects(rows, rows.inputs, watch, clock.now + 4.0, seed=0)
    assert [effect.column for effect in effects] == ["x0"]
    assert "x1" in skipped[0]


@pytest.mark.parametrize(
    ("values", "kind", "at"),
    [
        ([3.0, 1.0, 2.0, np.nan, 1.0], ColumnKind.INTEGER, [1.0, 2.0, 3.0]),
        (["b", "a", "b", None], ColumnKind.CATEGORY, ["b", "a"]),
        (["2024-02-29", "2023-01-01", None], ColumnKind.DATETIME, ["2023-01-01", "2024-02-29"]),
        (["2024-02-29T12:30:05", "2024-02-29"], ColumnKind.DATETIME, ["2024-02-29T00:00:00", "2024-02-29T12:30:05"]),
        ([np.nan, np.nan], ColumnKind.NUMBER, []),
        ([None, None], ColumnKind.CATEGORY, []),
        ([None, None], ColumnKind.DATETIME, []),
    ],
)
def test_points_of_few_values(values: list[object], kind: ColumnKind, at: list[object]) -> None:
    dtype = {ColumnKind.CATEGORY: "str", ColumnKind.DATETIME: "datetime64[us]"}.get(kind, "float64")
    series = pd.Series(np.array(values, dtype=dtype) if dtype != "str" else pd.array(values, dtype="str"))
    points = grid(series, kind)
    assert [point[0] for point in points] == at
    assert [series.iloc[where] == series.dropna().astype(series.dtype).iloc[0] for _, where, _ in points].count(True) == bool(at)
    assert sum(share for *_, share in points) == pytest.approx(series.notna().mean())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("skew", [False, True])
def test_points_of_many_values(seed: int, skew: bool) -> None:
    random = np.random.default_rng(seed)
    values = random.normal(size=1_000) if not skew else np.where(random.random(1_000) < 0.9, 0.0, random.exponential(size=1_000))
    values[0] = 1e9
    points = grid(pd.Series(values), ColumnKind.NUMBER)
    at = [point[0] for point in points]
    assert MOST_POINTS // 2 <= len(at) <= MOST_POINTS and at == sorted(set(at))
    assert at[-1] <= np.quantile(values, 0.985), "an outlier does not stretch the axis"
    assert all(values[where] == each for each, where, _ in points)
    assert sum(share for *_, share in points) == pytest.approx(1)


def test_of_many_labels_the_most_frequent_are_taken() -> None:
    labels = [f"l{at}" for at in range(30) for _ in range(at + 1)]
    points = grid(pd.Series(pd.array(labels, dtype="str")), ColumnKind.CATEGORY)
    assert [point[0] for point in points] == [f"l{at}" for at in range(29, 29 - MOST_POINTS, -1)]


def test_text_has_no_effect() -> None:
    frame = pd.DataFrame({"note": pd.array(["a b", "c d"], dtype="str")})
    inputs = (InputColumn("note", ColumnKind.TEXT),)
    rows = seen(frame, np.zeros(2), lambda each: np.zeros(len(each)), inputs=inputs)
    assert column_effects(rows, inputs, watching(lambda each: np.zeros(len(each)), rows), 1e9, seed=0) == ((), ())
