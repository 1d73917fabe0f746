"""What the numbers of a column say: range, mean, how many are different, and how they are spread."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.datasets.dataset import Bin

MAX_BINS = 30
MAX_SORTED = 4_000_000  # numbers that are held in memory at a time; of more, those in between are estimated
_SCALES = (1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6)
_MAX_COUNTERS, _COUNTERS_A_ROW = 8_000_000, 16
_LARGEST_EXACT = 2.0**53
_LOOKED_AT = 100

_PART = 1 << 16

Floats = NDArray[np.float64]
Counts = NDArray[np.integer[Any]]
Part = tuple[Floats, Counts]


@dataclass(frozen=True, slots=True)
class Spread:
    """Different numbers, ascending, and how often each occurs, given in parts as often as it is asked.

    `unique` is how many are different, from `low` to `high` (NaN where there is none); `occurrences` says how often some numbers
    occur. `is_sample`: in every so many-th row only.
    """

    unique: int
    low: float
    high: float
    parts: Callable[[], Iterator[Part]]
    occurrences: Callable[[Floats], Counts]
    is_sample: bool = False

    def without(self, test: Callable[[Floats], NDArray[np.bool_]]) -> Spread:
        """The numbers that do not pass the test."""

        def parts() -> Iterator[Part]:
            for distinct, counts in self.parts():
                kept = ~test(distinct)
                yield distinct[kept], counts[kept]

        kept = [distinct[[0, -1]] for distinct, _ in parts() if len(distinct)]
        unique = sum(len(distinct) for distinct, _ in parts())
        low, high = (float(kept[0][0]), float(kept[-1][1])) if kept else (math.nan, math.nan)
        return Spread(unique, low, high, parts, self.occurrences, self.is_sample)

    def first(self, test: Callable[[Floats], NDArray[np.bool_]], limit: int) -> list[float]:
        """The smallest numbers that pass the test."""
        found: list[float] = []
        for distinct, _ in self.parts():
            found.extend(distinct[test(distinct)][: limit - len(found)].tolist())
        return found


@dataclass(frozen=True, slots=True)
class Measured:
    """All None or empty where there is no number."""

    unique: int = 0
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    histogram: tuple[Bin, ...] = ()


NOTHING = Measured()


def spread_of_values(numbers: Floats, counts: NDArray[np.int64]) -> Spread:
    """Of values that are different as written, but maybe not as numbers; NaN does not count."""
    is_number = ~np.isnan(numbers)
    distinct, places = np.unique(numbers[is_number], return_inverse=True)
    totals = np.bincount(places, weights=counts[is_number], minlength=len(distinct)).astype(np.int64)
    low, high = (float(distinct[0]), float(distinct[-1])) if len(distinct) else (math.nan, math.nan)

    def occurrences(numbers: Floats) -> Counts:
        return np.array([totals[distinct == number].sum() for number in numbers], dtype=np.int64)

    return Spread(len(distinct), low, high, lambda: iter([(distinct, totals)]), occurrences)


def spread_of_column(chunks: Callable[[], Iterable[Any]], rows: int) -> Spread:
    """Of a whole column: by counting where its numbers have few decimals, and otherwise by sorting as many as fit into memory."""
    return _count_on_grid(chunks, rows) or _sort(chunks(), rows)


def _count_on_grid(chunks: Callable[[], Iterable[Any]], rows: int) -> Spread | None:
    """Numbers like 12.34 are all multiples of 0.01: each has a place in a row of counters, if that is not too long."""
    ranges = [(float(numbers.min()), float(numbers.max()), numbers[:_LOOKED_AT].copy()) for numbers in _present(chunks)]
    if not ranges:
        return None
    low, high = min(each[0] for each in ranges), max(each[1] for each in ranges)
    scale = next((scale for scale in _SCALES if all(_are_on_grid(each[2], scale).all() for each in ranges)), None)
    if scale is None or not (high - low) * scale < min(_MAX_COUNTERS, _COUNTERS_A_ROW * rows) or max(-low, high) * scale > _LARGEST_EXACT:
        return None
    first = round(low * scale)
    one = np.int32(1)  # of the same type as the counters: anything else is slow
    counters = np.zeros(round(high * scale) - first + 1, dtype=np.int32)
    for numbers in _present(chunks):
        steps = np.rint(numbers * scale)
        if not (steps / scale == numbers).all():
            return None
        np.add.at(counters, steps.astype(np.int64) - first, one)

    def parts() -> Iterator[Part]:
        for begin in range(0, len(counters), _PART):
            places = np.flatnonzero(counters[begin : begin + _PART] != 0)  # of truth values: that is fast
            yield (places + (begin + first)) / scale, counters[begin + places]

    def occurrences(numbers: Floats) -> Counts:
        places = np.rint(numbers * scale).astype(np.int64) - first
        inside = (places >= 0) & (places < len(counters))
        return np.where(inside & _are_on_grid(numbers, scale), counters[np.where(inside, places, 0)], 0)

    return Spread(int(np.count_nonzero(counters)), low, high, parts, occurrences)


def _are_on_grid(numbers: Floats, scale: float) -> NDArray[np.bool_]:
    with np.errstate(over="ignore"):
        is_multiple: NDArray[np.bool_] = np.rint(numbers * scale) / scale == numbers
    return is_multiple


def _sort(chunks: Iterable[Any], rows: int) -> Spread:
    step = -(-rows // MAX_SORTED)
    numbers = np.empty(-(-rows // step))
    filled = begin = 0
    for chunk in chunks:
        part = floats_of(chunk)[-begin % step :: step]
        part = part[~np.isnan(part)]
        numbers[filled : filled + len(part)] = part
        filled, begin = filled + len(part), begin + len(chunk)
    numbers = numbers[:filled]
    numbers.sort()

    def parts() -> Iterator[Part]:
        begin = 0
        while begin < filled:
            # A part ends with the last of equal numbers.
            end = int(np.searchsorted(numbers, numbers[min(begin + _PART, filled) - 1], side="right"))
            here = numbers[begin:end]
            changes = np.flatnonzero(np.append(True, here[1:] != here[:-1]))
            yield here[changes], np.diff(changes, append=len(here))
            begin = end

    def occurrences(some: Floats) -> Counts:
        found: Counts = np.searchsorted(numbers, some, side="right") - np.searchsorted(numbers, some)
        return found

    unique = 1 + sum(int(np.count_nonzero(np.diff(numbers[at : at + _PART + 1]))) for at in range(0, filled, _PART)) if filled else 0
    low, high = (float(numbers[0]), float(numbers[-1])) if filled else (math.nan, math.nan)
    return Spread(unique, low, high, parts, occurrences, is_sample=step > 1)


def measure(spread: Spread, chunks: Callable[[], Iterable[Any]] | None = None) -> Measured:
    """Exact from the spread of a whole column. Where it is a sample, `chunks` are gone through for all but the number of
    different values, which is estimated."""
    if spread.is_sample and chunks is not None:
        return _measure_stream(chunks)
    if not spread.unique:
        return NOTHING
    low, high = spread.low, spread.high
    total, mean = 0, 0.0
    bins: NDArray[np.int64] | None = None
    for distinct, counts in spread.parts():
        if here := int(counts.sum()):
            total += here
            mean += (float((distinct / here * counts).sum()) - mean) * (here / total)  # divided first: the sum may overflow
            counted = _count_ascending(distinct, low, high, counts)
            bins = counted if bins is None else bins + counted
    return Measured(spread.unique, low, high, mean, () if bins is None else _bins(bins, low, high))


def floats_of(chunk: Any) -> Floats:
    """NaN for null."""
    floats: Floats = chunk.to_numpy(zero_copy_only=False)
    return floats


def _measure_stream(chunks: Callable[[], Iterable[Any]]) -> Measured:
    low, high, total, mean = np.inf, -np.inf, 0, 0.0
    for numbers in _present(chunks):
        low, high = min(low, float(numbers.min())), max(high, float(numbers.max()))
        total += len(numbers)
        mean += (float(np.mean(numbers / 2)) * 2 - mean) * (len(numbers) / total)
    bins: NDArray[np.int64] | None = None
    step = -(-total // MAX_SORTED)
    some: list[Floats] = []
    for numbers in _present(chunks):
        here = _count(numbers, low, high)
        bins = here if bins is None else bins + here
        some.append(numbers[_scattered(numbers) % np.uint64(step) == 0])
    sample = np.concatenate(some)
    some.clear()
    sample.sort()
    unique = step * (1 + int(np.count_nonzero(sample[1:] != sample[:-1]))) if len(sample) else 0
    return Measured(min(unique, total), low, high, mean, () if bins is None else _bins(bins, low, high))


def _present(chunks: Callable[[], Iterable[Any]]) -> Iterator[Floats]:
    for chunk in chunks():
        numbers = floats_of(chunk)
        if (is_missing := np.isnan(numbers)).any():
            numbers = numbers[~is_missing]
        if len(numbers):
            yield numbers


def _scattered(numbers: Floats) -> NDArray[np.uint64]:
    """A number for each that says nothing of its size, the same for the same."""
    bits: NDArray[np.uint64] = (numbers + 0.0).view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return bits >> np.uint64(40)


def _count_ascending(distinct: Floats, low: float, high: float, counts: Counts) -> NDArray[np.int64]:
    if not low < high:
        return np.array([counts.sum()], dtype=np.int64)
    before = np.append(0, np.cumsum(counts, dtype=np.int64))
    places = np.searchsorted(distinct, _edges(low, high, MAX_BINS)[1:-1])
    return np.diff(before[places], prepend=0, append=before[-1])


def _count(numbers: Floats, low: float, high: float) -> NDArray[np.int64]:
    if not low < high:
        return np.array([len(numbers)], dtype=np.int64)
    # Halved, since the difference of two floats may be more than the largest of them.
    width = high / 2 - low / 2
    places = np.minimum((numbers / 2 - low / 2) / width * MAX_BINS, MAX_BINS - 1).astype(np.int64)
    return np.bincount(places, minlength=MAX_BINS)


def is_increasing(chunks: Iterable[Any]) -> bool:
    """Whether each number is larger than the one before; a missing one is not."""
    last = -np.inf
    for chunk in chunks:
        floats = floats_of(chunk)
        if not (np.diff(floats, prepend=last) > 0).all():
            return False
        last = float(floats[-1]) if len(floats) else last
    return True


def _bins(counts: NDArray[np.int64], low: float, high: float) -> tuple[Bin, ...]:
    edges = _edges(low, high, len(counts)).tolist()
    return tuple(Bin(edges[at], edges[at + 1], int(count)) for at, count in enumerate(counts.tolist()))


def _edges(low: float, high: float, bins: int) -> Floats:
    shares = np.arange(bins + 1) / bins
    edges: Floats = low * (1 - shares) + high * shares
    edges[0], edges[-1] = low, high
    return edges
