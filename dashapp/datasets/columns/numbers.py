"""Text -> numbers, as people and spreadsheets write them; the style is decided by the whole column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

PLAIN = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_BEGINS_LIKE_A_NUMBER = r"^[\s$€£¥₹(+\-−.,A-Z]*\d"
INFINITE = r"^[+\-−]?(?i:inf|infinity|∞)$"
# What keeps digits from being an amount: a leading zero ("00137"), or more digits than a float64 can tell apart.
CODE = r"^[+-]?(0\d+|\d{16,})$"
_WHOLE = r"^[+-]?\d+$"

_CURRENCY = r"(?:[$€£¥₹]|(?:USD|EUR|GBP|CHF|JPY|INR)(?=[\s\d(+-]|$))"
_BLANK = "[ \u00a0\u202f\u2009']"
_DECORATION = re.compile(rf"{_CURRENCY}|(?<=\d)\s*%$")
_GROUPING_BLANK = re.compile(rf"(?<=\d){_BLANK}(?=\d{{3}}(?!\d))")
_ENGLISH = re.compile(r"[+-]?(?=[.,]?\d)(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d{1,3})?")
_EUROPEAN = re.compile(r"[+-]?(?=[.,]?\d)(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)?(?:,\d*)?(?:[eE][+-]?\d{1,3})?")
_MINUS_LAST = re.compile(r"\d\s?[-−]$")
_ACCOUNTING = re.compile(r"\((.*)\)")


class Style(Enum):
    """What groups the digits and what divides: 31,204.50 or 31.204,50."""

    ENGLISH = (",", ".")
    EUROPEAN = (".", ",")


# Digits in groups of three and nothing else: what a whole chunk is looked through for.
GROUPED = {
    Style.ENGLISH: r"^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$",
    Style.EUROPEAN: r"^[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d*)?$",
}
_GRAMMAR = {Style.ENGLISH: _ENGLISH, Style.EUROPEAN: _EUROPEAN}


@dataclass(frozen=True, slots=True)
class Numbers:
    """`floats` stands for the values one by one: NaN where `is_number` is false, and where the value is infinite.

    `is_whole`: every number is written without a decimal point. `sample`: the index of a value that is not written plainly
    (None: all are), as an example of what was understood. `style` is that of the values that are not. `percent`: which are
    written with a percent sign.
    """

    floats: NDArray[np.float64]
    is_number: NDArray[np.bool_]
    is_infinite: NDArray[np.bool_]
    is_whole: bool
    sample: int | None = None
    style: Style = Style.ENGLISH
    percent: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))


def parse_numbers(values: Any, *, is_sure: bool = False, style: Style | None = None) -> Numbers | None:
    """Read different values (a pyarrow string array, no nulls) as numbers; None where they are codes or mostly not numbers.

    `is_sure`: it was said that they are numbers, so that what can be read is, and it is never None. `style`: the one that they
    are written in, where that is known.
    """
    infinite = _mask(pc.match_substring_regex(values, INFINITE))
    if not is_sure and (len(values) == 0 or pc.any(pc.match_substring_regex(values, CODE)).as_py()):
        return None
    begins = pc.match_substring_regex(values, _BEGINS_LIKE_A_NUMBER)
    if not is_sure and pc.sum(begins).as_py() + infinite.sum() < 0.5 * len(values):
        return None
    plain = _mask(pc.match_substring_regex(values, PLAIN))
    if style is Style.EUROPEAN:
        plain &= ~_mask(pc.match_substring(values, "."))
    floats = np.full(len(values), np.nan)
    floats[plain] = pc.cast(values.filter(pa.array(plain)), pa.float64()).to_numpy(zero_copy_only=False)
    whole = pc.all(pc.match_substring_regex(values.filter(pa.array(plain)), _WHOLE)).as_py()
    sample, found = None, style or Style.ENGLISH
    if not (plain | infinite).all():
        written = values.to_pylist()
        chosen, dressed = _read_either_way(written) if style is None else (style, read_styled(written, style))
        better = dressed if style is not None or (~np.isnan(dressed)).sum() > plain.sum() else floats
        changed = np.flatnonzero(~np.isnan(better) & (better != floats))
        if len(changed):
            floats, sample, found = better, int(changed[0]), chosen
            whole = bool(np.all(np.mod(better[np.isfinite(better)], 1) == 0))
        if has_minus_last(written) and np.isnan(floats[~infinite]).any():
            floats[[bool(_MINUS_LAST.search(value)) for value in written]] = np.nan
    infinite |= np.isinf(floats)
    floats[infinite] = np.nan
    return Numbers(floats, ~np.isnan(floats) | infinite, infinite, bool(whole), sample, found, is_percent(values) & ~np.isnan(floats))


def read_styled(values: list[str], style: Style) -> NDArray[np.float64]:
    """Numbers with currency, percent, brackets and grouped digits in one style; NaN for what is none."""
    return _read_style([_undress(value) for value in values], style)


def is_percent(values: Any) -> NDArray[np.bool_]:
    if not pc.any(pc.match_substring(values, "%")).as_py():
        return np.zeros(len(values), dtype=bool)
    return _mask(pc.match_substring_regex(values, r"\d\s*%$"))


def has_minus_last(values: Iterable[str]) -> bool:
    """Whether one is written like 3-, as some accounts do."""
    return any(map(_MINUS_LAST.search, values))


def numbers_among(words: Iterable[str]) -> NDArray[np.float64]:
    """Those of the words that are plain numbers, so that "-1" also means "-1.0"."""
    return np.array([float(word) for word in words if re.fullmatch(PLAIN, word.strip())])


def _mask(column: Any) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = column.to_numpy(zero_copy_only=False).astype(bool)
    return mask


def _read_either_way(values: list[str]) -> tuple[Style, NDArray[np.float64]]:
    """In the style that reads more of them."""
    bare = [_undress(value) for value in values]
    english, european = _read_style(bare, Style.ENGLISH), _read_style(bare, Style.EUROPEAN)
    # A tie means that every comma stands before three digits, which groups far more often than it divides.
    is_european = (~np.isnan(european)).sum() > (~np.isnan(english)).sum()
    return (Style.EUROPEAN, european) if is_european else (Style.ENGLISH, english)


def _undress(value: str) -> str:
    text = _DECORATION.sub("", value.replace("−", "-")).strip()
    if negative := _ACCOUNTING.fullmatch(text):
        text = "-" + negative[1].strip()
    if _MINUS_LAST.search(text) and text[0] not in "+-":
        text = "-" + text[:-1].rstrip()
    text = re.sub(r"^([+-])\s+", r"\1", text)
    return _GROUPING_BLANK.sub("", text)


def _read_style(values: list[str], style: Style) -> NDArray[np.float64]:
    grammar, (group, point) = _GRAMMAR[style], style.value
    read = np.full(len(values), np.nan)
    for index, value in enumerate(values):
        if grammar.fullmatch(value):
            read[index] = float(value.replace(group, "").replace(point, "."))
    return read
