"""Types come from the plan, never from the values at hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import skops.io
from scipy import sparse
from sklearn.compose import ColumnTransformer

from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.models.artifact_format import TRUSTED
from dashapp.training.features import (
    CATEGORIES,
    MANY,
    DateParts,
    boosting_features,
    forest_features,
    grouped,
    input_frame,
    linear_features,
    planned_features,
    preprocessing_steps,
    records,
    to_frame,
)
from dashapp.training.parts import Ramps, Topics, Words
from dashapp.training.run import InputColumn
from tests.training.tables import mixed_plan, mixed_table

PLAN = mixed_plan(Task.BINARY)
NOTES = ("the red box came late", "a blue lamp, warm and bright", "the lamp broke", "red lamp warm box", "late again and broken")
RICH = (
    *PLAN.features,
    InputColumn("note", ColumnKind.TEXT),
    InputColumn("street", ColumnKind.CATEGORY, many=True),
)
EVERY = {"linear": linear_features, "forest": forest_features, "boosting": boosting_features}


def rich_table(rows: int = 240) -> pd.DataFrame:
    """The mixed table with free text and a category of many values."""
    table = mixed_table(rows)
    random = np.random.default_rng(5)
    table["note"] = pd.array([None if at % 9 == 0 else f"{NOTES[at % 5]} {NOTES[(at // 5) % 5]}" for at in range(rows)], dtype="str")
    table["street"] = pd.array(
        [None if at % 11 == 0 else f"street {number}" for at, number in enumerate(random.integers(0, 120, rows))], dtype="str"
    )
    return table


def dense(encoded: object) -> np.ndarray:
    return np.asarray(encoded.toarray() if sparse.issparse(encoded) else encoded)


def test_records_are_the_inverse_of_to_frame() -> None:
    frame = input_frame(mixed_table(), PLAN.features)
    again = to_frame(records(frame, PLAN.features), PLAN.features)
    pd.testing.assert_frame_equal(frame, again)


def test_infinite_numbers_count_as_missing() -> None:
    table = mixed_table()
    table.loc[0, "amount"] = np.inf
    assert np.isnan(input_frame(table, PLAN.features)["amount"][0])


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_a_row_alone_is_encoded_as_in_a_batch(make: Callable[..., ColumnTransformer], task: Task) -> None:
    table = rich_table()
    target = table["value"].round() if task is Task.REGRESSION else table["answer" if task is Task.BINARY else "grade"]
    features = make(RICH, task, 1)
    features.fit_transform(input_frame(table, RICH), target.to_numpy())
    nulls = dict.fromkeys((column.name for column in RICH), None)
    some = {"amount": 3.5, "colour": "red", "joined": "2021-03-04", "note": "a red lamp", "street": "street 7"}
    rows = [nulls, {**nulls, "colour": "unseen", "street": "unseen", "note": "zzz"}, some, {}, {**nulls, "note": "", "amount": 1e308}]
    together = dense(features.transform(to_frame(rows, RICH)))
    alone = np.vstack([dense(features.transform(to_frame([row], RICH))) for row in rows])
    np.testing.assert_array_equal(together, alone)
    assert np.isfinite(together[2]).mean() > 0.5 and not np.isinf(together).any()


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_fitted_features_survive_being_written(make: Callable[..., ColumnTransformer]) -> None:
    table = rich_table()
    frame = input_frame(table, RICH)
    features = make(RICH, Task.BINARY, 1)
    features.fit_transform(frame, table["answer"].to_numpy())
    again = skops.io.loads(skops.io.dumps(features), trusted=list(TRUSTED))
    np.testing.assert_array_equal(dense(again.transform(frame)), dense(features.transform(frame)))


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_the_same_seed_gives_the_same_numbers(make: Callable[..., ColumnTransformer]) -> None:
    table = rich_table()
    frame, y = input_frame(table, RICH), table["answer"].to_numpy()
    first, second = (dense(make(RICH, Task.BINARY, 4).fit_transform(frame, y)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_whole_numbers_as_a_target_are_no_classes() -> None:
    table = rich_table()
    features = boosting_features(RICH, Task.REGRESSION, 0)
    width = features.fit_transform(input_frame(table, RICH), table["visits"].fillna(0).to_numpy()).shape[1]
    assert width == boosting_features(RICH, Task.BINARY, 0).fit_transform(input_frame(table, RICH), table["answer"].to_numpy()).shape[1]


def test_no_row_is_told_its_own_answer() -> None:
    """Where every value occurs once its mean is that of the others, whatever the row's own answer."""
    inputs = (InputColumn("street", ColumnKind.CATEGORY, many=True),)
    frame = pd.DataFrame({"street": pd.array([f"s{at}" for at in range(200)], dtype="str")})
    y = np.random.default_rng(0).integers(0, 2, 200)
    features = boosting_features(inputs, Task.BINARY, 0)
    means = features.fit_transform(frame, y)[:, -1]
    assert len(np.unique(means)) <= 5 and np.corrcoef(means, y)[0, 1] < 0.1


def test_many_categories_stand_behind_the_few_and_once_more_as_means() -> None:
    groups = grouped(RICH)
    assert groups[MANY] == ["street"] and groups[CATEGORIES] == ["colour", "code", "member", "street"]


@pytest.mark.parametrize("columns", [300, 5_000])
def test_the_width_of_many_columns_stays_bounded(columns: int) -> None:
    random = np.random.default_rng(0)
    inputs = tuple(InputColumn(f"x{at}", ColumnKind.NUMBER if at % 2 else ColumnKind.CATEGORY) for at in range(columns))
    labels = pd.array(random.choice(list("abcdefghijkl"), 40), dtype="str")
    frame = pd.DataFrame({column.name: random.normal(size=40) if column.kind.is_numeric else labels for column in inputs})
    assert linear_features(inputs, Task.BINARY).fit_transform(frame, np.arange(40) % 2).shape[1] <= 5 * columns


def test_ramps_run_from_one_quantile_to_the_next() -> None:
    numbers = np.array([[0.0, 7.0], [10.0, 7.0], [20.0, 7.0], [40.0, 7.0], [1e6, 7.0]])
    ramps = Ramps(4).fit(numbers)
    assert ramps.transform(np.array([[-5.0, 7.0], [15.0, 8.0], [2e6, 7.0]])).tolist() == [
        [0, 0, 0, 0, 7],
        [1, 0.5, 0, 0, 8],
        [1, 1, 1, 1, 7],
    ]
    assert np.isfinite(Ramps(4).fit_transform(np.array([[-1.7e308], [0.0], [1.0], [1.7e308]]))).all()


def texts(*values: str | None) -> pd.DataFrame:
    return pd.DataFrame({"t": pd.array(values, dtype="str")})


@pytest.mark.parametrize(
    "values",
    [(None, None, None), ("", " ", "?!"), ("one", None, None), ("a b c", "d e", "f"), ("word " * 50_000, "x", None)],
    ids=["all missing", "no words", "one word", "letters", "very long"],
)
def test_texts_without_much_to_read_are_no_error(values: tuple[str | None, ...]) -> None:
    frame = texts(*values)
    assert Words().fit_transform(frame).shape[0] == 3
    assert np.isfinite(Topics(4).fit_transform(frame)).all()


def test_words_weigh_and_missing_texts_do_not() -> None:
    words = Words().fit(texts("red box", "red lamp", "blue lamp", None))
    found = words.transform(texts("Red RED lamp", None, "green"))
    names = words.get_feature_names_out().tolist()
    assert {names[at] for at in found[0].indices} == {"t red", "t lamp", "t red lamp"} & set(names)
    assert found[1].nnz == found[2].nnz == 0
    assert found[0].multiply(found[0]).sum() == pytest.approx(1)


def test_languages_without_spaces_are_read_by_characters() -> None:
    said = "今日はとても良い天気で気分が最高ですから散歩に行きましょう", "昨日は雨が降っていたので家で本を読んでいました"
    words = Words().fit(texts(*said, *said))
    assert words.transform(texts("天気が良い")).nnz >= 3


def test_treatments_name_every_column_in_words() -> None:
    planned = planned_features(RICH, ["amount", "joined", "note"])
    named = [name for each in planned[:-1] for name in each.columns]
    assert sorted(named) == sorted(column.name for column in RICH)
    assert planned[-1].columns == ("amount", "joined") and "missing" in planned[-1].what


def test_date_parts() -> None:
    dates = pd.DataFrame({"d": np.array(["1970-01-01T00:00", "2024-02-29T18:30", "1969-12-31T23:00", "NaT"], dtype="datetime64[us]")})
    parts = DateParts().fit(dates).transform(dates)
    assert parts[0].tolist() == [1970, 1, 1, 3, 0, 0]
    assert parts[1, :5].tolist() == [2024, 2, 29, 3, 18]
    assert parts[2, :5].tolist() == [1969, 12, 31, 2, 23]
    assert np.isnan(parts[3]).all()


def test_steps_are_said_in_words() -> None:
    frame = input_frame(mixed_table(), PLAN.features)
    missing = int(frame["amount"].isna().sum())
    steps = preprocessing_steps(frame, PLAN.features)
    assert f"Filling {missing} missing values in amount with the median" in steps
    assert "Encoding 3 categories: colour, code, member" in steps
