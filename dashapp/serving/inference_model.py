"""The live model as the Open Inference Protocol describes it: metadata, configuration, index."""

from __future__ import annotations

from typing import Any

import orjson

from dashapp.serving.inference import MODEL_NAME, PREDICTION, PROBABILITIES
from dashapp.serving.live import LivePredictor
from dashapp.serving.predictor import Predictor
from dashapp.serving.tensors import BYTES, datatype_of

PLATFORM = "dashapp"
EXTENSIONS = ("binary_tensor_data", "classification", "model_configuration")


def model_metadata(live: LivePredictor) -> dict[str, Any]:
    """The order of the classes stands in the parameters of `probabilities`, as JSON within a text like in each response."""
    predictor = live.predictor
    inputs = [{"name": column.name, "datatype": datatype_of(column), "shape": [-1, 1]} for column in predictor.inputs]
    return {"name": MODEL_NAME, "versions": [str(live.version)], "platform": PLATFORM, "inputs": inputs, "outputs": _outputs(predictor)}


def _outputs(predictor: Predictor) -> list[dict[str, Any]]:
    if not predictor.labels:
        return [{"name": PREDICTION, "datatype": "FP64", "shape": [-1]}]
    labels = {"labels": orjson.dumps(predictor.labels).decode()}
    return [
        {"name": PREDICTION, "datatype": BYTES, "shape": [-1]},
        {"name": PROBABILITIES, "datatype": "FP64", "shape": [-1, len(predictor.labels)], "parameters": labels},
    ]


def model_config(live: LivePredictor) -> dict[str, Any]:
    """As the protocol's model configuration extension has it."""
    metadata = model_metadata(live)

    def tensors(which: str) -> list[dict[str, Any]]:
        return [{"name": each["name"], "data_type": _config_type(each["datatype"]), "dims": each["shape"]} for each in metadata[which]]

    return {
        "name": MODEL_NAME,
        "platform": PLATFORM,
        "backend": PLATFORM,
        "version_policy": {"specific": {"versions": [live.version]}},
        "max_batch_size": 0,
        "input": tensors("inputs"),
        "output": tensors("outputs"),
    }


def _config_type(datatype: str) -> str:
    return "TYPE_STRING" if datatype == BYTES else f"TYPE_{datatype}"


def model_index(live: LivePredictor | None) -> list[dict[str, str]]:
    """One entry for what is live; none where nothing is."""
    return [] if live is None else [{"name": MODEL_NAME, "version": str(live.version), "state": "READY", "reason": ""}]
