"""The Open Inference Protocol says what `/api/predict` says, in its own shapes."""

from __future__ import annotations

import gzip
import json
import math
import struct
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from dashapp.factory import create_app
from dashapp.serving.tensors import datatype_of, to_bytes
from dashapp.settings import Settings
from tests.api.served import MODELS, Served, doubtful_rows, live

INFER = "/v2/models/default/infer"
LENGTH = "Inference-Header-Content-Length"


@pytest.fixture(scope="module")
def binary() -> Served:
    return Served("binary")


def as_json(name: str, rows: list[dict[str, Any]], **rest: Any) -> dict[str, Any]:
    """Each column as the metadata describe it, a null where it is missing."""
    inputs = []
    for column in live(name).predictor.inputs:
        datatype = datatype_of(column)
        data = [truth(row[column.name]) if datatype == "BOOL" else row[column.name] for row in rows]
        inputs.append({"name": column.name, "datatype": datatype, "shape": [len(rows), 1], "data": data})
    return {"inputs": inputs, **rest}


def truth(label: Any) -> Any:
    return {"Yes": True, "No": False}.get(label, label)


def as_binary(name: str, rows: list[dict[str, Any]], **rest: Any) -> tuple[bytes, dict[str, str]]:
    """The body and its header; a missing number is NaN, any other missing value an empty text."""
    inputs, parts = [], []
    for column in live(name).predictor.inputs:
        values = [row[column.name] for row in rows]
        datatype = "FP64" if column.kind.is_numeric else "BYTES"
        filled = [math.nan if value is None else value for value in values] if datatype == "FP64" else [value or "" for value in values]
        parts.append(to_bytes(datatype, filled))
        size = {"binary_data_size": len(parts[-1])}
        inputs.append({"name": column.name, "datatype": datatype, "shape": [len(rows)], "parameters": size})
    header = json.dumps({"inputs": inputs, **rest}).encode()
    return header + b"".join(parts), {LENGTH: str(len(header))}


def outputs(answer: Any) -> dict[str, Any]:
    """The outputs as numpy arrays of their shapes, out of JSON or of the bytes behind it."""
    length = int(answer.headers.get(LENGTH, len(answer.data)))
    document, binary, found = json.loads(answer.data[:length]), answer.data[length:], {}
    for output in document["outputs"]:
        data = output.get("data")
        if data is None:
            size = output["parameters"]["binary_data_size"]
            chunk, binary = binary[:size], binary[size:]
            data = np.frombuffer(chunk, "<f8").tolist() if output["datatype"] == "FP64" else unframed(chunk)
        found[output["name"]] = np.array(data).reshape(output["shape"]).tolist()
    assert binary == b""
    return found


def unframed(chunk: bytes) -> list[str]:
    texts = []
    while chunk:
        (length,) = struct.unpack_from("<I", chunk)
        texts.append(chunk[4 : 4 + length].decode())
        chunk = chunk[4 + length :]
    return texts


def same(found: dict[str, Any], expected: list[dict[str, Any]]) -> bool:
    shares = [list(each["probabilities"].values()) for each in expected if "probabilities" in each]
    return bool(found["prediction"] == [each["prediction"] for each in expected] and found.get("probabilities", []) == shares)


@pytest.mark.parametrize("name", MODELS)
def test_json_and_bytes_give_exactly_what_the_api_gives(name: str) -> None:
    served, rows = Served(name), doubtful_rows(name)
    expected = served.expected(rows)
    plain = served.client.post(INFER, data=json.dumps(as_json(name, rows)))
    assert plain.status_code == 200 and same(outputs(plain), expected)
    body, header = as_binary(name, rows, parameters={"binary_data_output": True})
    binary = served.client.post(INFER, data=body, headers=header)
    assert binary.content_type == "application/octet-stream" and same(outputs(binary), expected)
    warnings = json.loads(plain.json["parameters"]["warnings"])
    assert warnings == [{"row": row, **warning} for row, each in enumerate(expected) for warning in each["warnings"]]


def test_one_row_says_its_id_version_and_classes() -> None:
    served = Served("binary")
    answer = served.client.post(INFER, data=json.dumps(as_json("binary", doubtful_rows("binary")[:1], id="seven"))).json
    assert (answer["model_name"], answer["model_version"], answer["id"]) == ("default", "3", "seven")
    assert answer["parameters"] == {"model_id": "m1", "prediction_id": served.answered[-1].id}
    prediction, probabilities = answer["outputs"]
    assert (prediction["datatype"], prediction["shape"]) == ("BYTES", [1])
    assert (probabilities["datatype"], probabilities["shape"]) == ("FP64", [1, 2])
    assert json.loads(probabilities["parameters"]["labels"]) == ["no", "yes"]


def test_other_datatypes_are_taken_where_nothing_is_lost() -> None:
    served = Served("binary")
    (row,) = served.expected([{"amount": 50.5, "visits": 4, "colour": "red", "code": "1", "member": "Yes", "joined": "2021-03-04"}])
    sent = [
        ("amount", "FP32", 50.5),
        ("visits", "INT8", 4),
        ("colour", "BYTES", "red"),
        ("code", "UINT16", 1),
        ("joined", "BYTES", "2021-03-04"),
    ]
    inputs = [{"name": name, "datatype": datatype, "shape": [1, 1], "data": [[value]]} for name, datatype, value in sent]
    for member in ({"datatype": "BYTES", "data": ["Yes"]}, {"datatype": "BOOL", "data": [True]}, {"datatype": "BOOL", "data": [1]}):
        body = {"inputs": [*inputs, {"name": "member", "shape": [1], **member}]}
        assert same(outputs(served.client.post(INFER, data=json.dumps(body))), [row])
    texts = [{"name": each["name"], "datatype": "BYTES", "shape": [1], "data": [str(each["data"][0][0])]} for each in inputs]
    body = {"inputs": [*texts, {"name": "member", "datatype": "BYTES", "shape": [1], "data": ["true"]}]}
    assert same(outputs(served.client.post(INFER, data=json.dumps(body))), [row])


def test_a_bare_nan_and_a_null_are_a_missing_value() -> None:
    served, row = Served("regression"), doubtful_rows("regression")[0]
    expected = served.expected([{**row, "amount": None}])
    for missing in (None, math.nan):
        body = json.dumps(as_json("regression", [{**row, "amount": missing}]))
        assert same(outputs(served.client.post(INFER, data=body)), expected)


def test_extra_inputs_are_ignored_and_missing_ones_predicted_each_with_a_warning() -> None:
    body = as_json("binary", doubtful_rows("binary")[:1])
    body["inputs"][0]["name"] = "other"
    answer = Served("binary").client.post(INFER, data=json.dumps(body)).json
    warnings = json.loads(answer["parameters"]["warnings"])
    assert [(each["code"], each["column"]) for each in warnings] == [("unknown_column", "other"), ("missing_column", "amount")]


@pytest.mark.parametrize(
    ("asked", "parameters", "names", "binary"),
    [
        ([], {}, ["prediction", "probabilities"], []),
        ([{"name": "probabilities"}], {}, ["probabilities"], []),
        ([{"name": "probabilities"}, {"name": "prediction", "parameters": {"binary_data": True}}], {}, ["probabilities", "prediction"],
         ["prediction"]),
        ([{"name": "prediction", "parameters": {"binary_data": False}}], {"binary_data_output": True}, ["prediction"], []),
        (None, {"binary_data_output": True}, ["prediction", "probabilities"], ["prediction", "probabilities"]),
    ],
)  # fmt: skip
def test_outputs_are_given_as_asked_for(asked: Any, parameters: dict[str, Any], names: list[str], binary: list[str]) -> None:
    body = as_json("binary", doubtful_rows("binary"), outputs=asked, parameters=parameters)
    answer = Served("binary").client.post(INFER, data=json.dumps(body))
    document = json.loads(answer.data[: int(answer.headers.get(LENGTH, len(answer.data)))])
    assert [each["name"] for each in document["outputs"]] == names == list(outputs(answer))
    assert [each["name"] for each in document["outputs"] if "data" not in each] == binary


def test_a_classification_names_the_likeliest_labels() -> None:
    served, rows = Served("multiclass"), doubtful_rows("multiclass")
    asked = [{"name": "probabilities", "parameters": {"classification": 2}}]
    found = outputs(served.client.post(INFER, data=json.dumps(as_json("multiclass", rows, outputs=asked))))["probabilities"]
    for row, each in zip(found, served.expected(rows), strict=True):
        ranked = sorted(each["probabilities"].items(), key=lambda pair: -pair[1])[:2]
        codes = list(each["probabilities"])
        assert row == [f"{share!r}:{codes.index(label)}:{label}" for label, share in ranked]


def refused(answer: Any, status: int, words: str) -> bool:
    return bool(answer.status_code == status and list(answer.json) == ["error"] and words in answer.json["error"])


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"inputs": 5}, 400, "list of inputs"),
        ({"inputs": []}, 400, "no rows"),
        ({"id": 5}, 400, "id"),
        ({"parameters": []}, 400, "parameters of the request"),
        ({"outputs": {}}, 200, ""),
        ({"outputs": 5}, 400, "not a list"),
        ({"outputs": ["prediction"]}, 400, "no output 'prediction'"),
        ({"outputs": [{"name": "label"}]}, 400, "prediction and probabilities"),
        ({"outputs": [{"name": "prediction"}] * 2}, 400, "twice"),
        ({"outputs": [{"name": "prediction", "parameters": 5}]}, 400, "parameters of prediction"),
        ({"outputs": [{"name": "prediction", "parameters": {"classification": 1}}]}, 400, "Only probabilities"),
        ({"outputs": [{"name": "probabilities", "parameters": {"classification": -1}}]}, 400, "number of classes"),
        ({"outputs": [{"name": "prediction", "parameters": {"shared_memory_region": "r"}}]}, 400, "shared memory"),
    ],
)
def test_a_bad_request_is_told_in_the_protocols_own_shape(change: dict[str, Any], status: int, words: str) -> None:
    body = as_json("binary", doubtful_rows("binary")[:1]) | change
    answer = Served("binary").client.post(INFER, data=json.dumps(body))
    assert answer.status_code == 200 if status == 200 else refused(answer, status, words)


@pytest.mark.parametrize(("column", "value"), [("amount", "many"), ("amount", math.inf), ("joined", "yesterday"), ("colour", ["red"])])
def test_a_row_that_does_not_fit_names_its_column(column: str, value: Any) -> None:
    rows = doubtful_rows("binary")[:2]
    answer = Served("binary").client.post(INFER, data=json.dumps(as_json("binary", [rows[0], {**rows[1], column: value}])))
    assert refused(answer, 422, f"Row 2 (rows[1]): {column} is ")


@pytest.mark.parametrize("length", ["-1", "x", "1.5", "9" * 30, "²", "999999"])
def test_a_bad_header_length_is_refused(length: str) -> None:
    answer = Served("binary").client.post(INFER, data=b"{}", headers={LENGTH: length})
    assert answer.status_code == 400 and answer.json["error"]


def test_compressed_requests_are_read_and_responses_compressed_as_asked() -> None:
    served, rows = Served("binary"), doubtful_rows("binary")
    body, header = as_binary("binary", rows, parameters={"binary_data_output": True})
    plain = served.client.post(INFER, data=body, headers=header)
    raw = zlib.compressobj(wbits=-15)
    for encoding, sent in (
        ("gzip", gzip.compress(body, mtime=0)),
        ("deflate", zlib.compress(body)),
        ("deflate", raw.compress(body) + raw.flush()),
    ):
        answer = served.client.post(INFER, data=sent, headers={**header, "Content-Encoding": encoding})
        assert outputs(answer) == outputs(plain) and "Content-Encoding" not in answer.headers
    for encoding, decompress in (("gzip", gzip.decompress), ("deflate", zlib.decompress)):
        answer = served.client.post(INFER, data=body, headers={**header, "Accept-Encoding": encoding})
        assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == (encoding, "Accept-Encoding")
        document = json.loads(decompress(answer.data)[: int(answer.headers[LENGTH])])
        assert document["outputs"] == json.loads(plain.data[: int(plain.headers[LENGTH])])["outputs"]
    refusal = served.client.post(INFER, data=b"{", headers={"Accept-Encoding": "gzip"})
    assert refused(refusal, 400, "not valid JSON")


@pytest.mark.parametrize(
    ("encoding", "body", "status", "words"),
    [
        ("gzip", b"{}", 400, "not compressed as its Content-Encoding says"),
        ("deflate", b"{}", 400, "ends too early"),
        ("deflate", b"\xff\xff", 400, "not compressed as its Content-Encoding says"),
        ("gzip", gzip.compress(b"{}" * 1000, mtime=0)[:-9], 400, "ends too early"),
        ("gzip", gzip.compress(b"{}", mtime=0) * 2, 400, "follows its end"),
        ("gzip", gzip.compress(b" " * 100_001, mtime=0), 413, "more than 100,000 bytes"),
        ("deflate", zlib.compress(b" " * 50_000_000), 413, "more than 100,000 bytes"),
        ("br", b"{}", 415, "gzip, deflate"),
        ("gzip, gzip", b"{}", 415, "gzip, deflate"),
        ("", b" " * 100_001, 413, "capacity limit"),
    ],
)
def test_no_body_is_larger_than_the_limit_once_it_is_decompressed(encoding: str, body: bytes, status: int, words: str) -> None:
    client = Served("binary", max_body_bytes=100_000).client
    assert refused(client.post(INFER, data=body, headers={"Content-Encoding": encoding}), status, words)


def test_the_limits_on_rows_and_places_hold() -> None:
    rows = doubtful_rows("binary")[:3]
    assert refused(Served("binary", max_rows=2).client.post(INFER, data=json.dumps(as_json("binary", rows))), 413, "more than the 2")
    busy = Served("binary", at_once=1)
    with busy.predicting.place:
        answer = busy.client.post(INFER, data=json.dumps(as_json("binary", rows)))
    assert refused(answer, 503, "again in a moment") and answer.headers["Retry-After"]


def test_the_model_is_described() -> None:
    client = Served("binary").client
    metadata = client.get("/v2/models/default").json
    assert {each["name"]: each["datatype"] for each in metadata["inputs"]} == {
        "amount": "FP64", "visits": "FP64", "colour": "BYTES", "code": "BYTES", "member": "BOOL", "joined": "BYTES",
    }  # fmt: skip
    assert {tuple(each["shape"]) for each in metadata["inputs"]} == {(-1, 1)} and metadata["versions"] == ["3"]
    prediction, probabilities = metadata["outputs"]
    assert (prediction["datatype"], probabilities["shape"]) == ("BYTES", [-1, 2])
    assert json.loads(probabilities["parameters"]["labels"]) == ["no", "yes"]
    assert client.get("/v2/models/default/versions/3").json == metadata
    assert client.get("/v2/models/default/versions/3/ready").json == {"name": "default", "ready": True}
    config = client.get("/v2/models/default/config").json
    assert [each["data_type"] for each in config["input"]][:3] == ["TYPE_FP64", "TYPE_FP64", "TYPE_STRING"]
    assert client.get("/v2/models").json["total"] == 1
    assert client.post("/v2/repository/index").json == [{"name": "default", "version": "3", "state": "READY", "reason": ""}]
    (only,) = Served("regression").client.get("/v2/models/default").json["outputs"]
    assert only == {"name": "prediction", "datatype": "FP64", "shape": [-1]}


@pytest.mark.parametrize(
    "path",
    ["/v2/models/other", "/v2/models/other/ready", "/v2/models/default/versions/2", "/v2/models/default/versions/2/config",
     "/v2/models/stats"],
)  # fmt: skip
def test_what_is_not_served_is_a_404(path: str) -> None:
    assert refused(Served("binary").client.get(path), 404, "")


@pytest.mark.parametrize("path", ["/v2/models/other/infer", "/v2/models/default/versions/2/infer"])
def test_only_the_live_version_answers(path: str) -> None:
    served, body = Served("binary"), json.dumps(as_json("binary", doubtful_rows("binary")[:1]))
    assert refused(served.client.post(path, data=body), 404, "live")
    assert served.client.post("/v2/models/default/versions/3/infer", data=body).status_code == 200


def test_with_nothing_deployed_the_server_is_live_but_not_ready() -> None:
    client = Served(None).client
    assert client.get("/v2/health/live").status_code == client.get("/v2").status_code == 200
    for answer in (client.get("/v2/health/ready"), client.get("/v2/models/default"), client.post(INFER, data=b"{}")):
        assert refused(answer, 409, "Use This Model")
    assert client.get("/v2/models").json == {"models": [], "total": 0} and client.post("/v2/repository/index").json == []
    assert refused(client.post("/v2/repository/models/default/load"), 400, "/deploy")


def whole(settings: Settings, **changes: Any) -> tuple[Flask, FlaskClient]:
    """The whole application, with a live model that was never registered."""
    server = create_app(replace(settings, **changes)).server
    server.extensions["dashapp"].live_model.current = live("binary")
    return server, server.test_client()


def test_it_works_under_a_prefix_and_is_counted(settings: Settings) -> None:
    server, client = whole(settings, url_prefix="/ml")
    body = json.dumps(as_json("binary", doubtful_rows("binary")[:3]))
    assert client.post(f"/ml{INFER}", data=body).status_code == 200
    assert client.get("/ml/v2/health/ready").status_code == 200
    assert refused(client.get("/ml/v2/nothing"), 404, "/ml/v2/nothing")
    assert refused(client.get(f"/ml{INFER}"), 405, "POST")
    process = server.extensions["dashapp"]
    batch = process.meter.drain(0.0)
    assert batch.predictions == {3: 3} and {each.kind: each.count for each in batch.totals} == {"predict": 2, "api": 2}
    process.services.close()


def test_the_guard_speaks_the_protocol_and_lets_probes_through(settings: Settings) -> None:
    server, client = whole(settings, token="a long enough secret")
    assert refused(client.get("/v2/models/default"), 401, "DASHAPP_TOKEN")
    assert refused(client.post(INFER, headers={"Origin": "http://evil.example"}), 403, "another site")
    assert client.get("/v2/health/live").status_code == client.get("/v2/health/ready").status_code == 200
    assert client.get("/v2/models/default", headers={"Authorization": "Bearer a long enough secret"}).status_code == 200
    server.extensions["dashapp"].services.close()


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
NAMES = some.sampled_from(["amount", "visits", "colour", "code", "member", "joined", "other", ""])
SIZES = some.fixed_dictionaries({"binary_data_size": some.integers(-1, 30)})
TENSOR = some.fixed_dictionaries(
    {
        "name": NAMES,
        "datatype": some.sampled_from(["FP64", "BYTES", "BOOL", "INT8", "?"]),
        "shape": some.sampled_from([[1], [1, 1], [2, 1], [0], []]),
    },
    optional={"data": some.lists(ANYTHING, max_size=2) | ANYTHING, "parameters": SIZES | ANYTHING},
)
BODY = some.fixed_dictionaries(
    {"inputs": some.lists(TENSOR, max_size=7) | ANYTHING}, optional={"id": ANYTHING, "outputs": ANYTHING, "parameters": ANYTHING}
)


@hypothesis_settings(max_examples=100, deadline=None)
@given(BODY | ANYTHING, some.binary(max_size=40), some.none() | some.integers(0, 200))
def test_no_request_ever_makes_a_5xx(binary: Served, body: Any, behind: bytes, length: int | None) -> None:
    header = json.dumps(body).encode()
    headers = {LENGTH: str(len(header) if length is None or length > 150 else length)} if length != 0 else {}
    answer = binary.client.post(INFER, data=header + behind, headers=headers)
    assert answer.status_code < 500 and (answer.status_code == 200 or answer.json["error"])
