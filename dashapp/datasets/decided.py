"""What a person decided about the reading of a file, in sentences: of a patch, and of all that is in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from dashapp.datasets.dataset import ColumnReading, Reading
from dashapp.datasets.spoken import KINDS, encoding_in_words, separator_in_words
from dashapp.datasets.wording import listed, quoted

Patch = Mapping[str, Any]
_OF_FILE = {"encoding": "encoding", "delimiter": "separator", "quote": "quote", "has_header": "header", "skipped_lines": "lines to skip"}
_DECIMALS = {",": "a comma", ".": "a point"}
_USES = {True: "is used", False: "is left out", None: "is used or left out as the checks say"}


def decided(reading: Reading) -> list[tuple[str, dict[str, Any]]]:
    """Every decision that is in force: its sentence and the patch that takes it back."""
    known, unknown = of_file(reading), of_file(Reading())
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []
    found += [({name: value}, {name: None}) for name, value in known.items() if value != unknown[name]]
    for column, decision in reading.columns.items():
        for name, value in of_column(decision).items():
            found.append(({"columns": {column: {name: value}}}, {"columns": {column: {name: None}}}))
    return [(sentence, back) for patch, back in found for sentence in sentences(patch)]


def sentences(patch: Patch) -> Iterator[str]:
    """What a patch decides, one sentence for each field."""
    for name, value in patch.items():
        if name == "columns":
            for column, change in changed_columns(patch).items():
                for field, decision in (change if isinstance(change, Mapping) else {"": None}).items():
                    yield _column_sentence(quoted(column), field, decision)
        else:
            yield _file_sentence(name, value)


def of_file(reading: Reading) -> dict[str, Any]:
    """What is decided of the whole file, or not yet."""
    return {name: value for name, value in asdict(reading).items() if name != "columns"}


def of_column(decision: ColumnReading) -> dict[str, Any]:
    """What is decided of a column, as it stands in a patch."""
    unknown = asdict(ColumnReading())
    return {name: _plain(value) for name, value in asdict(decision).items() if value != unknown[name]}


def changed_columns(patch: Patch) -> Mapping[str, Any]:
    columns = patch.get("columns")
    return columns if isinstance(columns, Mapping) else {}


def _file_sentence(name: str, value: Any) -> str:
    if name == "drop_duplicates":
        return "Rows that repeat an earlier row are left out of the training." if value else "Rows that repeat an earlier row are kept."
    if value is None:
        return f"The {_OF_FILE.get(name, name)}: as found in the file."
    if name == "delimiter":
        return f"The values are separated by {separator_in_words(value)}."
    if name == "quote":
        return f"Values are quoted with {value}." if value else "Quotes are part of the values."
    if name == "has_header":
        return "The first line names the columns." if value else "The file has no header."
    return f"The file is read as {encoding_in_words(value)}." if name == "encoding" else f"Lines skipped at the top: {value}."


def _column_sentence(column: str, name: str, value: Any) -> str:
    if name == "use":
        return f"{column} {_USES[value]}."
    if not name or value is None:
        return _taken_back(column, name)
    if name == "kind":
        return f"{column} is read as: {KINDS[value]}."
    if name == "day_first":
        return f"The dates of {column} begin with the {'day' if value else 'month'}."
    if name == "decimal":
        return f"The decimals of {column} come after {_DECIMALS.get(value, quoted(value))}."
    if name == "merge":
        return f"The labels of {column} {'that differ only in case or blanks are one' if value else 'are kept apart'}."
    if name == "keep":
        return f"{listed(value)} in {column} {'is kept as a value' if len(value) == 1 else 'are kept as values'}."
    return f"{listed(value)} in {column} {'means' if len(value) == 1 else 'mean'} a missing value."


def _taken_back(column: str, name: str) -> str:
    return {
        "missing": f"What means missing in {column}: as found in the file.",
        "keep": f"What means missing in {column}: as found in the file.",
        "decimal": f"The decimals of {column}: as found in the file.",
        "day_first": f"The order of day and month in {column}: as found in the file.",
        "merge": f"The labels of {column}: as found in the file.",
    }.get(name, f"{column} is read as it was found.")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
