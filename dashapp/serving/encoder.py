"""The values of one row -> the floats that all members of a model see, from plain data alone.

What several members need stands in the row once: a member says at which places it looks.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashapp.serving.terms import TextReader
from dashapp.training.features import DATE_PARTS

NAN = math.nan
_EPOCH = datetime(1970, 1, 1)


class NotCompilable(Exception):
    """The pipeline holds something that the compiled form cannot say; the pipeline must answer itself."""


class Ramp:
    """How far a number has come from each of its `edges` to the next, 0 to 1, less `means`, by `scales`; `fill` replaces a missing one."""

    __slots__ = ("_levels", "at", "edges", "fill", "means", "place", "scales")

    def __init__(self, at: int, place: int, fill: float, edges: Sequence[float], means: Sequence[float], scales: Sequence[float]) -> None:
        self.at, self.place, self.fill = at, place, fill
        self.edges, self.means, self.scales = list(edges), list(means), list(scales)
        pairs = list(zip(self.means, self.scales, strict=True))
        # What is written where so many ramps lie behind the number.
        self._levels = [
            [(float(number < behind) - mean) / scale for number, (mean, scale) in enumerate(pairs)] for behind in range(len(pairs) + 1)
        ]

    def write(self, value: float, out: list[float]) -> None:
        edges = self.edges
        behind = bisect_right(edges, value) - 1
        ramps = len(edges) - 1
        out[self.place : self.place + ramps] = self._levels[max(0, behind)]
        if 0 <= behind < ramps:
            # Halved, as the difference of two numbers may be more than the largest of them.
            begin = edges[behind] / 2
            share = (value / 2 - begin) / (edges[behind + 1] / 2 - begin)
            out[self.place + behind] = (min(1.0, max(0.0, share)) - self.means[behind]) / self.scales[behind]


# In all of them the first number is the input's place in the row that is read, the second a place in the encoded row.
Plain = tuple[int, int]
# ..., what replaces a missing value, mean, scale.
Scaled = tuple[int, int, float, float, float]
# ..., what is written when the value is there, and when it is missing.
Flag = tuple[int, int, float, float]
# ..., floats by label, floats when missing, floats when unseen.
Labels = tuple[int, int, Mapping[str, tuple[float, ...]], tuple[float, ...], tuple[float, ...]]
# The input's place; `Scaled`, `Flag` and `Ramp` of its parts, with the part's number for the input's place.
Dates = tuple[int, Sequence[Scaled], Sequence[Flag], Sequence[Ramp]]
# The input's place, and what is added to the encoded row.
Texts = tuple[int, TextReader]


@dataclass(frozen=True, slots=True)
class RowEncoder:
    """Encodes the values of `RowReader.read`; `template` is the row before anything is written into it."""

    template: list[float]
    plain: Sequence[Plain] = ()
    scaled: Sequence[Scaled] = ()
    flags: Sequence[Flag] = ()
    labels: Sequence[Labels] = ()
    dates: Sequence[Dates] = ()
    texts: Sequence[Texts] = ()
    ramps: Sequence[Ramp] = ()

    def encode(self, values: Sequence[Any]) -> list[float]:
        out = self.template.copy()
        for at, place in self.plain:
            value = values[at]
            out[place] = NAN if value is None else value
        for at, place, fill, mean, scale in self.scaled:
            value = values[at]
            out[place] = ((fill if value is None else value) - mean) / scale
        for at, place, present, missing in self.flags:
            out[place] = missing if values[at] is None else present
        for at, place, table, missing_floats, unseen in self.labels:
            value = values[at]
            floats = missing_floats if value is None else table.get(value, unseen)
            out[place : place + len(floats)] = floats
        for ramp in self.ramps:
            value = values[ramp.at]
            ramp.write(ramp.fill if value is None else value, out)
        for at, scaled, flags, ramps in self.dates:
            _write_date(out, date_parts(values[at]), scaled, flags, ramps)
        for at, reader in self.texts:
            if values[at] is not None:
                reader.add(values[at], out)
        return out


def _write_date(out: list[float], parts: Sequence[float], scaled: Sequence[Scaled], flags: Sequence[Flag], ramps: Sequence[Ramp]) -> None:
    for number, place, fill, mean, scale in scaled:
        part = parts[number]
        out[place] = ((fill if part != part else part) - mean) / scale
    for number, place, present, missing in flags:
        out[place] = missing if parts[number] != parts[number] else present
    for ramp in ramps:
        part = parts[ramp.at]
        ramp.write(ramp.fill if part != part else part, out)


def date_parts(moment: datetime | None) -> tuple[float, ...]:
    """What `training.parts.DateParts` makes of one date."""
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
