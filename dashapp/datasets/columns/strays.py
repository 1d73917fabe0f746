"""Words that stand in a column of numbers or dates."""

from __future__ import annotations

from typing import Any

from dashapp.datasets.columns.numbers import parse_numbers

MIN_ROWS_TO_JUDGE_UNIQUENESS = 20
MAX_STRAY_SHARE = 0.05  # of the values in a column of numbers that are words; more, and it is a column of words
MAX_STRAY_WORDS = 3
_LOOKED_AT = 100


def are_plainly_words(values: Any) -> bool:
    """Whether the first of them alone hold too many that are no numbers, which is soon known."""
    numbers = parse_numbers(values[:_LOOKED_AT])
    return numbers is not None and int((~numbers.is_number).sum()) > MAX_STRAY_WORDS


def are_strays_few(strays: int, numbers: int, stray_rows: int, present: int) -> bool:
    """Whether a column of so many different numbers and other values is still one of numbers."""
    return strays <= MAX_STRAY_WORDS and numbers > MIN_ROWS_TO_JUDGE_UNIQUENESS and stray_rows <= MAX_STRAY_SHARE * present
