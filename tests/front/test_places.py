from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from dashapp.front.places import Lane, Limits, Places, Threads, give_back
from dashapp.settings import Settings

LIMITS = Limits(threads=6, fast_threads=2, large_at_once=1, connections=100, patience_s=1, keepalive_s=1)


def take_all(places: Places, lane: Lane) -> int:
    count = 0
    while places.take(lane):
        count += 1
    return count


@pytest.mark.parametrize(("lane", "most"), [(Lane.FAST, 6), (Lane.PLAIN, 4), (Lane.LARGE, 1)])
def test_each_lane_has_its_share(lane: Lane, most: int) -> None:
    assert take_all(Places(LIMITS), lane) == most


def test_predictions_find_a_place_when_everything_else_is_taken() -> None:
    places = Places(LIMITS)
    take_all(places, Lane.LARGE)
    take_all(places, Lane.PLAIN)
    assert take_all(places, Lane.FAST) == LIMITS.fast_threads
    assert places.threads_in_use() == LIMITS.threads


def test_what_is_given_back_can_be_taken_again_by_its_own_lane_only() -> None:
    places = Places(LIMITS)
    take_all(places, Lane.PLAIN)
    taken = places.take(Lane.FAST)
    give_back(taken)
    assert not places.take(Lane.PLAIN)
    assert places.take(Lane.FAST)


def test_a_large_body_that_finds_no_thread_keeps_no_place() -> None:
    places = Places(LIMITS)
    plain = [places.take(Lane.PLAIN) for _ in range(4)]
    assert not places.take(Lane.LARGE)
    give_back(plain[0])
    assert places.take(Lane.LARGE)


@pytest.mark.parametrize(("threads", "fast", "large"), [(8, 2, 1), (32, 4, 4), (128, 16, 8), (4096, 512, 8)])
def test_the_limits_follow_from_the_threads(threads: int, fast: int, large: int) -> None:
    limits = Limits.of(Settings(threads=threads), threads, 1000, 15)
    assert (limits.fast_threads, limits.large_at_once) == (fast, large)
    assert limits.fast_threads + limits.large_at_once < threads - Settings(threads=threads).max_sockets + limits.fast_threads


def test_the_fast_paths_carry_the_prefix_and_are_whole() -> None:
    paths = Limits.of(replace(Settings(), url_prefix="/ml"), 128, 1000, 15).fast_paths
    assert b"/ml/api/predict HTTP/1.1".startswith(paths)
    assert b"/ml/v2/models/live/infer HTTP/1.1".startswith(paths)
    assert not b"/ml/api/predictions HTTP/1.1".startswith(paths)
    assert not b"/api/predict HTTP/1.1".startswith(paths)


def test_threads_are_started_as_they_are_needed_and_end() -> None:
    before = set(threading.enumerate())
    done = [threading.Event() for _ in range(3)]
    names = set()

    def work(number: int) -> None:
        names.add(threading.current_thread())
        done[number].set()

    threads = Threads(work)
    for number, each in enumerate(done):
        threads.give(number, in_use=1)
        assert each.wait(5)
    assert len(names) == 1
    threads.shutdown()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()
