"""Whether one column is the target in disguise. An honest predictor may be strong, but only a disguise has no exception."""

from __future__ import annotations

import math

import numpy as np

from dashapp.datasets.dataset import ColumnKind
from dashapp.datasets.target.signals import Codes, Floats, Signal, r_squared

RENAMED = "it has one value for each class"
ENOUGH_BITS = 30.0  # surprise in the rule holding by chance; a table of 300 columns offers about eight bits of chances
NEARLY_ALL = 0.97
VALUES_PER_CLASS = 5
ROWS_PER_VALUE = 10
MAX_CLASSES_IN_PARTS = 20  # more of them are rather places or people, of which many columns say something
COPY_R2 = 0.9995  # a copy with a noise of two hundredths of its spread
TELLING_FLAG_R2 = 0.2
SAME = 0.95
SLIPS = 0.005  # of the rows: a class or a value that is rarer may be one
_GAP = 2.0  # between the classes, in widths of the widest class
_CUT = 0.1  # a cut leaves no more than the usual distance between two numbers


def disguise_of_classes(signal: Signal, classes: Codes, number: int) -> str | None:
    """How the column gives the classes away, in words; None where it does not. `classes` are codes below `number`.

    A missing value counts as a value of its own first; where half of the rows have one, they are judged by themselves, too.
    """
    how = _disguise_of_classes(signal, classes, number)
    where = ~signal.is_missing
    if how is None and not where.all() and where.sum() >= 0.5 * len(where):
        how = _disguise_of_classes(signal.at(where), *_renumbered(classes[where]))
    if how is None and _is_renaming_but_for_slips(signal, classes, number):
        how = RENAMED
    return how


def _renumbered(classes: Codes) -> tuple[Codes, int]:
    present, again = np.unique(classes, return_inverse=True)
    return again.astype(np.int64), len(present)


def _is_renaming_but_for_slips(signal: Signal, classes: Codes, number: int) -> bool:
    """One value for each class without the rarest classes and values, which may be slips."""
    least = SLIPS * len(classes)
    usual = np.bincount(classes, minlength=number)[classes] >= least
    usual &= np.bincount(signal.codes, minlength=signal.levels)[signal.codes] >= least
    if usual.all() or usual.sum() < (1 - 4 * SLIPS) * len(classes):
        return False
    again, kept = _renumbered(classes[usual])
    part = signal.at(usual)
    counts = _table(part, again, kept)
    return entropy(counts.sum(axis=0)) * len(again) >= ENOUGH_BITS and _is_renaming(counts)


def _table(signal: Signal, classes: Codes, number: int) -> Codes:
    """How often each value of the column meets each class."""
    counts: Codes = np.bincount(signal.codes * number + classes, minlength=signal.levels * number).reshape(signal.levels, number)
    return counts


def _disguise_of_classes(signal: Signal, classes: Codes, number: int) -> str | None:
    counts = _table(signal, classes, number)
    rows, per_class = len(classes), counts.sum(axis=0)
    if entropy(per_class) * rows < ENOUGH_BITS:
        return None
    if _is_renaming(counts):
        return RENAMED
    is_pure = (counts > 0).sum(axis=1) <= 1
    if is_pure.all() and signal.levels <= VALUES_PER_CLASS * number and rows >= ROWS_PER_VALUE * signal.levels:
        return "each of its values goes with one class only"
    if 2 < number <= MAX_CLASSES_IN_PARTS and rows >= ROWS_PER_VALUE * number and _is_part(counts):
        return "each class has one value of it only"
    if number == 2 and rows >= 50 and _is_part(_against_commonest(counts)):
        return "it differs from its usual value in one class only"
    if signal.floats is not None and _is_cut(signal, classes, number, per_class):
        return "a threshold on it tells the classes apart without exception"
    return None


def disguise_of_numbers(signal: Signal, values: Floats) -> str | None:
    """How the column gives the numbers away, in words; None where it does not."""
    rows = len(values)
    if rows < 30:
        return None
    if (where := ~signal.is_missing).sum() < rows:
        if where.sum() < max(30, rows // 10):
            return None
        signal, values = signal.at(where), values[where]
    if _is_one_to_one(signal, values):
        return "it has one value for each number"
    if signal.floats is not None and not _follows_the_rows(signal):
        if _is_monotone(signal.codes, values) or _is_monotone(signal.codes, -values):
            return "it rises and falls with it without exception"
        if np.isclose(signal.floats, values, rtol=1e-9).mean() >= SAME:
            return "it is the same number in nearly every row"
        if _is_copy(signal.floats, values):
            return "it is nearly the same number on another scale"
    if 2 <= signal.levels <= len(values) // 3 and _are_ranges(signal.codes, signal.levels, values):
        return "each of its values stands for a range of it"
    return None


def entropy(counts: Codes) -> float:
    """In bits per row."""
    shares = counts[counts > 0] / max(counts.sum(), 1)
    return float(-(shares * np.log2(shares)).sum())


def told_by_presence(signal: Signal, classes: Codes, number: int) -> int | None:
    """The class of all the rows in which the column is filled, where it is filled for that class alone; None where it is not so.

    At least half of the class must be filled, and so many rows that chance is out of the question.
    """
    counts = np.bincount(classes[~signal.is_missing], minlength=number)
    totals = np.bincount(classes, minlength=number)
    place = int(counts.argmax())
    if counts[place] == 0 or counts.sum() != counts[place] or totals[place] == len(classes):
        return None
    bits = counts[place] * -math.log2(totals[place] / len(classes))
    return place if bits >= ENOUGH_BITS and counts[place] >= 0.5 * totals[place] else None


def _is_renaming(counts: Codes) -> bool:
    """One value for each class and the other way round; a few rows in a hundred of each class may be wrong."""
    if counts.shape[0] != counts.shape[1]:
        return False
    best = counts.argmax(axis=1)
    if len(set(best.tolist())) < len(best):
        return False
    hits = counts.max(axis=1)
    totals = counts.sum(axis=0)[best]
    allowed = np.maximum((1 - NEARLY_ALL) * totals, np.minimum(3, 0.08 * totals))
    return bool(hits.sum() >= NEARLY_ALL * counts.sum() and (totals - hits <= allowed).all())


def _is_part(counts: Codes) -> bool:
    """The class alone settles the value: one of the columns that a list of classes is spread over, or classes put together."""
    per_value = counts.sum(axis=1)
    return len(per_value) >= 2 and bool(((counts > 0).sum(axis=0) <= 1).all()) and entropy(per_value) * per_value.sum() >= ENOUGH_BITS


def _against_commonest(counts: Codes) -> Codes:
    usual = counts[int(counts.sum(axis=1).argmax())]
    merged: Codes = np.stack([usual, counts.sum(axis=0) - usual])
    return merged


def _is_cut(signal: Signal, classes: Codes, number: int, per_class: Codes) -> bool:
    """Each class has a range of its own: far apart (the target and a little noise), or cut from what is otherwise one range.

    Between the two lie groups that keep apart by nature, such as kinds of flowers: those are honest.
    """
    assert signal.floats is not None
    if signal.is_missing.any() or len(classes) < 30:
        return False
    low, high = np.full(number, np.inf), np.full(number, -np.inf)
    np.minimum.at(low, classes, signal.floats)
    np.maximum.at(high, classes, signal.floats)
    order = np.argsort(low)
    gaps = low[order][1:] - high[order][:-1]
    if not (gaps > 0).all():
        return False
    is_long = len(classes) >= (200 if number == 2 else 100) and per_class.min() >= 20
    widths = high - low
    return bool((is_long and gaps.max() <= _CUT * widths.min()) or gaps.min() >= _GAP * widths.max())


def _is_one_to_one(signal: Signal, values: Floats) -> bool:
    """The same value whenever the number is the same and the other way round, often enough seen again."""
    different, numbers = np.unique(values, return_inverse=True)
    if len(different) != signal.levels or signal.levels < 2 or 2 * signal.levels > len(values):
        return False
    return len(np.unique(numbers.astype(np.int64) * signal.levels + signal.codes)) == signal.levels


def _is_monotone(codes: Codes, values: Floats) -> bool:
    """The ranges of the number for each value of the column, in its order, touch at most. Nearly as many values as numbers are needed."""
    order = np.lexsort((values, codes))
    ordered = values[order]
    enough = len(np.unique(codes)) >= 10
    return enough and bool((ordered[1:] >= ordered[:-1]).all()) and len(np.unique(ordered)) >= 10


def _follows_the_rows(signal: Signal) -> bool:
    """The file is sorted by it: a date or a number of the row, with which anything that only grows would rise."""
    steps = np.diff(signal.codes)
    is_even = signal.kind is ColumnKind.DATETIME or (signal.floats is not None and _is_even(np.diff(signal.floats)))
    return is_even and (bool((steps >= 0).all()) or bool((steps <= 0).all()))


def _is_even(steps: Floats) -> bool:
    return len(steps) > 0 and float(steps.max() - steps.min()) <= 2 * abs(float(np.median(steps)))


def _is_copy(x: Floats, y: Floats) -> bool:
    """Nearly all of the spread is explained by a straight line, on plain or logarithmic scales."""
    with np.errstate(all="ignore"):
        scales = [(x, y)]
        if y.min() > 0:
            scales.append((x, np.log(y)))
        if x.min() > 0:
            scales += [(np.log(x), values) for _, values in list(scales)]
        return any(_line_r2(a, b) >= COPY_R2 for a, b in scales) or _local_r2(x, y) >= COPY_R2


def _line_r2(x: Floats, y: Floats) -> float:
    """The worse of all rows and of those without the outer tenth, lest a few far values make the line."""
    inner = (np.abs(y - np.median(y)) <= np.quantile(np.abs(y - np.median(y)), 0.9)).nonzero()[0]
    worst = 1.0
    for rows in (slice(None), inner):
        a, b = x[rows], y[rows]
        if np.ptp(a) == 0 or np.ptp(b) == 0:
            return 0.0
        r = float(np.corrcoef(a, b)[0, 1])
        worst = min(worst, r * r)
        if not worst >= COPY_R2:
            return 0.0
    return worst


def _local_r2(x: Floats, y: Floats) -> float:
    """How well each number is the mean of its two neighbours by `x`: any smooth rule, where the table is long enough."""
    if len(x) < 200 or len(np.unique(x)) < 0.5 * len(x):
        return 0.0
    ordered = y[np.argsort(x, kind="stable")]
    return r_squared(ordered[1:-1], (ordered[:-2] + ordered[2:]) / 2)


def _are_ranges(codes: Codes, levels: int, values: Floats) -> bool:
    low, high = np.full(levels, np.inf), np.full(levels, -np.inf)
    np.minimum.at(low, codes, values)
    np.maximum.at(high, codes, values)
    order = np.argsort(low)
    if not (high[order][:-1] <= low[order][1:]).all():
        return False
    if levels > 2:
        return True
    # A shop that is closed sells nothing: that one of two ranges is a single number is no disguise. Nor is a flag of a few rows.
    is_upper = codes == order[-1]
    middles = np.where(is_upper, values[is_upper].mean(), values[~is_upper].mean())
    return bool((high > low).all()) and r_squared(values, middles) >= TELLING_FLAG_R2
