"""A model as plain data: the encoder of its rows and the members that look at them; to arrays that hold no objects, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.serving.common_row import CommonRow
from dashapp.serving.encoder import NAN, Ramp, RowEncoder
from dashapp.serving.format_1 import is_format_1, read_format_1
from dashapp.serving.members import LinearMember, Member, Members, TreeMember, assembled, coefficients
from dashapp.serving.read_features import read_features
from dashapp.serving.terms import TextReader
from dashapp.serving.trees import Arrays, Splits, Trees
from dashapp.serving.walk import walk_of
from dashapp.training.features import FloatArray
from dashapp.training.run import InputColumn


@dataclass(frozen=True, slots=True)
class Compiled:
    encoder: RowEncoder
    members: Members

    def answer(self, rows: Sequence[Sequence[Any]]) -> FloatArray:
        """Values as `RowReader` gives them -> probabilities `[n, classes]`, or values `[n, 1]`."""
        return self.members.outputs(np.array([self.encoder.encode(values) for values in rows], dtype=np.float64))


def compile_blend(blend: Any, inputs: Sequence[InputColumn], is_classification: bool) -> Compiled:
    """From a fitted `training.parts.Blend`; raises `NotCompilable`."""
    row = CommonRow()
    estimators = [pipeline.named_steps["model"] for pipeline in blend.members]
    columns = [
        read_features(pipeline.named_steps["features"], inputs, row, coefficients(estimator))
        for pipeline, estimator in zip(blend.members, estimators, strict=True)
    ]
    encoder = row.encoder()
    temperature = float(blend.temperature) if is_classification else None
    return Compiled(encoder, assembled(estimators, columns, len(encoder.template), blend.weights, temperature))


def to_arrays(compiled: Compiled) -> dict[str, NDArray[Any]]:
    """Of what `compile_blend` gives; `from_arrays` is the inverse."""
    members = compiled.members
    arrays: dict[str, NDArray[Any]] = {"weights": np.array(members.weights)}
    if members.temperature is not None:
        arrays["temperature"] = np.array(members.temperature)
    if isinstance(members.trees, Trees):
        arrays |= _tree_arrays(members.trees)
    for number, member in enumerate(members.members):
        names = LinearMember.__slots__ if isinstance(member, LinearMember) else TreeMember.__slots__
        arrays |= {f"member{number}_{name}": _narrow(getattr(member, name)) for name in names}
    encoder = compiled.encoder
    for number, (_, reader) in enumerate(encoder.texts):
        arrays[f"text{number}_idf"] = reader.idf
        arrays |= {f"text{number}_added{at}": matrix for at, (_, matrix) in enumerate(reader.added)}
    arrays["encoder"] = np.frombuffer(json.dumps(_written(encoder), allow_nan=False).encode(), dtype=np.uint8)
    return arrays


def from_arrays(arrays: Arrays) -> Compiled:
    if is_format_1(arrays):
        encoder, read = read_format_1(arrays)
        return Compiled(encoder, replace(read, trees=walk_of(read.trees)) if isinstance(read.trees, Trees) else read)
    count = len(arrays["weights"])
    temperature = float(arrays["temperature"]) if "temperature" in arrays else None
    trees = walk_of(_trees(arrays)) if "trees_left" in arrays else None
    members = Members(trees, tuple(_member(arrays, number) for number in range(count)), tuple(arrays["weights"].tolist()), temperature)
    return Compiled(_encoder(json.loads(arrays["encoder"].tobytes()), arrays), members)


def _narrow(value: Any) -> NDArray[Any]:
    """Whole numbers in 32 bits."""
    array = np.asarray(value)
    return array.astype(np.int32) if array.dtype.kind == "i" else array


def _tree_arrays(trees: Trees) -> dict[str, NDArray[Any]]:
    names = [name for name in Trees.__slots__ if name != "splits"]
    arrays = {f"trees_{name}": _narrow(getattr(trees, name)) for name in names}
    for number, split in enumerate(trees.splits):
        arrays[f"split{number}_place"] = np.array(split.place)
        arrays[f"split{number}_goes_right"] = split.goes_right
    return arrays


def _trees(arrays: Arrays) -> Trees:
    count = sum(name.endswith("_goes_right") for name in arrays)
    return Trees(
        width=int(arrays["trees_width"]),
        feature=arrays["trees_feature"],
        threshold=arrays["trees_threshold"],
        left=arrays["trees_left"],
        leaf=arrays["trees_leaf"],
        deeper=tuple(arrays["trees_deeper"].astype(int).tolist()),
        trees=int(arrays["trees_trees"]),
        splits=tuple(Splits(int(arrays[f"split{at}_place"]), arrays[f"split{at}_goes_right"]) for at in range(count)),
        zero_is_missing=bool(arrays["trees_zero_is_missing"]),
    )


def _member(arrays: Arrays, number: int) -> Member:
    found = {name.split("_", 1)[1]: value for name, value in arrays.items() if name.startswith(f"member{number}_")}
    link = int(found["link"])
    if "coefficients" in found:
        return LinearMember(found["places"].astype(np.intp), found["coefficients"], found["intercepts"], link)
    return TreeMember(found["trees"].astype(np.intp), found["values"], found["baseline"], link)


def _written(encoder: RowEncoder) -> dict[str, Any]:
    texts = [
        [at, {"options": reader.options, "places": reader.places, "characters": reader.characters, "added": [to for to, _ in reader.added]}]
        for at, reader in encoder.texts
    ]
    names = ("template", "plain", "scaled", "flags", "labels", "dates", "ramps")
    return {name: _without_nan(getattr(encoder, name)) for name in names} | {"texts": texts}


def _without_nan(value: Any) -> Any:
    """None for NaN, which JSON does not have; ramps as what they are made from."""
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, Ramp):
        value = (value.at, value.place, value.fill, value.edges, value.means, value.scales)
    if isinstance(value, Mapping):
        return {key: _without_nan(each) for key, each in value.items()}
    return [_without_nan(each) for each in value] if isinstance(value, list | tuple) else value


def _with_nan(value: Any) -> Any:
    """The inverse of `_without_nan`."""
    if value is None:
        return NAN
    if isinstance(value, dict):
        return {key: tuple(_with_nan(each)) for key, each in value.items()}
    return [_with_nan(each) for each in value] if isinstance(value, list) else value


def _encoder(data: Any, arrays: Arrays) -> RowEncoder:
    known = {name: _with_nan(value) for name, value in data.items() if name != "texts"}
    known["ramps"] = [Ramp(*each) for each in known["ramps"]]
    known["dates"] = [(at, scaled, flags, [Ramp(*each) for each in ramps]) for at, scaled, flags, ramps in known["dates"]]
    texts = [
        (
            at,
            TextReader(
                text["options"],
                text["places"],
                arrays[f"text{number}_idf"],
                text["characters"],
                [(to, arrays[f"text{number}_added{place}"]) for place, to in enumerate(text["added"])],
            ),
        )
        for number, (at, text) in enumerate(data["texts"])
    ]
    return RowEncoder(**known, texts=texts)
