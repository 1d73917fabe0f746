"""Text -> dates; which number is the day is decided by the whole column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow.compute as pc
from pandas.tseries.api import guess_datetime_format

_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?)?"
_ISO = rf"^\d{{4}}([-/.])\d{{1,2}}([-/.])\d{{1,2}}{_TIME}$"
_NUMERIC = rf"^(?P<first>\d{{1,2}})(?P<separator>[-/.])(?P<second>\d{{1,2}})[-/.](?:\d{{4}}|\d{{2}}){_TIME}$"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_WORDED = rf"(?i)^(?:\d{{1,2}}[ -]{_MONTH}[ ,-]+\d{{2,4}}|{_MONTH} \d{{1,2}},? \d{{4}}){_TIME}$"


@dataclass(frozen=True, slots=True)
class Dates:
    """`times` stands for the values one by one, naive and in UTC where the file gave a zone. `is_ambiguous`: day and month could
    be the other way round in every one of them."""

    times: pd.Series[pd.Timestamp]
    is_ambiguous: bool = False


def parse_dates(values: Any) -> Dates | None:
    """Read different values (pyarrow large_string, no nulls) as dates; None where they are not all dates of one style."""
    if len(values) == 0:
        return None
    if _all_match(values, _ISO) or _all_match(values, _WORDED):
        times = _parse(values, day_first=False)
        return None if times is None else Dates(times)
    if _all_match(values, _NUMERIC):
        return _parse_numeric(values)
    return None


def _parse_numeric(values: Any) -> Dates | None:
    parts = pc.extract_regex(values, _NUMERIC)
    first = pc.max(pc.cast(pc.struct_field(parts, "first"), "int64")).as_py()
    second = pc.max(pc.cast(pc.struct_field(parts, "second"), "int64")).as_py()
    if (first > 12 and second > 12) or max(first, second) > 31:
        return None
    is_dotted = pc.all(pc.equal(pc.struct_field(parts, "separator"), ".")).as_py()
    times = _parse(values, day_first=second <= 12)
    # Dates with dots are written day first wherever they are in use.
    return None if times is None else Dates(times, is_ambiguous=first <= 12 and second <= 12 and not is_dotted)


def _all_match(values: Any, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(values, pattern)).as_py())


def _parse(values: Any, *, day_first: bool) -> pd.Series[pd.Timestamp] | None:
    texts = pd.Series(values.to_pylist(), dtype=object)
    # One format for all of them is a hundred times as fast as looking at each.
    guessed = guess_datetime_format(texts[0], dayfirst=day_first)
    times = pd.to_datetime(texts, format=guessed or "mixed", dayfirst=day_first, errors="coerce", utc=True)
    if guessed and times.isna().any():
        times = pd.to_datetime(texts, format="mixed", dayfirst=day_first, errors="coerce", utc=True)
    if times.isna().any():
        return None
    return times.dt.tz_localize(None).dt.as_unit("us")
