"""Every fault with its weight, and the damaged files."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.damage import files, rows
from benchmarks.damage.files import Damaged
from benchmarks.damage.tables import SEED, Style, Table, sources

Fault = Callable[[Table, Style, random.Random], Damaged]


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    weight: float
    fault: Fault


@dataclass(frozen=True, slots=True)
class Case:
    """One damaged file. `answers`: every table that is a right reading of it; the first is the table that it was made from."""

    group: str
    fault: str
    source: str
    data: bytes
    answers: tuple[Table, ...]


GROUPS = (
    Group("clean", 1691, files.clean),
    Group("semicolons", 834, files.semicolons),
    Group("comma and blank", 101, files.comma_and_blank),
    Group("other delimiters", 30, files.other_delimiters),
    Group("odd line ends", 7, files.odd_line_ends),
    Group("final newline", 189, files.final_newline),
    Group("quotes, escapes", 19, files.quotes_and_escapes),
    Group("encodings", 150, files.encodings),
    Group("no header", 470, files.no_header),
    Group("preamble", 282, files.preamble),
    Group("footer", 100, files.footer),
    Group("second table", 188, files.second_table),
    Group("long header", 94, files.long_header),
    Group("few rows", 7, files.few_rows),
    Group("names", 50, files.names),
    Group("ragged rows", 323, rows.ragged),
    Group("separator too few", 160, rows.separator_too_few),
    Group("separator too many", 160, rows.separator_too_many),
    Group("quote too many", 10, rows.quote_too_many),
    Group("quote too few", 10, rows.quote_too_few),
    Group("other in one row", 30, rows.row_with_another_delimiter),
)


def damaged_files(most: int, tables: list[Table] | None = None) -> list[Case]:
    """Every group's files, the same at each call; of a group with more than `most` a sample that has every kind of fault in it."""
    tables = sources() if tables is None else tables
    cases: list[Case] = []
    for group in GROUPS:
        chance = random.Random(f"{SEED} {group.name}")
        found = [
            Case(group.name, fault, f"{number}{' quoted' if quote_all else ''}", data, answers)
            for number, table in enumerate(tables)
            for quote_all in (True, False)
            for fault, data, answers in group.fault(table, Style(quote_all=quote_all), chance)
        ]
        chance.shuffle(found)
        found.sort(key=lambda case: case.fault)
        cases += [found[place * len(found) // most] for place in range(most)] if len(found) > most else found
    return cases
