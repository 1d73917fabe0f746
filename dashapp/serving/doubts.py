"""What is doubtful about a value that a caller sent, in words: such a value is predicted from all the same."""

from __future__ import annotations

from typing import Any

Warnings = list[dict[str, str]]


def warning(code: str, column: str, message: str) -> dict[str, str]:
    return {"code": code, "column": column, "message": message}


def as_missing(name: str, value: Any) -> dict[str, str]:
    return warning("taken_as_missing", name, f"{name} is {short(repr(value))}, which is taken as a missing value.")


def blank(name: str) -> dict[str, str]:
    return warning("blank", name, f"{name} is blank; it is taken as a missing value.")


def unreadable(name: str, value: str, expected: str) -> dict[str, str]:
    """As in training, where somebody said what the column is."""
    return warning("taken_as_missing", name, f"{name} is {short(repr(value))}, which is not {expected}; it is taken as a missing value.")


def short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
