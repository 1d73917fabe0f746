"""A long column of text -> times, chunk by chunk; which number is the day is decided by all of it first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dashapp.datasets.columns.dates import against_order, day_and_month, only_one_order, parse_dates, parse_each_date, settled_order
from dashapp.datasets.columns.number_stream import Tally
from dashapp.datasets.columns.spool import Chunks

_TIME = pa.timestamp("us")
_SAMPLED = 200


@dataclass(slots=True)
class DateStream:
    """The times in `chunks`, null where missing. `example` is a value as written and as read.

    `day_first` is the order that was found where some dates are written in the other one (`is_mixed`), which are then `unread`;
    None where no order is that of nearly all, so that there are no times.
    """

    chunks: Chunks
    is_mixed: bool = False
    day_first: bool | None = None
    is_ambiguous: bool = False
    example: tuple[str, pd.Timestamp] | None = None
    unread: dict[str, None] = field(default_factory=dict)
    unread_rows: Tally = field(default_factory=Tally)


def read_dates(texts: Callable[[], Iterable[Any]], chunks: Chunks, *, day_first: bool | None, is_sure: bool) -> DateStream | None:
    """`texts` gives pyarrow string arrays, null where missing. None where they are not all dates of one style; with `is_sure`,
    because somebody said so, they are, and what is none is missing."""
    first = next((chunk for chunk in texts() if chunk.null_count < len(chunk)), None)
    if first is None:
        return None
    some = first.drop_null()[:_SAMPLED]
    if not is_sure and parse_dates(some, day_first=day_first) is None and only_one_order(some) is None:
        return None
    found = DateStream(chunks)
    if (mixed := _mixed(texts, found)) is not None:
        found.is_mixed = not is_sure
        found.day_first = mixed[0] if day_first is None else day_first
        if found.day_first is None and not is_sure:
            return found
        by_day = mixed[1] if found.day_first is None else found.day_first
        for chunk in texts():
            chunks.append(_convert_each(chunk, by_day, found))
        return found
    if day_first is None and (order := _order(texts())) is not None:
        day_first, found.is_ambiguous = order
    for chunk in texts():
        times = _convert(chunk, day_first)
        if times is None and not is_sure:
            return None
        if times is None:
            times = _convert_each(chunk, day_first, found)
        if found.example is None and times.null_count < len(times):
            place = int(np.flatnonzero(times.is_valid().to_numpy(zero_copy_only=False))[0])
            found.example = (chunk[place].as_py(), pd.Timestamp(times[place].as_py()))
        chunks.append(times)
    found.day_first = day_first
    return found


def _mixed(texts: Callable[[], Iterable[Any]], found: DateStream) -> tuple[bool | None, bool] | None:
    """The order of nearly all dates and that of most; None where all are of one order, or others are among them."""
    by_day = by_month = total = 0
    for chunk in texts():
        encoded = chunk.drop_null().dictionary_encode()
        orders = only_one_order(encoded.dictionary)
        if orders is None and len(encoded):
            return None
        if orders is not None:
            codes = encoded.indices.to_numpy()
            by_day, by_month = by_day + int(orders[0][codes].sum()), by_month + int(orders[1][codes].sum())
            total += len(codes)
    if not by_day or not by_month:
        return None
    is_day = by_day >= by_month
    order = settled_order(by_day, by_month, total)
    if order is None:
        _note_unread(texts, is_day, found)
    return order, is_day


def _note_unread(texts: Callable[[], Iterable[Any]], day_first: bool, found: DateStream) -> None:
    begin = 0
    for chunk in texts():
        against = against_order(chunk.fill_null(""), day_first=day_first)
        found.unread.update(dict.fromkeys(pc.unique(chunk.filter(pa.array(against))).to_pylist()))
        found.unread_rows.note(np.flatnonzero(against), begin)
        begin += len(chunk)


def _order(texts: Iterable[Any]) -> tuple[bool, bool] | None:
    """Whether the day comes first and whether that is a guess; None where the dates are not written with numbers alone."""
    first = second = 0
    is_dotted = True
    for chunk in texts:
        limits = day_and_month(pc.unique(chunk.drop_null()))
        if limits is None:
            return None
        first, second, is_dotted = max(first, limits[0]), max(second, limits[1]), is_dotted and limits[2]
    return second <= 12, first <= 12 and second <= 12 and not is_dotted


def _convert(chunk: Any, day_first: bool | None) -> Any:
    """All as times, or None. What Arrow takes is ISO 8601, with a zone everywhere or nowhere."""
    for kind in (_TIME, pa.timestamp("us", "UTC")):
        try:
            return pc.cast(chunk, kind).cast(_TIME)
        except pa.ArrowInvalid:
            continue
    encoded = chunk.dictionary_encode()
    dates = parse_dates(encoded.dictionary, day_first=day_first)
    return None if dates is None else pa.array(dates.times, _TIME).take(encoded.indices)


def _convert_each(chunk: Any, day_first: bool | None, found: DateStream) -> Any:
    encoded = chunk.dictionary_encode()
    times = pa.array(parse_each_date(encoded.dictionary, day_first=day_first), _TIME).take(encoded.indices)
    is_unread = pc.and_(times.is_null(), chunk.is_valid())
    found.unread.update(dict.fromkeys(pc.unique(chunk.filter(is_unread)).to_pylist()))
    found.unread_rows.note(np.flatnonzero(is_unread.to_numpy(zero_copy_only=False)), found.chunks.rows)
    return times
