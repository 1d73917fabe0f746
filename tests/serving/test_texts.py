"""Texts, categories of many values, and numbers that are taken apart: what is compiled reads them as the pipeline does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dashapp.datasets.dataset import Task
from dashapp.serving.compiled import Compiled, compile_blend, from_arrays, to_arrays
from dashapp.serving.predictor import compile_arrays, compile_predictor
from dashapp.serving.rows import RowReader
from dashapp.training.families.family import output_of
from dashapp.training.features import to_frame
from dashapp.training.result import TrainedModel
from tests.serving.blends import WORDS, a_wordy_blend

MODELS = [(task, kinds) for task in (Task.MULTICLASS, Task.REGRESSION) for kinds in (("linear",), ("forest", "boosting", "linear"))]

sentence = some.lists(some.sampled_from([*WORDS, "LATE", "unseen", ".", "\n", "late,good"]), max_size=12).map(" ".join)
text = some.none() | sentence | some.text(min_size=1, max_size=40) | some.just("late " * 2_000)
number = some.none() | some.floats(-3e38, 3e38) | some.sampled_from([0.0, -0.0, 1.0, 1e-300, 16_777_217.0])
ROWS = some.fixed_dictionaries(
    {
        "note": text,
        "ort": text | some.text("東京大阪 ", min_size=1, max_size=9),
        "city": some.none() | some.integers(0, 130).map(lambda at: f"city {at}"),
        "skewed": number | some.floats(0, 100),
        "huge": some.none() | some.integers(2**53 - 20, 2**53 + 20) | some.integers(-(2**70), 2**70),
        "single": number,
        "when": some.none() | some.datetimes().map(lambda moment: moment.isoformat()),
    }
)


@pytest.fixture(scope="module", params=MODELS, ids=lambda pair: f"{pair[0]}-{'+'.join(pair[1])}")
def wordy(request: pytest.FixtureRequest) -> tuple[TrainedModel, Compiled]:
    task, kinds = request.param
    model = a_wordy_blend(task, *kinds, temperature=1.2)
    return model, from_arrays(to_arrays(compile_blend(model.model, model.inputs, task.is_classification)))


@settings(max_examples=30, deadline=None)
@given(rows=some.lists(ROWS, min_size=1, max_size=4))
def test_compiled_equals_the_pipeline(wordy: tuple[TrainedModel, Compiled], rows: list[Mapping[str, Any]]) -> None:
    model, compiled = wordy
    reader = RowReader(model.inputs)
    read = [reader.read(row)[0] for row in rows]
    taken = [dict(zip((column.name for column in model.inputs), values, strict=True)) for values in read]
    expected = output_of(model.plan.task, model.model, to_frame(taken, model.inputs)).reshape(len(rows), -1)
    # A linear model of a huge number answers with a huge one.
    allowed = 1e-9 * np.maximum(1.0, np.abs(expected))
    for found in (compiled.answer(read), np.vstack([compiled.answer([values]) for values in read])):
        assert (np.abs(found - expected) <= allowed).all()


def test_it_is_found_to_be_exact(wordy: tuple[TrainedModel, Compiled]) -> None:
    assert compile_arrays(wordy[0]) is not None


def test_an_unseen_value_among_many_is_predicted_with_a_warning(wordy: tuple[TrainedModel, Compiled]) -> None:
    predictor = compile_predictor(wordy[0])
    seen, unseen = predictor.predict(
        [wordy[0].check_rows[0] | {"city": city, "note": "never written before"} for city in ("city 1", "Atlantis")]
    )
    assert [each["code"] for each in seen.warnings] == []
    assert [(each["code"], each["column"]) for each in unseen.warnings] == [("unseen_category", "city")]
