"""Labels that are the same but for the way they are written: "yes", " Yes" and "YES", or yes, true and 1."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dashapp.datasets.cells import Cells
from dashapp.datasets.dataset import Finding
from dashapp.datasets.wording import listed, quoted

BOOLEAN_PAIRS = ({"yes", "no"}, {"true", "false"}, {"t", "f"}, {"y", "n"}, {"1", "0"}, {"1.0", "0.0"}, {"on", "off"})
_TRUE = frozenset({"yes", "true", "t", "y", "1", "1.0", "on"})
_FALSE = frozenset({"no", "false", "f", "n", "0", "0.0", "off"})
_MAX_LABELS = 1_000


def merge_spellings(name: str, cells: Cells) -> tuple[Cells, tuple[Finding, ...]]:
    """Give labels that differ only in case or blanks the commonest of their spellings, and say so."""
    if cells.unique > _MAX_LABELS:
        return cells, ()
    labels: list[str] = cells.values.to_pylist()
    is_boolean = _mixes_booleans(labels)
    groups: dict[str, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        groups[_truth(label) if is_boolean else _key(label)].append(index)
    weights = cells.counts + _pair_weights(labels, cells.counts) if is_boolean else cells.counts
    merged = cells if len(groups) == len(labels) else _merge(cells, list(groups.values()), weights)
    if len(groups) == len(labels) and not cells.spaced:
        return cells, ()
    variants = [label for group in groups.values() if len(group) > 1 for label in (labels[index] for index in group)]
    shown = f" ({listed(variants)})" if variants else " (blanks before or after them)"
    kept = listed(merged.values.to_pylist())
    sentence = f"Labels of {quoted(name)} that differ only in how they are written{shown} were merged; they are now {kept}."
    return merged, (Finding("merged_labels", name, sentence),)


def _mixes_booleans(labels: list[str]) -> bool:
    """Words for true and false in more than one spelling. Single letters alone are more likely codes of their own."""
    lower = {label.lower() for label in labels}
    is_both = bool(lower & _TRUE) and bool(lower & _FALSE)
    return is_both and len(lower) > 2 and lower <= _TRUE | _FALSE and any(len(label) > 1 and label.isalpha() for label in lower)


def _truth(label: str) -> str:
    return "true" if label.lower() in _TRUE else "false"


def _key(label: str) -> str:
    """Single letters stay apart: "m" and "M" are often two codes."""
    return label if len(label) == 1 else " ".join(label.casefold().split())


def _pair_weights(labels: list[str], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """So much for each spelling of the commonest pair that both sides go by it: not "true" against "No"."""
    lower = [label.lower() for label in labels]
    complete = [pair for pair in BOOLEAN_PAIRS if pair <= set(lower)]
    best = max(complete, default=set(), key=lambda pair: sum(int(counts[i]) for i, label in enumerate(lower) if label in pair))
    return np.where([label in best for label in lower], counts.sum(), 0)


def _merge(cells: Cells, groups: list[list[int]], weights: NDArray[np.int64]) -> Cells:
    places = np.empty(cells.unique, dtype=np.int64)
    chosen: list[int] = []
    for place, group in enumerate(groups):
        places[group] = place
        chosen.append(max(group, key=lambda index: int(weights[index])))
    return replace(cells.spelled(cells.values.take(pa.array(chosen)), places), spaced=0)
