"""How names and values of a stranger's file are put into sentences: short, quoted, a few of many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MAX_VALUE_CHARS = 60
MAX_LISTED = 5


def quoted(value: str) -> str:
    """The value in double quotes on one line, cut where it is long."""
    line = " ".join(value.split()) if value.strip() else value
    return f'"{line if len(line) <= MAX_VALUE_CHARS else line[: MAX_VALUE_CHARS - 1] + "…"}"'


def listed(values: Iterable[str]) -> str:
    """The first few values in quotes; the rest as a count."""
    every = list(values)
    shown = ", ".join(quoted(value) for value in every[:MAX_LISTED])
    return shown if len(every) <= MAX_LISTED else f"{shown} and {len(every) - MAX_LISTED:,} more"


def lines(numbers: Sequence[int], total: int | None = None) -> str:
    """ "line 21", "lines 3, 9" or "lines 3, 9, 12, 15, 17 and 8 more"; `total` where `numbers` are only the first ones."""
    count = len(numbers) if total is None else total
    shown = ", ".join(f"{number:,}" for number in numbers[:MAX_LISTED])
    more = f" and {count - MAX_LISTED:,} more" if count > MAX_LISTED else ""
    return f"line{'' if count == 1 else 's'} {shown}{more}"


def count_of(number: int, noun: str) -> str:
    """ "1 row", "2,000 rows"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
