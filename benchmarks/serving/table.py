"""What was measured, beside its bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """`holds` is None where something is only told."""

    measure: str
    measured: str
    bar: str = ""
    holds: bool | None = None


def at_most(measure: str, value: float, bar: float, told: str) -> Line:
    return Line(measure, told, f"at most {bar:g}", value <= bar)


def at_least(measure: str, value: float, bar: float, told: str) -> Line:
    return Line(measure, told, f"at least {bar:g}", value >= bar)


def printed(lines: Sequence[Line]) -> None:
    words = {True: "pass", False: "FAIL", None: ""}
    rows = [("measure", "measured", "bar", ""), *((line.measure, line.measured, line.bar, words[line.holds]) for line in lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
