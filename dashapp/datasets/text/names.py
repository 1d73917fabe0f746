"""Names of columns: cleaned, never empty, never twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dashapp.datasets.dataset import Finding
from dashapp.datasets.wording import INVISIBLE, listed, quoted

MAX_NAME_CHARS = 200
_INVISIBLE = re.compile(INVISIBLE)


@dataclass(frozen=True, slots=True)
class NamedColumns:
    """`kept` are the places of the columns that stay, each with its name in `names`."""

    kept: list[int]
    names: list[str]
    findings: list[Finding]


def name_columns(header: list[str] | None, are_blank: Sequence[bool]) -> NamedColumns:
    """Unique names for the columns (None: no header); a column with neither a name nor a value is dropped."""
    written = header if header is not None else [f"column_{index}" for index in range(1, len(are_blank) + 1)]
    cleaned = [_cleaned(name) for name in written]
    findings: list[Finding] = []
    kept = [index for index, name in enumerate(cleaned) if name or not are_blank[index]]
    if len(kept) < len(cleaned):
        dropped = ", ".join(str(index + 1) for index in range(len(cleaned)) if index not in kept)
        findings.append(Finding("empty_columns", None, f"Column {dropped} has neither a name nor a value and was left out."))
    names = _unique([cleaned[index] or f"column_{index + 1}" for index in kept])
    for index, name in zip(kept, names, strict=True):
        if not cleaned[index]:
            findings.append(Finding("unnamed_column", name, f"Column {index + 1} has no name and was called {quoted(name)}."))
        elif name != cleaned[index]:
            sentence = f"More than one column is called {quoted(cleaned[index])}; column {index + 1} is now {quoted(name)}."
            findings.append(Finding("duplicate_name", name, sentence))
    if hidden := [name for name in written if _INVISIBLE.search(name)]:
        shown = listed(_INVISIBLE.sub("", name) for name in hidden)
        findings.append(Finding("invisible_characters", None, f"Invisible characters were removed from names of columns: {shown}."))
    return NamedColumns(kept, names, findings)


def unique_names(header: list[str] | None, width: int) -> list[str]:
    """As `name_columns`, where it is not known which columns are blank: each keeps its place."""
    cleaned = [_cleaned(name) for name in header or [""] * width]
    return _unique([name or f"column_{index + 1}" for index, name in enumerate(cleaned)])


def _cleaned(name: str) -> str:
    return " ".join(_INVISIBLE.sub("", name).split())[:MAX_NAME_CHARS]


def _unique(names: list[str]) -> list[str]:
    taken = set(names)
    seen: set[str] = set()
    last: dict[str, int] = {}  # the number that the name got last, so that ten thousand equal names are no search
    result: list[str] = []
    for name in names:
        candidate, number = name, last.get(name, 1)
        while candidate in seen or (candidate != name and candidate in taken):
            number += 1
            candidate = f"{name}_{number}"
        last[name] = number
        seen.add(candidate)
        result.append(candidate)
    return result
