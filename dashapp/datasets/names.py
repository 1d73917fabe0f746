"""Names of columns: cleaned, never empty, never twice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from dashapp.datasets.dataset import Finding
from dashapp.datasets.wording import listed, quoted

MAX_NAME_CHARS = 200
# Controls, zero-width and bidi characters, byte order marks: two names or labels that look alike must be alike. The joiners
# U+200C and U+200D are left, since some scripts need them.
INVISIBLE = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
_INVISIBLE = re.compile(INVISIBLE)


@dataclass(frozen=True, slots=True)
class NamedColumns:
    names: list[str]
    columns: list[Any]
    findings: list[Finding]


def name_columns(header: list[str] | None, columns: list[Any]) -> NamedColumns:
    """Unique names for the columns (None: no header); a column with neither a name nor a value is dropped."""
    written = header if header is not None else [f"column_{index}" for index in range(1, len(columns) + 1)]
    cleaned = [" ".join(_INVISIBLE.sub("", name).split())[:MAX_NAME_CHARS] for name in written]
    findings: list[Finding] = []
    kept = [index for index, name in enumerate(cleaned) if name or not _is_blank(columns[index])]
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
    return NamedColumns(names, [columns[index] for index in kept], findings)


def _is_blank(column: Any) -> bool:
    return bool(pc.all(pc.equal(pc.utf8_trim_whitespace(column), "")).as_py())


def _unique(names: list[str]) -> list[str]:
    taken = set(names)
    seen: set[str] = set()
    result: list[str] = []
    for name in names:
        candidate, number = name, 2
        while candidate in seen or (candidate != name and candidate in taken):
            candidate, number = f"{name}_{number}", number + 1
        seen.add(candidate)
        result.append(candidate)
    return result
