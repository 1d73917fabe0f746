"""The compiled model gives the pipeline's own answers, whatever is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline

from dashapp.datasets.dataset import Task
from dashapp.errors import InvalidRow
from dashapp.models import artifact_format
from dashapp.serving import predictor as predictors
from dashapp.serving.compiled import compile_blend
from dashapp.serving.members import LinearMember
from dashapp.serving.predictor import Predictor, RowPrediction, compile_arrays, compile_predictor, load_predictor
from dashapp.training.families.family import output_of
from dashapp.training.features import to_frame
from dashapp.training.parts import Blend
from dashapp.training.result import Bands, Threshold, TrainedModel
from tests.serving.blends import a_blend
from tests.training.tables import mixed_plan

INPUTS = mixed_plan(Task.BINARY).features
EXAMPLE = {"amount": 40.0, "visits": 3, "colour": "red", "code": "001", "member": "Yes", "joined": "2021-05-06"}

number = some.none() | some.floats(-1e6, 1e6) | some.sampled_from([0.0, -0.0, 50.0, 1e30])
ROWS = some.fixed_dictionaries(
    {
        "amount": number,
        "visits": some.none() | some.integers(-5, 20),
        "colour": some.sampled_from([None, "red", "green", "blue", "none of these", "unseen", "Ünïcode"]),
        "code": some.sampled_from([None, "001", "1", "02", "7", "0001"]),
        "member": some.sampled_from([None, "Yes", "No", "Perhaps"]),
        "joined": some.none() | some.datetimes().map(lambda moment: moment.isoformat()),
    }
)


def answers(predictions: list[RowPrediction]) -> NDArray[np.float64]:
    return np.array([[*each.probabilities.values()] if each.probabilities else [each.prediction] for each in predictions], dtype=np.float64)


def pipeline_answers(model: TrainedModel, rows: list[Mapping[str, Any]]) -> NDArray[np.float64]:
    return output_of(model.plan.task, model.model, to_frame(rows, model.inputs)).reshape(len(rows), -1)


def test_every_family_and_task_is_compiled(model: TrainedModel) -> None:
    assert compile_predictor(model).is_exact


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=some.lists(ROWS, min_size=1, max_size=4))
def test_compiled_equals_the_pipeline_one_row_at_a_time_and_together(model: TrainedModel, rows: list[Mapping[str, Any]]) -> None:
    predictor = _compiled(model)
    expected = pipeline_answers(model, rows)
    allowed = 1e-9 * max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(answers(predictor.predict(rows)), expected, rtol=0, atol=allowed)
    alone = np.vstack([answers(predictor.predict([row])) for row in rows])
    np.testing.assert_allclose(alone, expected, rtol=0, atol=allowed)


_COMPILED: dict[tuple[str, str], Predictor] = {}


def _compiled(model: TrainedModel) -> Predictor:
    """Not by the model's identity: a model that was freed hands it on to the next."""
    key = model.plan.task.value, model.candidate
    if key not in _COMPILED:
        _COMPILED[key] = compile_predictor(model)
    return _COMPILED[key]


def test_predictions_are_the_pipelines_labels(binary: TrainedModel) -> None:
    rows = list(binary.check_rows)
    expected = binary.model.predict(to_frame(rows, binary.inputs)).tolist()
    predictions = compile_predictor(binary).predict(rows)
    assert [each.prediction for each in predictions] == expected
    assert all(each.probabilities is not None and list(each.probabilities) == ["no", "yes"] for each in predictions)


def test_a_big_batch_is_answered_in_portions(model: TrainedModel) -> None:
    rows = [*model.check_rows] * 30
    found = answers(compile_predictor(model).predict(rows))
    np.testing.assert_allclose(found, np.tile(model.check_outputs, (30, 1)), rtol=1e-9, atol=1e-9)


def test_no_rows_no_predictions(binary: TrainedModel) -> None:
    assert compile_predictor(binary).predict([]) == []


def test_round_trip_through_the_artifact(model: TrainedModel, tmp_path: Path) -> None:
    artifact_format.dump(model, tmp_path / "model.zip", compile_arrays(model))
    stored = artifact_format.load(tmp_path / "model.zip")
    loaded = load_predictor(stored)
    assert loaded.is_exact and loaded.inputs == model.inputs and loaded.labels == model.labels
    np.testing.assert_allclose(answers(loaded.predict(model.check_rows)), model.check_outputs, rtol=1e-9, atol=1e-9)
    from_file = output_of(stored.task, stored.pipeline(), to_frame(stored.check_rows, stored.inputs)).reshape(len(stored.check_rows), -1)
    np.testing.assert_array_equal(from_file, stored.check_outputs)


def test_serves_through_the_pipeline_where_the_compiled_form_is_missing_or_wrong(binary: TrainedModel, tmp_path: Path) -> None:
    arrays = compile_arrays(binary)
    assert arrays is not None
    wrong = {**arrays, "member0_intercepts": arrays["member0_intercepts"] + 0.5}
    short = {name: array for name, array in arrays.items() if name != "member1_values"}
    for compiled in (None, wrong, short):
        artifact_format.dump(binary, tmp_path / "model.zip", compiled)
        loaded = load_predictor(artifact_format.load(tmp_path / "model.zip"))
        assert not loaded.is_exact
        np.testing.assert_allclose(answers(loaded.predict(binary.check_rows)), binary.check_outputs, atol=1e-12)
        assert [each.warnings for each in loaded.predict([EXAMPLE])] == [[]]


def test_a_compiled_form_that_differs_is_not_used(binary: TrainedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_blend = predictors.compile_blend

    def off_by_a_little(*given: Any) -> Any:
        compiled = compile_blend(*given)
        linear, boosted = compiled.members.members
        assert isinstance(linear, LinearMember)
        members = (replace(linear, intercepts=linear.intercepts + 1e-6), boosted)
        return replace(compiled, members=replace(compiled.members, members=members))

    monkeypatch.setattr(predictors, "compile_blend", off_by_a_little)
    assert compile_arrays(binary) is None
    assert not compile_predictor(binary).is_exact


@pytest.mark.parametrize("labels", [("no", "yes", "no", "no"), ("a", "a", "b", "b")])
def test_an_estimator_of_another_kind_is_served_by_the_pipeline(binary: TrainedModel, labels: tuple[str, ...]) -> None:
    features = binary.model.members[0].named_steps["features"]
    dummy = DummyClassifier().fit(np.zeros((4, 1)), labels)
    blend = Blend([Pipeline([("features", features), ("model", dummy)])], [1.0])
    other = replace(binary, model=blend, labels=tuple(sorted(set(labels))))
    predictor = compile_predictor(other)
    assert not predictor.is_exact
    (found,) = predictor.predict([EXAMPLE])
    assert found.probabilities == {label: labels.count(label) / 4 for label in other.labels}


def test_numbers_beyond_a_model_are_refused_by_row() -> None:
    predictor = Predictor(INPUTS, (), lambda rows: np.array([[1.0], [np.inf], [np.nan]]), True)
    with pytest.raises(InvalidRow, match="too large") as caught:
        predictor.predict([EXAMPLE] * 3, first=5)
    assert caught.value.details["row"] == 6


@pytest.mark.parametrize("label", ["no", "yes"])
def test_a_threshold_decides_which_label_is_called(label: str, tmp_path: Path) -> None:
    model = a_blend(Task.BINARY, "boosting", threshold=Threshold(label, 0.2, "F1", 0.4, 0.6))
    artifact_format.dump(model, tmp_path / "model.zip", compile_arrays(model))
    other = {"no": "yes", "yes": "no"}[label]
    for predictor in (compile_predictor(model), load_predictor(artifact_format.load(tmp_path / "model.zip"))):
        found = predictor.predict(model.check_rows)
        called = [label if (each.probabilities or {})[label] >= 0.2 else other for each in found]
        assert [each.prediction for each in found] == called
        likeliest = [max(each.probabilities or {}, key=lambda name: (each.probabilities or {})[name]) for each in found]
        assert called != likeliest


def test_a_regression_with_bands_gives_an_interval_by_its_value(tmp_path: Path) -> None:
    model = a_blend(Task.REGRESSION, "linear", bands=Bands(0.9, (60.0, 100.0), (-1.0, -2.0, -3.0), (4.0, 5.0, 6.0)))
    artifact_format.dump(model, tmp_path / "model.zip", compile_arrays(model))
    places = set()
    for each in load_predictor(artifact_format.load(tmp_path / "model.zip")).predict(model.check_rows):
        assert isinstance(each.prediction, float)
        place = 0 if each.prediction < 60 else 1 if each.prediction < 100 else 2
        assert each.interval == (each.prediction - 1 - place, each.prediction + 4 + place)
        places.add(place)
    assert places == {0, 1, 2}


def test_without_bands_there_is_no_interval(model: TrainedModel) -> None:
    assert all(each.interval is None for each in compile_predictor(model).predict(model.check_rows))


def test_what_members_have_in_common_is_encoded_once() -> None:
    alone = compile_blend(a_blend(Task.BINARY, "forest").model, INPUTS, True)
    twice = compile_blend(a_blend(Task.BINARY, "forest", "extra").model, INPUTS, True)
    assert len(twice.encoder.template) == len(alone.encoder.template)
    assert twice.members.trees is not None and twice.members.trees.trees == 16
