"""Text -> numbers, as people and spreadsheets write them; the style is decided by the whole column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_PLAIN = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
_BEGINS_LIKE_A_NUMBER = r"^[\s$€£¥₹(+\-−.,A-Z]*\d"
_INFINITE = r"^[+\-−]?(?i:inf|infinity|∞)$"
# What keeps digits from being an amount: a leading zero ("00137"), or more digits than a float64 can tell apart.
_CODE = r"^[+-]?(0\d+|\d{16,})$"
_WHOLE = r"^[+-]?\d+$"

_CURRENCY = r"(?:[$€£¥₹]|(?:USD|EUR|GBP|CHF|JPY|INR)(?=[\s\d(+-]|$))"
_BLANK = "[ \u00a0\u202f\u2009']"
_DECORATION = re.compile(rf"{_CURRENCY}|(?<=\d)\s*%$")
_GROUPING_BLANK = re.compile(rf"(?<=\d){_BLANK}(?=\d{{3}}(?!\d))")
_ENGLISH = re.compile(r"[+-]?(?=[.,]?\d)(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d{1,3})?")
_EUROPEAN = re.compile(r"[+-]?(?=[.,]?\d)(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)?(?:,\d*)?(?:[eE][+-]?\d{1,3})?")
_ACCOUNTING = re.compile(r"\((.*)\)")


@dataclass(frozen=True, slots=True)
class Numbers:
    """`floats` stands for the values one by one: NaN where `is_number` is false, and where the value is infinite.

    `is_whole`: every number is written without a decimal point. `sample`: the index of a value that is not written plainly
    (None: all are), as an example of what was understood.
    """

    floats: NDArray[np.float64]
    is_number: NDArray[np.bool_]
    is_infinite: NDArray[np.bool_]
    is_whole: bool
    sample: int | None = None


def parse_numbers(values: Any) -> Numbers | None:
    """Read different values (pyarrow large_string, no nulls) as numbers; None where they are codes or mostly not numbers."""
    if len(values) == 0 or pc.any(pc.match_substring_regex(values, _CODE)).as_py():
        return None
    begins = pc.match_substring_regex(values, _BEGINS_LIKE_A_NUMBER)
    infinite = _mask(pc.match_substring_regex(values, _INFINITE))
    if pc.sum(begins).as_py() + infinite.sum() < 0.5 * len(values):
        return None
    plain = _mask(pc.match_substring_regex(values, _PLAIN))
    floats = np.full(len(values), np.nan)
    floats[plain] = pc.cast(values.filter(pa.array(plain)), pa.float64()).to_numpy(zero_copy_only=False)
    whole = pc.all(pc.match_substring_regex(values.filter(pa.array(plain)), _WHOLE)).as_py()
    sample = None
    if not (plain | infinite).all():
        dressed = _read_dressed(values.to_pylist())
        better = dressed if (~np.isnan(dressed)).sum() > plain.sum() else floats
        changed = np.flatnonzero(~np.isnan(better) & (better != floats))
        if len(changed):
            floats, sample, whole = better, int(changed[0]), bool(np.all(np.mod(better[np.isfinite(better)], 1) == 0))
    infinite |= np.isinf(floats)
    floats[infinite] = np.nan
    return Numbers(floats, ~np.isnan(floats) | infinite, infinite, bool(whole), sample)


def _mask(column: Any) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = column.to_numpy(zero_copy_only=False).astype(bool)
    return mask


def _read_dressed(values: list[str]) -> NDArray[np.float64]:
    """Numbers with currency, percent, brackets and grouped digits, in the style (31,204.50 or 31.204,50) that reads more of them."""
    bare = [_undress(value) for value in values]
    english = _read_style(bare, _ENGLISH, ",", ".")
    european = _read_style(bare, _EUROPEAN, ".", ",")
    # A tie means that every comma stands before three digits, which groups far more often than it divides.
    return european if (~np.isnan(european)).sum() > (~np.isnan(english)).sum() else english


def _undress(value: str) -> str:
    text = _DECORATION.sub("", value.replace("−", "-")).strip()
    if negative := _ACCOUNTING.fullmatch(text):
        text = "-" + negative[1].strip()
    text = re.sub(r"^([+-])\s+", r"\1", text)
    return _GROUPING_BLANK.sub("", text)


def _read_style(values: list[str], grammar: re.Pattern[str], group: str, point: str) -> NDArray[np.float64]:
    read = np.full(len(values), np.nan)
    for index, value in enumerate(values):
        if grammar.fullmatch(value):
            read[index] = float(value.replace(group, "").replace(point, "."))
    return read
