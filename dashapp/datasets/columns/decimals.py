"""Which sign stands before the decimals of a file, a comma or a point: what its columns prove, and what stays open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc

from dashapp.datasets.columns.numbers import Style

_DRESS = r"[\s$€£¥₹%()'+\-−]|USD|EUR|GBP|CHF|JPY|INR"
_NUMBER = r"^(\d+|\d{1,3}([.,]\d{3})+)?([.,]\d*)?([eE]\d+)?$"
# Groups have three digits, none before the first begins with a zero, and only the last part can be the decimals.
_PROOF = r"^(\d*D(\d{1,2}|\d{4,})|(0\d*|\d{4,})?D\d{3}|\d{1,3}(G\d{3})+D\d*|\d{1,3}(G\d{3}){2,}|\d*D\d+[eE]\d+)$"
_PROOFS = {",": _PROOF.replace("D", ",").replace("G", r"\."), ".": _PROOF.replace("D", r"\.").replace("G", ",")}
_OPEN = r"^[1-9]\d{0,2}[.,]\d{3}$"
_BARE = np.isin(np.arange(256), list(b"0123456789.,eE"))
_NUMBERS_AMONG_VALUES = 0.9
_FIRST = 200
STYLES = {",": Style.EUROPEAN, ".": Style.ENGLISH}


@dataclass(frozen=True, slots=True)
class Signs:
    """What numbers tell of their decimal sign. `example`: a value that could be read either way."""

    proven: frozenset[str] = frozenset()
    example: str | None = None

    @property
    def is_open(self) -> bool:
        return not self.proven and self.example is not None


@dataclass(frozen=True, slots=True)
class FileDecimals:
    """`sign` is what the columns of the file prove; None where they prove nothing, or both."""

    sign: str | None = None
    delimiter: str = ","

    def style_for(self, signs: Signs, told: str | None) -> Style | None:
        """None where the column is to be read as it tells itself."""
        sign = told or (self.sign if signs.is_open else None)
        return None if sign is None else STYLES[sign]

    def must_ask(self, signs: Signs, told: str | None) -> bool:
        """Whether a column could be meant either way. Semicolons are in use where the comma divides; elsewhere a point does."""
        if told is not None or self.sign is not None or not signs.is_open:
            return False
        return self.delimiter == ";" or (self.delimiter != "," and "," in (signs.example or ""))


UNPROVEN = FileDecimals()


def signs_of(values: Any, before: Signs = Signs()) -> Signs:
    """`values`: a pyarrow string array; `before` is what is known of the same column already."""
    if before.proven:
        return before
    if len(values) > _FIRST and (soon := signs_of(values[:_FIRST], before)).proven:
        return soon
    bare = _undressed(values)
    proven = frozenset(sign for sign, proof in _PROOFS.items() if pc.any(pc.match_substring_regex(bare, proof)).as_py())
    example = before.example
    if example is None and (place := pc.index(pc.match_substring_regex(bare, _OPEN), True).as_py()) >= 0:
        example = values[place].as_py()
    return Signs(proven, example)


def signs_if_numbers(values: Any) -> Signs:
    """Nothing where the different values are mostly something else."""
    bare = _undressed(values)
    like = pc.sum(pc.match_substring_regex(bare, _NUMBER)).as_py() or 0
    return signs_of(values) if len(values) and like >= _NUMBERS_AMONG_VALUES * len(values) else Signs()


def _undressed(values: Any) -> Any:
    data = values.buffers()[2]
    if data is None or _BARE[np.frombuffer(data, dtype=np.uint8)].all():
        return values
    return pc.replace_substring_regex(values, _DRESS, "")


def decimals_of_file(columns: Iterable[Signs], delimiter: str) -> FileDecimals:
    proven = {next(iter(signs.proven)) for signs in columns if len(signs.proven) == 1}
    return FileDecimals(proven.pop() if len(proven) == 1 else None, delimiter)
