"""The schema describes the row that the model takes."""

from __future__ import annotations

import json

from dashapp.serving.predictor import compile_predictor
from dashapp.serving.schema import example_row, json_schema
from dashapp.training.result import TrainedModel


def test_the_example_is_predicted_without_a_warning(model: TrainedModel) -> None:
    (found,) = compile_predictor(model).predict([example_row(model.inputs)])
    assert found.warnings == []


def test_schema_says_types_and_what_was_seen(binary: TrainedModel) -> None:
    schema = json.loads(json.dumps(json_schema(binary.inputs, example_row(binary.inputs))))
    properties = schema["properties"]
    assert schema["$schema"].endswith("2020-12/schema") and list(properties) == [column.name for column in binary.inputs]
    assert properties["amount"]["type"] == ["number", "null"]
    assert "001" in properties["code"]["examples"] and "enum" not in properties["code"]
    assert properties["joined"]["type"] == ["string", "null"]
    assert schema["examples"][0].keys() == properties.keys()
