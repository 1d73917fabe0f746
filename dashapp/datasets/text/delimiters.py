"""Which delimiter, quote and escape cut the lines of a sample into the most even and most sensible cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashapp.datasets.text.records import Record, RecordReader
from dashapp.datasets.text.split import BLANK_RUNS, Splitter, are_inches, splitter

_SAMPLE_LINES = 100
_SAMPLE_CHARS = 16_000
_LONGEST_LINE_CHARS = 100_000
_RATED_RECORDS = 40
_FEWEST_LINES = 4
_WORDS_OF_A_NAME = 3
_MOST = 0.9
_QUOTED_SHARE = 0.15
# How readily a sign is believed: blanks and colons also stand within text, dates and times.
_TRUST = {",": 1.0, ";": 1.0, "\t": 1.0, "|": 0.98, "^": 0.85, "~": 0.85, BLANK_RUNS: 0.8, " ": 0.7, ":": 0.6}
_MARKS = ("'", '"')
_WITHIN_TEXT = (" ", ":")
_MIN_EVEN_OF_TEXT = 0.75
_DOUBLED = (",", ";", "\t", "|", ":", "^", "~")
_SENSIBLE = re.compile(
    r"""
    [$€£¥]?[ ]?[+-]?[$€£¥]?\d[\d.,'\u00a0\u202f ]*(?:[eE][+-]?\d+)?[ ]?[%€£$]?  # numbers and money
    |\(\$?[\d.,]+\)
    |\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T]\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?  # dates
    |\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:[ ]?[AaPp][Mm])?  # times
    |[a-z]+://\S+|\S+@\S+\.\S+  # addresses
    |[^\W\d][\w.'&/()-]*(?:[ ][\w.'&/()#+-]+){0,5}  # a few words
    |[A-Za-z]*\d[\w-]*  # codes
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Way:
    """A way to cut the lines and how good it looks, from 0 to 1; `width` is the commonest number of cells."""

    splitter: Splitter
    width: int
    score: float


def best_way(lines: list[str], delimiter: str | None = None, quote: str | None = None) -> Way:
    """The best way to cut the lines; what the user fixed is obeyed."""
    sample = _head(lines)
    text = "".join(sample)
    ways = [
        _rate(sample, splitter(sign, mark, escape))
        for sign in ([delimiter] if delimiter else _signs(text))
        for mark in ([quote] if quote is not None else _quotes(text, sign))
        for escape in ("", *(["\\"] if mark and f"\\{mark}" in text else []))
    ]
    best = max(ways, key=lambda way: way.score, default=None) or Way(splitter(delimiter or ",", '"' if quote is None else quote), 1, 0.0)
    return best if delimiter else _with_longer_delimiter(best, sample)


def _head(lines: list[str]) -> list[str]:
    chars, head = 0, []
    for line in lines[:_SAMPLE_LINES]:
        head.append(line[:_LONGEST_LINE_CHARS])
        chars += len(line)
        if chars > _SAMPLE_CHARS and len(head) > 5:
            break
    return head


def _signs(text: str) -> list[str]:
    doubled = [sign * 2 for sign in _DOUBLED if sign * 2 in text]
    return [*(sign for sign in _TRUST if sign in text), *doubled, *([r"\t"] if r"\t" in text else [])]


def _quotes(text: str, sign: str) -> list[str]:
    """The quotes that stand at the borders of cells; a double quote is tried even where there is none yet."""
    if "'" not in text:
        return ['"']
    border = re.escape(sign)
    opened = len(re.findall(rf"(?:^|{border}) ?'", text, re.MULTILINE))
    closed = len(re.findall(rf"' ?(?:{border}|\r?$)", text, re.MULTILINE))
    lines = text.count("\n") or text.count("\r") or 1
    is_common = max(opened, closed) > max(1, _QUOTED_SHARE * lines)
    return ['"', "'"] if is_common and 2 * min(opened, closed) > max(opened, closed) else ['"']


def _rate(lines: list[str], way: Splitter) -> Way:
    """Even records, cells of a sensible sort and no quotes left over speak for a way to cut."""
    records = [record for record in _records(lines, way) if not record.is_blank]
    rows = [record.cells if record.cells is not None else way.lenient(record.text) for record in records]
    width = common_width(rows)
    if not rows or width < 2:
        return Way(way, width, 0.01 if rows and width == 1 and way.delimiter == "," else 0.0)
    full = [row for row in rows if len(row) == width]
    cells = [cell for row in full[:_RATED_RECORDS] for cell in row]
    filled = [cell for cell in cells if cell.strip()]
    sensible = sum(_sense(cell) for cell in filled) / max(len(filled), 1)
    left_over = sum(_left_over(row) for row in full[:_RATED_RECORDS]) / max(len(filled), 1)
    broken = sum(record.cells is None for record in records) / len(records)
    even = len(full) / len(rows)
    if way.delimiter in _WITHIN_TEXT and even < _MIN_EVEN_OF_TEXT:
        return Way(way, width, 0.0)
    score = even * even * (1 - left_over) ** 2 * (1 - 0.3 * broken) * (0.3 + 0.7 * sensible) * (1 - 0.8 / width)
    score *= 0.2 + 0.8 * len(filled) / len(cells)
    return Way(way, width, score * _TRUST.get(way.delimiter, 0.9))


def _left_over(row: list[str]) -> int:
    """How many cells begin or end with a quote; that of inches is none where no cell begins with one."""
    cells = [cell.strip() for cell in row if cell.strip()]
    begun = sum(cell[0] in _MARKS for cell in cells)
    if not begun and are_inches(cells, '"'):
        return sum(cell[-1] == "'" for cell in cells)
    return sum(cell[0] in _MARKS or cell[-1] in _MARKS for cell in cells)


def _records(lines: list[str], way: Splitter) -> Iterator[Record]:
    reader = RecordReader(iter(lines), way)
    while (record := reader.next()) is not None:
        yield record


def _sense(cell: str) -> float:
    if _SENSIBLE.fullmatch(cell.strip()[:200]):
        return 1.0
    return 0.0 if any(sign in cell for sign in ";\t|") else 0.5


def common_width(rows: list[list[str]]) -> int:
    """The commonest number of cells above one; of equals the larger."""
    counts = Counter(len(row) for row in rows)
    several = [width for width in counts if width > 1]
    if not several:
        return 1 if rows else 0
    width = max(several, key=lambda width: (counts[width], width))
    return width if counts[1] < 4 * counts[width] or counts[width] > 2 else 1


def _with_longer_delimiter(best: Way, lines: list[str]) -> Way:
    """The delimiter doubled or with a blank after it, where it gives the same cells in every record."""
    sign, quote, escape = best.splitter.delimiter, best.splitter.quote, best.splitter.escape
    if sign not in _DOUBLED or not best.width:
        return best
    text = "".join(lines)
    for longer in (sign * 2, f"{sign} "):
        if longer not in text:
            continue
        rated = _rate(lines, splitter(longer, quote, escape))
        if rated.width > 1 and rated.score > 0 and _gives_the_same(rated.splitter, best.splitter, lines):
            return rated
    return best


def one_column_of_text(records: Sequence[Record], found: Way) -> Way | None:
    """A way that cuts nothing, where a line of a single cell stands right above lines that are cut as sentences are."""
    sign, top = found.splitter.delimiter, records[0]
    if sign not in (",", ", ", " ") or len(records) < _FEWEST_LINES or top.cells is None or len(top.cells) > 1:
        return None
    if records[1].line != top.line + 1 or len(top.text.split()) > _WORDS_OF_A_NAME:
        return None
    body = [record.text for record in records[1:]]
    text = "\n".join(body)
    if sign != " " and text.count(", ") < _MOST * text.count(","):
        return None
    rows = [record.cells or found.splitter.lenient(record.text) for record in records[1:]]
    columns = [[row[index] for row in rows if index < len(row) and row[index].strip()] for index in range(found.width)]
    if any(2 * sum(not any(map(str.isalpha, cell)) for cell in cells) > len(cells) for cells in columns):
        return None
    unused = next((sign for sign in ("\t", "|", ";", "^", "~") if sign not in text), None)
    return Way(splitter(unused, found.splitter.quote), 1, 0.0) if unused else None


def _gives_the_same(longer: Splitter, short: Splitter, lines: list[str]) -> bool:
    """Whether the longer delimiter cuts all sound records just where the short one cuts them."""
    several = 0
    for record in _records(lines, short):
        if record.cells is None or record.is_blank or len(record.cells) == 1:
            continue
        several += 1
        cells, cut = longer.strict(record.text), record.cells
        if cells is None:
            return False
        if longer.delimiter.endswith(" "):
            is_same = [cell.strip() for cell in cells] == [cell.strip() for cell in cut]
        else:
            is_same = cells == cut[::2] and not any(cell.strip() for cell in cut[1::2])
        if not is_same:
            return False
    return several > 0
