"""A long column of words: how many are different, which come most often, and of what sort they are, chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dashapp.datasets.dataset import ValueCount

_ODD = np.uint64(0x9E3779B97F4A7C15)
MAX_PRINTS = 4_000_000  # that are held in memory at a time
_SAMPLED = 2_000  # values of a chunk whose words and characters are counted


@dataclass(frozen=True, slots=True)
class Described:
    """`top`: the most frequent values, most frequent first."""

    present: int
    unique: int
    mean_words: float
    mean_chars: float
    top: tuple[ValueCount, ...]


def describe_text(chunks: Callable[[], Iterable[Any]], rows: int, max_top: int) -> Described:
    """`chunks`: pyarrow string arrays, null where missing. With very many rows `unique` and `top` are of every so many-th value."""
    step = -(-rows // MAX_PRINTS)
    prints: list[NDArray[np.uint64]] = []
    present, words, chars, sampled = 0, 0.0, 0.0, 0
    for chunk in chunks():
        values = chunk.drop_null()
        present += len(values)
        found = fingerprints(values)
        prints.append(found if step == 1 else found[found >> np.uint64(40) < np.uint64((1 << 24) // step)])
        some = values.take(pa.array(np.arange(0, len(values), -(-len(values) // _SAMPLED)))) if len(values) else values
        sampled += len(some)
        words += pc.sum(pc.add(pc.count_substring_regex(some, r"\s+"), 1)).as_py() or 0
        chars += pc.sum(pc.utf8_length(some)).as_py() or 0
    distinct, counts = _runs(prints)
    top = _spelled(chunks, *_commonest(distinct, counts, max_top))
    return Described(present, min(len(distinct) * step, present), words / max(sampled, 1), chars / max(sampled, 1), top)


def fingerprints(values: Any) -> NDArray[np.uint64]:
    """64 bits of each value (a pyarrow string array without nulls), the same for the same text."""
    begins, size, data = _bytes_of(values)
    prints = size.astype(np.uint64) * _ODD
    words: NDArray[np.uint64] = np.ndarray(len(data) - 7, dtype="<u8", buffer=data, strides=(1,))
    left = np.arange(len(size))
    for at in range(0, int(size.max(initial=0)), 8):
        left = left[size[left] > at]
        rest = np.minimum(size[left] - at, 8).astype(np.uint64)
        mask = np.where(rest == 8, np.uint64(2**64 - 1), (np.uint64(1) << (rest * np.uint64(8))) - np.uint64(1))
        mixed = (prints[left] ^ (words[begins[left] + at] & mask)) * _ODD
        prints[left] = mixed ^ (mixed >> np.uint64(29))
    return prints


def _bytes_of(values: Any) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
    if len(values) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(8, np.uint8)
    _, offsets, data = values.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[values.offset : values.offset + len(values) + 1].astype(np.int64)
    content = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, dtype=np.uint8)
    return ends[:-1], np.diff(ends), np.append(content, np.zeros(8, np.uint8))


def _runs(parts: list[NDArray[np.uint64]]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The different ones and how often each occurs."""
    prints = np.concatenate(parts) if parts else np.zeros(0, np.uint64)
    parts.clear()
    prints.sort()
    begins = np.flatnonzero(np.append(True, prints[1:] != prints[:-1])) if len(prints) else np.zeros(0, np.int64)
    return prints[begins], np.diff(np.append(begins, len(prints)))


def _commonest(prints: NDArray[np.uint64], counts: NDArray[np.int64], how_many: int) -> tuple[NDArray[np.uint64] | None, NDArray[np.int64]]:
    """None for the prints where each occurs once: then it is the first few in the column."""
    if counts.max(initial=1) == 1:
        return None, counts[:how_many]
    most = np.argpartition(-counts, how_many)[:how_many] if len(counts) > how_many else np.arange(len(counts))
    return prints[most], counts[most]


def _spelled(chunks: Callable[[], Iterable[Any]], prints: NDArray[np.uint64] | None, counts: NDArray[np.int64]) -> tuple[ValueCount, ...]:
    """The texts of the prints, the most frequent first, and those of equal frequency as they come."""
    wanted = {} if prints is None else dict(zip(prints.tolist(), counts.tolist(), strict=True))
    found: dict[int, ValueCount] = {}
    for chunk in chunks():
        if len(found) == len(counts):
            break
        values = chunk.drop_null()
        if prints is None:
            found.update({len(found) + at: ValueCount(text, 1) for at, text in enumerate(values[: len(counts) - len(found)].to_pylist())})
            continue
        here = fingerprints(values)
        for place in np.flatnonzero(np.isin(here, prints)).tolist():
            if (each := int(here[place])) not in found:
                found[each] = ValueCount(values[place].as_py(), wanted[each])
    return tuple(sorted(found.values(), key=lambda value: -value.count))
