from __future__ import annotations

import time

import numpy as np
import pytest

from dashapp.monitoring.forecast import LEAST_S, foresee, waits_s
from tests.monitoring.simulated import DAY_S, HOUR_S, KINDS, LENGTHS_S, held, series


@pytest.mark.parametrize("kind", KINDS)
def test_a_band_of_80_percent_holds_70_to_90_and_says_so(kind: str) -> None:
    found = [held(kind, seed, length) for length in LENGTHS_S for seed in range(12)]
    told = [coverage for _, coverage in found if coverage is not None]
    share = np.mean([share for share, _ in found])
    assert 0.7 <= share <= 0.9
    assert len(told) == len(found)
    assert abs(np.mean(told) - share) < 0.1


@pytest.mark.parametrize(
    ("kind", "length_s", "method"),
    [("trend", 12 * HOUR_S, "wide trend"), ("season", 4 * DAY_S, "same time of the day"), ("noise", DAY_S, "recent level")],
)
def test_the_method_that_fits_wins(kind: str, length_s: float, method: str) -> None:
    at, values = series(kind, 4, length_s)
    bands = foresee(at.tolist(), values.tolist(), length_s)
    assert bands is not None and bands.method == method


def test_a_line_goes_on_as_a_line_and_the_band_never_narrows() -> None:
    at = np.arange(1, 361) * 60.0
    values = 1e10 - 2e5 * at + np.random.default_rng(0).normal(0, 5e6, at.size)
    bands = foresee(at.tolist(), values.tolist())
    assert bands is not None
    assert bands.middle == pytest.approx(1e10 - 2e5 * (bands.at - 30), rel=0.01)
    assert (np.diff(bands.high - bands.low) >= -1e-3).all()
    assert bands.at[0] > at[-1] and bands.at[-1] == pytest.approx(at[-1] + at[-1] / 6, rel=0.05)


def test_two_weeks_foresee_a_day_at_most() -> None:
    at, values = series("noise", 0, 14 * DAY_S)
    bands = foresee(at.tolist(), values.tolist())
    assert bands is not None and bands.at[-1] - at[-1] == DAY_S


def test_bounds_are_kept() -> None:
    at = np.arange(300) * 60.0
    bands = foresee(at.tolist(), np.linspace(99, 1, 300).tolist(), lowest=0.0, highest=100.0)
    assert bands is not None
    assert bands.low.min() >= 0 and bands.high.max() <= 100
    assert (bands.low <= bands.middle).all() and (bands.middle <= bands.high).all()


@pytest.mark.parametrize(
    ("values", "waits"),
    [([], None), ([None] * 400, None), ([float("nan")] * 400, None), ([1.0] * 5, LEAST_S - 50.0), ([1.0] * 89, 10.0), ([1.0] * 90, 0.0)],
    ids=["nothing", "nothing known", "no numbers", "few", "nearly", "enough"],
)
def test_too_little_past_gives_nothing_and_says_how_long_it_takes(values: list[float | None], waits: float | None) -> None:
    times = [10.0 * place for place in range(len(values))]
    end = 10.0 * len(values)
    assert waits_s(times, values, end) == waits
    assert (foresee(times, values, end) is None) == (waits != 0)


def test_what_ended_long_ago_foresees_nothing() -> None:
    at, values = series("noise", 0, 3 * HOUR_S)
    assert foresee(at.tolist(), values.tolist(), 4 * HOUR_S) is None


def test_gaps_and_a_constant_are_no_trouble() -> None:
    values: list[float | None] = [7.0] * 400
    values[100:200] = [None] * 100
    bands = foresee([60.0 * at for at in range(400)], values)
    assert bands is not None
    assert bands.low.min() == bands.high.max() == 7.0 and bands.coverage == 1.0


def test_five_metrics_take_less_than_100_ms() -> None:
    pasts = [series(kind, 0, 14 * DAY_S) for kind in KINDS]
    took_s = []
    for _ in range(3):
        began = time.process_time()
        for at, values in pasts:
            foresee(at.tolist(), values.tolist())
        took_s.append(time.process_time() - began)
    assert min(took_s) < 0.1
