"""Searches that look at a part of the ledger at a time still find everything, page after page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashapp.serving.ledger.kept import Search
from dashapp.serving.ledger.store import predictions as predictions_module
from dashapp.serving.predictor import RowPrediction
from tests.serving.ledger.conftest import NOON, Kept, answered

COUNT = 100


@pytest.fixture
def filled(kept: Kept) -> Kept:
    ledger = kept.process()
    for number in range(COUNT):
        said = RowPrediction("yes" if number % 10 == 0 else "no", {"yes": 0.5, "no": 0.5}, [{"code": "blank"}] if number % 25 == 0 else [])
        ledger.keep(answered({"x": number, "note": f"n{number}"}, at=NOON + number * 60, version=1 + number // 50, predictions=[said]))
    ledger.stop()
    return kept


def at(number: int) -> datetime:
    return datetime.fromtimestamp(NOON + number * 60, UTC)


@pytest.mark.parametrize("window", [7, 1000])
@pytest.mark.parametrize("patience", [0.0, 10.0])
@pytest.mark.parametrize(
    ("search", "expected"),
    [
        (Search(prediction="YES"), range(0, COUNT, 10)),
        (Search(with_warnings=True), range(0, COUNT, 25)),
        (Search(with_warnings=True, prediction="yes"), range(0, COUNT, 50)),
        (Search(version=1), range(50)),
        (Search(version=3), []),
        (Search(since=at(90)), range(90, COUNT)),
        (Search(until=at(9)), range(10)),
        (Search(since=at(20), until=at(29), version=1), range(20, 30)),
        (Search(since=at(COUNT)), []),
        (Search(text="N4"), [4, *range(40, 50)]),
        (Search(text="nothing of this"), []),
    ],
)
def test_all_pages_together_hold_what_is_asked_for(
    filled: Kept, monkeypatch: pytest.MonkeyPatch, search: Search, expected: range | list[int], window: int, patience: float
) -> None:
    monkeypatch.setattr(predictions_module, "WINDOW", window)
    monkeypatch.setattr(predictions_module, "PATIENCE_S", patience)
    seen: list[int] = []
    before: int | None = None
    for _ in range(COUNT):
        fields = {name: getattr(search, name) for name in search.__slots__} | {"limit": 3, "before": before}
        found = filled.predictions.search(Search(**fields))
        assert len(found.predictions) <= 3
        seen += [each.inputs["x"] for each in found.predictions]
        if found.next_before is None:
            break
        before = found.next_before
    assert before is None or found.next_before is None
    assert seen == sorted(expected, reverse=True)


@pytest.mark.parametrize(
    ("search", "made"),
    [(Search(), COUNT), (Search(version=2), 50), (Search(version=9), 0), (Search(text="nothing"), COUNT), (Search(since=at(6000)), 0)],
)
def test_the_counts_are_those_of_the_versions_and_hours(filled: Kept, search: Search, made: int) -> None:
    found = filled.predictions.search(search)
    assert (found.made, found.kept) == (made, made)


def test_an_empty_ledger_has_one_empty_page(kept: Kept) -> None:
    found = kept.predictions.search(Search(text="x"))
    assert (found.predictions, found.next_before, found.made, found.kept) == ((), None, 0, 0)
