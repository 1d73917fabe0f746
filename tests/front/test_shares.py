from __future__ import annotations

from dashapp.front.shares import PLACES, Shares


def test_who_has_more_than_another_is_above() -> None:
    shares = Shares()
    shares.tell(1, 3)
    assert not shares.is_above(1)  # alone
    shares.tell(2, 3)
    assert not shares.is_above(1)
    shares.tell(2, 2)
    assert shares.is_above(1) and not shares.is_above(2)


def test_who_has_ended_is_waited_for_by_nobody() -> None:
    shares = Shares()
    shares.tell(1, 3)
    shares.tell(2, 0)
    shares.forget(2)
    assert not shares.is_above(1)


def test_a_place_is_used_again() -> None:
    shares = Shares()
    shares.tell(1, 3)
    shares.tell(1 + PLACES, 0)
    assert not shares.is_above(1)
