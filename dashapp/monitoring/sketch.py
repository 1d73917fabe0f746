"""A sketch of many durations: percentiles within 1 %, and sketches that are added up lose nothing.

C. Masson, J. E. Rim, H. K. Lee: DDSketch, a fast and fully-mergeable quantile sketch with relative-error guarantees, VLDB 12 (2019).
Bucket i counts the values above GAMMA^(i-1) up to GAMMA^i; whatever lies in it is told as a value no further than `ERROR` from any of them.
"""

from __future__ import annotations

import base64
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

ERROR = 0.01
GAMMA = (1 + ERROR) / (1 - ERROR)
LEAST, MOST = 1e-3, 1e8
"""What is smaller or larger is counted as this: a microsecond and a day, in milliseconds. So there are never more than 1,300 buckets."""

_LOG_GAMMA = math.log(GAMMA)
_Whole = NDArray[np.int64]
_STEP, _COUNT = np.dtype("<i2"), np.dtype("<u4")


@dataclass(frozen=True, slots=True)
class Sketch:
    """How many values lie in each bucket."""

    counts: Mapping[int, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    def quantile(self, share: float) -> float | None:
        """The value that `share` (0 to 1) of the others lie below; None of an empty sketch."""
        left = math.floor(share * (self.count - 1))
        for bucket, count in sorted(self.counts.items()):
            left -= count
            if left < 0:
                return value_of(bucket)
        return None

    def to_json(self) -> dict[str, int]:
        return {str(bucket): count for bucket, count in sorted(self.counts.items())}

    def packed(self) -> str:
        """For long: the steps from bucket to bucket and the counts, compressed; a fifth of the JSON."""
        buckets, counts = zip(*sorted(self.counts.items()), strict=True) if self.counts else ((), ())
        steps = np.diff(np.array(buckets, dtype=_STEP), prepend=_STEP.type(0))
        return base64.b64encode(zlib.compress(steps.tobytes() + np.array(counts, dtype=_COUNT).tobytes())).decode()

    @classmethod
    def of_packed(cls, kept: str) -> Sketch:
        _, buckets, counts = _unpacked([kept])
        return cls(dict(zip(buckets.tolist(), counts.tolist(), strict=True)))

    @classmethod
    def of_json(cls, kept: Mapping[str, int] | None) -> Sketch:
        return cls({int(bucket): count for bucket, count in (kept or {}).items()})


def sketch_of(values: Iterable[float]) -> Sketch:
    """Values that are no numbers are left out."""
    found = np.fromiter(values, dtype=np.float64)
    found = np.clip(found[~np.isnan(found)], LEAST, MOST)
    buckets, counts = np.unique(np.ceil(np.log(found) / _LOG_GAMMA).astype(np.int64), return_counts=True)
    return Sketch(dict(zip(buckets.tolist(), counts.tolist(), strict=True)))


def merged(sketches: Iterable[Sketch]) -> Sketch:
    """As if all of their values had gone into one."""
    total: Counter[int] = Counter()
    for each in sketches:
        total.update(each.counts)
    return Sketch(dict(total))


def value_of(bucket: int) -> float:
    """The value in the middle of a bucket, in the sense of the relative error."""
    return 2 * math.exp(bucket * _LOG_GAMMA) / (GAMMA + 1)


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Of groups of sketches: of each group as one, and the lowest and highest of its parts."""

    group: NDArray[np.int64]
    low: NDArray[np.float64]
    value: NDArray[np.float64]
    high: NDArray[np.float64]


def grouped_quantiles(texts: Sequence[str], parts: Sequence[int], groups: Sequence[int], share: float) -> Quantiles:
    """Many packed sketches at once: those of the same `parts` number are one part, `groups` gives the group of each part (by the
    part's number, from 0 without a gap); parts and groups without values are left out."""
    sizes, buckets, counts = _unpacked(texts)
    if not len(buckets):
        nothing = np.empty(0)
        return Quantiles(np.empty(0, dtype=np.int64), nothing, nothing, nothing)
    part, group_of = np.repeat(np.asarray(parts, dtype=np.int64), sizes), np.asarray(groups, dtype=np.int64)
    found, of_parts = _quantiles(part, buckets, counts, share)
    group, values = _quantiles(group_of[part], buckets, counts, share)
    place = np.searchsorted(group, group_of[found])
    low, high = np.full(len(group), np.inf), np.full(len(group), -np.inf)
    np.minimum.at(low, place, of_parts)
    np.maximum.at(high, place, of_parts)
    return Quantiles(group, low, values, high)


def _unpacked(texts: Sequence[str]) -> tuple[_Whole, _Whole, _Whole]:
    """How many buckets each has, then all of the buckets and of the counts, one sketch after the other."""
    raw = [zlib.decompress(base64.b64decode(each)) for each in texts]
    sizes = np.array([len(each) // (_STEP.itemsize + _COUNT.itemsize) for each in raw], dtype=np.int64)
    ends = (sizes * _STEP.itemsize).tolist()
    steps = np.frombuffer(b"".join(each[:end] for each, end in zip(raw, ends, strict=True)), dtype=_STEP).astype(np.int64)
    counts = np.frombuffer(b"".join(each[end:] for each, end in zip(raw, ends, strict=True)), dtype=_COUNT).astype(np.int64)
    sums = np.concatenate([[0], steps.cumsum()])
    return sizes, sums[1:] - np.repeat(sums[sizes.cumsum() - sizes], sizes), counts


def _quantiles(owner: _Whole, buckets: _Whole, counts: _Whole, share: float) -> tuple[_Whole, NDArray[np.float64]]:
    """The owners that there are, in order, and the quantile of what each has."""
    lowest = int(buckets.min())
    width = int(buckets.max()) - lowest + 1
    owners = np.flatnonzero(np.bincount(owner))
    row = np.searchsorted(owners, owner) if len(owners) < owners[-1] + 1 else owner
    table = np.bincount(row * width + (buckets - lowest), weights=counts, minlength=len(owners) * width).reshape(len(owners), width)
    sums = table.cumsum(axis=1)
    rank = np.floor(share * (sums[:, -1:] - 1))
    bucket = (sums <= rank).sum(axis=1) + lowest
    return owners, 2 * np.exp(bucket * _LOG_GAMMA) / (GAMMA + 1)
