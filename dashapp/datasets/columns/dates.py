"""Text -> dates; which number is the day is decided by the whole column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pandas.tseries.api import guess_datetime_format

from dashapp.datasets.columns.naming import name_tokens

_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp]\.?[Mm]\.?)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?)?"
_ISO = rf"^\d{{4}}([-/.])\d{{1,2}}([-/.])\d{{1,2}}{_TIME}$"
_NUMERIC = rf"^(?P<first>\d{{1,2}})(?P<separator>[-/.])(?P<second>\d{{1,2}})[-/.](?:\d{{4}}|\d{{2}}){_TIME}$"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_WORDED = rf"(?i)^(?:\d{{1,2}}[ -]{_MONTH}[ ,-]+\d{{2,4}}|{_MONTH} \d{{1,2}},? \d{{4}}){_TIME}$"


_SHORT_YEAR = rf"(?i)^\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2}}{_TIME}$|^\d{{1,2}}[ -]{_MONTH}[ ,-]+\d{{2}}{_TIME}$"
_COMPACT = r"^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$"
_MONTHS_ONLY = r"^(?:19|20)\d{2}-(?:0?[1-9]|1[0-2])$"
_SECONDS, _MILLISECONDS = r"^\d{9,10}(?:\.\d+)?$", r"^\d{12,13}$"
_SHEET_DAYS = r"^[2-6]\d{4}(?:\.\d+)?$"  # 1954 to 2091
_DATE_NAMES = frozenset({"date", "day", "datum", "time", "at", "on", "dt"})
_SAME_ORDER = 0.95  # of the dates; with more, the others are taken as mistakes
_YEARS_AHEAD = 20  # a year of two digits may be so far in the future; later ones are of the century before


@dataclass(frozen=True, slots=True)
class Dates:
    """`times` stands for the values one by one, naive and in UTC where the file gave a zone. `is_ambiguous`: day and month could
    be the other way round in every one of them. `day_first` is the order they were read in, None where they tell it themselves."""

    times: pd.Series[pd.Timestamp]
    is_ambiguous: bool = False
    day_first: bool | None = None


def parse_dates(values: Any, *, day_first: bool | None = None) -> Dates | None:
    """Read different values (a pyarrow string array, no nulls) as dates; None where they are not all dates of one style.

    `day_first` decides where the values alone do not.
    """
    if len(values) == 0:
        return None
    if _all_match(values, _ISO) or _all_match(values, _WORDED):
        times = _parse(values, day_first=False)
        return None if times is None else Dates(times)
    return _parse_numeric(values, day_first)


def parse_each_date(values: Any, *, day_first: bool | None = None) -> pd.Series[pd.Timestamp]:
    """The values one by one, of whatever style; NaT for what is no date."""
    times = pd.Series(pd.NaT, index=range(len(values)), dtype="datetime64[us]")
    order = day_first is not False
    for pattern in (_ISO, _WORDED, _NUMERIC):
        _put(times, values, pattern, lambda some: _settle_century(some, _to_times(_series(some), "mixed", day_first=order)))
    _put(times, values, _COMPACT, lambda some: _to_times(_series(some), "%Y%m%d", day_first=False))
    _put(times, values, _MONTHS_ONLY, lambda some: _to_times(_series(some), "%Y-%m", day_first=False))
    _put(times, values, _SECONDS, lambda some: _since_1970(some, 1e6))
    _put(times, values, _MILLISECONDS, lambda some: _since_1970(some, 1e3))
    _put(times, values, _SHEET_DAYS, _since_1899)
    if (against := against_order(values, day_first=order)).any():
        times[against] = pd.NaT
    return times


def _put(times: pd.Series[pd.Timestamp], values: Any, pattern: str, read: Callable[[Any], Any]) -> None:
    """Only what matches is given to pandas, which takes long for what is no date."""
    matches = pc.match_substring_regex(values, pattern)
    if pc.any(matches).as_py():
        times[matches.to_numpy(zero_copy_only=False).astype(bool)] = read(values.filter(matches)).to_numpy()


def _series(values: Any) -> pd.Series[Any]:
    return pd.Series(values.to_pylist(), dtype=object)


def _since_1970(values: Any, unit: float) -> pd.Series[pd.Timestamp]:
    return pd.Series((pc.cast(values, pa.float64()).to_numpy() * unit).round().astype("datetime64[us]"))


def _since_1899(values: Any) -> pd.Series[pd.Timestamp]:
    """Days as spreadsheets count them."""
    return _since_1970(pc.subtract(pc.cast(values, pa.float64()), 25_569.0), 86_400e6)


def has_date_name(name: str) -> bool:
    return bool(_DATE_NAMES & set(name_tokens(name)))


def parse_compact(values: Any) -> pd.Series[pd.Timestamp] | None:
    """Days like 20200131; None where a value is none of the years 1900 to 2100."""
    if len(values) == 0 or not _all_match(values, _COMPACT):
        return None
    times = _to_times(_series(values), "%Y%m%d", day_first=False)
    return None if times.isna().any() else times


def only_one_order(values: Any) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Which dates like 13/02/2020 are day first for sure and which month first; None where a value is no such date."""
    if len(values) == 0 or not _all_match(values, _NUMERIC):
        return None
    first, second = _two_numbers(values)
    if (np.minimum(first, second) > 12).any() or (np.maximum(first, second) > 31).any():
        return None
    return first > 12, second > 12


def against_order(values: Any, *, day_first: bool) -> NDArray[np.bool_]:
    """The dates like 13/02/2020 whose month would be above 12."""
    against = np.zeros(len(values), dtype=bool)
    matches = pc.match_substring_regex(values, _NUMERIC)
    if pc.any(matches).as_py():
        first, second = _two_numbers(values.filter(matches))
        against[matches.to_numpy(zero_copy_only=False)] = (second if day_first else first) > 12
    return against


def settled_order(day_first: int, month_first: int, dates: int) -> bool | None:
    """Whether the day comes first in a column with so many dates of either order for sure; None where that is not clear."""
    if day_first == month_first or min(day_first, month_first) > (1 - _SAME_ORDER) * dates:
        return None
    return day_first > month_first


def _two_numbers(values: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    parts = pc.extract_regex(values, _NUMERIC)
    first, second = (pc.cast(pc.struct_field(parts, part), "int64").to_numpy(zero_copy_only=False) for part in ("first", "second"))
    return first, second


def day_and_month(values: Any) -> tuple[int, int, bool] | None:
    """The largest first and second number, and whether dots divide them, in dates like 05/03/2022; None where others are among them."""
    if not _all_match(values, _NUMERIC):
        return None
    if len(values) == 0:
        return 0, 0, True
    parts = pc.extract_regex(values, _NUMERIC)
    first = pc.max(pc.cast(pc.struct_field(parts, "first"), "int64")).as_py()
    second = pc.max(pc.cast(pc.struct_field(parts, "second"), "int64")).as_py()
    return first, second, pc.all(pc.equal(pc.struct_field(parts, "separator"), ".")).as_py()


def _parse_numeric(values: Any, day_first: bool | None) -> Dates | None:
    limits = day_and_month(values)
    if limits is None:
        return None
    first, second, is_dotted = limits
    if (first > 12 and second > 12) or max(first, second) > 31:
        return None
    is_either = first <= 12 and second <= 12
    order = second <= 12 if not is_either or day_first is None else day_first
    times = _parse(values, day_first=order)
    # Dates with dots are written day first wherever they are in use.
    return None if times is None else Dates(times, is_either and not is_dotted and day_first is None, order)


def look_like_dates(values: Any) -> NDArray[np.bool_]:
    """Which values have the shape of a date, of whatever style."""
    mask: NDArray[np.bool_] = pc.match_substring_regex(values, f"{_ISO}|{_NUMERIC}|{_WORDED}").to_numpy(zero_copy_only=False)
    return mask


def _all_match(values: Any, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(values, pattern)).as_py())


def _parse(values: Any, *, day_first: bool) -> pd.Series[pd.Timestamp] | None:
    texts = pd.Series(values.to_pylist(), dtype=object)
    # One format for all of them is a hundred times as fast as looking at each.
    guessed = guess_datetime_format(texts[0], dayfirst=day_first)
    times = _to_times(texts, guessed or "mixed", day_first=day_first)
    if guessed and times.isna().any():
        times = _to_times(texts, "mixed", day_first=day_first)
    return None if times.isna().any() else _settle_century(values, times)


def _to_times(texts: pd.Series[Any], form: str, *, day_first: bool) -> pd.Series[pd.Timestamp]:
    times = pd.to_datetime(texts, format=form, dayfirst=day_first, errors="coerce", utc=True)
    return times.dt.tz_localize(None).dt.as_unit("us")


def _settle_century(values: Any, times: pd.Series[pd.Timestamp]) -> pd.Series[pd.Timestamp]:
    """A birthday in "55" was not in 2055."""
    is_late = times.dt.year > datetime.now(UTC).year + _YEARS_AHEAD
    if not is_late.any():
        return times
    is_short = pc.match_substring_regex(values.filter(pa.array(is_late.to_numpy(dtype=bool))), _SHORT_YEAR).to_pylist()
    late = times[is_late]
    return times.where(~is_late, late.where(~np.array(is_short, dtype=bool), late - pd.DateOffset(years=100)))
