"""The rows of a fold as each family learns them, encoded once and shared by its trials."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashapp.training.families.family import Family, Rows
from dashapp.training.material import Material
from dashapp.training.result import Setting
from dashapp.training.split import Positions, thinned

SAMPLE_ROWS = 1_000
MOST_BYTES = 300_000_000


@dataclass(frozen=True, slots=True)
class Encoded:
    """`seconds` is how long it took to encode the rows that are learned from; `row_bytes` is what each takes before the family puts
    them in its own form, `size` what all of it takes while it is held."""

    rows: Rows
    seconds: float
    row_bytes: float
    size: int


Key = tuple[str, str, int, int | None]


class Encoder:
    """Safe for several threads; what was not asked for longest is forgotten once `MOST_BYTES` are held."""

    def __init__(self, material: Material, seed: int) -> None:
        self._material, self._seed = material, seed
        self._held: OrderedDict[Key, Encoded] = OrderedDict()
        self._locks: dict[Key, threading.Lock] = {}
        self._guard = threading.Lock()

    def rows(self, family: Family, setting: Setting, fold: int, limit: int | None) -> Encoded:
        """The rows, encoded now or before."""
        key = (family.name, family.encoding(setting), fold, limit)
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._held:
                encoded = self._encoded(family, setting, fold, limit)
                with self._guard:
                    self._held[key] = encoded
                    while len(self._held) > 1 and sum(each.size for each in self._held.values()) > MOST_BYTES:
                        self._held.popitem(last=False)
                return encoded
            with self._guard:
                if key in self._held:
                    self._held.move_to_end(key)
                    return self._held[key]
        return self._encoded(family, setting, fold, limit)

    def forget(self) -> None:
        """Nothing is held any more."""
        with self._guard:
            self._held.clear()

    def learned(self, fold: int, limit: int | None) -> Positions:
        """Positions of the rows that a trial learns from."""
        rows = self._material.folds[fold][0]
        return rows if limit is None else thinned(rows, limit, self._seed, self._material.answers.classes)

    def sampled(self, fold: int, limit: int | None) -> Positions:
        """Positions of the rows whose loss is the training loss."""
        return thinned(self.learned(fold, limit), SAMPLE_ROWS, self._seed)

    def _encoded(self, family: Family, setting: Setting, fold: int, limit: int | None) -> Encoded:
        frame, y = self._material.frame, self._material.answers.y
        learned, sampled = self.learned(fold, limit), self.sampled(fold, limit)
        began, began_cpu = time.monotonic(), time.thread_time()
        features = family.features(setting)
        x = features.fit_transform(frame.iloc[learned], y[learned])
        seconds = undisturbed_s(time.thread_time() - began_cpu, time.monotonic() - began)
        parts = [features.transform(frame.iloc[rows]) for rows in (sampled, self._material.folds[fold][1])]
        began, began_cpu = time.monotonic(), time.thread_time()
        row_bytes = _bytes(x) / max(1, len(learned))
        rows = family.held(Rows(x, y[learned], parts[0], parts[1], len(self._material.answers.labels), len(learned)))
        seconds += undisturbed_s(time.thread_time() - began_cpu, time.monotonic() - began)
        return Encoded(rows, seconds, row_bytes, _size_of(rows))


def undisturbed_s(cpu_s: float, wall_s: float) -> float:
    """Of work that took so long in the race: half way to its own seconds of the processor, as the last fits share their cores and
    Python's lock with less."""
    return math.sqrt(min(wall_s, max(cpu_s, 0.1 * wall_s)) * wall_s)


def _size_of(rows: Rows) -> int:
    held = [_bytes(part) for part in (rows.x, rows.sample, rows.validation)]
    return sum(held)


def _bytes(part: Any) -> int:
    if isinstance(part, np.ndarray):
        return part.nbytes
    if hasattr(part, "data") and hasattr(part, "indices"):
        return int(part.data.nbytes + part.indices.nbytes)
    return int(part.num_data() * part.num_feature()) if hasattr(part, "num_data") else 0
