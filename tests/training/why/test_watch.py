"""The allowance, on a clock that only predictions move."""

from __future__ import annotations

import numpy as np
import pytest

from dashapp.training.why.mixing import MOST_ROWS_AT_ONCE, columns_of, mixed, rows_at_once
from dashapp.training.why.watch import Watch
from tests.training.why.rows import Clock, numbers


def watch_of(clock: Clock, seconds: float = 10.0, columns: int = 2, said: list[tuple[str, float]] | None = None) -> Watch:
    said = [] if said is None else said
    watch = Watch(
        clock.timing(lambda each: each["x0"].to_numpy()), columns, seconds, clock, lambda message, share: said.append((message, share))
    )
    watch.measure(numbers(500, 2))
    return watch


@pytest.mark.parametrize(("call_s", "row_s"), [(0.007, 5e-6), (0.007, 5e-5), (0.0, 1e-3), (0.05, 0.0), (0.0, 0.0)])
def test_the_speed_is_found(call_s: float, row_s: float) -> None:
    watch = watch_of(Clock(call_s, row_s))
    rows = 3_000
    assert watch.seconds_for(rows) == pytest.approx(rows * row_s + -(-rows // watch.at_once) * call_s, rel=0.02)
    assert watch.rows_in(watch.seconds_for(rows)) >= 0.9 * rows


def test_a_model_that_becomes_slower_is_noticed() -> None:
    clock = Clock(row_s=1e-5)
    watch = watch_of(clock)
    clock.row_s = 1e-3
    for _ in range(6):
        watch.predict(numbers(100, 2))
    assert watch.seconds_for(100) == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize(("row_s", "columns", "most"), [(0.0, 2, MOST_ROWS_AT_ONCE), (0.0, 1_000, rows_at_once(1_000)), (1e-3, 2, 400)])
def test_a_call_fills_neither_the_memory_nor_the_time(row_s: float, columns: int, most: int) -> None:
    assert watch_of(Clock(row_s=row_s), columns=columns).at_once == pytest.approx(most, rel=0.01)


def test_parts_and_deadlines() -> None:
    clock = Clock()
    watch = watch_of(clock)
    half = watch.deadline(0.5)
    assert (watch.left(), watch.left(half)) == (10.0, 5.0)
    clock.now = 20.0
    assert watch.left() == -10.0 and watch.deadline(0.5) == 20.0 and watch.rows_in(watch.left()) in (0, 10**9)


def test_messages_are_not_too_many_and_shares_never_fall() -> None:
    clock, said = Clock(), []
    watch = watch_of(clock, said=said)
    said.clear()
    watch.begin("a", 0.0, 0.5)
    for done in (0.1, 0.2, 0.3):
        watch.say("b", done)
    clock.now += 1.0
    watch.say("c", 0.8)
    watch.begin("d", 0.2, 1.0)
    assert said == [("a", 0.0), ("c", 0.4), ("d", 0.4)]


def test_mixed_rows_take_each_column_from_its_own_places() -> None:
    frame = numbers(5, 2)
    made = mixed(columns_of(frame), np.array([0, 1]), {"x1": np.array([4, 4])})
    assert made["x0"].tolist() == frame["x0"][:2].tolist() and made["x1"].tolist() == [frame["x1"][4]] * 2
