"""The schema describes the row that the model takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from dashapp.datasets.dataset import ColumnKind, Reading, WrittenAs
from dashapp.datasets.read import read_table
from dashapp.serving.predictor import compile_predictor
from dashapp.serving.rows import RowReader
from dashapp.serving.schema import example_row, json_schema
from dashapp.training.result import TrainedModel
from dashapp.training.run import InputColumn
from tests.conftest import DATA
from tests.serving.test_written import inputs_of, rows_of


def test_the_example_is_predicted_without_a_warning(model: TrainedModel) -> None:
    (found,) = compile_predictor(model).predict([example_row(model.inputs)])
    assert found.warnings == []


def test_schema_says_types_and_what_was_seen(binary: TrainedModel) -> None:
    schema = json.loads(json.dumps(json_schema(binary.inputs, example_row(binary.inputs))))
    properties = schema["properties"]
    assert schema["$schema"].endswith("2020-12/schema") and list(properties) == [column.name for column in binary.inputs]
    assert properties["amount"]["type"] == ["number", "string", "boolean", "null"]
    assert "001" in properties["code"]["examples"] and "enum" not in properties["code"]
    assert properties["joined"]["type"] == ["string", "null"]
    assert schema["examples"][0].keys() == properties.keys()


CLEAN = sorted(DATA.glob("*.csv"))


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.stem)
def test_the_served_schema_is_valid_and_so_are_its_example_and_the_files_own_rows(path: Path) -> None:
    table, profile = read_table(path)
    inputs = inputs_of(table, profile)
    schema = json.loads(json.dumps(json_schema(inputs, example_row(inputs), labels=("a", "b"))))
    Draft202012Validator.check_schema(schema)
    check = Draft202012Validator(schema)
    check.validate(schema["examples"][0])
    check.validate(dict.fromkeys(schema["properties"]))
    for row in rows_of(path, Reading()):
        check.validate(row)
    assert schema["x-labels"] == ["a", "b"]
    assert RowReader(inputs).read(schema["examples"][0])[1] == []


def test_the_ways_of_writing_are_described() -> None:
    number = InputColumn("x", ColumnKind.NUMBER, written=WrittenAs(decimal=",", is_percent_divided=True))
    date = InputColumn("d", ColumnKind.DATETIME, written=WrittenAs(day_first=True, has_number_dates=True))
    found = json_schema([number, date], {})["properties"]
    assert "1.234,5" in found["x"]["description"] and "12 % is 0.12" in found["x"]["description"]
    assert "day first" in found["d"]["description"] and "number" in found["d"]["type"]
