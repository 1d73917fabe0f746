"""Requests and responses of the Open Inference Protocol: their JSON, the bytes behind it, and the rows and answers within."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from dashapp.errors import InvalidRequest
from dashapp.serving.answered import Answered
from dashapp.serving.loose_json import parse_loosely
from dashapp.serving.predictor import Predictor, RowPrediction
from dashapp.serving.request_warnings import request_warnings
from dashapp.serving.tensors import BYTES, Columns, read_tensors, to_bytes

MODEL_NAME = "default"
PREDICTION = "prediction"
PROBABILITIES = "probabilities"


@dataclass(frozen=True, slots=True)
class WantedOutput:
    """`classes` above 0 asks for so many of the likeliest labels as texts, instead of the tensor."""

    name: str
    is_binary: bool
    classes: int = 0


@dataclass(frozen=True, slots=True)
class InferRequest:
    """`id` is the caller's own."""

    id: str | None
    columns: Columns
    outputs: tuple[WantedOutput, ...]

    def rows(self) -> list[Mapping[str, Any]]:
        if not self.columns.values:
            return [{} for _ in range(self.columns.rows)]
        names = tuple(self.columns.values)
        return [dict(zip(names, values, strict=True)) for values in zip(*self.columns.values.values(), strict=True)]


@dataclass(frozen=True, slots=True)
class InferResponse:
    """`header` is JSON; `binary` follows it in the body, and is None where no output is binary."""

    header: bytes
    binary: bytes | None


def output_names(predictor: Predictor) -> tuple[str, ...]:
    return (PREDICTION, PROBABILITIES) if predictor.labels else (PREDICTION,)


def read_request(body: bytes, header_length: int | None, predictor: Predictor, most_rows: int) -> InferRequest:
    """`header_length` is how many bytes of the body are JSON; None: all. Raises `InvalidRequest`, `InvalidRow` or `TooLarge`."""
    if header_length is not None and header_length > len(body):
        raise InvalidRequest(f"The body has {len(body):,} bytes, fewer than the {header_length:,} of its JSON.")
    split_at = len(body) if header_length is None else header_length
    document = parse_loosely(body[:split_at])
    if not isinstance(document, dict) or not isinstance(document.get("inputs"), list):
        raise InvalidRequest("The request is not an object with a list of inputs.")
    id = document.get("id")
    if id is not None and not isinstance(id, str):
        raise InvalidRequest("The id of the request is not a text.")
    known = {column.name for column in predictor.inputs}
    columns = read_tensors(document["inputs"], body[split_at:], known, most_rows)
    return InferRequest(id, columns, _wanted(document, predictor))


def _wanted(document: Mapping[str, Any], predictor: Predictor) -> tuple[WantedOutput, ...]:
    is_binary = _parameters(document, "the request").get("binary_data_output") is True
    names = output_names(predictor)
    asked = document.get("outputs")
    if not asked:
        return tuple(WantedOutput(name, is_binary) for name in names)
    if not isinstance(asked, list):
        raise InvalidRequest("The outputs of the request are not a list.")
    wanted = tuple(_output(each, names, is_binary) for each in asked)
    if len({each.name for each in wanted}) < len(wanted):
        raise InvalidRequest("An output is asked for twice; ask for each once.")
    return wanted


def _output(asked: Any, names: Sequence[str], is_binary: bool) -> WantedOutput:
    if not isinstance(asked, dict) or asked.get("name") not in names:
        name = asked.get("name") if isinstance(asked, dict) else asked
        raise InvalidRequest(f"This model has no output {str(name)[:80]!r}; its outputs are {' and '.join(names)}.")
    parameters = _parameters(asked, asked["name"])
    if "shared_memory_region" in parameters:
        raise InvalidRequest(f"{asked['name']} is to be put into shared memory, which this server does not write.")
    classes = parameters.get("classification", 0)
    if type(classes) is not int or classes < 0:
        raise InvalidRequest(f"The classification of {asked['name']} is not a number of classes.")
    if classes and asked["name"] != PROBABILITIES:
        raise InvalidRequest(f"Only {PROBABILITIES} can be given as a classification, not {asked['name']}.")
    return WantedOutput(asked["name"], parameters.get("binary_data", is_binary) is True, classes)


def _parameters(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = holder.get("parameters")
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise InvalidRequest(f"The parameters of {name} are not an object.")
    return found


def write_response(request: InferRequest, predictor: Predictor, answered: Answered) -> InferResponse:
    """The protocol's parameters are texts, numbers and booleans, so that `labels` and `warnings` are JSON within a text."""
    parts: list[bytes] = []
    outputs = []
    for wanted in request.outputs:
        datatype, shape, values = _tensor(wanted, predictor.labels, answered.predictions)
        parameters: dict[str, Any] = {}
        if wanted.name == PROBABILITIES:
            parameters["labels"] = orjson.dumps(predictor.labels).decode()
        output: dict[str, Any] = {"name": wanted.name, "datatype": datatype, "shape": shape}
        if wanted.is_binary:
            parts.append(to_bytes(datatype, values))
            parameters["binary_data_size"] = len(parts[-1])
        else:
            output["data"] = values
        if parameters:
            output["parameters"] = parameters
        outputs.append(output)
    document: dict[str, Any] = {"model_name": MODEL_NAME, "model_version": str(answered.version)}
    if request.id is not None:
        document["id"] = request.id
    document["parameters"] = {"model_id": answered.model_id, "prediction_id": answered.id}
    if warnings := request_warnings(request.columns.ignored, answered.predictions):
        document["parameters"]["warnings"] = orjson.dumps(warnings).decode()
    document["outputs"] = outputs
    return InferResponse(orjson.dumps(document), b"".join(parts) if parts else None)


def _tensor(wanted: WantedOutput, labels: Sequence[str], predictions: Sequence[RowPrediction]) -> tuple[str, list[int], list[Any]]:
    """Datatype, shape and flat values."""
    if wanted.name == PREDICTION:
        return BYTES if labels else "FP64", [len(predictions)], [each.prediction for each in predictions]
    shares = [list((each.probabilities or {}).values()) for each in predictions]
    if not wanted.classes:
        return "FP64", [len(predictions), len(labels)], [share for row in shares for share in row]
    kept = min(wanted.classes, len(labels))
    ranked = [sorted(enumerate(row), key=lambda pair: -pair[1])[:kept] for row in shares]
    return BYTES, [len(predictions), kept], [f"{share!r}:{code}:{labels[code]}" for row in ranked for code, share in row]
