"""`/openapi.json` is true: it has every route and no other, and the answers are what it says."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from dashapp.factory import create_app
from dashapp.settings import Settings
from tests.conftest import DATA

NO_ROUTES = ("nothing_here", "not_built")
NOT_OFFERED = ("refused_change", "refused_statistics")
ROUTES = r"/(api|v2|invocations|ping|version|health|metrics|openapi\.json)\b"


def routes(server: Flask) -> set[str]:
    """Method and path of all that is answered to programs."""
    found = set()
    for rule in server.url_map.iter_rules():
        if re.match(ROUTES, rule.rule) and not rule.endpoint.endswith(NO_ROUTES + NOT_OFFERED):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule).rstrip("/")
            found |= {f"{method} {path}" for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return found


def described(document: dict[str, Any]) -> set[str]:
    return {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}


def test_the_document_is_valid_with_and_without_a_live_model(live_server: Flask, client: FlaskClient) -> None:
    for each in (live_server.test_client(), client):
        document = each.get("/openapi.json").json
        assert document["openapi"].startswith("3.1")
        validate(document)


def test_every_route_is_described_and_nothing_else(server: Flask, client: FlaskClient) -> None:
    assert described(client.get("/openapi.json").json) == routes(server)


def test_every_component_is_used(client: FlaskClient) -> None:
    text = client.get("/openapi.json").get_data(as_text=True)
    named = re.findall(r'"#/components/(?:schemas|responses)/(\w+)"', text)
    components = client.get("/openapi.json").json["components"]
    assert set(named) == {*components["schemas"], *components["responses"]}


def test_the_live_models_columns_stand_in_the_request(live_server: Flask) -> None:
    client = live_server.test_client()
    schemas = client.get("/openapi.json").json["components"]["schemas"]
    assert list(schemas["Row"]["properties"]) == list(client.get("/api/schema").json["properties"])
    assert client.post("/api/predict", json=schemas["Rows"]["examples"][0]).json["predictions"][0]["warnings"] == []
    sheet = client.post("/api/predict", data=schemas["CsvRows"]["examples"][0], content_type="text/csv")
    assert sheet.status_code == 200


def test_a_prefix_and_a_token_stand_in_the_document(settings: Settings) -> None:
    server = create_app(replace(settings, url_prefix="/ml", token="a long secret")).server
    client = server.test_client()
    assert client.get("/ml/openapi.json").status_code == 401
    document = client.get("/ml/openapi.json", headers={"Authorization": "Bearer a long secret"}).json
    server.extensions["dashapp"].services.close()
    assert document["servers"] == [{"url": "/ml"}] and document["security"] == [{"bearer": []}]
    assert "/api/predict" in document["paths"] and document["paths"]["/health"]["get"]["security"] == []


class Checked:
    """A client that holds each answer against the document."""

    def __init__(self, server: Flask) -> None:
        self._client = server.test_client()
        self._document = self._client.get("/openapi.json").json
        self.seen: set[str] = set()

    def ask(self, key: str, status: int, query: Any = None, **options: Any) -> Any:
        """`key` is method and path as the document has it; what stands in braces is taken from `options`."""
        method, path = key.split(" ")
        names = re.findall(r"{(\w+)}", path)
        answer = self._client.open(path.format(**{name: options.pop(name) for name in names}), method=method, query_string=query, **options)
        assert answer.status_code == status, answer.text
        self._check(self._document["paths"][path][method.lower()], answer)
        self.seen.add(key)
        return answer.json if answer.is_json else answer

    def _check(self, operation: Any, answer: Any) -> None:
        said = operation["responses"].get(str(answer.status_code), operation["responses"]["default"])
        if "$ref" in said:
            said = self._document["components"]["responses"][said["$ref"].rsplit("/", 1)[1]]
        assert bool(said.get("content")) == bool(answer.data)
        if answer.data:
            schema = said["content"][answer.mimetype].get("schema", {})
            if "zip" in answer.mimetype:
                return
            value = answer.json if answer.mimetype.endswith("json") else answer.text
            root = {**schema, "components": self._document["components"]}
            jsonschema.Draft202012Validator(root, format_checker=jsonschema.FormatChecker()).validate(value)


def test_real_answers_are_as_the_document_says(live_server: Flask) -> None:
    ask = Checked(live_server).ask
    dataset = ask("POST /api/datasets", 201, {"name": "cars.csv"}, data=(DATA / "auto_mpg_qmark.csv").read_bytes())["id"]
    ask("POST /api/datasets", 200, data={"file": (io.BytesIO((DATA / "auto_mpg_qmark.csv").read_bytes()), "c.csv")})
    ask("POST /api/datasets", 422, data=b"")
    ask("GET /api/datasets", 200)
    ask("GET /api/datasets/{dataset_id}", 200, dataset_id=dataset)
    ask("PATCH /api/datasets/{dataset_id}", 200, dataset_id=dataset, json={"drop_duplicates": True, "skipped_lines": None})
    ask("PATCH /api/datasets/{dataset_id}", 422, dataset_id=dataset, json={"columns": {"none": {"use": False}}})
    ask("GET /api/datasets/{dataset_id}/rows", 200, {"limit": 3}, dataset_id=dataset)
    ask("GET /api/datasets/{dataset_id}/report", 200, dataset_id=dataset)
    ask("POST /api/plan", 200, json={"dataset_id": dataset})
    ask("POST /api/plan", 422, json={"dataset_id": dataset, "target": "none"})
    run = ask("POST /api/runs", 202, json={"dataset_id": dataset, "budget_s": 60})["id"]
    ask("POST /api/runs", 400, json={"dataset_id": dataset, "budget_s": 0})
    ask("GET /api/runs/{run_id}", 200, run_id=run)
    ask("POST /api/runs/{run_id}/cancel", 202, run_id=run, json={"keep_best": True})
    ask("POST /api/runs/{run_id}/cancel", 409, run_id=run)
    for each in ask("GET /api/runs", 200)["runs"]:  # with those that were trained
        ask("GET /api/runs/{run_id}", 200, run_id=each["id"])
    ask("DELETE /api/datasets/{dataset_id}", 204, dataset_id=dataset)
    ask("GET /api/datasets/{dataset_id}", 404, dataset_id=dataset)


def test_real_answers_of_models_are_as_the_document_says(live_server: Flask) -> None:
    ask = Checked(live_server).ask
    newer, older = ask("GET /api/models", 200)["models"]
    row = ask("GET /api/schema", 200)["examples"][0]
    ask("GET /api/models/{model_id}", 200, model_id=older["id"])
    ask("GET /api/models/{model_id}", 404, model_id="none")
    ask("GET /api/models/{model_id}/explanation", 200, model_id=newer["id"])
    ask("POST /api/models/{model_id}/explanation", 200, model_id=newer["id"], json={"row": row})
    ask("POST /api/models/{model_id}/explanation", 422, model_id=newer["id"], json={"row": {}})
    ask("GET /api/models/{model_id}/export", 200, model_id=newer["id"])
    ask("DELETE /api/models/{model_id}", 409, model_id=newer["id"])
    ask("GET /api/models/{model_id}/gate", 200, model_id=older["id"])
    ask("POST /api/models/{model_id}/deploy", 200, model_id=older["id"], json={"anyway": True, "reason": "to go back from"})
    ask("POST /api/deployments/rollback", 200)
    ask("GET /api/deployments", 200)


def test_real_predictions_are_as_the_document_says(live_server: Flask) -> None:
    ask = Checked(live_server).ask
    row = ask("GET /api/schema", 200)["examples"][0]
    ask("POST /api/predict", 200, json={"rows": [row, {**row, "more": 1}]})
    ask("POST /api/predict", 200, {"explain": "true"}, json=row)
    ask("POST /api/predict", 200, json={"rows": [row], "explain": True})
    ask("POST /api/predict", 422, json={})
    ask("POST /api/predict", 400, data=b"{")
    ask("POST /api/predict", 200, data="\n".join([",".join(row), ",".join(map(str, row.values()))]), content_type="text/csv")
    ask("POST /invocations", 200, json={"dataframe_records": [row], "params": {"predict_method": "predict_proba"}})
    ask("POST /invocations", 400, json={})
    ask("POST /invocations", 415, data=b"x", content_type="text/plain")
    tensors = [{"name": name, "shape": [1, 1], "datatype": "FP64", "data": [value]} for name, value in row.items()]
    for path, given in (("", {}), ("/versions/{version}", {"version": str(ask("GET /api/models", 200)["models"][0]["version"])})):
        ask(f"GET /v2/models/{{name}}{path}", 200, name="default", **given)
        ask(f"GET /v2/models/{{name}}{path}/ready", 200, name="default", **given)
        ask(f"GET /v2/models/{{name}}{path}/config", 200, name="default", **given)
        ask(f"POST /v2/models/{{name}}{path}/infer", 200, name="default", json={"inputs": tensors}, **given)
    ask("GET /v2/models/{name}", 404, name="other")
    ask("POST /v2/models/{name}/infer", 400, name="default", data=b"[")
    ask("POST /v2/repository/index", 200)


def test_real_answers_of_the_ledger_are_as_the_document_says(live_server: Flask) -> None:
    ask = Checked(live_server).ask
    older = ask("GET /api/models", 200)["models"][1]
    ask("GET /api/predictions", 200, {"limit": 2, "with_warnings": "true"})
    ask("GET /api/predictions/{prediction_id}", 404, prediction_id="none")
    ask("POST /api/replay", 200, json={"model_id": older["id"]})
    ask("POST /api/feedback", 200, json=[{"prediction_id": "none", "actual": "setosa"}])
    ask("POST /api/feedback", 200, data="prediction_id,actual\nnone,setosa\n", content_type="text/csv")
    ask("POST /api/feedback", 400, json={"actual": 1})
    ask("GET /api/feedback", 200)
    ask("PUT /api/challenger", 404, json={"model_id": "none"})
    ask("GET /api/challenger", 200)
    ask("DELETE /api/challenger", 204)


ABOUT = (
    "/health /ping /version /v2 /v2/models /v2/health/live /v2/health/ready /api/status /api/health /api/system/resources /api/trends "
    "/api/events /openapi.json /api/docs /metrics"
)


@pytest.mark.parametrize("path", ABOUT.split())
def test_real_answers_about_the_install_are_as_the_document_says(live_server: Flask, path: str) -> None:
    Checked(live_server).ask(f"GET {path}", 200)


def test_a_parameter_that_is_out_of_bounds_is_told_as_the_document_says(live_server: Flask) -> None:
    ask = Checked(live_server).ask
    ask("GET /api/trends", 400, {"metric": "none"})
    ask("GET /api/events", 400, {"limit": 0})
