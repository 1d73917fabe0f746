"""Slices of planted errors are found, and noise has none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from dashapp.datasets.dataset import ColumnKind
from dashapp.training.result import Slice
from dashapp.training.run import InputColumn
from dashapp.training.why.bins import bins_of, spoken_number
from dashapp.training.why.slices import MOST_SLICES, error_slices
from tests.training.why.rows import Clock, seen, two_classes, watching

INPUTS = (
    InputColumn("age", ColumnKind.NUMBER),
    InputColumn("sex", ColumnKind.CATEGORY),
    InputColumn("city", ColumnKind.CATEGORY),
    InputColumn("joined", ColumnKind.DATETIME),
    InputColumn("rooms", ColumnKind.INTEGER),
    InputColumn("note", ColumnKind.TEXT),
)


def table(rows: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    city = random.choice(["Oslo", "Rome", "Lima", None], rows)
    return pd.DataFrame(
        {
            "age": random.uniform(20, 80, rows),
            "sex": pd.array(random.choice(["female", "male"], rows).tolist(), dtype="str"),
            "city": pd.array(city.tolist(), dtype="str"),
            "joined": (np.datetime64("2020-01-01") + random.integers(0, 900, rows).astype("timedelta64[D]")).astype("datetime64[us]"),
            "rooms": random.integers(1, 6, rows).astype(float),
            "note": pd.array(["some words"] * rows, dtype="str"),
        }
    )


def slices_of(frame: pd.DataFrame, wrong: NDArray[np.float64], *, is_regression: bool, seconds: float = 1e6) -> tuple[Slice, ...]:
    """`wrong`: chance of a wrong class by row, or the spread of the error."""
    random = np.random.default_rng(0)
    if is_regression:
        rows = seen(frame, random.normal(size=len(frame)) * wrong, lambda each: np.zeros(len(each)), inputs=INPUTS)
    else:
        y = (random.random(len(frame)) < wrong).astype(int)
        rows = seen(frame, y, lambda each: two_classes(np.full(len(each), 0.1)), labels=("no", "yes"), inputs=INPUTS)
    return error_slices(rows, INPUTS, watching(lambda each: np.zeros(len(each)), rows), seconds, seed=0)[0]


@pytest.mark.parametrize("is_regression", [False, True], ids=["classification", "regression"])
@pytest.mark.parametrize(
    ("where", "condition"),
    [
        ("sex is female", lambda frame: frame["sex"] == "female"),
        ("city is missing", lambda frame: frame["city"].isna()),
        ("rooms is 3", lambda frame: frame["rooms"] == 3),
        ("joined is before 2020-0", lambda frame: frame["joined"] < "2020-08-01"),
        ("age is above ", lambda frame: frame["age"] > 66),
    ],
)
def test_a_planted_bad_slice_comes_first(where: str, condition, is_regression: bool) -> None:
    frame = table(2_000, seed=1)
    wrong = np.where(condition(frame), 0.6, 0.1) if not is_regression else np.where(condition(frame), 4.0, 1.0)
    first = slices_of(frame, wrong, is_regression=is_regression)[0]
    assert first.where.startswith(where) and first.is_worse and first.low <= first.value <= first.high


@pytest.mark.parametrize("is_regression", [False, True], ids=["classification", "regression"])
def test_a_pair_is_found_within_its_first_column(is_regression: bool) -> None:
    frame = table(4_000, seed=1)
    is_bad = (frame["sex"] == "female") & (frame["city"] == "Rome")
    found = slices_of(frame, np.where(is_bad, 4.0, 1.0) if is_regression else np.where(is_bad, 0.7, 0.1), is_regression=is_regression)
    assert set(found[0].where.split(" and ")) == {"sex is female", "city is Rome"}
    assert found[0].is_worse and found[0].rows == is_bad.sum()


@pytest.mark.parametrize("is_regression", [False, True], ids=["classification", "regression"])
def test_noise_has_no_worse_slice(is_regression: bool) -> None:
    """Heavy tails in the regression: a few rows make up most of the RMSE."""
    alarms = 0
    for seed in range(12):
        frame = table(800, seed)
        spread = np.random.default_rng(seed).exponential(size=800) ** 2 if is_regression else np.full(800, 0.3)
        found = slices_of(frame, spread, is_regression=is_regression)
        assert len(found) <= MOST_SLICES and all(each.rows >= 20 for each in found)
        alarms += any(each.is_worse for each in found)
    assert alarms == 0


@pytest.mark.parametrize("rows", [1, 19, 45])
def test_few_rows_are_not_cut_into_slices_too_small(rows: int) -> None:
    assert all(each.rows >= 20 for each in slices_of(table(rows, 0), np.full(rows, 0.3), is_regression=False))


def test_a_model_without_errors_has_no_slices() -> None:
    frame = table(200, 0)
    assert slices_of(frame, np.zeros(200), is_regression=False) == slices_of(frame, np.zeros(200), is_regression=True) == ()


def test_what_the_time_does_not_suffice_for_is_named() -> None:
    frame = table(200, 0)
    rows = seen(frame, np.zeros(200), lambda each: np.zeros(len(each)), inputs=INPUTS)
    clock = Clock()
    watch = watching(lambda each: np.zeros(len(each)), rows, clock=clock)
    clock.now = 10.0
    found, skipped = error_slices(rows, INPUTS, watch, 9.0, seed=0)
    assert found == () and "6 columns" in skipped[0]


@pytest.mark.parametrize(
    ("values", "kind", "sentences"),
    [
        ([1.0] * 30 + list(range(2, 12)), ColumnKind.INTEGER, ["x is at most 1", "x is above 1", "x is missing"]),
        (list(range(9)) + [99.0] * 60, ColumnKind.INTEGER, ["x is at most 8", "x is above 8", "x is missing"]),
        ([0.5, 2.0], ColumnKind.NUMBER, ["x is 0.5000", "x is 2", "x is missing"]),
        ([np.nan], ColumnKind.NUMBER, ["x is missing"]),
        ([None], ColumnKind.DATETIME, ["x is missing"]),
        (["2020-01-01T05:00", "2020-01-01T09:00"], ColumnKind.DATETIME, ["x is missing"]),
        (["a" * 80, None], ColumnKind.CATEGORY, ["x is " + "a" * 59 + "…", "x is missing"]),
        (["a", None], ColumnKind.TEXT, ["x is missing"]),
    ],
)
def test_bins_are_named(values: list[object], kind: ColumnKind, sentences: list[str]) -> None:
    if kind in (ColumnKind.CATEGORY, ColumnKind.TEXT):
        series = pd.Series(pd.array(values, dtype="str"))
    else:
        series = pd.Series(np.array(values, dtype="datetime64[us]" if kind is ColumnKind.DATETIME else "float64"))
    bins = bins_of(series, InputColumn("x", kind))
    assert list(bins.sentences) == sentences
    assert ((bins.codes == len(sentences) - 1) == series.isna()).all()
    assert bins.codes.max() < len(sentences)


@pytest.mark.parametrize(("value", "words"), [(1999.0, "1999"), (47990.0, "47,990"), (0.42123, "0.4212"), (-3.0, "-3"), (1e300, "1e+300")])
def test_numbers_are_written_for_a_person(value: float, words: str) -> None:
    assert spoken_number(value) == words
