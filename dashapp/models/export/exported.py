"""The values of this room: what an export is written from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.models.model import ModelVersion
from dashapp.training.parts import Blend
from dashapp.training.result import Explanation, Record, Scores

_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Csv:
    """The file that the model was trained on. `bytes` and `rows` are None where the dataset is gone."""

    name: str
    sha256: str
    bytes: int | None
    rows: int | None


@dataclass(frozen=True, slots=True)
class Parts:
    """Row positions in the table, from 0, in the order in which they are used: learned from for the scores, the test, and learned from
    for the final model."""

    learn: NDArray[np.intp]
    test: NDArray[np.intp]
    final: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Exported:
    """All that is known of the model. `blend` is the fitted one; `has_table` tells whether the zip holds the table."""

    model: ModelVersion
    blend: Blend
    record: Record
    scores: Scores
    explanation: Explanation
    example_rows: tuple[Mapping[str, Any], ...]
    csv: Csv
    has_table: bool

    @property
    def name(self) -> str:
        """A name for the zip, without its ending: `titanic-survived-v3`."""
        pieces = (_plain(PurePath(self.csv.name).stem), _plain(self.model.target))
        return "-".join(piece for piece in (*pieces, f"v{self.model.version}") if piece)


def _plain(words: str) -> str:
    """Lower-case letters and digits of the alphabet that every file system knows."""
    ascii_only = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", ascii_only.lower()))[:_LONGEST].strip("-")
