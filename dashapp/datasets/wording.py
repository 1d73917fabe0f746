"""How names and values of a stranger's file are put into sentences: short, quoted, a few of many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# Controls, zero-width and bidi characters, byte order marks: two names or labels that look alike must be alike. The joiners
# U+200C and U+200D are left, since some scripts need them.
INVISIBLE = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
_INVISIBLE = re.compile(INVISIBLE)
MAX_VALUE_CHARS = 60
MAX_LISTED = 5


def quoted(value: str) -> str:
    """The value in double quotes on one line, without characters that cannot be seen, cut where it is long."""
    seen = _INVISIBLE.sub("", value)
    line = " ".join(seen.split()) if seen.strip() else seen
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


def looked_at(looked: int, rows: int) -> str:
    """ " among the 20,000 rows looked at"; empty where all of them were."""
    return "" if looked >= rows else f" among the {looked:,} rows looked at"


def count_of(number: int, noun: str) -> str:
    """ "1 row", "2,000 rows"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
