"""How a metric went, over any time: from samples, minutes, hours or days, whichever are fine enough and still kept.

What is asked for is parted at times that are whole minutes, hours or days, so that nothing is counted twice: the newest part, that is
not rolled up yet, comes from the samples and requests themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from dashapp.monitoring.rollups import DAY, HOUR, MINUTE, Rollups
from dashapp.monitoring.sample import PERCENTILES, UNITS
from dashapp.monitoring.sketch import grouped_quantiles
from dashapp.monitoring.store import RequestCounts, Samples, Slice

RAW_S, MINUTES_S = 2 * HOUR, 8 * DAY
"""Up to so long a time is told from samples, and from minutes."""
SKETCH_MINUTES_S, SKETCH_HOURS_S = 25 * HOUR, 32 * DAY
"""The same for percentiles, whose sketches take longer to read."""
GAP_INTERVALS = 3
"""Samples further apart than so many intervals have a gap between them."""
LONGEST_TAIL_S = 900.0
"""Requests that are not rolled up for longer than this are not looked at one by one."""
_INSTANT_S = 1e-6


@dataclass(frozen=True, slots=True)
class Point:
    """A metric over a part of the time, `at` (epoch seconds) in its middle; None where it was not known, or nobody measured."""

    at: float
    low: float | None
    mean: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Slices of one resolution (seconds; 0 of samples)."""

    resolution: int
    slices: list[Slice]


@dataclass(frozen=True, slots=True)
class _Part:
    """The packed sketch of one kind of requests over `resolution` seconds from `at` on."""

    at: int
    resolution: int
    sketch: str


class History:
    """Reads alone; from any process."""

    def __init__(self, samples: Samples, counts: RequestCounts, rollups: Rollups) -> None:
        self._samples, self._counts, self._rollups = samples, counts, rollups

    def points(self, metric: str, start: float, end: float, most: int = 500) -> list[Point]:
        """At most `most` points of `metric` (a key of `UNITS`) between two times (epoch seconds), oldest first. A gap is one point without
        a value. Of percentiles `mean` is that of all requests of its part of the time, `low` and `high` are those of its parts."""
        if metric not in UNITS:
            raise KeyError(metric)
        if end <= start:
            return []
        read = self._percentiles if metric in PERCENTILES else self._measured
        found = _with_gaps(read(metric, start, end, most), self._gap_s)
        if len(found) > most:
            found = _with_gaps(read(metric, start, end, max(most // 2, 1)), self._gap_s)
        return found[:most]

    @property
    def _gap_s(self) -> float:
        return GAP_INTERVALS * self._samples.sample_s

    def _measured(self, metric: str, start: float, end: float, parts: int) -> list[_Stretch]:
        width = (end - start) / parts
        minutes_to, hours_to = self._rollups.rolled_up_to(MINUTE), self._rollups.rolled_up_to(HOUR)
        samples_from: float = max(start, minutes_to)
        if end - start <= RAW_S:
            oldest = self._samples.oldest()
            samples_from = start if oldest is None or oldest <= start else min(max(_up(oldest, MINUTE), start), samples_from)
        minutes_from: float = max(start, hours_to)
        if end - start <= MINUTES_S:
            first = self._rollups.oldest(metric, MINUTE)
            minutes_from = start if first is None or first <= start else min(max(_up(first, HOUR), start), minutes_from)
        minutes_from = min(minutes_from, samples_from)
        of = (start, width)
        hours = self._rollups.slices(metric, HOUR, start, min(minutes_from, end), *of) if minutes_from > start else []
        minutes = self._rollups.slices(metric, MINUTE, minutes_from, min(samples_from, end), *of) if samples_from > minutes_from else []
        newest = self._samples.slices(metric, samples_from, end, *of)
        return [_Stretch(HOUR, hours), _Stretch(MINUTE, minutes), _Stretch(0, newest)]

    def _percentiles(self, metric: str, start: float, end: float, parts: int) -> list[_Stretch]:
        share, kinds = PERCENTILES[metric]
        finest = MINUTE if end - start <= SKETCH_MINUTES_S else HOUR if end - start <= SKETCH_HOURS_S else DAY
        kept: list[_Part] = []
        begin = start
        for resolution in (DAY, HOUR, MINUTE):
            until = min(self._rollups.rolled_up_to(resolution), end)
            if resolution <= finest and until > begin:
                kept += [_Part(at, resolution, text) for at, text in self._rollups.kept_sketches(kinds, resolution, begin, until)]
                begin = until
        kept += self._tail(kinds, max(begin, end - LONGEST_TAIL_S), end)
        return [_Stretch(finest, _merged(kept, share, start, (end - start) / parts, parts))]

    def _tail(self, kinds: Sequence[str], start: float, end: float) -> list[_Part]:
        """Minute by minute, what is not rolled up yet."""
        found = []
        while start < end:
            until = min(_up(start + 1e-3, MINUTE), end)
            sketches = self._counts.sketches(start - _INSTANT_S, until - _INSTANT_S)
            found += [_Part(int(start), MINUTE, sketches[kind].packed()) for kind in kinds if kind in sketches]
            start = until
        return found


def _merged(kept: Sequence[_Part], share: float, origin: float, width: float, buckets: int) -> list[Slice]:
    """The quantile of each bucket of time, from all of its sketches."""
    whole = sorted({(each.at, each.resolution) for each in kept})
    place = {part: number for number, part in enumerate(whole)}
    bucket_of = [min(int((at + resolution / 2 - origin) // width), buckets - 1) for at, resolution in whole]
    texts, parts = [each.sketch for each in kept], [place[each.at, each.resolution] for each in kept]
    found = grouped_quantiles(texts, parts, bucket_of, share)
    within = {bucket: list(group) for bucket, group in groupby(whole, key=lambda part: bucket_of[place[part]])}
    rows = zip(found.group.tolist(), found.low.tolist(), found.value.tolist(), found.high.tolist(), strict=True)
    return [Slice(bucket, within[bucket][0][0], sum(within[bucket][-1]), low, value, high, 1) for bucket, low, value, high in rows]


def _with_gaps(stretches: Sequence[_Stretch], gap_s: float) -> list[Point]:
    found: list[Point] = []
    before: Slice | None = None
    resolution = 0
    for slice, of in _joined(stretches):
        if before is not None and slice.first - before.last > max(gap_s, min(of, resolution) / 2):
            found.append(Point((slice.first + before.last) / 2, None, None, None))
        at = (slice.first + slice.last) / 2
        found.append(Point(at, *(None if each is None else round(each, 3) for each in (slice.low, slice.mean, slice.high))))
        before, resolution = slice, of
    return found


def _joined(stretches: Iterable[_Stretch]) -> list[tuple[Slice, int]]:
    """In order; where two stretches meet within a bucket their slices are one."""
    found: list[tuple[Slice, int]] = []
    for bucket, group in groupby(((each, of.resolution) for of in stretches for each in of.slices), key=lambda pair: pair[0].bucket):
        together = list(group)
        found.append((_one([each for each, _ in together], bucket), together[-1][1]))
    return found


def _one(slices: Sequence[Slice], bucket: int) -> Slice:
    if len(slices) == 1:
        return slices[0]
    known = [each for each in slices if each.count]
    count = sum(each.count for each in known)
    return Slice(
        bucket,
        min(map(attrgetter("first"), slices)),
        max(map(attrgetter("last"), slices)),
        min((each.low for each in known if each.low is not None), default=None),
        sum((each.mean or 0.0) * each.count for each in known) / count if count else None,
        max((each.high for each in known if each.high is not None), default=None),
        count,
    )


def _up(at: float, step: int) -> int:
    return int(-(-at // step)) * step
