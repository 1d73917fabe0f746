"""The words that a name of a column is made of."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def name_tokens(name: str) -> list[str]:
    """In lower case: "customerID" -> customer, id; "median_house_value" -> median, house, value."""
    return [token.lower() for token in _TOKEN.findall(name)] or [name.lower()]
