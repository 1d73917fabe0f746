"""Rows of a version that tell of a whole time, and the figures of all versions."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import orjson
import pytest

from dashapp.serving.ledger.entry import MOST_ROW, Count, bounded, is_cut
from dashapp.serving.predictor import RowPrediction
from tests.serving.ledger.conftest import NOON, Kept, answered


def filled(kept: Kept) -> None:
    """A minute between two requests: 60 of version 1, and then 40 of version 2, three rows each."""
    ledger = kept.process()
    for minute in range(100):
        said = [RowPrediction("yes", {"yes": 1.0}, [{"code": "c", "column": "a", "message": "m"}] if row else []) for row in range(3)]
        rows = [{"minute": minute, "row": row} for row in range(3)]
        ledger.keep(answered(*rows, at=NOON + 60 * minute, version=1 if minute < 60 else 2, predictions=said))
    ledger.round(NOON)


def test_rows_are_spread_over_all_of_the_time(kept: Kept) -> None:
    filled(kept)
    found = [each.inputs["minute"] for each in kept.predictions.spread(1, NOON, 20)]
    assert len(found) == 20 and found == sorted(found) and (found[0], found[-1]) == (0, 59)
    assert max(later - earlier for earlier, later in pairwise(found)) <= 4


@pytest.mark.parametrize(
    ("version", "since", "most", "count"),
    [
        (1, 0, 1_000, 180),
        (1, 30, 1_000, 90),
        (1, 59, 1_000, 3),
        (1, 60, 1_000, 0),
        (2, 0, 1_000, 120),
        (3, 0, 10, 0),
        (1, 0, 1, 1),
        (2, 99, 3, 3),
    ],
)
def test_only_rows_of_the_version_since_then(kept: Kept, version: int, since: int, most: int, count: int) -> None:
    filled(kept)
    found = kept.predictions.spread(version, NOON + 60 * since, most)
    assert len(found) == count == len({each.id for each in found})
    assert all(each.version == version and each.at.timestamp() >= NOON + 60 * since for each in found)


def test_more_rows_than_are_looked_up_at_once(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashapp.serving.ledger.store.predictions.AT_ONCE", 7)
    filled(kept)
    assert len(kept.predictions.spread(1, 0, 1_000)) == 180


def test_the_figures_of_each_version(kept: Kept) -> None:
    filled(kept)
    found = kept.predictions.by_version()
    assert {version: (each.made, each.kept, each.warned) for version, each in found.items()} == {1: (180, 180, 120), 2: (120, 120, 80)}
    assert kept.predictions.times(2, 5) == [(1.5, 1.0)] * 5 and kept.predictions.times(3, 5) == []
    assert kept.predictions.last(3) is None
    assert kept.predictions.last(2) == kept.all()[-1].number == 120 + (kept.predictions.last(1) or 0)
    assert Count() == kept.predictions.by_version().get(3, Count())


@pytest.mark.parametrize(
    ("inputs", "is_one"),
    [
        ({"note": "x" * 200_000}, False),
        ({f"note {place}": "x" * 1_000 for place in range(MOST_ROW // 500)}, True),
        ({"note": "short…", "amount": 3}, False),
        ({}, False),
    ],
)
def test_a_row_of_which_only_beginnings_were_kept_is_known(inputs: dict[str, Any], is_one: bool) -> None:
    assert is_cut(orjson.loads(bounded(inputs))) is is_one
