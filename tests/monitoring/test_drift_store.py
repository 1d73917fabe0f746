"""Windows are bounded, and the newest is always there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from dashapp.database.engine import Database
from dashapp.database.tables import drift_references, drift_windows
from dashapp.monitoring.drift_store import HOUR_S, KEPT_S, MOST_REMEMBERED, DriftWindows
from dashapp.monitoring.reference import ColumnReference, Reference, labels, ordered
from dashapp.monitoring.told import ColumnDrift, Drift

START = 1_800_000_000.0 // HOUR_S * HOUR_S
AT = datetime(2026, 11, 24, 12, 30, 0, 123_000, UTC)
AGE = ColumnDrift("age 😀", "number", 0.2, 0.15, 0.25, True, 0.01, 0.0, 0.0, 0.02, "age 😀: live values are higher.")
DRIFT = Drift("m1", 1, AT, AT, 500, (AGE,), replace(AGE, column="predicted x", kind="prediction"), True, "1 column drifts.")


@pytest.fixture
def store(database: Database) -> DriftWindows:
    return DriftWindows(database)


def keep(database: Database, store: DriftWindows, at: float, drift: Drift = DRIFT, last: int = 7) -> None:
    with database.write() as transaction:
        store.keep(transaction, drift, last, at)


def times(database: Database) -> list[float]:
    with database.read() as connection:
        return [row.at for row in connection.execute(drift_windows.select().order_by(drift_windows.c.at))]


def test_a_window_comes_back_as_it_went_in(database: Database, store: DriftWindows) -> None:
    assert (store.newest("m1", 5), store.measured_to("m1")) == ([], None)
    keep(database, store, START)
    assert (store.newest("m1", 5), store.measured_to("m1")) == ([DRIFT], 7)
    assert store.newest("m2", 5) == []


def test_an_hour_keeps_its_last_window(database: Database, store: DriftWindows) -> None:
    for minute in (0, 5, 59, 60, 61):
        keep(database, store, START + 60 * minute, replace(DRIFT, rows=minute), last=minute)
    assert [each.rows for each in store.newest("m1", 5)] == [61, 59]
    assert store.measured_to("m1") == 61
    assert [each.rows for each in store.newest("m1", 1)] == [61]


def test_ninety_days_are_kept_and_the_newest_of_each_model(database: Database, store: DriftWindows) -> None:
    keep(database, store, START, replace(DRIFT, model_id="old"))
    for day in (0, 1, 100, 101):
        keep(database, store, START + day * 86_400)
    assert times(database) == [START, START + 100 * 86_400, START + 101 * 86_400]
    assert KEPT_S == 90 * 86_400 and store.newest("old", 1)[0].model_id == "old"


def test_of_a_wide_window_that_is_not_the_newest_what_drifts_most_is_kept(database: Database, store: DriftWindows) -> None:
    wide = replace(DRIFT, columns=tuple(replace(AGE, column=f"c{place}", effect=place / 300) for place in range(300)))
    keep(database, store, START, wide)
    assert store.newest("m1", 1) == [wide]
    keep(database, store, START + HOUR_S, wide)
    newest, before = store.newest("m1", 2)
    assert newest == wide and before == replace(wide, columns=wide.columns[-MOST_REMEMBERED:])


def test_a_reference_comes_back_and_those_of_models_that_are_gone_go(database: Database, store: DriftWindows) -> None:
    columns = (
        ColumnReference("a", "number", ordered=ordered(np.array([1.0, np.nan]))),
        ColumnReference("b", "category", labels=labels(["\x00"])),
    )
    found = Reference(columns, None, None, "words")
    keep(database, store, START)
    with database.write() as transaction:
        store.keep_reference(transaction, "m2", found)
    assert (store.reference("m2"), store.reference("m1"), store.newest("m1", 1)) == (found, None, [])
    with database.write() as transaction:
        store.keep_reference(transaction, "m3", found)
        store.keep_reference(transaction, "m3", replace(found, words=""))
    assert store.reference("m2") is None and store.reference("m3") == replace(found, words="")
    with database.read() as connection:
        assert len(connection.execute(drift_references.select()).all()) == 1
