"""What a model learned from, in short: exact where it is said, small, and the same after JSON."""

from __future__ import annotations

import numpy as np
import orjson
import pandas as pd
import pytest

from dashapp.datasets.dataset import ColumnKind, Task
from dashapp.monitoring.reference import (
    GROUPS,
    MOST_CHARACTERS,
    MOST_LABELS,
    MOST_POINTS,
    column_reference,
    group_of,
    labels,
    ordered,
    prediction_reference,
    read_reference,
    reference_document,
    reference_of,
    sizes_of,
)
from dashapp.training.features import input_frame, to_frame
from dashapp.training.run import InputColumn


def test_few_values_are_kept_as_they_are() -> None:
    found = ordered(np.array([2.0, 1.0, np.nan, 2.0, 5.0, np.inf]))
    assert (found.points, found.below, found.upto, found.missing, found.rows) == ((1.0, 2.0, 5.0), (0, 1, 3), (1, 3, 4), 2, 6)
    assert found.shares.tolist() == pytest.approx([2 / 6, 2 / 6, 3 / 6, 3 / 6, 5 / 6, 5 / 6, 1.0])


def test_of_many_values_quantiles_are_kept_with_their_exact_counts() -> None:
    values = np.concatenate([np.zeros(5_000), np.random.default_rng(0).standard_cauchy(15_000)])
    found = ordered(values)
    assert 100 < len(found.points) <= MOST_POINTS
    assert list(found.upto) == [int((values <= point).sum()) for point in found.points]
    assert list(found.below) == [int((values < point).sum()) for point in found.points]
    assert (found.points[0], found.points[-1], found.upto[-1]) == (values.min(), values.max(), 20_000)
    steps = np.diff(found.upto, prepend=0)
    assert sorted(steps)[-2] <= 2 * 20_000 / MOST_POINTS and steps.max() >= 5_000


@pytest.mark.parametrize("values", [[], [np.nan] * 3])
def test_nothing_but_missing_values_is_a_law_too(values: list[float]) -> None:
    found = ordered(np.array(values))
    assert (found.points, found.missing, found.rows) == ((), len(values), len(values))


def test_the_commonest_labels_are_kept_and_the_others_in_groups() -> None:
    found = labels([None, *(f"label {place}" for place in range(500)), "\x00", "😀", "😀"])
    assert len(found.counts) == MOST_LABELS and found.counts["😀"] == 2
    assert sum(found.counts.values()) + sum(found.others) + found.missing == found.rows == 504
    assert found.single == 501 and len(found.others) == GROUPS
    outside = [label for label in (f"label {place}" for place in range(500)) if label not in found.counts]
    assert found.others[3] == sum(group_of(label) == 3 for label in outside)


@pytest.mark.parametrize("label", ["", "\x00", "é😀", "\ud800", "a" * 10_000])
def test_any_label_has_a_group(label: str) -> None:
    assert 0 <= group_of(label) < GROUPS


def test_dates_are_seconds_and_texts_their_length() -> None:
    dates = to_frame([{"at": "1970-01-02T00:00:00"}, {"at": None}], [InputColumn("at", ColumnKind.DATETIME)])["at"]
    found = column_reference(InputColumn("at", ColumnKind.DATETIME), dates).ordered
    assert found is not None and (found.points, found.missing) == ((86_400.0,), 1)
    assert sizes_of(["", "ab", None, "x" * 20_000], ColumnKind.TEXT).tolist()[:2] == [0.0, 2.0]
    assert np.isnan(sizes_of([None], ColumnKind.TEXT))[0] and sizes_of(["x" * 20_000], ColumnKind.TEXT)[0] == MOST_CHARACTERS


INPUTS = (
    InputColumn("amount", ColumnKind.NUMBER),
    InputColumn("plan", ColumnKind.CATEGORY, labels=("free", "\x00")),
    InputColumn("at", ColumnKind.DATETIME),
    InputColumn("note", ColumnKind.TEXT),
)


def test_a_reference_is_the_same_after_json() -> None:
    table = pd.DataFrame(
        {
            "amount": [1.5, np.nan, np.inf],
            "plan": pd.array(["free", "\x00", None], dtype="str"),
            "at": pd.to_datetime(["2026-01-01", None, "9999-12-31"]).astype("datetime64[us]"),
            "note": pd.array([None, "😀", "a\nb"], dtype="str"),
        }
    )
    answers = prediction_reference(["a", "c"], "grade", Task.MULTICLASS, ("a", "b", "c"))
    found = reference_of(input_frame(table, INPUTS), INPUTS, answers, answers, "words")
    assert read_reference(orjson.loads(orjson.dumps(reference_document(found)))) == found
    assert [column.missing_share for column in found.columns] == pytest.approx([2 / 3, 1 / 3, 1 / 3, 1 / 3])
    assert found.prediction is not None and found.prediction.labels is not None
    assert found.prediction.labels.counts == {"a": 1, "c": 1} and found.prediction.name == "predicted grade"


def test_the_answers_of_two_classes_are_probabilities() -> None:
    found = prediction_reference([0.25, 0.5, 0.25], "churn", Task.BINARY, ("no", "yes"))
    assert found is not None and found.ordered is not None
    assert (found.name, found.kind, found.ordered.points) == ('probability of "yes"', "prediction", (0.25, 0.5))
    assert prediction_reference([], "churn", Task.BINARY, ("no", "yes")) is None


def test_a_reference_of_a_wide_table_stays_small() -> None:
    wide = [InputColumn(f"c{place}", ColumnKind.NUMBER) for place in range(300)]
    chance = np.random.default_rng(0)
    table = pd.DataFrame({column.name: chance.normal(size=2_000) for column in wide})
    assert len(orjson.dumps(reference_document(reference_of(input_frame(table, wide), wide, None)))) < 2_000_000
