from __future__ import annotations

import numpy as np
import pytest

from dashapp.monitoring.reach import WINDOWS_S, Fall, find_fall
from tests.monitoring.simulated import DAY_S, HOUR_S, Floats, series

LEFT_S = 6 * HOUR_S


def fall_of(at: Floats, values: Floats, end: float) -> Fall | None:
    """As the server looks: the newest past first."""
    for window_s in WINDOWS_S:
        inside = at > end - window_s
        found = find_fall(at[inside].tolist(), values[inside].tolist(), end)
        if found is not None or inside.all():
            return found
    return None


def test_flat_noise_reaches_nothing() -> None:
    lengths = [HOUR_S, 3 * HOUR_S, DAY_S, 14 * DAY_S]
    found = [fall_of(*series("noise", seed, lengths[seed % 4]), lengths[seed % 4]) for seed in range(1000)]
    assert sum(each is not None for each in found) <= 10


def test_a_random_walk_reaches_nothing() -> None:
    at = np.arange(1, 501) * 20.0
    found = [fall_of(at, 60 + np.cumsum(np.random.default_rng(seed).normal(0, 0.3, 500)), at[-1]) for seed in range(500)]
    assert sum(each is not None for each in found) <= 15


@pytest.mark.parametrize("spread", [0.01, 0.1, 0.5])
def test_a_steady_fall_is_told_with_an_interval_that_holds(spread: float) -> None:
    held, widths = [], []
    for seed in range(60):
        end = (HOUR_S, 3 * HOUR_S, DAY_S)[seed % 3]
        random = np.random.default_rng(seed)
        at, left_s = np.arange(1, 501) * end / 500, random.uniform(0.3, 4) * end
        found = fall_of(at, 40 * (end + left_s - at) / left_s + random.normal(0, spread, 500), end)
        assert found is not None and found.latest_s is not None
        held.append(found.earliest_s <= left_s <= found.latest_s)
        widths.append((found.latest_s - found.earliest_s) / left_s)
    assert np.mean(held) >= 0.8
    assert np.median(widths) < 0.3


def test_a_fall_that_began_half_an_hour_ago_is_seen_after_two_flat_weeks() -> None:
    at = np.concatenate([np.arange(0, 14 * DAY_S - HOUR_S, 2400.0), 14 * DAY_S - HOUR_S + np.arange(0, HOUR_S, 10.0)])
    end = 14 * DAY_S
    values = np.where(at < end - 1800, 50.0, 50 - 10 * (at - end + 1800) / 1800) + np.random.default_rng(0).normal(0, 0.01, at.size)
    found = fall_of(at, values, end)
    assert found is not None
    assert found.seconds == pytest.approx(2 * HOUR_S, rel=0.05)


@pytest.mark.parametrize("kind", ["rising", "ended", "one step", "too far", "too short", "silent"])
def test_what_is_no_fall_for_sure(kind: str) -> None:
    at = np.arange(1, 361) * 10.0
    noise = np.random.default_rng(0).normal(0, 0.01, at.size)
    values = {
        "rising": 10 + at / 1000,
        "ended": np.maximum(50 - at / 100, 30),
        "one step": np.where(at < 1800, 50.0, 20.0),
        "too far": 1e4 - at / 1000,
    }.get(kind, 50 - at / 100)
    end = float(at[-1]) + (HOUR_S if kind == "silent" else 0)
    keep = at > (3400 if kind == "too short" else 0)
    assert find_fall(at[keep].tolist(), (values + noise)[keep].tolist(), end) is None


def test_steps_of_the_same_kind_are_a_fall() -> None:
    at = np.arange(1, 1001) * 60.0
    found = find_fall(at.tolist(), (100 - np.floor(at / 3000)).tolist(), float(at[-1]))
    assert found is not None and found.seconds == pytest.approx(80 * 3000, rel=0.1)
