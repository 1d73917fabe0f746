"""What may be odd about a whole file: how it is written, and what stands around the table."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace

from benchmarks.damage.tables import Style, Table

Damaged = Iterator[tuple[str, bytes, tuple[Table, ...]]]

_PLACES = ("Köln", "Århus", "São Paulo", "Zürich", "Málaga", "Besançon", "Tromsø", "Łódź")


def clean(table: Table, style: Style, chance: random.Random) -> Damaged:
    for end in ("\n", "\r\n"):
        yield f"end {end!r}", replace(style, end=end).text(style.lines(table)), (table,)


def semicolons(table: Table, style: Style, chance: random.Random) -> Damaged:
    yield from _written(table, replace(style, delimiter=";"))
    yield from _written(table, replace(style, delimiter=";", end="\r\n"))


def comma_and_blank(table: Table, style: Style, chance: random.Random) -> Damaged:
    yield from _written(table, replace(style, delimiter=", "))


def other_delimiters(table: Table, style: Style, chance: random.Random) -> Damaged:
    for delimiter in ("\t", "|", " ", ":", "||", "::", "\t\t"):
        yield from _written(table, replace(style, delimiter=delimiter))


def odd_line_ends(table: Table, style: Style, chance: random.Random) -> Damaged:
    lines = style.lines(table)
    yield "CR", replace(style, end="\r").text(lines), (table,)
    mixed = "".join(line + chance.choice(("\n", "\r\n")) for line in lines)
    yield "mixed", mixed.encode(), (table,)
    for end, other in (("\r\n", "\n"), ("\n", "\r\n"), ("\r\n", "\r"), ("\n", "\r")):
        place = chance.randrange(1, len(lines) - 1)
        text = "".join(line + (other if index == place else end) for index, line in enumerate(lines))
        yield f"row {place} ends {other!r}", text.encode(), (table,)


def final_newline(table: Table, style: Style, chance: random.Random) -> Damaged:
    for end in ("\n", "\r\n"):
        data = replace(style, end=end).text(style.lines(table))
        yield "missing", data.removesuffix(end.encode()), (table,)
        yield "doubled", data + end.encode(), (table,)


def quotes_and_escapes(table: Table, style: Style, chance: random.Random) -> Damaged:
    for changed in (replace(style, quote="'"), replace(style, escape="\\"), replace(style, quote="'", escape="\\")):
        yield from _written(table, changed)


def encodings(table: Table, style: Style, chance: random.Random) -> Damaged:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-16-be with BOM", "cp1252", "latin-1"):
        places = _PLACES if encoding.startswith("utf") else _PLACES[:-1]
        accented = Table((*table.header, "Städte"), tuple((*row, chance.choice(places)) for row in table.rows))
        codec = encoding.removesuffix(" with BOM")
        data = replace(style, encoding=codec).text(style.lines(accented))
        yield encoding, ("\ufeff".encode(codec) if codec != encoding else b"") + data, (accented,)


def no_header(table: Table, style: Style, chance: random.Random) -> Damaged:
    headless = Table((), table.rows)
    for end in ("\n", "\r\n"):
        yield "no header", replace(style, end=end).text(style.lines(headless)), (headless,)


_ABOVE = ("Orders of the third quarter", "Source: head office, as of 1 October 2019", "Figures are not final")
_BELOW = ("Source: head office", "* figures are not final, see page 4")


def preamble(table: Table, style: Style, chance: random.Random) -> Damaged:
    lines = style.lines(table)
    for count in (1, 2, 3):
        for is_delimited in (False, True):
            for blank in (False, True):
                above = _remarks(_ABOVE[:count], table, style, is_delimited)
                gap = [_blank(table, style, is_delimited)] if blank else []
                yield f"{count} lines, {is_delimited=}, {blank=}", style.text([*above, *gap, *lines]), (table,)


def footer(table: Table, style: Style, chance: random.Random) -> Damaged:
    lines = style.lines(table)
    for count in (1, 2):
        for is_delimited in (False, True):
            for blank in (False, True):
                below = _remarks(_BELOW[:count], table, style, is_delimited)
                gap = [_blank(table, style, is_delimited)] if blank else []
                yield f"{count} notes, {is_delimited=}, {blank=}", style.text([*lines, *gap, *below]), (table,)
    width = len(table.header)
    for word in ("Total", "Grand total"):
        totals = style.line([word, *[""] * (width - 2), "1234"])
        yield f"{word} row", style.text([*lines, totals]), (table,)
    yield "row count", style.text([*lines, f"({len(table.rows)} rows)"]), (table,)


def second_table(table: Table, style: Style, chance: random.Random) -> Damaged:
    """Left out is where nobody could tell that the first table has ended: as wide or narrower rows with nothing between."""
    lines, width = style.lines(table), len(table.header)
    for columns, size in (("fewer", max(2, width - 3)), ("same", width), ("more", width + 2)):
        names = [f"Region {index}" if index else "Branch" for index in range(size)]
        rows = [[f"No. {row}", *(str(chance.randint(100, 999)) for _ in range(size - 1))] for row in range(1, 9)]
        for blank in (True, False):
            for has_header in (True, False):
                if not has_header and (columns == "same" or (columns == "fewer" and not blank)):
                    continue
                below = [style.line(row) for row in ([names] if has_header else []) + rows]
                yield f"{columns} columns, {blank=}, {has_header=}", style.text([*lines, *([""] if blank else []), *below]), (table,)


def long_header(table: Table, style: Style, chance: random.Random) -> Damaged:
    lines = style.lines(table)
    for count in (2, 3):
        joined = Table(tuple(" ".join([name] * count) for name in table.header), table.rows)
        yield f"{count} times", style.text([lines[0]] * (count - 1) + lines), (joined,)
    groups = [("Who", "What", "How")[3 * index // len(table.header)] for index in range(len(table.header))]
    grouped = Table(tuple(f"{group} {name}" for group, name in zip(groups, table.header, strict=True)), table.rows)
    yield "groups above", style.text([style.line(groups), *lines]), (grouped,)


def few_rows(table: Table, style: Style, chance: random.Random) -> Damaged:
    for count in (0, 1, 2):
        short = Table(table.header, table.rows[:count])
        yield f"{count} rows", style.text(style.lines(short)), (short,)


def names(table: Table, style: Style, chance: random.Random) -> Damaged:
    """Blank and repeated names; see `same_names` for what a reader may make of them."""
    width = len(table.header)
    for places in ((width - 1,), (0,), tuple(sorted(chance.sample(range(1, width - 1), 2)))):
        header = tuple("" if index in places else name for index, name in enumerate(table.header))
        yield f"blank {places}", style.text(style.lines(Table(header, table.rows))), (Table(header, table.rows),)
    for place in (1, width // 2, width - 1):
        header = tuple(table.header[0] if index == place else name for index, name in enumerate(table.header))
        yield f"repeated {place}", style.text(style.lines(Table(header, table.rows))), (Table(header, table.rows),)


def _written(table: Table, style: Style) -> Damaged:
    yield f"{style.delimiter!r} {style.quote!r} {style.escape!r}", style.text(style.lines(table)), (table,)


def _remarks(remarks: Iterable[str], table: Table, style: Style, is_delimited: bool) -> list[str]:
    return [style.line([remark, *[""] * (len(table.header) - 1 if is_delimited else 0)]) for remark in remarks]


def _blank(table: Table, style: Style, is_delimited: bool) -> str:
    return style.delimiter * (len(table.header) - 1) if is_delimited else ""
