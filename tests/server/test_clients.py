"""The public clients of both inference protocols, unchanged, against the running server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import requests

from tests.conftest import DATA
from tests.server.running import GUNICORN, Server, running
from tests.waiting import wait_until

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose live model has numbers, whole numbers, words, texts and missing values."""
    with running(GUNICORN, tmp_path_factory.mktemp("clients"), workers="1") as started:
        dataset = started.upload(DATA / "titanic.csv")
        run = started.wait_for_run(started.train(dataset["id"], budget_s=2)["id"])
        with _triton(started) as client:
            assert client.is_server_live() and not client.is_server_ready() and not client.is_model_ready("default")
        started.post(f"/api/models/{run['model_id']}/deploy")
        wait_until(lambda: requests.get(f"{started.url}/api/schema", timeout=30).ok, timeout_s=5)
        yield started


@pytest.fixture(scope="module")
def rows(server: Server) -> list[dict[str, Any]]:
    """Rows of the file as `/api/predict` takes them, nulls among them."""
    columns = [each["name"] for each in server.get("/v2/models/default")["inputs"]]
    table = pd.read_csv(DATA / "titanic.csv", keep_default_na=True)[columns].head(40)
    return json.loads(table.to_json(orient="records"))


@pytest.fixture(scope="module")
def expected(server: Server, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return server.post("/api/predict", json={"rows": rows})["predictions"]


def _triton(server: Server) -> Any:
    from tritonclient.http import InferenceServerClient

    return InferenceServerClient(server.url.removeprefix("http://"), concurrency=2)


def inputs(server: Server, rows: list[dict[str, Any]], is_binary: bool) -> list[Any]:
    """The tensors that the metadata ask for."""
    from tritonclient.http import InferInput

    with _triton(server) as client:
        described = client.get_model_metadata("default")["inputs"]
    found = []
    for each in described:
        column = [row[each["name"]] for row in rows]
        values = np.array(column, dtype=np.float64 if each["datatype"] == "FP64" else np.object_).reshape(-1, 1)
        found.append(InferInput(each["name"], list(values.shape), each["datatype"]).set_data_from_numpy(values, binary_data=is_binary))
    return found


def assert_same(result: Any, expected: list[dict[str, Any]]) -> None:
    labels = json.loads(result.get_output("probabilities")["parameters"]["labels"])
    found = [each.decode() if isinstance(each, bytes) else each for each in result.as_numpy("prediction").tolist()]
    assert found == [each["prediction"] for each in expected]
    shares = [dict(zip(labels, each, strict=True)) for each in result.as_numpy("probabilities").tolist()]
    assert shares == [each["probabilities"] for each in expected]


def test_tritonclient_describes_the_model(server: Server) -> None:
    with _triton(server) as client:
        assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("default")
        assert client.is_model_ready("default", "1") and not client.is_model_ready("default", "2")
        assert not client.is_model_ready("other")
        assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
        metadata = client.get_model_metadata("default")
        assert [each["name"] for each in metadata["outputs"]] == ["prediction", "probabilities"]
        assert [each["name"] for each in client.get_model_config("default")["input"]] == [each["name"] for each in metadata["inputs"]]
        assert client.get_model_repository_index() == [{"name": "default", "version": "1", "state": "READY", "reason": ""}]


@pytest.mark.parametrize("is_binary", [True, False], ids=["bytes", "json"])
@pytest.mark.parametrize("algorithm", [None, "gzip", "deflate"])
def test_tritonclient_gets_the_apis_own_answers(
    server: Server, rows: list[dict[str, Any]], expected: list[dict[str, Any]], is_binary: bool, algorithm: str | None
) -> None:
    from tritonclient.http import InferRequestedOutput

    outputs = [InferRequestedOutput(name, binary_data=is_binary) for name in ("prediction", "probabilities")]
    with _triton(server) as client:
        result = client.infer(
            "default",
            inputs(server, rows, is_binary),
            request_id="seven",
            outputs=outputs,
            request_compression_algorithm=algorithm,
            response_compression_algorithm=algorithm,
        )
    assert_same(result, expected)
    response = result.get_response()
    assert (response["id"], response["model_version"]) == ("seven", "1")


def test_tritonclient_infers_without_waiting_and_with_the_outputs_left_to_the_server(
    server: Server, rows: list[dict[str, Any]], expected: list[dict[str, Any]]
) -> None:
    with _triton(server) as client:
        sent = [client.async_infer("default", inputs(server, rows, True), model_version="1") for _ in range(4)]
        for each in sent:
            assert_same(each.get_result(), expected)


def test_tritonclient_for_asyncio_gets_compressed_answers(
    server: Server, rows: list[dict[str, Any]], expected: list[dict[str, Any]]
) -> None:
    """It says that it takes gzip and deflate in every request, and reads errors as they come."""
    from tritonclient.http.aio import InferenceServerClient
    from tritonclient.utils import InferenceServerException

    async def ask() -> Any:
        async with InferenceServerClient(server.url.removeprefix("http://")) as client:
            assert await client.is_model_ready("default")
            with pytest.raises(InferenceServerException, match="no model named other"):
                await client.infer("other", sent)
            return await client.infer("default", sent)

    sent = inputs(server, rows, True)
    assert_same(asyncio.run(ask()), expected)


def test_tritonclient_asks_for_a_classification(server: Server, rows: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    from tritonclient.http import InferRequestedOutput

    with _triton(server) as client:
        asked = [InferRequestedOutput("probabilities", class_count=1)]
        found = client.infer("default", inputs(server, rows, True), outputs=asked).as_numpy("probabilities")
    likeliest = [max(each["probabilities"], key=each["probabilities"].get) for each in expected]
    assert [each[0].decode().split(":", 2)[2] for each in found.tolist()] == likeliest


def test_tritonclient_raises_the_sentence(server: Server, rows: list[dict[str, Any]]) -> None:
    from tritonclient.http import InferInput
    from tritonclient.utils import InferenceServerException

    sent = inputs(server, rows[:2], True)
    name = sent[0].name()
    bad = InferInput(name, [2, 1], "BYTES").set_data_from_numpy(np.array([["?"], ["not at all"]], dtype=np.object_))
    with _triton(server) as client:
        for compression in (None, "gzip"):
            with pytest.raises(InferenceServerException, match=rf"Row 2 \(rows\[1\]\): {name} is 'not at all', but a number") as caught:
                client.infer("default", [bad, *sent[1:]], response_compression_algorithm=compression)
            assert caught.value.status() == "422"
        for refused in (
            lambda: client.infer("other", sent),
            lambda: client.get_model_metadata("default", "9"),
            lambda: client.get_inference_statistics(),
            lambda: client.load_model("default"),
            lambda: client.get_trace_settings(),
        ):
            with pytest.raises(InferenceServerException, match=r"[A-Z].*\."):
                refused()


@pytest.fixture(scope="module")
def mlflow_client(server: Server) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        patch.setenv("DO_NOT_TRACK", "true")
        from mlflow.pyfunc.scoring_server.client import ScoringServerClient

        host, port = server.url.removeprefix("http://").split(":")
        yield ScoringServerClient(host, port)


def test_mlflows_client_gets_the_apis_own_answers(mlflow_client: Any, rows: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    mlflow_client.ping()
    mlflow_client.wait_server_ready(timeout=5)
    assert mlflow_client.get_version()
    table = pd.DataFrame(rows)
    labels = [each["prediction"] for each in expected]
    for data in (table, table.to_numpy(dtype=np.object_), rows):
        assert mlflow_client.invoke(data)["predictions"] == labels
    assert mlflow_client.invoke(table).get_predictions()[0].tolist() == labels
    found = mlflow_client.invoke(table, params={"predict_method": "predict_proba"})
    assert [dict(zip(found["labels"], each, strict=True)) for each in found["predictions"]] == [each["probabilities"] for each in expected]


def test_mlflows_client_raises_the_sentence(mlflow_client: Any, rows: list[dict[str, Any]]) -> None:
    number = next(name for name, value in rows[0].items() if isinstance(value, float | int))
    with pytest.raises(Exception, match=rf"error code 422.*INVALID_PARAMETER_VALUE.*Row 1 \(rows\[0\]\): {number} is"):
        mlflow_client.invoke([{**rows[0], number: "not at all"}])


def test_no_server_error_was_logged(server: Server) -> None:
    assert "Traceback" not in Path(server.log).read_text()
