"""How a file of text is laid out: delimiter, quotes, where the header is and whether there is one."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from dashapp.datasets.dataset import Dialect
from dashapp.datasets.encoding import detect_encoding
from dashapp.datasets.header import find_header
from dashapp.datasets.records import Record, read_records
from dashapp.datasets.wording import quoted
from dashapp.errors import UnreadableCsv

SAMPLE_CHARS = 64 * 1024
_LONGEST_LINE_CHARS = 4 * 1024 * 1024
_SAMPLE_RECORDS = 500
_CLEVERCSV_CHARS = 12_000  # its search is quadratic on bad luck; this much takes about 20 ms
DELIMITERS = (",", ";", "\t", "|")
_QUOTED_BY_APOSTROPHE = re.compile(r"(?:^|[,;\t|])'[^'\r\n]*'(?:[,;\t|]|\r?$)", re.MULTILINE)
_HTML = re.compile(r"\s*(?:<!doctype\s+html|<html|<table|<head|<body|<\?xml)", re.IGNORECASE)
_JSON = re.compile(r"\s*(?:\[\s*[\[{]|\{\s*[\"}])")
_MIN_TABLE_SHARE = 0.5
_PROSE_WORDS = 4
_SPACED = re.compile(r"\S {2,}\S.*\S {2,}\S")


@dataclass(frozen=True, slots=True)
class Layout:
    """The dialect, the number of cells of a full record, and the cells of the header (None where the file has none).

    `title_rows` are the records above the header; blank lines do not count.
    """

    dialect: Dialect
    width: int
    header: list[str] | None
    title_rows: int


def sniff(path: Path) -> Dialect:
    """How the file is written. Raises UnreadableCsv, with what the file is, where it holds no table."""
    return find_layout(path).dialect


def find_layout(path: Path) -> Layout:
    """Encoding, dialect and header by the first 64 thousand characters. Raises UnreadableCsv where there is no table."""
    encoding = detect_encoding(path)
    lines = _sample_lines(path, encoding)
    text = "".join(lines)
    _refuse_other_languages(text)
    dialect = _detect_dialect(lines, text, encoding)
    records = [record for record, _ in zip(read_records(lines, dialect), range(_SAMPLE_RECORDS), strict=False)]
    if not records:
        raise UnreadableCsv("The file is empty.")
    width = _modal_width(records)
    _require_table(records, width)
    found = find_header([record.cells for record in records], width)
    skipped = records[found.first].line - 1
    dialect = replace(dialect, has_header=found.cells is not None, skipped_lines=skipped)
    # A header that is longer than the rows stands for columns that the rows leave out: they are padded, and counted.
    return Layout(dialect, max(width, len(found.cells or ())), found.cells, found.first)


def _sample_lines(path: Path, encoding: str) -> list[str]:
    """Whole lines from the beginning; the last one is left out where the sample ends within it."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        text = file.read(SAMPLE_CHARS)
        rest = file.readline(_LONGEST_LINE_CHARS)
    # Not str.splitlines, which also cuts at characters that may stand within a cell (U+2028, vertical tab).
    return list(io.StringIO(text + rest, newline=""))


def _refuse_other_languages(text: str) -> None:
    for pattern, what in ((_HTML, "an HTML or XML page"), (_JSON, "JSON")):
        if pattern.match(text):
            raise UnreadableCsv(f"This is {what}, not a CSV file. Export the table as CSV and upload that.")


def _detect_dialect(lines: list[str], text: str, encoding: str) -> Dialect:
    """The one delimiter that cuts every line alike, if there is just one; clevercsv decides the rest."""
    apostrophes = bool(_QUOTED_BY_APOSTROPHE.search(text))
    if not apostrophes and '\\"' not in text:
        even = [delimiter for delimiter in DELIMITERS if _cuts_evenly(lines, delimiter)]
        if len(even) == 1:
            return Dialect(encoding, even[0], '"', has_header=True)
    return _ask_clevercsv(text, encoding) or Dialect(encoding, _commonest_delimiter(lines), '"', has_header=True)


def _cuts_evenly(lines: list[str], delimiter: str) -> bool:
    widths = {len(record.cells) for record in read_records(lines[:_SAMPLE_RECORDS], Dialect("", delimiter, '"', has_header=True))}
    return len(widths) == 1 and widths != {1}


def _ask_clevercsv(text: str, encoding: str) -> Dialect | None:
    from clevercsv import Sniffer
    from clevercsv.exceptions import Error, NoDetectionResult

    try:  # its parser, in C, takes no NUL
        found = Sniffer().sniff(text[:_CLEVERCSV_CHARS].replace("\0", ""), delimiters=list(DELIMITERS))
    except (Error, NoDetectionResult):
        return None
    if found is None or found.delimiter not in DELIMITERS:
        return None
    # Its quote is empty where the sample needs none; a later line may.
    return Dialect(encoding, found.delimiter, "'" if found.quotechar == "'" else '"', has_header=True, escape=found.escapechar or "")


def _commonest_delimiter(lines: list[str]) -> str:
    return max(DELIMITERS, key=lambda delimiter: sum(delimiter in line for line in lines))


def _modal_width(records: list[Record]) -> int:
    """The commonest number of cells, those blank at the end of a record included; of equals the larger."""
    counts = Counter(len(record.cells) for record in records)
    return max(counts, key=lambda width: (counts[width], width))


def _require_table(records: list[Record], width: int) -> None:
    words = sorted(sum(len(cell.split()) for cell in record.cells) for record in records)
    share = sum(len(record.cells) == width for record in records) / len(records)
    is_prose = words[len(words) // 2] >= _PROSE_WORDS and len(records) > 1
    if width == 1 and 2 * sum(bool(_SPACED.search(record.cells[0])) for record in records) > len(records):
        raise UnreadableCsv("The columns are separated by blanks. Export the table with commas, semicolons or tabs between them.")
    if (width == 1 and is_prose) or (share < _MIN_TABLE_SHARE and len(records) > 2):
        raise UnreadableCsv("No table was found in this file: its lines do not hold the same number of cells. Upload a CSV file.")
    if width == 1:
        name = quoted(records[0].cells[0].strip())
        raise UnreadableCsv(
            f"Only one column was found ({name}). At least one feature is needed besides the target; check the delimiter too.",
            got="1 column",
            expected="at least 2 columns",
        )
