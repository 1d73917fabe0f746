from __future__ import annotations

import time

import pytest

from dashapp.front.pace import LEAST_RATE, Pace

PATIENCE_S = 10.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def seconds_until_given_up(clock: list[float], bytes_a_second: float) -> float:
    pace = Pace(PATIENCE_S)
    start = clock[0]
    while pace.left_ms() > 0 and clock[0] < start + 1000:
        clock[0] += 0.1
        pace.moved(round(bytes_a_second / 10))
    return clock[0] - start


@pytest.mark.parametrize(("rate", "expected_s"), [(0, 10), (10, 10.05), (LEAST_RATE / 2, 20), (LEAST_RATE, 1000), (100 * LEAST_RATE, 1000)])
def test_who_is_slower_than_the_least_rate_is_given_up_after_a_while(clock: list[float], rate: float, expected_s: float) -> None:
    assert seconds_until_given_up(clock, rate) == pytest.approx(expected_s, abs=0.3)


def test_what_came_fast_gives_no_right_to_a_longer_pause(clock: list[float]) -> None:
    pace = Pace(PATIENCE_S)
    pace.moved(10**9)
    assert pace.left_ms() == PATIENCE_S * 1e3
