"""Types come from the plan, never from the values at hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashapp.datasets.dataset import Task
from dashapp.training.candidates import families
from dashapp.training.features import DateParts, input_frame, preprocessing_steps, records, to_frame
from tests.training.tables import mixed_plan, mixed_table

PLAN = mixed_plan(Task.BINARY)


def test_records_are_the_inverse_of_to_frame() -> None:
    frame = input_frame(mixed_table(), PLAN.features)
    again = to_frame(records(frame, PLAN.features), PLAN.features)
    pd.testing.assert_frame_equal(frame, again)


def test_infinite_numbers_count_as_missing() -> None:
    table = mixed_table()
    table.loc[0, "amount"] = np.inf
    assert np.isnan(input_frame(table, PLAN.features)["amount"][0])


@pytest.mark.parametrize("family", families(PLAN), ids=lambda family: family.name)
def test_a_row_alone_is_encoded_as_in_a_batch(family: object) -> None:
    features = family.features()  # type: ignore[attr-defined]
    features.fit(input_frame(mixed_table(), PLAN.features))
    nulls = dict.fromkeys((column.name for column in PLAN.features), None)
    rows = [nulls, {**nulls, "colour": "unseen"}, {"amount": 3.5, "colour": "red", "joined": "2021-03-04"}, {}]
    together = features.transform(to_frame(rows, PLAN.features))
    alone = np.vstack([features.transform(to_frame([row], PLAN.features)) for row in rows])
    np.testing.assert_array_equal(together, alone)


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
