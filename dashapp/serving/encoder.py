"""A fitted ColumnTransformer as plain data: values of one row -> the floats that the estimator sees.

The encoders are not imitated but asked: every category, an unseen one and a missing one go through the fitted encoder once, and the
answers become a table.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from dashapp.training.features import CATEGORIES, DATE_PARTS, DATES, NUMBERS, grouped
from dashapp.training.run import InputColumn

NAN = math.nan
_UNSEEN = "\x00unseen"
_EPOCH = datetime(1970, 1, 1)


class NotCompilable(Exception):
    """The pipeline holds something that the compiled form cannot say; the pipeline must answer itself."""


# A number: (place in the output, what replaces NaN, mean, scale, place of the missing flag or -1, flag when present, flag when missing).
Number = tuple[int, float, float, float, int, float, float]
# A category: (first place in the output, floats by label, floats when missing, floats when unseen).
Category = tuple[int, dict[str, tuple[float, ...]], tuple[float, ...], tuple[float, ...]]


class RowEncoder:
    """Encodes the values of `RowReader.read`. `numbers`, `categories` and `dates` pair an input's place with how it is written;
    `width` is the length of the result."""

    def __init__(
        self,
        width: int,
        numbers: Sequence[tuple[int, Number]],
        categories: Sequence[tuple[int, Category]],
        dates: Sequence[tuple[int, Sequence[Number]]],
    ) -> None:
        self.width = width
        self._numbers = [(at, *number) for at, number in numbers]
        self._categories = [(at, place, place + len(missing), table, missing, unseen) for at, (place, table, missing, unseen) in categories]
        self._dates = list(dates)

    def encode(self, values: Sequence[Any]) -> list[float]:
        out = [0.0] * self.width
        for at, place, fill, mean, scale, flag_place, present, missing in self._numbers:
            value = values[at]
            out[place] = ((fill if value is None else value) - mean) / scale
            if flag_place >= 0:
                out[flag_place] = missing if value is None else present
        for at, start, end, table, missing_floats, unseen in self._categories:
            value = values[at]
            out[start:end] = missing_floats if value is None else table.get(value, unseen)
        for at, parts in self._dates:
            floats = date_parts(values[at])
            for part, (place, fill, mean, scale, flag_place, present, missing) in zip(floats, parts, strict=True):
                is_missing = part != part
                out[place] = ((fill if is_missing else part) - mean) / scale
                if flag_place >= 0:
                    out[flag_place] = missing if is_missing else present
        return out

    def as_data(self) -> dict[str, Any]:
        """JSON-ready (NaN allowed); `from_data` is the inverse."""
        return {
            "width": self.width,
            "numbers": [[at, number] for at, *number in self._numbers],
            "categories": [[at, [start, table, missing, unseen]] for at, start, _, table, missing, unseen in self._categories],
            "dates": [[at, list(parts)] for at, parts in self._dates],
        }

    @classmethod
    def from_data(cls, data: Any) -> RowEncoder:
        categories = [
            (at, (place, {label: tuple(floats) for label, floats in table.items()}, tuple(missing), tuple(unseen)))
            for at, (place, table, missing, unseen) in data["categories"]
        ]
        numbers = [(at, tuple(number)) for at, number in data["numbers"]]
        return cls(data["width"], numbers, categories, [(at, [tuple(part) for part in parts]) for at, parts in data["dates"]])


def date_parts(moment: datetime | None) -> tuple[float, ...]:
    """What `training.features.DateParts` makes of one date."""
    if moment is None:
        return (NAN,) * len(DATE_PARTS)
    microseconds = (moment - _EPOCH) // timedelta(microseconds=1)
    return (
        float(moment.year),
        float(moment.month),
        float(moment.day),
        float(moment.weekday()),
        float(moment.hour),
        microseconds / 86_400_000_000,
    )


def compile_encoder(features: Any, inputs: Sequence[InputColumn]) -> RowEncoder:
    """From a fitted ColumnTransformer of `training.features`; raises `NotCompilable`."""
    places = {column.name: at for at, column in enumerate(inputs)}
    groups = grouped(inputs)
    width = 0
    numbers: list[tuple[int, Number]] = []
    categories: list[tuple[int, Category]] = []
    dates: list[tuple[int, list[Number]]] = []
    for name, fitted, columns in features.transformers_:
        if list(columns) != groups.get(name):
            raise NotCompilable(f"the block {name} does not hold the columns that it was planned with")
        if name == CATEGORIES:
            blocks, width = _categories(fitted, columns, width)
            categories += [(places[column], block) for column, block in zip(columns, blocks, strict=True)]
        elif name == NUMBERS:
            found, width = _numbers(fitted, len(columns), width)
            numbers += [(places[column], number) for column, number in zip(columns, found, strict=True)]
        elif name == DATES:
            found, width = _numbers(fitted, len(columns) * len(DATE_PARTS), width)
            size = len(DATE_PARTS)
            dates += [(places[column], found[size * at : size * (at + 1)]) for at, column in enumerate(columns)]
    return RowEncoder(width, numbers, categories, dates)


def _categories(encoder: Any, columns: Sequence[str], width: int) -> tuple[list[Category], int]:
    labels = [[label for label in known if isinstance(label, str)] for known in encoder.categories_]
    rows = max(len(known) for known in labels) + 2
    probe = {
        column: pd.array([*known, _UNSEEN, *[None] * (rows - len(known) - 1)], dtype="str")
        for column, known in zip(columns, labels, strict=True)
    }
    answers = encoder.transform(pd.DataFrame(probe)).tolist()
    found: list[Category] = []
    start = 0
    for known, size in zip(labels, _widths(encoder), strict=True):
        cells = [tuple(row[start : start + size]) for row in answers]
        found.append((width + start, dict(zip(known, cells, strict=False)), cells[len(known) + 1], cells[len(known)]))
        start += size
    return found, width + start


def _widths(encoder: Any) -> list[int]:
    """Output columns of each input column; those of rare labels are one together."""
    if not hasattr(encoder, "drop"):
        return [1] * len(encoder.categories_)
    rare = getattr(encoder, "infrequent_categories_", [None] * len(encoder.categories_))
    return [len(known) - (0 if few is None else len(few) - 1) for known, few in zip(encoder.categories_, rare, strict=True)]


def _numbers(fitted: Any, count: int, width: int) -> tuple[list[Number], int]:
    steps = dict(getattr(fitted, "steps", ()))
    if "fill" not in steps:
        return [(width + at, NAN, 0.0, 1.0, -1, 0.0, 0.0) for at in range(count)], width + count
    fill, scale = steps["fill"], steps["scale"]
    flagged = [] if fill.indicator_ is None else fill.indicator_.features_.tolist()
    means, scales = scale.mean_.tolist(), scale.scale_.tolist()
    found: list[Number] = []
    for at, median in enumerate(np.nan_to_num(fill.statistics_).tolist()):
        flag = count + flagged.index(at) if at in flagged else -1
        present, missing = (0.0, 0.0) if flag < 0 else ((0.0 - means[flag]) / scales[flag], (1.0 - means[flag]) / scales[flag])
        found.append((width + at, median, means[at], scales[at], width + flag if flag >= 0 else -1, present, missing))
    return found, width + count + len(flagged)
