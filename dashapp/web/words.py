"""Figures in words, as every page writes them. Unknown is a dash, never a guess."""

from __future__ import annotations

import math

UNKNOWN = "–"
_SPACE = "\u00a0"


def count(number: int, one: str, many: str = "") -> str:
    """`7,043 rows`, `1 row`."""
    return f"{number:,}{_SPACE}{one if number == 1 else many or one + 's'}"


def figure(value: float | None) -> str:
    """A measured number with three to four figures that matter."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.3f}" if size >= 0.001 or size == 0 else f"{value:.3g}"


def exact(value: float | None) -> str:
    """A value of the data itself: as short as it can be written without being rounded away."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:,.6g}"


def percent(share: float | None) -> str:
    return UNKNOWN if share is None or not math.isfinite(share) else f"{share:.1%}"


def file_size(number: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            return f"{number:.0f}{_SPACE}{unit}" if unit == "B" or number >= 100 else f"{number:.1f}{_SPACE}{unit}"
        number /= 1000
    raise AssertionError


def duration(seconds: float | None) -> str:
    if seconds is None:
        return UNKNOWN
    if seconds < 1:
        return f"{seconds * 1000:.0f}{_SPACE}ms"
    if seconds < 10:
        return f"{seconds:.1f}{_SPACE}s"
    if seconds < 90:
        return f"{seconds:.0f}{_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{_SPACE}min" + (f" {rest}{_SPACE}s" if rest else "")
    hours, minutes = divmod(minutes, 60)
    return f"{hours}{_SPACE}h {minutes}{_SPACE}min"


def time_range(low_s: float, high_s: float) -> str:
    """`20 to 45 s`, `50 s to 2 min`, or one time where both read the same."""
    low, high = (duration(_calm(seconds)).replace(f".0{_SPACE}", _SPACE) for seconds in (low_s, high_s))
    if low == high:
        return high
    number, unit = low.split(_SPACE, 1)
    return f"{number} to {high}" if high.endswith(unit) and _SPACE not in unit else f"{low} to {high}"


def _calm(seconds: float) -> float:
    """Without the digits that nobody can know beforehand."""
    if seconds < 10:
        return float(round(seconds, 1)) if seconds < 1 else float(round(seconds))
    return float(round(seconds)) if seconds < 90 else float(round(seconds / 30) * 30)


def whole_percent(share: float | None) -> str:
    return UNKNOWN if share is None or not math.isfinite(share) else f"{share:.0%}"


def points(share: float) -> str:
    """A difference of two shares: `+12.3 points`."""
    return f"{_signed(100 * share)} points"


def cut(text: str, most: int = 60) -> str:
    """A text of a user where nothing but its beginning has room."""
    return text if len(text) <= most else text[: most - 1] + "…"


def signed(value: float) -> str:
    """A difference in a unit of the data: `+1,234`."""
    return ("+" if value > 0 else "") + figure(value)


def _signed(value: float) -> str:
    return f"{round(value, 1) + 0.0:+.1f}"
