"""A file -> its rows of text, each of the same width, and what had to be repaired said in findings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from dashapp.datasets.dataset import Finding, Reading
from dashapp.datasets.text.account import layout_findings
from dashapp.datasets.text.dialect import Layout, find_layout, lay_out
from dashapp.datasets.text.reader import RowReader
from dashapp.datasets.text.records import physical_lines


def read_text(path: Path) -> list[list[str]]:
    """The whole file in memory as rows of text as they are written, the header first where there is one.

    Every row has the table's width. Raises UnreadableCsv, with a sentence that says what the file is, where there is no table.
    """
    layout = lay_out(path)
    rows = list(read_rows(path, layout, RowReader(layout)))
    if layout.header is not None:
        rows.insert(0, layout.header)
    if layout.has_blank_end and not any(row[-1].strip() for row in rows):
        rows = [row[:-1] for row in rows]
    return rows


def read_rows(path: Path, layout: Layout, reader: RowReader) -> Iterator[list[str]]:
    """The rows below the header, one after the other; `reader` keeps account of those that were damaged."""
    with path.open(encoding=layout.dialect.encoding, errors="replace", newline="") as file:
        lines = physical_lines(file)
        for _ in islice(lines, layout.body_line - 1):
            pass
        yield from reader.rows(lines, layout.body_line, is_last=True, first_row=1)


def read_head(path: Path, reading: Reading, limit: int) -> tuple[Layout, list[str], list[list[str]], list[Finding]]:
    """Layout, unique names, the first `limit` rows and what is to be said of them; reads the head of the file alone."""
    from dashapp.datasets.text.names import unique_names

    layout = find_layout(path, reading)
    reader = RowReader(layout)
    rows = list(islice(read_rows(path, layout, reader), limit))
    return layout, unique_names(layout.header, layout.width), rows, [*layout_findings(layout), *reader.findings()]
