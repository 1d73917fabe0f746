"""The compiled arrays of artifacts of format 1: one estimator, whose row was laid out by its own encoder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.serving.encoder import Dates, Flag, Labels, RowEncoder, Scaled
from dashapp.serving.members import LinearMember, Member, Members, TreeMember
from dashapp.serving.read_trees import in_double_precision
from dashapp.serving.trees import Arrays, Splits, Trees

# Place, what replaces NaN, mean, scale, place of the missing flag or -1, the flag when present and when missing.
_Number = Sequence[Any]


def is_format_1(arrays: Arrays) -> bool:
    return "weights" not in arrays


def read_format_1(arrays: Arrays) -> tuple[RowEncoder, Members]:
    data = json.loads(arrays["encoder"].tobytes())
    width, link = int(data["width"]), int(arrays["link"])
    trees: Trees | None = None
    member: Member
    if "coefficients" in arrays:
        member = LinearMember(np.arange(width), np.asarray(arrays["coefficients"]), np.asarray(arrays["intercepts"]), link)
    else:
        trees = _trees(arrays, width)
        member = TreeMember(np.arange(trees.trees), np.asarray(arrays["values"]), np.asarray(arrays["baseline"]), link)
    return _encoder(data), Members(trees, (member,), (1.0,), None)


def _encoder(data: Any) -> RowEncoder:
    scaled, flags = _numbers(data["numbers"])
    labels: list[Labels] = [
        (at, place, {label: tuple(floats) for label, floats in table.items()}, tuple(missing), tuple(unseen))
        for at, (place, table, missing, unseen) in data["categories"]
    ]
    dates: list[Dates] = [(at, *_numbers(list(enumerate(parts))), ()) for at, parts in data["dates"]]
    return RowEncoder([0.0] * int(data["width"]), (), scaled, flags, labels, dates)


def _numbers(numbers: Sequence[tuple[int, _Number]]) -> tuple[list[Scaled], list[Flag]]:
    scaled: list[Scaled] = [(at, place, fill, mean, scale) for at, (place, fill, mean, scale, *_) in numbers]
    flags: list[Flag] = [(at, flag, present, missing) for at, (_, _, _, _, flag, present, missing) in numbers if flag >= 0]
    return scaled, flags


def _trees(arrays: Arrays, width: int) -> Trees:
    left = arrays["left"].astype(np.int32)
    trees, depth = int(arrays["trees"]), int(arrays["depth"])
    threshold = np.asarray(arrays["threshold"])
    feature = arrays["feature"].astype(np.intp)
    is_number = (feature < 2 * width) & (left != np.arange(len(left)))
    if bool(arrays["is_single_precision"]):
        doubled = np.minimum(in_double_precision(threshold), np.finfo(np.float64).max)
        threshold = np.where(is_number, doubled, threshold)
    splits, columns = _splits(arrays["split_feature"].astype(np.intp), arrays["goes_right"])
    is_split = feature >= 2 * width
    feature[is_split] = 2 * width + columns[feature[is_split] - 2 * width]
    return Trees(
        width=width,
        feature=feature.astype(np.int32),
        threshold=threshold,
        left=left,
        leaf=np.arange(len(left), dtype=np.int32),
        deeper=(trees,) * depth,
        trees=trees,
        splits=splits,
    )


def _splits(places: NDArray[np.intp], goes_right: NDArray[np.uint8]) -> tuple[tuple[Splits, ...], NDArray[np.intp]]:
    """The splits by place, and the new column of each. The last of the 256 codes stood for a missing value."""
    columns = np.empty(len(places), dtype=np.intp)
    order = np.argsort(places, kind="stable")
    columns[order] = np.arange(len(places))
    found = [Splits(int(place), np.ascontiguousarray(goes_right[:, places == place])) for place in np.unique(places)]
    return tuple(found), columns
