from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dashapp.monitoring.growth import EVERY_S, StorageGrowth
from dashapp.monitoring.history import Point

DAY_S = 86400.0


class Past:
    """A history of free bytes since `began`, given by their law; counts how often it is read."""

    def __init__(self, began: float, free: Callable[[float], float]) -> None:
        self._began, self._free, self.reads = began, free, 0

    def points(self, metric: str, start: float, end: float, most: int = 500) -> list[Point]:
        assert metric == "storage_free_bytes"
        self.reads += 1
        times = np.linspace(start, end, most, endpoint=False).tolist()
        return [Point(at, None, self._free(at) if at >= self._began else None, None) for at in times]


@pytest.mark.parametrize("days", [0.1, 2, 7, 300])
def test_the_growth_of_a_day(days: float) -> None:
    growth = StorageGrowth(Past(1e9 - days * DAY_S, lambda at: 8e10 - 2e9 * (at - 1e9) / DAY_S))
    assert growth(1e9) == pytest.approx(2e9, rel=0.01)


def test_a_single_step_is_no_growth_and_an_hour_is_too_little() -> None:
    assert StorageGrowth(Past(0, lambda at: 8e10 if at < 1e9 - DAY_S else 7e10))(1e9) == 0
    assert StorageGrowth(Past(1e9 - 1800, lambda at: 8e10))(1e9) is None
    assert StorageGrowth(Past(2e9, lambda at: 8e10))(1e9) is None


def test_it_is_looked_at_every_ten_minutes() -> None:
    past = Past(0, lambda at: 8e10)
    growth = StorageGrowth(past)
    assert [growth(1e9 + seconds) for seconds in (0, 5, EVERY_S - 1)] == [0, 0, 0]
    assert past.reads == 1
    growth(1e9 + EVERY_S)
    assert past.reads == 2
