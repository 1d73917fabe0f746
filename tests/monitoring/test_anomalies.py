from __future__ import annotations

import numpy as np
import pytest

from dashapp.monitoring.anomalies import MOST, find_anomalies
from tests.monitoring.simulated import DAY_S, HOUR_S, series


def test_flat_noise_has_none() -> None:
    found = 0
    for seed in range(300):
        at, values = series("noise", seed, 6 * HOUR_S, 360)
        found += bool(find_anomalies(at.tolist(), values.tolist(), 0.0))
    assert found <= 3


@pytest.mark.parametrize("days", [0.2, 4, 20])
def test_a_spike_is_one_span(days: float) -> None:
    at, values = series("noise", 1, days * DAY_S, 480)
    values[300:304] += [30, 40, 50, 20]
    (found,) = find_anomalies(at.tolist(), values.tolist(), 0.0)
    assert (found.since, found.until) == (at[300], at[303])
    assert found.value == pytest.approx(values[302])
    assert found.low < 50 < found.high < 70


def test_what_is_usual_at_night_is_not_at_noon() -> None:
    at = np.arange(20 * 24 * 4) * 900.0
    values = np.where((at / HOUR_S) % 24 < 6, 100.0, 10.0) + np.random.default_rng(0).normal(0, 1, len(at))
    assert find_anomalies(at.tolist(), values.tolist(), 0.0) == []
    noon = int(18.5 * 24 * 4)
    values[noon : noon + 3] = 100.0
    assert [span.since for span in find_anomalies(at.tolist(), values.tolist(), 0.0)] == [at[noon]]


def test_a_single_point_a_small_step_and_a_new_level_are_none() -> None:
    at, values = series("noise", 2, 6 * HOUR_S, 360)
    values[100] += 50
    assert find_anomalies(at.tolist(), values.tolist(), 0.0) == []
    constant = np.full(360, 50.0)
    constant[100:110] = 50.5
    assert find_anomalies(at.tolist(), constant.tolist(), 0.0) == []
    level = np.where(np.arange(360) < 200, 10.0, 90.0)
    assert find_anomalies(at.tolist(), level.tolist(), 0.0) == []


def test_only_those_of_the_timeframe_and_at_most_twenty() -> None:
    at, values = series("noise", 3, 20 * DAY_S, 4_000)
    for place in range(50, 4_000, 100):
        values[place : place + 2] += 40
    found = find_anomalies(at.tolist(), values.tolist(), 10 * DAY_S)
    assert len(found) <= MOST
    assert all(span.since >= 10 * DAY_S for span in found)


def test_too_little_past_gives_nothing() -> None:
    assert find_anomalies([0.0, 60.0], [1.0, None], 0.0) == []
