"""The laws of the sketch: an error of 1 % at most, and nothing lost when sketches are added up."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashapp.monitoring.sketch import ERROR, LEAST, MOST, Sketch, grouped_quantiles, merged, sketch_of

SHARES = (0.0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0)
MILLISECONDS = st.lists(st.floats(LEAST, MOST), min_size=1, max_size=300)
LAWS = {
    "lognormal": lambda random: random.lognormal(1, 2, 20_000),
    "two humps": lambda random: np.concatenate([random.normal(2, 0.1, 9_900), random.normal(900, 5, 100)]),
    "one value": lambda random: np.full(1_000, 7.25),
    "pareto": lambda random: random.pareto(1.1, 20_000) + 0.01,
}


def exactly(values: object, share: float) -> float:
    return float(np.quantile(np.asarray(values), share, method="lower"))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("share", SHARES)
def test_a_quantile_is_within_one_percent(law: str, share: float) -> None:
    values = LAWS[law](np.random.default_rng(1))
    assert sketch_of(values).quantile(share) == pytest.approx(exactly(values, share), rel=ERROR * 1.0001)


@given(MILLISECONDS, st.sampled_from(SHARES))
def test_a_quantile_of_any_values_is_within_one_percent(values: list[float], share: float) -> None:
    assert sketch_of(values).quantile(share) == pytest.approx(sorted(values)[int(share * (len(values) - 1))], rel=ERROR * 1.0001)


@given(st.lists(MILLISECONDS, max_size=6))
def test_sketches_add_up_to_that_of_all_values(groups: list[list[float]]) -> None:
    together = merged(sketch_of(group) for group in groups)
    assert dict(together.counts) == dict(sketch_of([each for group in groups for each in group]).counts)
    assert together.count == sum(map(len, groups))


@given(MILLISECONDS)
def test_a_sketch_comes_back_from_json(values: list[float]) -> None:
    sketch = sketch_of(values)
    assert Sketch.of_json(json.loads(json.dumps(sketch.to_json()))) == sketch
    assert Sketch.of_packed(sketch.packed()) == sketch
    assert len(sketch.counts) <= 1300


@pytest.mark.parametrize(("value", "told"), [(0.0, LEAST), (-5.0, LEAST), (float("inf"), MOST), (1e300, MOST)])
def test_what_is_too_small_or_too_large_is_counted_at_the_end(value: float, told: float) -> None:
    assert sketch_of([value]).quantile(0.5) == pytest.approx(told, rel=ERROR)


def test_nothing_has_no_quantile_and_no_number_is_not_counted() -> None:
    assert sketch_of([]).quantile(0.5) is None
    assert sketch_of([float("nan"), 3.0]).count == 1
    assert Sketch.of_json(None) == Sketch.of_packed(Sketch().packed()) == Sketch()


@given(st.lists(st.tuples(st.integers(0, 5), MILLISECONDS), min_size=1, max_size=12), st.sampled_from(SHARES))
def test_many_at_once_are_what_each_would_be_alone(parts: list[tuple[int, list[float]]], share: float) -> None:
    sketches = [sketch_of(values) for _, values in parts]
    groups = [group for group, _ in parts]
    found = grouped_quantiles([each.packed() for each in sketches], range(len(parts)), groups, share)
    for place, group in enumerate(found.group.tolist()):
        of_group = [each for each, where in zip(sketches, groups, strict=True) if where == group]
        alone = [each.quantile(share) for each in of_group]
        assert found.value[place] == pytest.approx(merged(of_group).quantile(share))
        assert (found.low[place], found.high[place]) == (pytest.approx(min(alone)), pytest.approx(max(alone)))
    assert found.group.tolist() == sorted(set(groups))
