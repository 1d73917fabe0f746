"""Labels that are the same but for the way they are written: "yes", " Yes" and "YES", or yes, true and 1."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dashapp.datasets.columns.cells import Cells
from dashapp.datasets.dataset import ColumnReading, Finding, Remedy, Severity
from dashapp.datasets.wording import listed, quoted

_UNDECIDED = ColumnReading()
BOOLEAN_PAIRS = ({"yes", "no"}, {"true", "false"}, {"t", "f"}, {"y", "n"}, {"1", "0"}, {"1.0", "0.0"}, {"on", "off"})
TRUE_WORDS = frozenset({"yes", "true", "t", "y", "1", "1.0", "on"})
FALSE_WORDS = frozenset({"no", "false", "f", "n", "0", "0.0", "off"})
TRUTHS = dict.fromkeys(TRUE_WORDS, True) | dict.fromkeys(FALSE_WORDS, False)
# Words of other languages count where somebody said that a column is yes or no.
TOLD_TRUTHS = TRUTHS | dict.fromkeys(["ja", "wahr", "oui", "vrai", "si", "sí", "sì", "verdadero", "vero", "sim"], True)
TOLD_TRUTHS |= dict.fromkeys(["nein", "falsch", "non", "faux", "falso", "não", "nao", "nee"], False)
_MAX_LABELS = 1_000
_CODE_LETTERS, _CODE_ROWS, _CODE_SHARE = 3, 5, 0.1  # of what is a code rather than a label in another case


def merge_spellings(
    name: str, cells: Cells, reading: ColumnReading = _UNDECIDED, truths: Mapping[str, bool] = TRUTHS
) -> tuple[Cells, tuple[Finding, ...]]:
    """Give labels that differ only in case or blanks the commonest of their spellings, and say so. `truths`: the words for
    yes and no, which are merged where nothing else is among them."""
    if cells.unique > _MAX_LABELS or reading.merge is False:
        return cells, ()
    labels: list[str] = cells.values.to_pylist()
    is_boolean = _mixes_booleans(labels, truths)
    groups: dict[str, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        groups[str(truths[label.lower()]) if is_boolean else label_key(label)].append(index)
    if not is_boolean:
        groups = _with_codes_apart(groups, labels, cells.counts)
    weights = cells.counts + _pair_weights(labels, cells.counts) if is_boolean else cells.counts
    merged = cells if len(groups) == len(labels) else _merge(cells, list(groups.values()), weights)
    if len(groups) == len(labels) and not cells.spaced:
        return cells, ()
    variants = [label for group in groups.values() if len(group) > 1 for label in (labels[index] for index in group)]
    shown = f" ({listed(variants)})" if variants else " (blanks before or after them)"
    kept = listed(merged.values.to_pylist())
    sentence = f"Labels of {quoted(name)} that differ only in how they are written{shown} were merged; they are now {kept}."
    apart = Remedy("Keep them apart", {"columns": {name: {"merge": False}}})
    return merged, (Finding("merged_labels", name, sentence, Severity.WARN, remedies=(apart,)),)


def _mixes_booleans(labels: list[str], truths: Mapping[str, bool]) -> bool:
    """Words for true and false in more than one spelling. Single letters alone are more likely codes of their own."""
    lower = {label.lower() for label in labels}
    is_both = {truths[label] for label in lower if label in truths} == {True, False}
    return is_both and len(lower) > 2 and lower <= truths.keys() and any(len(label) > 1 and label.isalpha() for label in lower)


def _with_codes_apart(groups: dict[str, list[int]], labels: list[str], counts: NDArray[np.int64]) -> dict[str, list[int]]:
    """Genotypes like AA, Aa and aa are no slips of the keyboard: short, and none of them rare."""
    apart: dict[str, list[int]] = {}
    for key, group in groups.items():
        frequent = max(_CODE_ROWS, _CODE_SHARE * int(counts[group].sum()))
        is_code = len(group) > 1 and len(key) <= _CODE_LETTERS and key.isalpha() and key not in TRUTHS
        if is_code and all(int(counts[index]) > frequent for index in group):
            apart |= {labels[index]: [index] for index in group}
        else:
            apart[f"{key} "] = group  # no label has a blank at its end
    return apart


def label_key(label: str) -> str:
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
