"""Columns that give the target away: it in disguise, what it is computed from, and what is known only afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dashapp.datasets.columns.naming import name_tokens
from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Finding, Remedy, Severity, Task
from dashapp.datasets.quality.disguises import disguise_of_classes, disguise_of_numbers, told_by_presence
from dashapp.datasets.quality.duplicates import repeated_rows
from dashapp.datasets.quality.relations import Relation, find_product, find_relation
from dashapp.datasets.target.signals import Codes, Floats, Signal, class_score, number_score, signal_of, spread_rows
from dashapp.datasets.wording import listed, quoted

MIN_ROWS = 20
STRONG = 0.97  # alone, on rows held out: worth a note
AFTERWARDS_SCORE = 0.9  # with a name of something that is known only afterwards
MAX_CLASSES = 1_000
MAX_NOTES = 5
_MOST_ROWS, _FEWEST_ROWS, _CELLS = 5_000, 1_500, 150_000
_AFTERWARDS = frozenset(
    {"cancel", "canceled", "cancelled", "cancellation", "closed", "closing", "closure", "discharge", "discharged", "recovered", "recovery"}
    | {
        "recoveries",
        "repaid",
        "paidback",
        "payback",
        "settled",
        "settlement",
        "chargeoff",
        "refund",
        "refunded",
        "terminated",
        "termination",
    }
    | {"outcome", "final", "result", "resolved", "resolution", "ended", "exit", "exited", "death", "died", "deceased", "churned", "left"}
    | {"predicted", "prediction", "pred", "proba", "probability", "predict"}
)
_NUMBER_IN_WORDS = r"(-?\d+(?:\.\d+)?)(?!.*\d)"
_LAST_CHARS = 300  # of a value, in which its last number is looked for: the time grows with the square of them
_RATIOS = frozenset({"per", "ratio", "share"})
_TEXTS = (ColumnKind.IDENTIFIER, ColumnKind.TEXT)


@dataclass(frozen=True, slots=True)
class _Target:
    """The column to be predicted on the rows searched: as codes of classes, as numbers, or both."""

    name: str
    task: Task
    labels: tuple[str, ...]
    codes: Codes
    values: Floats | None

    @property
    def score_name(self) -> str:
        return "balanced accuracy" if self.task.is_classification else "R²"

    def score(self, signal: Signal) -> float:
        if self.task.is_classification:
            return class_score(signal, self.codes, len(self.labels))
        return 0.0 if self.values is None else number_score(signal, self.values)


def find_leaks(sample: pd.DataFrame, columns: Sequence[ColumnProfile], target: str, task: Task) -> list[Finding]:
    """A warning for each column that gives the target away, and a note for those that tell it nearly alone, which may be honest.

    Of each the finding holds the evidence: the score that this column reaches alone on rows held out.
    """
    usable = [column for column in columns if column.name in sample.columns and column.unique]
    table = _rows_to_search(sample, usable, target)
    of_target = next((column for column in usable if column.name == target), None)
    if of_target is None or len(table) < MIN_ROWS:
        return []
    wanted = _target_of(table, of_target, task)
    if wanted is None:
        return []
    with np.errstate(all="ignore"):
        found = _search(table, [column for column in usable if column.name != target], wanted)
    return [found[column.name] for column in usable if column.name in found]


def _search(table: pd.DataFrame, columns: Sequence[ColumnProfile], target: _Target) -> dict[str, Finding]:
    """Column by column first; what is no leak by itself may still be one together with others."""
    leaks: dict[str, Finding] = {}
    notes: dict[str, Finding] = {}
    signals: list[Signal] = []
    for column in columns:
        signal = _searched(table[column.name], column, target)
        finding = _judge(signal, target)
        if finding is not None and finding.severity is Severity.WARN:
            leaks[column.name] = finding
            continue
        signals.append(signal)
        if finding is not None:
            notes[column.name] = finding
    leaks.update((finding.column or "", finding) for finding in _computed(signals, target))
    strongest = sorted(notes, key=lambda name: -(notes[name].score or 0.0))[:MAX_NOTES]
    return {name: notes[name] for name in strongest} | leaks


def _rows_to_search(sample: pd.DataFrame, columns: Sequence[ColumnProfile], target: str) -> pd.DataFrame:
    """Different rows with a target, fewer of them the wider the table. Rows that come again would make any rule look sure."""
    if target not in sample.columns:
        return sample[:0]
    most = max(_FEWEST_ROWS, min(_MOST_ROWS, _CELLS // max(len(columns), 1)))
    table = spread_rows(sample, most)
    table = table[table[target].notna().to_numpy()]
    repeated = repeated_rows(table, columns)
    # Few different rows, each of them many times, are all that there is to look at.
    return table[~repeated] if (~repeated).sum() >= MIN_ROWS else table


def _searched(series: pd.Series[Any], column: ColumnProfile, target: _Target) -> Signal:
    """The column as it is; words that are nearly all different by the number in them, where a number is to be predicted."""
    signal = signal_of(series, column.kind)
    if target.values is None or signal.floats is not None or signal.levels < len(series) // 3:
        return signal
    found = pd.to_numeric(series.str[-_LAST_CHARS:].str.extract(_NUMBER_IN_WORDS, expand=False), errors="coerce")
    is_numbered = found.notna().sum() >= 0.95 * series.notna().sum()
    return replace(signal_of(found, ColumnKind.NUMBER), name=signal.name) if is_numbered and found.notna().any() else signal


def _target_of(table: pd.DataFrame, column: ColumnProfile, task: Task) -> _Target | None:
    signal = signal_of(table[column.name], column.kind)
    values = signal.floats if column.kind.is_numeric else None
    if signal.levels < 2 or (values is None and not task.is_classification) or (task.is_classification and signal.levels > MAX_CLASSES):
        return None
    first = np.unique(signal.codes, return_index=True)[1]
    labels = tuple(str(label) for label in table[column.name].iloc[first].tolist())
    return _Target(column.name, task, labels, signal.codes, values)


def _judge(signal: Signal, target: _Target) -> Finding | None:
    if signal.kind not in _TEXTS and signal.levels > 1:
        how = _disguise(signal, target)
        if how is not None:
            return _leak(signal, target, target.score(signal), f"{how}, so it is probably the target in disguise")
    if target.task.is_classification and signal.is_missing.any() and (place := _presence(signal, target)) is not None:
        presence = _presence_of(signal)
        how = f"it has a value only where {quoted(target.name)} is {quoted(target.labels[place])}, so it is probably known only afterwards"
        return _leak(presence, target, target.score(presence), how)
    if signal.kind in _TEXTS or signal.levels < 2:
        return None
    score = target.score(signal)
    if score >= AFTERWARDS_SCORE and _AFTERWARDS & set(name_tokens(signal.name)):
        return _leak(signal, target, score, "going by its name it is known only afterwards")
    return _strong(signal, target, score) if score >= STRONG else None


def _disguise(signal: Signal, target: _Target) -> str | None:
    if target.task.is_classification:
        return disguise_of_classes(signal, target.codes, len(target.labels))
    return None if target.values is None else disguise_of_numbers(signal, target.values)


def _presence(signal: Signal, target: _Target) -> int | None:
    return told_by_presence(signal, target.codes, len(target.labels))


def _presence_of(signal: Signal) -> Signal:
    return Signal(signal.name, ColumnKind.BOOLEAN, signal.is_missing.astype(np.int64), 2, np.zeros(len(signal.codes), dtype=bool))


def _computed(signals: Sequence[Signal], target: _Target) -> Iterator[Finding]:
    numeric = [signal for signal in signals if signal.kind.is_numeric]
    if target.values is None or len(target.labels) < 3:
        return
    if (relation := find_relation(numeric, target.values)) is not None:
        for name in relation.telling:
            yield _part(relation, name, target, "as a sum", Severity.WARN)
    elif (relation := find_product(numeric, target.values)) is not None:
        # A price per piece is made from the price; pieces and what one of them costs are known before.
        telling = {token for token in name_tokens(target.name) if len(token) > 2} | _RATIOS
        shared = [name for name in relation.parts if telling & set(name_tokens(name))]
        for name in shared or relation.parts:
            yield _part(relation, name, target, "as a product", Severity.WARN if shared else Severity.NOTE)


def _part(relation: Relation, name: str, target: _Target, how: str, severity: Severity) -> Finding:
    others = listed(part for part in relation.parts if part != name)
    sentence = f"{quoted(name)} together with {others} gives {quoted(target.name)} exactly, {how}: one is computed from the other"
    is_out = severity is Severity.WARN
    end = "it is left out of the training." if is_out else "a model could only learn this formula."
    remedy = _use(name) if is_out else _leave_out(name)
    return Finding("leak", name, f"{sentence}; {end}", severity, remedies=(remedy,), score=relation.score, score_name="R²")


def _leak(signal: Signal, target: _Target, score: float, why: str) -> Finding:
    sentence = f"{_told(signal, target, score)}: {why}; it is left out of the training."
    return Finding("leak", signal.name, sentence, remedies=(_use(signal.name),), score=score, score_name=target.score_name)


def _strong(signal: Signal, target: _Target, score: float) -> Finding:
    sentence = f"{_told(signal, target, score)}; leave it out if it is not known beforehand."
    remedy = _leave_out(signal.name)
    return Finding("leak", signal.name, sentence, Severity.NOTE, remedies=(remedy,), score=score, score_name=target.score_name)


def _told(signal: Signal, target: _Target, score: float) -> str:
    if target.task.is_classification:
        return f"{quoted(signal.name)} alone tells {quoted(target.name)} in {_percent(score)} of the rows held out ({target.score_name})"
    return f"{quoted(signal.name)} alone explains {_percent(score)} of {quoted(target.name)} in the rows held out ({target.score_name})"


def _percent(score: float) -> str:
    """Rounded down: 100 % is said only where nothing is wrong."""
    return f"{np.floor(score * 1_000) / 10:.1f}%"


def _leave_out(name: str) -> Remedy:
    return Remedy("Leave it out", {"columns": {name: {"use": False}}})


def _use(name: str) -> Remedy:
    return Remedy("Use it anyway", {"columns": {name: {"use": True}}})
