from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from dashapp.monitoring.anomalies import MOST, Span, find_anomalies, most_unusual, usual_of
from tests.monitoring.simulated import DAY_S, HOUR_S, series


def unusual(times: Sequence[float], values: Sequence[float | None], start: float, least: float = 0.0) -> list[Span]:
    """By what is usual in the same past."""
    usual = usual_of(times, values, least)
    return [] if usual is None else find_anomalies(times, values, start, [usual])


def test_flat_noise_has_none() -> None:
    found = 0
    for seed in range(300):
        at, values = series("noise", seed, 6 * HOUR_S, 360)
        found += bool(unusual(at.tolist(), values.tolist(), 0.0))
    assert found <= 3


@pytest.mark.parametrize("days", [0.2, 4, 20])
def test_a_spike_is_one_span(days: float) -> None:
    at, values = series("noise", 1, days * DAY_S, 480)
    values[300:304] += [30, 40, 50, 20]
    (found,) = unusual(at.tolist(), values.tolist(), 0.0)
    assert (found.since, found.until) == (at[300], at[303])
    assert found.value == pytest.approx(values[302])
    assert found.low < np.median(values) < found.high < found.value


def test_what_is_usual_at_night_is_not_at_noon() -> None:
    at = np.arange(20 * 24 * 4) * 900.0
    values = np.where((at / HOUR_S) % 24 < 6, 100.0, 10.0) + np.random.default_rng(0).normal(0, 1, len(at))
    assert unusual(at.tolist(), values.tolist(), 0.0) == []
    noon = int(18.5 * 24 * 4)
    values[noon : noon + 3] = 100.0
    assert [span.since for span in unusual(at.tolist(), values.tolist(), 0.0)] == [at[noon]]


def test_a_single_point_a_small_step_and_a_new_level_are_none() -> None:
    at, values = series("noise", 2, 6 * HOUR_S, 360)
    values[100] += 50
    assert unusual(at.tolist(), values.tolist(), 0.0) == []
    constant = np.full(360, 50.0)
    constant[100:110] = 50.5
    assert unusual(at.tolist(), constant.tolist(), 0.0) == []
    level = np.where(np.arange(360) < 200, 10.0, 90.0)
    assert unusual(at.tolist(), level.tolist(), 0.0) == []


def test_only_those_of_the_timeframe_and_at_most_twenty() -> None:
    at, values = series("noise", 3, 20 * DAY_S, 4_000)
    for place in range(50, 4_000, 100):
        values[place : place + 2] += 40
    found = unusual(at.tolist(), values.tolist(), 10 * DAY_S)
    assert len(found) <= MOST
    assert all(span.since >= 10 * DAY_S for span in found)


def test_what_happens_each_night_is_usual_also_beside_quiet_hours() -> None:
    at = np.arange(20 * 24 * 12) * 300.0
    values = np.where((at / HOUR_S) % 24 < 1, 90.0, 10.0) + np.random.default_rng(0).normal(0, 1, len(at))
    usual = usual_of(at.tolist(), values.tolist(), 5.0)
    assert usual is not None
    late = at > at[-1] + 300 - 24 * HOUR_S + 0.5 * HOUR_S - 6 * HOUR_S
    late &= at < at[-1] + 300 - 24 * HOUR_S + 0.5 * HOUR_S
    lately = usual_of(at[late].tolist(), values[late].tolist(), 5.0)
    assert lately is not None
    assert find_anomalies(at[late].tolist(), values[late].tolist(), 0.0, [lately]) != []
    assert find_anomalies(at[late].tolist(), values[late].tolist(), 0.0, [lately, usual]) == []


def test_durations_that_reach_far_up_are_usual() -> None:
    found = 0
    for seed in range(200):
        values = np.exp(np.random.default_rng(seed).normal(1, 0.5, 500))
        found += bool(unusual((np.arange(500) * 43.0).tolist(), values.tolist(), 0.0, 1.0))
    assert found <= 2


def test_two_that_overlap_are_one() -> None:
    first, second, apart = Span(0, 10, 90, 1, 20), Span(5, 15, 80, 1, 20), Span(20, 30, 70, 1, 20)
    assert most_unusual([first, apart, second]) == [first, apart]


def test_too_little_past_gives_nothing() -> None:
    assert unusual([0.0, 60.0], [1.0, None], 0.0) == []
