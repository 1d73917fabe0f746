"""MLflow's scoring protocol says what `/api/predict` says, in its own shapes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from dashapp import VERSION
from dashapp.factory import create_app
from dashapp.settings import ROOT, Settings
from tests.api.served import MODELS, Served, doubtful_rows, live

PATH = "/invocations"


@pytest.fixture(scope="module")
def binary() -> Served:
    return Served("binary")


def split(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"index": list(range(len(rows))), "columns": list(rows[0]), "data": [list(row.values()) for row in rows]}


def by_column(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def nested(rows: list[dict[str, Any]]) -> list[Any]:
    return [list(row.values()) for row in rows]


def in_the_models_order(name: str) -> list[dict[str, Any]]:
    names = [column.name for column in live(name).predictor.inputs]
    return [{column: row[column] for column in names} for row in doubtful_rows(name)]


def as_csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


BODIES = [
    lambda rows: {"dataframe_split": split(rows)},
    lambda rows: {"dataframe_split": {"data": nested(rows)}},
    lambda rows: {"dataframe_records": rows},
    lambda rows: {"instances": rows},
    lambda rows: {"instances": nested(rows)},
    lambda rows: {"inputs": rows, "params": {"other": 1}},
    lambda rows: {"inputs": by_column(rows), "params": None},
    lambda rows: {"inputs": {name: [[value] for value in values] for name, values in by_column(rows).items()}},
    lambda rows: {"inputs": nested(rows)},
]


@pytest.mark.parametrize("name", MODELS)
def test_every_shape_gives_exactly_what_the_api_gives(name: str) -> None:
    served, rows = Served(name), in_the_models_order(name)
    expected = served.expected(rows)
    warnings = [{"row": row, **warning} for row, each in enumerate(expected) for warning in each["warnings"]]
    for body in BODIES:
        answer = served.client.post(PATH, json=body(rows))
        assert answer.status_code == 200
        assert answer.json == {"predictions": [each["prediction"] for each in expected], "warnings": warnings}
    assert served.client.post(PATH, data=as_csv(rows), content_type="text/csv; charset=utf-8").json == answer.json


def test_an_answer_without_doubts_is_predictions_alone_and_its_headers_name_the_version(binary: Served) -> None:
    rows = in_the_models_order("binary")[:2]
    answer = binary.client.post(PATH, data=json.dumps({"inputs": rows}))
    assert list(answer.json) == ["predictions"] and answer.content_type == "application/json"
    assert (answer.headers["X-Model-Version"], answer.headers["X-Prediction-Id"]) == ("3", binary.answered[-1].id)
    assert (
        answer.json
        == binary.client.post(PATH, data=gzip.compress(json.dumps({"inputs": rows}).encode()), headers={"Content-Encoding": "gzip"}).json
    )


@pytest.mark.parametrize("name", ["binary", "multiclass"])
def test_probabilities_are_given_where_they_are_asked_for(name: str) -> None:
    served, rows = Served(name), in_the_models_order(name)[:3]
    answer = served.client.post(PATH, json={"inputs": rows, "params": {"predict_method": "predict_proba"}}).json
    expected = [each["probabilities"] for each in served.expected(rows)]
    assert answer == {"predictions": [list(each.values()) for each in expected], "labels": list(expected[0])}


def test_a_bare_nan_is_a_missing_value(binary: Served) -> None:
    row = in_the_models_order("binary")[0]
    expected = binary.expected([{**row, "amount": None, "colour": None}])
    body = json.dumps({"dataframe_split": split([{**row, "amount": math.nan, "colour": math.nan}])})
    answer = binary.client.post(PATH, data=body, content_type="application/json").json
    assert answer["predictions"] == [expected[0]["prediction"]] and "warnings" not in answer


def test_one_row_may_come_as_an_object(binary: Served) -> None:
    row = in_the_models_order("binary")[0]
    assert binary.client.post(PATH, json={"inputs": row}).json == binary.client.post(PATH, json={"inputs": [row]}).json


def test_extra_columns_are_ignored_with_one_warning(binary: Served) -> None:
    rows = [{**row, "other": 1} for row in in_the_models_order("binary")[:3]]
    for body in ({"dataframe_split": split(rows)}, {"inputs": by_column(rows)}):
        (warning,) = binary.client.post(PATH, json=body).json["warnings"]
        assert (warning["code"], warning["column"]) == ("unknown_column", "other")


def refused(answer: Any, status: int, code: str, words: str) -> bool:
    return bool(answer.status_code == status and answer.json["error_code"] == code and words in answer.json["message"])


SPLIT = {"columns": ["amount", "visits"], "data": [[1, 2]]}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ([], 400, "exactly one of dataframe_split"),
        ({}, 400, "none of them"),
        ({"columns": ["a"], "data": [[1]]}, 400, "none of them"),
        ({"inputs": [], "instances": []}, 400, "not instances and inputs"),
        ({"inputs": []}, 400, "no rows"),
        ({"inputs": 5}, 400, "not a list of objects"),
        ({"inputs": "text"}, 400, "not a list of objects"),
        ({"inputs": [5]}, 422, "not a list of 6 values"),
        ({"inputs": [[1, 2]]}, 422, "Row 1 (rows[0]) of inputs is not a list of 6 values (amount"),
        ({"inputs": {"amount": [1, 2], "visits": [1]}}, 400, "visits in inputs"),
        ({"inputs": {"amount": [1, 2], "visits": 1}}, 400, "visits in inputs"),
        ({"inputs": {}}, 422, "at least half"),
        ({"inputs": [{}], "params": 5}, 400, "params is not an object"),
        ({"inputs": [{}], "params": {"predict_method": "explain"}}, 400, "predict or predict_proba"),
        ({"inputs": [{}], "params": {"predict_method": []}}, 400, "predict or predict_proba"),
        ({"dataframe_records": {}}, 400, "dataframe_records is not a list"),
        ({"dataframe_records": [5]}, 422, "Row 1 (rows[0]) is not an object"),
        ({"dataframe_split": []}, 400, "not an object with columns and data"),
        ({"dataframe_split": SPLIT | {"columns": [["a"]]}}, 400, "list of names"),
        ({"dataframe_split": SPLIT | {"columns": ["amount", "amount"]}}, 400, "amount stands twice"),
        ({"dataframe_split": SPLIT | {"data": [[1]]}}, 422, "Row 1 (rows[0]) of dataframe_split"),
        ({"dataframe_split": SPLIT}, 422, "at least half"),
    ],
)
def test_a_bad_request_is_told_in_mlflows_own_shape(binary: Served, body: Any, status: int, words: str) -> None:
    code = "BAD_REQUEST" if status == 400 else "INVALID_PARAMETER_VALUE"
    assert refused(binary.client.post(PATH, json=body), status, code, words)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"amount,visits\n", "no rows"),
        (b"\xff\xfe", "UTF-8"),
        (b"amount,amount\n1,2\n", "twice"),
        (b"amount,visits\n1\n", "not a list of 2 values"),
        (b'a\n"' + b"x" * 200_000, "cannot be read"),
    ],
)
def test_a_bad_csv_is_told(binary: Served, body: bytes, words: str) -> None:
    answer = binary.client.post(PATH, data=body, content_type="text/csv")
    assert answer.status_code in (400, 422) and words in answer.json["message"]


@pytest.mark.parametrize("content_type", ["application/vnd.apache.parquet", "text/plain", "application/json; charset=utf-16"])
def test_other_content_types_are_a_415(binary: Served, content_type: str) -> None:
    assert refused(binary.client.post(PATH, data=b"{}", content_type=content_type), 415, "BAD_REQUEST", "text/csv")


def test_a_row_that_does_not_fit_names_its_column(binary: Served) -> None:
    rows = in_the_models_order("binary")[:2]
    body = {"dataframe_records": [rows[0], {**rows[1], "amount": "many"}]}
    assert refused(binary.client.post(PATH, json=body), 422, "INVALID_PARAMETER_VALUE", "Row 2 (rows[1]): amount is 'many'")


def test_a_regression_has_no_probabilities() -> None:
    body = {"inputs": in_the_models_order("regression")[:1], "params": {"predict_method": "predict_proba"}}
    assert refused(Served("regression").client.post(PATH, json=body), 400, "BAD_REQUEST", "no probabilities")


def test_a_model_of_one_column_takes_a_flat_list() -> None:
    from dashapp.serving.scoring import read_json

    assert read_json(b'{"inputs": [1, 2]}', ["x"], 10).rows == [{"x": 1}, {"x": 2}]


def test_the_limits_on_rows_and_places_hold() -> None:
    rows = in_the_models_order("binary")[:3]
    few = Served("binary", max_rows=2).client
    for body in BODIES:
        assert refused(few.post(PATH, json=body(rows)), 413, "BAD_REQUEST", "more than the 2")
    assert refused(few.post(PATH, data=as_csv(rows), content_type="text/csv"), 413, "BAD_REQUEST", "more than the 2")
    small = Served("binary", max_body_bytes=1000).client
    assert refused(small.post(PATH, data=b" " * 1001), 413, "BAD_REQUEST", "capacity limit")
    busy = Served("binary", at_once=1)
    with busy.predicting.place:
        answer = busy.client.post(PATH, json={"inputs": rows})
    assert refused(answer, 503, "TEMPORARILY_UNAVAILABLE", "again in a moment") and answer.headers["Retry-After"]


def test_probes_are_answered_and_nothing_deployed_is_a_409() -> None:
    client = Served(None).client
    assert (client.get("/ping").status_code, client.get("/version").text) == (200, VERSION)
    assert refused(client.post(PATH, json={"inputs": []}), 409, "RESOURCE_CONFLICT", "Use This Model")


def test_the_version_is_the_projects() -> None:
    assert f'\nversion = "{VERSION}"\n' in (ROOT / "pyproject.toml").read_text()


def test_the_whole_application_counts_it_guards_it_and_names_the_right_method(settings: Settings) -> None:
    server = create_app(settings).server
    process, client = server.extensions["dashapp"], server.test_client()
    process.live_model.current = live("binary")
    assert client.post(PATH, json={"inputs": in_the_models_order("binary")[:3]}).status_code == 200
    assert refused(client.get(PATH), 405, "BAD_REQUEST", "POST")
    assert refused(client.post(PATH, headers={"Origin": "http://evil.example"}), 403, "PERMISSION_DENIED", "another site")
    batch = process.meter.drain(0.0)
    assert batch.predictions == {3: 3} and [each.kind for each in batch.totals] == ["predict"]
    process.services.close()


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(["amount", "columns", "data", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
FORM = some.sampled_from(["dataframe_split", "dataframe_records", "instances", "inputs", "params"])


@hypothesis_settings(max_examples=100, deadline=None)
@given(some.dictionaries(FORM, ANYTHING, max_size=2) | ANYTHING, some.sampled_from(["application/json", "text/csv", ""]))
def test_no_request_ever_makes_a_5xx(binary: Served, body: Any, content_type: str) -> None:
    answer = binary.client.post(PATH, data=json.dumps(body).encode(), content_type=content_type)
    assert answer.status_code < 500 and (answer.status_code == 200 or answer.json["message"])
