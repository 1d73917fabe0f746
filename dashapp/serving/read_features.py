"""A fitted ColumnTransformer -> cells of the common row.

Encoders of categories are not imitated but asked: every label, an unseen one and a missing one go through the fitted encoder once, and
the answers become a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from dashapp.serving.common_row import CommonRow, FittedText, Source
from dashapp.serving.encoder import NAN, NotCompilable
from dashapp.serving.members import Columns
from dashapp.training.features import DATE_PARTS, FloatArray
from dashapp.training.parts import DateParts
from dashapp.training.run import InputColumn

_UNSEEN = "\x00unseen"
_ROWS = 5_000
# A column with fewer different quantiles stays one number.
_FEWEST_EDGES = 3


def read_features(features: Any, inputs: Sequence[InputColumn], row: CommonRow, linear: FloatArray | None) -> Columns:
    """Lay out what the fitted preprocessing gives; `linear` are the coefficients of the model behind it, where it is linear. Raises
    `NotCompilable`."""
    ats = {column.name: at for at, column in enumerate(inputs)}
    kept: list[int] = []
    places: list[int] = []
    folded: list[list[int]] = []
    width = 0
    for _, fitted, names in features.transformers_:
        if isinstance(fitted, str) and fitted == "drop":
            continue
        columns = [ats[str(name)] for name in names]
        words = getattr(fitted, "readers_", None)
        if words is not None:
            found, size = _folded(fitted, columns, row, width, linear)
            folded.append(found)
        else:
            laid = _block(fitted, columns, [str(name) for name in names], row)
            size = len(laid)
            kept += range(width, width + size)
            places += laid
        width += size
    return Columns(np.array(kept, dtype=np.intp), np.array(places, dtype=np.intp), tuple(np.array(each, dtype=np.intp) for each in folded))


def _block(fitted: Any, columns: Sequence[int], names: Sequence[str], row: CommonRow) -> list[int]:
    """The places of a block's columns, in their order."""
    steps = [step for _, step in getattr(fitted, "steps", [("", fitted)])]
    if hasattr(steps[0], "categories_"):
        return _categories(fitted, steps[0].categories_, columns, names, row)
    if hasattr(steps[0], "components_") and hasattr(steps[0], "words_") and len(steps) == 1:
        return _topics(steps[0], columns, row)
    if isinstance(steps[0], DateParts):
        return _dates(steps[1:], columns, row)
    if steps[0] == "passthrough" or (type(steps[0]).__name__ == "FunctionTransformer" and steps[0].func is None):
        return [row.number(at) for at in columns]
    return _numbers(steps, [Source(at) for at in columns], row)


def _dates(steps: Sequence[Any], columns: Sequence[int], row: CommonRow) -> list[int]:
    parts = [Source(part, at) for at in columns for part in range(len(DATE_PARTS))]
    return _numbers(steps, parts, row) if steps else [row.scaled(part, NAN, 0.0, 1.0) for part in parts]


def _numbers(steps: Sequence[Any], sources: Sequence[Source], row: CommonRow) -> list[int]:
    """Numbers whose gaps are filled, each then perhaps taken apart into ramps, and scaled; the flags of what was missing come last."""
    names = [type(step).__name__ for step in steps]
    if names not in (["SimpleImputer", "StandardScaler"], ["SimpleImputer", "Ramps", "StandardScaler"]):
        raise NotCompilable(f"the steps {names} have no compiled form")
    fill, scale = steps[0], steps[-1]
    means, scales = scale.mean_.tolist(), scale.scale_.tolist()
    flagged: list[int] = [] if fill.indicator_ is None else fill.indicator_.features_.tolist()
    edges = [tuple(each.tolist()) for each in getattr(steps[1], "edges_", ())] or [()] * (len(sources) + len(flagged))
    laid: list[int] = []
    for source, median, known in zip(sources, np.nan_to_num(fill.statistics_).tolist(), edges, strict=False):
        at, end = len(laid), len(laid) + len(known) - 1
        if len(known) < _FEWEST_EDGES:
            laid.append(row.scaled(source, median, means[at], scales[at]))
        else:
            first = row.ramps(source, median, known, tuple(means[at:end]), tuple(scales[at:end]))
            laid += range(first, first + end - at)
    if any(len(known) >= _FEWEST_EDGES for known in edges[len(sources) :]):
        raise NotCompilable("a flag of missing values was taken apart")
    for number in flagged:
        mean, size = means[len(laid)], scales[len(laid)]
        laid.append(row.flag(sources[number], (0.0 - mean) / size, (1.0 - mean) / size))
    return laid


def _categories(encoder: Any, known: Sequence[Any], columns: Sequence[int], names: Sequence[str], row: CommonRow) -> list[int]:
    """Each column is varied alone, the others missing: the outputs that change are its own."""
    labels = [[label for label in each if isinstance(label, str)] for each in known]
    start = _asked(encoder, names, [{}])[0]
    owner: dict[int, int] = {}
    laid: dict[int, int] = {}
    for number, (at, name) in enumerate(zip(columns, names, strict=True)):
        answers = _asked(encoder, names, [{name: label} for label in [*labels[number], _UNSEEN]])
        own = np.flatnonzero(~((answers == start) | (np.isnan(answers) & np.isnan(start))).all(axis=0)).tolist()
        if any(owner.setdefault(place, number) != number for place in own):
            raise NotCompilable("two columns have a part in one output")
        if not own:
            continue
        cells = [tuple(answer) for answer in answers[:, own].tolist()]
        table = dict(zip(labels[number], cells, strict=False))
        first = row.labels(at, table, tuple(start[own].tolist()), cells[-1])
        for shift, place in enumerate(own):
            laid[place] = first + shift
    return [laid[place] if place in laid else row.constant(value) for place, value in enumerate(start.tolist())]


def _asked(encoder: Any, names: Sequence[str], rows: Sequence[Mapping[str, str]]) -> FloatArray:
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in _answers(encoder, names, rows)])


def _answers(encoder: Any, names: Sequence[str], rows: Sequence[Mapping[str, str]]) -> Iterator[Any]:
    for first in range(0, len(rows), _ROWS):
        portion = rows[first : first + _ROWS]
        yield encoder.transform(pd.DataFrame({name: pd.array([each.get(name) for each in portion], dtype="str") for name in names}))


def _topics(topics: Any, columns: Sequence[int], row: CommonRow) -> list[int]:
    matrix = np.asarray(topics.components_, dtype=np.float64).T
    first = row.texts(_texts(topics.words_, columns, matrix), matrix.shape[1])
    return list(range(first, first + matrix.shape[1]))


def _folded(words: Any, columns: Sequence[int], row: CommonRow, start: int, linear: FloatArray | None) -> tuple[list[int], int]:
    """The places of what the terms add to each score, and how many terms there are."""
    terms = sum(len(reader.vocabulary_) for reader in words.readers_ if reader is not None)
    if linear is None:
        raise NotCompilable("only a linear model can read terms as they are")
    matrix = np.ascontiguousarray(linear[:, start : start + terms].T)
    first = row.texts(_texts(words, columns, matrix), len(linear))
    return list(range(first, first + len(linear))), terms


def _texts(words: Any, columns: Sequence[int], matrix: FloatArray) -> list[FittedText]:
    found: list[FittedText] = []
    start = 0
    for at, reader in zip(columns, words.readers_, strict=True):
        if reader is None:
            continue
        if (reader.norm, reader.use_idf, reader.binary) != ("l2", True, False):
            raise NotCompilable("this weighing of terms has no compiled form")
        end = start + len(reader.vocabulary_)
        found.append(FittedText(at, reader, words.characters, np.ascontiguousarray(matrix[start:end])))
        start = end
    return found
