"""The text of one date -> a datetime, as training read the whole column that it belongs to."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from dashapp.datasets.dataset import WrittenAs

YEARS_AHEAD = 20  # as in `datasets.columns.dates`
_TIME = (
    r"(?:[T ](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?: ?(?P<zone>Z|[+-]\d{2}:?\d{2}))?)?"
)
_MONTH = r"(?P<word>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)"
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_TIME}", re.ASCII)
_YEAR_LAST = re.compile(rf"(?P<first>\d{{1,2}})[-/.](?P<other>\d{{1,2}})[-/.](?P<year>\d{{4}}|\d{{2}}){_TIME}", re.ASCII)
_DAY_WORD = re.compile(rf"(?P<day>\d{{1,2}})[ -]{_MONTH}[ ,-]+(?P<year>\d{{2}}|\d{{4}}){_TIME}", re.ASCII | re.IGNORECASE)
_WORD_DAY = re.compile(rf"{_MONTH} (?P<day>\d{{1,2}}),? (?P<year>\d{{4}}){_TIME}", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
_COMPACT = re.compile(r"(?:19|20)\d{6}", re.ASCII)
_MONTH_ONLY = re.compile(r"((?:19|20)\d{2})-(\d{1,2})", re.ASCII)
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_EPOCH, _SHEET = datetime(1970, 1, 1), datetime(1899, 12, 30)
# Digits before the point -> where the count begins, and how many microseconds it counts in.
_COUNTED = {5: (_SHEET, 86_400e6), 9: (_EPOCH, 1e6), 10: (_EPOCH, 1e6), 12: (_EPOCH, 1e3), 13: (_EPOCH, 1e3)}


def date_of(text: str, written: WrittenAs) -> datetime | None:
    """Naive, in UTC where there was a zone; None for what is no date of this column. ISO 8601 is always one."""
    if written.has_number_dates and _NUMBER.fullmatch(text):
        return _of_number(text)
    try:
        return _without_zone(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        pass
    try:
        if written.has_number_dates and (found := _MONTH_ONLY.fullmatch(text)) is not None:
            return datetime(int(found[1]), int(found[2]), 1)
        return _of_words(text, written.day_first)
    except (ValueError, OverflowError):
        return None


def _of_words(text: str, day_first: bool | None) -> datetime | None:
    if (found := _YEAR_FIRST.fullmatch(text)) is not None:
        return _moment(found, int(found["year"]), int(found["month"]), int(found["day"]))
    if (found := _YEAR_LAST.fullmatch(text)) is not None:
        if day_first is None:
            return None
        first, other = int(found["first"]), int(found["other"])
        return _moment(found, _year(found["year"]), *((other, first) if day_first else (first, other)))
    if (found := _DAY_WORD.fullmatch(text) or _WORD_DAY.fullmatch(text)) is not None:
        word = found["word"].lower()
        month = next((at for at, name in enumerate(_MONTHS, 1) if word in (name, name[:3]) or (word, at) == ("sept", 9)), 0)
        return _moment(found, _year(found["year"]), month, int(found["day"]))
    return None


def _moment(found: re.Match[str], year: int, month: int, day: int) -> datetime:
    if found["hour"] is None:
        return datetime(year, month, day)
    hour = int(found["hour"])
    if found["half"] is not None:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of a clock")
        hour = hour % 12 + 12 * (found["half"] in "Pp")
    part = int((found["part"] or "0")[:6].ljust(6, "0"))
    moment = datetime(year, month, day, hour, int(found["minute"]), int(found["second"] or 0), part)
    zone = found["zone"]
    if zone is None or zone == "Z":
        return moment
    ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return _without_zone(moment.replace(tzinfo=timezone(-ahead if zone[0] == "-" else ahead)))


def _year(text: str) -> int:
    if len(text) > 2:
        return int(text)
    year = 2000 + int(text)
    return year if year <= datetime.now(UTC).year + YEARS_AHEAD else year - 100


def _of_number(text: str) -> datetime | None:
    """A day like 20220305, seconds or milliseconds since 1970, or the days of a spreadsheet."""
    try:
        if _COMPACT.fullmatch(text):
            return datetime(int(text[:4]), int(text[4:6]), int(text[6:]))
        whole, _, fraction = text.partition(".")
        begin, unit = _COUNTED[len(whole)]
        if (fraction and unit == 1e3) or (len(whole) == 5 and whole[0] not in "23456"):
            return None
        # Counted from 1970 as in training, so that both round in the same way.
        days = (begin - _EPOCH).days
        return _EPOCH + timedelta(microseconds=round((float(text) + days) * unit if days else float(text) * unit))
    except (KeyError, ValueError, OverflowError):
        return None


def _without_zone(moment: datetime) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
