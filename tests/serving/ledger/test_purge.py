"""Bounds by age and by size; the oldest go first, with their truth, and their place is used again."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import text

from dashapp.serving.ledger import purge as purge_module
from dashapp.serving.ledger.purge import DAY_S, Purge
from dashapp.serving.ledger.store.feedback import Feedback
from tests.serving.ledger.conftest import NOON, Kept, answered


def fill(kept: Kept, count: int, at: float = NOON, step: float = 1.0) -> list[str]:
    """So many predictions, an hour's worth of them by the second version."""
    ledger = kept.process()
    requests = [
        answered({"x": number, "note": "n" * (50 - len(str(number)))}, at=at + number * step, version=1 + (number % 2))
        for number in range(count)
    ]
    for request in requests:
        ledger.keep(request)
    ledger.stop()
    return [request.id for request in requests]


def purge(kept: Kept, days: int = 36_500, most_bytes: int = 10**12) -> Purge:
    return Purge(kept.database, kept.predictions, days, most_bytes)


def purged(kept: Kept, days: int = 36_500, most_bytes: int = 10**12, now: float = NOON) -> None:
    mine = purge(kept, days, most_bytes)
    mine.round(now)
    mine.stop()


def sums(kept: Kept) -> tuple[int, int]:
    """Kept rows and bytes as the table itself has them."""
    with kept.database.read() as connection:
        row = connection.execute(text("SELECT count(*), coalesce(sum(bytes), 0) FROM predictions")).one()
    return row[0], row[1]


def test_what_is_too_old_goes_and_the_counts_stay_right(kept: Kept) -> None:
    ids = fill(kept, 20, step=3600.0)
    with kept.database.write() as transaction:
        Feedback(kept.database).record(transaction, {ids[0]: "yes", ids[19]: "no"}, NOON)
    purged(kept, days=1, now=NOON + DAY_S + 10 * 3600.0)
    assert [each.inputs["x"] for each in kept.all()] == list(range(10, 20))
    assert kept.counts() == (20, 10) and (10, kept.predictions.kept_bytes()) == sums(kept)
    with kept.database.read() as connection:
        assert connection.execute(text("SELECT prediction_id FROM feedback")).scalars().all() == [ids[19]]


def test_where_it_is_too_large_the_oldest_go(kept: Kept) -> None:
    fill(kept, 50)
    _, size = sums(kept)
    purged(kept, most_bytes=size * 3 // 5)
    assert [each.inputs["x"] for each in kept.all()] == list(range(20, 50))
    assert kept.counts() == (50, 30) and (30, kept.predictions.kept_bytes()) == sums(kept)
    purged(kept, most_bytes=1)
    assert (kept.counts(), sums(kept)) == ((50, 0), (0, 0))


def test_no_days_leave_nothing(kept: Kept) -> None:
    fill(kept, 5)
    purged(kept, days=0, now=NOON + 60)
    assert (kept.counts(), sums(kept)) == ((5, 0), (0, 0))


def test_much_is_deleted_in_small_transactions(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge_module, "AT_ONCE", 10)
    monkeypatch.setattr(purge_module, "ROUNDS", 3)
    fill(kept, 45)
    mine = purge(kept, days=1)
    mine.round(NOON + 2 * DAY_S)
    assert kept.counts() == (45, 15)
    mine.round(NOON + 2 * DAY_S)
    assert kept.counts() == (45, 0)


def test_one_process_of_the_install_does_it(kept: Kept) -> None:
    fill(kept, 5)
    first, second = purge(kept), purge(kept, days=0)
    first.round(NOON)
    second.round(NOON + 60)
    assert kept.counts() == (5, 5)


def test_the_place_on_the_disk_is_used_again(kept: Kept) -> None:
    if not kept.database.is_sqlite:
        return
    sizes = []
    for _ in range(4):
        fill(kept, 500, at=time.time())
        purged(kept, most_bytes=1)
        with kept.database.engine.connect() as connection:
            sizes.append(connection.execute(text("PRAGMA page_count")).scalar_one())
    assert sizes[3] <= sizes[1] * 1.1
