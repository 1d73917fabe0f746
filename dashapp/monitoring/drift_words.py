"""What a measured column says, as a sentence that needs no statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashapp.datasets.dataset import ColumnKind
from dashapp.datasets.wording import count_of, listed, quoted
from dashapp.monitoring.distance import Distance
from dashapp.monitoring.told import ColumnDrift


@dataclass(frozen=True, slots=True)
class Range:
    """The values from `low` to `high`, None where it has no end: the part of all live rows in it, and that of the training's."""

    low: float | None
    high: float | None
    has_low: bool
    has_high: bool
    live: float
    training: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a column live: shares of all rows. Of labels the one whose share changed most and the commonest new one; of
    values the medians, whether the middle has moved at all, and the range whose share changed most."""

    missing: float
    outside: float = 0.0
    new: float = 0.0
    new_label: str | None = None
    label: str | None = None
    label_shares: tuple[float, float] = (0.0, 0.0)
    median: float | None = None
    training_median: float | None = None
    is_moved: bool = False
    between: Range | None = None


def in_words(name: str, kind: str, distance: Distance, seen: Seen, training_missing: float, *, least: float, is_excused: bool) -> str:
    """`least` is the effect that matters; `is_excused` are dates that only went with the time."""
    beside = _beside(seen)
    if is_excused and distance.low > least:
        return f"{plain(name)}: later than in training, as time passes ({_medians(kind, seen)}){beside}."
    if distance.low > least:
        return f"{plain(name)}: {_difference(kind, distance.effect, seen, training_missing)}."
    if distance.effect > least:
        return f"{plain(name)}: perhaps not as in training, but so few rows may differ by chance{beside}."
    return f"{plain(name)}: {'nearly ' if distance.low > 0 else ''}as in training{beside}."


def summary(found: Sequence[ColumnDrift], rows: int, reference: str, *, least: int) -> str:
    """About a whole window; nothing was found where there were too few rows."""
    if not found:
        words = f"{count_of(rows, 'prediction').capitalize()} of this version {'is' if rows == 1 else 'are'} too few; "
        return _and(f"{words}from {least} on they are compared with the training.", reference)
    drifting = [plain(each.column) for each in sorted(found, key=lambda each: -each.effect) if each.is_drifting]
    looked = f"{count_of(rows, 'prediction')} {'is' if rows == 1 else 'are'}"
    if not drifting:
        return _and(f"{looked} like the training: no column drifts.", reference)
    which = listed(drifting)
    return _and(f"{count_of(rows, 'prediction')}: {len(drifting)} of {len(found)} {_drifts(drifting)}: {which}.", reference)


def plain(name: str) -> str:
    """A name of a stranger's file on one line, cut where it is long."""
    return quoted(name)[1:-1]


def _drifts(drifting: Sequence[str]) -> str:
    return "columns drifts" if len(drifting) == 1 else "columns drift"


def _and(words: str, more: str) -> str:
    return f"{words} {more}" if more else words


def _difference(kind: str, effect: float, seen: Seen, training_missing: float) -> str:
    if abs(seen.missing - training_missing) >= effect / 2:
        return f"missing in {share(seen.missing)} of rows, {share(training_missing)} in training"
    if seen.new_label is not None and seen.new >= effect / 2:
        return _new(seen)
    if seen.label is not None:
        live, training = seen.label_shares
        return f"{quoted(seen.label)} in {share(live)} of rows, {share(training)} in training{_beside(seen)}"
    is_told = _figure(kind, seen.median) != _figure(kind, seen.training_median)
    if seen.is_moved and is_told and seen.median is not None and seen.training_median is not None:
        return f"{_direction(kind, seen.median > seen.training_median)}, {_medians(kind, seen)}{_beside(seen)}"
    return f"{_range(kind, seen.between)}{_beside(seen)}" if seen.between is not None else "other values than in training"


def _direction(kind: str, is_higher: bool) -> str:
    if kind == ColumnKind.TEXT:
        return f"live texts are {'longer' if is_higher else 'shorter'}"
    if kind == ColumnKind.DATETIME:
        return f"live dates are {'later' if is_higher else 'earlier'}"
    return f"live values are {'higher' if is_higher else 'lower'}"


def _medians(kind: str, seen: Seen) -> str:
    live, training = (_figure(kind, each) for each in (seen.median, seen.training_median))
    return f"median {live} instead of {training}{' characters' if kind == ColumnKind.TEXT else ''}"


def _range(kind: str, between: Range) -> str:
    low, high = (_figure(kind, each) for each in (between.low, between.high))
    ends = [] if between.low is None else [f"{'from' if between.has_low else 'above'} {low}"]
    ends += [] if between.high is None else [f"{'up to' if between.has_high else 'below'} {high}"]
    where = low if between.low is not None and between.low == between.high else " and ".join(ends)
    return f"{share(between.live)} of rows are {where}, {share(between.training)} in training"


def _beside(seen: Seen) -> str:
    """What is worth knowing whatever the verdict."""
    said = [_new(seen)] if seen.new_label is not None else []
    if seen.outside:
        said.append(f"{share(seen.outside)} of rows outside of what the training saw")
    return "".join(f"; {each}" for each in said)


def _new(seen: Seen) -> str:
    return f"{share(seen.new)} of rows hold a value that was not in training, such as {quoted(seen.new_label or '')}"


def _figure(kind: str, value: float | None) -> str:
    if value is None:
        return "nothing"
    if kind == ColumnKind.DATETIME:
        return str(np.datetime64(round(value), "s").astype("datetime64[D]"))
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


def share(part: float) -> str:
    """`12 %`; what is there is never none, and what is not all is never all."""
    if 0 < part < 0.01:
        return "under 1 %"
    return f"{min(99, round(100 * part)) if part < 1 - 1e-9 else 100} %"
