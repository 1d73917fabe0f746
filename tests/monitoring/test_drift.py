"""Drift: no alarm where nothing changed, an alarm where something did, and a sentence for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks.monitoring.drift import CHANGES, any_alarm, power
from benchmarks.monitoring.laws import NOW, Law, continuous, counted_drift, discrete, mixed_laws, trained, window, zipf
from dashapp.datasets.dataset import ColumnKind
from dashapp.monitoring.drift import LEAST_ROWS, Window, measured
from dashapp.monitoring.reference import ColumnReference, Reference, column_reference, labels, ordered
from dashapp.monitoring.told import ColumnDrift, Drift
from dashapp.training.features import to_frame
from dashapp.training.run import InputColumn

AGE = InputColumn("age", ColumnKind.INTEGER, minimum=18.0, maximum=90.0)
CITY = InputColumn("city", ColumnKind.CATEGORY, labels=("Rome", "Oslo", "Bonn"))
NOTE = InputColumn("note", ColumnKind.TEXT)
JOINED = InputColumn("joined", ColumnKind.DATETIME)


def drift_of(column: InputColumn, before: Sequence[Any], after: Sequence[Any], weights: Sequence[float] = ()) -> Drift:
    known = column_reference(column, to_frame([{column.name: value} for value in before], [column])[column.name])
    shares = np.array(weights) if len(weights) else np.ones(len(after))
    return measured("m", 1, [column], Reference((known,), None), Window([after], [0.0] * len(after), shares, NOW, NOW))


def column_of(*given: Any) -> ColumnDrift:
    return drift_of(*given).columns[0]


@pytest.mark.parametrize("training", [200, 5_000])
@pytest.mark.parametrize("rows", [100, 1_000])
def test_windows_without_drift_raise_no_alarm(rows: int, training: int) -> None:
    """Of a whole table each; the benchmark does a thousand."""
    chance, laws = np.random.default_rng([rows, training]), mixed_laws()
    models = [trained(laws, chance, training) for _ in range(4)]
    assert not any(any_alarm(laws, model, chance, rows) for model in models for _ in range(5))


@pytest.mark.parametrize("training", [200, 20_000])
def test_a_million_rows_of_the_same_law_raise_no_alarm(training: int) -> None:
    chance, laws = np.random.default_rng(training), mixed_laws()
    model = trained(laws, chance, training)
    for _ in range(10):
        found = counted_drift(laws, model, chance, 1_000_000)
        assert not any(each.is_drifting for each in found)
    assert training < 20_000 or max(each.effect for each in found if each.column != "city") < 0.03


def test_a_million_rows_read_one_by_one_raise_no_alarm() -> None:
    chance, law = np.random.default_rng(3), continuous("age", stats.norm(40, 12))
    model = trained([law], chance, 20_000)
    drift = measured("m", 1, model.inputs, model.reference, window([law], chance, 1_000_000))
    assert drift.drifting == () and drift.columns[0].effect < 0.02 and drift.rows == 1_000_000


@pytest.mark.parametrize("name", [name for name in CHANGES if "too little" not in name])
def test_what_changed_is_told(name: str) -> None:
    changed, rows = CHANGES[name]
    assert power(changed, rows, 20_000, 20) >= 0.95


def test_a_change_too_little_to_matter_is_none() -> None:
    changed, rows = CHANGES["age 0.1 SD higher, too little to matter, n = 5,000"]
    assert power(changed, rows, 20_000, 10) == 0.0


def test_many_columns_raise_no_more_alarms_and_drown_none() -> None:
    chance = np.random.default_rng(5)
    law = continuous("c", stats.norm())
    laws = [replace(law, name=f"c{place}") for place in range(300)]
    model = trained(laws, chance, 1_000)
    assert measured("m", 1, model.inputs, model.reference, window(laws, chance, 500)).drifting == ()
    laws[7] = continuous("c7", stats.norm(1))
    drift = measured("m", 1, model.inputs, model.reference, window(laws, chance, 500))
    assert [each.column for each in drift.drifting] == ["c7"] and drift.words.startswith('500 predictions: 1 of 300 columns drifts: "c7".')


def test_fewer_than_fifty_rows_get_no_verdict() -> None:
    few = drift_of(AGE, [30] * 500, [90] * (LEAST_ROWS - 1))
    assert (few.is_enough, few.columns, few.drifting, few.rows) == (False, (), (), 49)
    assert few.words == "49 predictions of this version are too few; from 50 on they are compared with the training."
    assert drift_of(AGE, [30] * 500, [90]).words.startswith("1 prediction of this version is too few; ")
    assert drift_of(AGE, [30] * 500, [90] * LEAST_ROWS).drifting
    # 200 kept rows one of which stands for a thousand others tell no more than a few.
    assert not drift_of(AGE, [30] * 500, [90] * 200, [1.0] * 199 + [1_000.0]).is_enough


def test_rows_that_stand_for_others_count_for_them() -> None:
    """In a flood one row of eight was kept: those rows are older people, and half of all that were asked for."""
    before = [20] * 500 + [70] * 500
    after, weights = [20] * 400 + [70] * 50, [1.0] * 400 + [8.0] * 50
    assert column_of(AGE, before, after).is_drifting
    weighted = column_of(AGE, before, after, weights)
    assert not weighted.is_drifting and weighted.effect < 0.05


@pytest.mark.parametrize(
    ("column", "before", "after", "words"),
    [
        (AGE, range(18, 58), range(32, 72), "age: live values are higher, median 51 instead of 37"),
        (AGE, range(32, 72), range(18, 58), "age: live values are lower, median 37 instead of 51"),
        (AGE, [40, 41, 42, 43] * 10, [18, 40, 41, 42, 43, 44, 45, 90] * 5, "age: 50 % of rows are from 40 and up to 43, 100 % in training"),
        (AGE, [1, 2, 3], [1.5, 2, 2.5], "age: 100 % of rows are above 1 and below 3, 33 % in training"),
        (AGE, [1, 2, 3], [1, 1, 2, 2, 2, 2, 2, 2, 3, 3], "age: 60 % of rows are 2, 33 % in training"),
        (AGE, range(30, 70), [None] * 20 + [*range(30, 70, 2)], "age: missing in 50 % of rows, 0 % in training"),
        (AGE, range(30, 70), [None] * 40, "age: missing in 100 % of rows, 0 % in training"),
        (AGE, [None] * 40, range(30, 70), "age: missing in 0 % of rows, 100 % in training"),
        (AGE, range(30, 70), [*range(50, 90), *range(91, 131)], "50 % of rows outside of what the training saw"),
        (CITY, ["Rome", "Oslo"], ["Rome", "Oslo", "Rio", "Rio", "Nara"], 'such as "Rio"'),
        (CITY, ["Rome", "Oslo"], ["Rome", "Rome", "Rome", "Oslo"], 'city: "Rome" in 75 % of rows, 50 % in training'),
        (CITY, ["Rome"], [None], "city: missing in 100 % of rows, 0 % in training"),
        (NOTE, ["x" * 40, "x" * 60], ["x" * 120], "note: live texts are longer, median 120 instead of 40 characters"),
        (JOINED, ["2020-01-01", "2020-06-01"], [datetime(2012, 3, 4)], "joined: live dates are earlier, median 2012-03-04 instead of 20"),
    ],
)  # fmt: skip
def test_a_sentence_says_what_changed(column: InputColumn, before: Sequence[Any], after: Sequence[Any], words: str) -> None:
    found = column_of(column, [*before] * (2_000 // len(before)), [*after] * (2_000 // len(after)))
    assert found.is_drifting and words in found.words and found.words.endswith(".")


@pytest.mark.parametrize(
    ("column", "after", "shares"),
    [
        (AGE, [17, 18, 90, 91], (0.0, 0.0, 0.5)),
        (AGE, [None, 30, 30, 30], (0.25, 0.0, 0.0)),
        (CITY, ["Rome", "Rio", None, None], (0.5, 0.25, 0.0)),
        (NOTE, ["", None, "a", "b"], (0.25, 0.0, 0.0)),
        (JOINED, [datetime(1999, 1, 1), datetime(2020, 3, 1), None, datetime(2020, 3, 2)], (0.25, 0.0, 0.25)),
    ],
)
def test_missing_unseen_and_outside_are_shares_of_all_rows(column: InputColumn, after: list[Any], shares: tuple[float, ...]) -> None:
    before: dict[str, list[Any]] = {"age": [18, 90], "city": ["Rome"], "note": ["a"], "joined": ["2020-01-01", "2021-01-01"]}
    found = column_of(column, before[column.name] * 100, after * 50)
    assert (found.missing_share, found.unseen_share, found.out_of_range_share) == shares and found.training_missing_share == 0.0


def test_labels_of_which_each_is_rare_do_not_alarm_for_being_new() -> None:
    """Half of the live rows have a label that 200 rows of training did not have, as they would of any other 200 rows."""
    chance, law = np.random.default_rng(2), discrete("city", ColumnKind.CATEGORY, dict.fromkeys((f"c{at}" for at in range(2_000)), 1.0))
    model = trained([law], chance, 200)
    drift = measured("m", 1, model.inputs, model.reference, window([law], chance, 2_000))
    assert drift.columns[0].unseen_share > 0.8 and drift.drifting == ()
    model = trained([discrete("city", ColumnKind.CATEGORY, zipf(50))], chance, 2_000)
    moved = window([discrete("city", ColumnKind.CATEGORY, zipf(50, "other"))], chance, 200)
    drift = measured("m", 1, model.inputs, model.reference, moved)
    assert drift.columns[0].effect == pytest.approx(1.0, abs=0.02) and drift.columns[0].low > 0.7


def test_dates_that_go_with_the_time_are_told_and_raise_no_alarm() -> None:
    before = [f"2024-{month:02}-15" for month in range(1, 13)]
    recent = [NOW.replace(tzinfo=None) - timedelta(days=days) for days in range(7)]
    passing = column_of(JOINED, before * 40, recent * 40)
    assert not passing.is_drifting and passing.effect > 0.9
    assert passing.words.startswith("joined: later than in training, as time passes (median 2026-11-21 instead of 2024-06-15)")
    far = [NOW.replace(tzinfo=None) + timedelta(days=3_000)] * 200
    assert column_of(JOINED, before * 40, far).is_drifting


@pytest.mark.parametrize(
    ("column", "values"),
    [
        (AGE, [None]),
        (AGE, [40]),
        (NOTE, [None]),
        (InputColumn("a\x00\n\u202eb" * 40, ColumnKind.CATEGORY, labels=("\x00", "😀")), ["\x00", "😀"]),
        (InputColumn("😀", ColumnKind.NUMBER), [1.7e308, -1.7e308, 5e-324, -0.0]),
        (InputColumn("", ColumnKind.BOOLEAN, labels=("yes", "no")), ["yes", None]),
        (InputColumn("format 1", ColumnKind.NUMBER), [0.1, 0.2]),
    ],
)
def test_the_same_odd_values_are_as_in_training(column: InputColumn, values: list[Any]) -> None:
    drift = drift_of(column, values * 100, values * 100)
    (found,) = drift.columns
    assert not found.is_drifting and found.effect == 0.0 and "\x00" not in found.words and "\n" not in found.words
    assert found.words.endswith("as in training.") and drift.words.endswith("like the training: no column drifts.")


@pytest.mark.parametrize(
    ("known", "answers"),
    [
        (ColumnReference("probability", "prediction", ordered=ordered(np.linspace(0, 1, 500))), np.linspace(0.5, 1, 400).tolist()),
        (ColumnReference("predicted species", "prediction", labels=labels(["a", "b"] * 200)), ["a"] * 400),
        (ColumnReference("predicted price", "prediction", ordered=ordered(np.arange(500.0))), (np.arange(400.0) + 300).tolist()),
    ],
)  # fmt: skip
def test_answers_are_compared_too(known: ColumnReference, answers: list[Any]) -> None:
    age = column_reference(AGE, pd.Series([30.0] * 500))
    drift = measured("m", 1, [AGE], Reference((age,), known, words="Note."), Window([[30.0] * 400], answers, np.ones(400), NOW, NOW))
    assert drift.drifting == (drift.prediction,) and drift.prediction is not None and drift.prediction.kind == "prediction"
    assert drift.words.endswith(" Note.") and "1 of 2 columns drifts" in drift.words


def test_answers_that_are_like_those_for_rows_that_were_learned_from_do_not_drift() -> None:
    """The model is surer of them than of those that were held out."""
    age = column_reference(AGE, pd.Series([30.0] * 500))
    unsure, sure = np.linspace(0.3, 0.7, 500), np.concatenate([np.linspace(0, 0.1, 250), np.linspace(0.9, 1, 250)])
    held_out, learned = (ColumnReference("probability", "prediction", ordered=ordered(each)) for each in (unsure, sure))
    for said, is_drifting in ((unsure, False), (sure, False), (np.full(500, 0.85), True)):
        drift = measured("m", 1, [AGE], Reference((age,), held_out, learned), Window([[30.0] * 500], said.tolist(), np.ones(500), NOW, NOW))
        assert drift.prediction is not None and drift.prediction.is_drifting is is_drifting


def test_the_window_is_told() -> None:
    drift = drift_of(AGE, [30] * 100, [30] * 100)
    assert (drift.model_id, drift.version, drift.since, drift.until, drift.rows) == ("m", 1, NOW, NOW, 100)


def law_of(name: str) -> Law:
    return next(law for law in mixed_laws() if law.name == name)


def test_the_laws_of_the_benchmark_are_odd_enough() -> None:
    chance = np.random.default_rng(0)
    assert len({*law_of("city").draw(chance, 200)}) > 60
    assert max(map(abs, law_of("ratio").draw(chance, 5_000))) > 500
    assert {*law_of("unit").draw(chance, 10)} == {"EUR"}
    assert None in law_of("income").draw(chance, 100)
