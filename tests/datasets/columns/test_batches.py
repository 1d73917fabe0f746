"""The fast way and the careful way of reading must agree in every value."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashapp.datasets.columns import batches
from dashapp.datasets.columns.batches import read_batches
from dashapp.datasets.columns.blocks import Block, is_regular, read_blocks
from dashapp.datasets.dataset import Dialect
from dashapp.datasets.text.dialect import Layout, find_layout
from dashapp.datasets.text.reader import RowReader
from dashapp.datasets.text.shapes import ColumnModels
from dashapp.errors import UnreadableCsv
from tests.datasets.conftest import WriteCsv

ALL_SLOW = 1 << 40  # bytes of the tail: the whole file


def rows(path: Path, layout: Layout, block_bytes: int, tail_bytes: int) -> list[tuple[str, ...]]:
    with ThreadPoolExecutor(2) as pool:
        read = read_batches(path, layout, RowReader(layout), pool, block_bytes, tail_bytes)
        return [row for columns in read for row in zip(*(column.to_pylist() for column in columns), strict=True)]


def block(data: str | bytes) -> Block:
    content = data.encode() if isinstance(data, str) else data
    return Block(content, len(content), 1)


@pytest.mark.parametrize(
    ("text", "regular"),
    [
        ("a,b\n1,2\n", True),
        ('"a",b\n"x, y",2\n', True),
        ('"a ""b"" c",2\r\n"",""\r\n', True),
        ('"""a""",2\n', True),
        ('a"b,2"\n', False),
        ('"a"b,2\n', False),
        (' "a",2\n', False),
        ('"a\nb",2\n', False),
        ('"a,2\n"b",3\n', False),
        ("'a','b'\n", False),
        ("it's,2\n", True),
        ("a\ufffd,2\n", False),
        ("\ufeffa,2\n", False),
        ("a,2\n\ufeffb,3\n", True),
    ],
)
def test_what_is_regular(text: str, regular: bool) -> None:
    assert is_regular(block(text), ",", '"') is regular


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp932"])
@pytest.mark.parametrize(("block_bytes", "tail_bytes"), [(7, 0), (64, 10), (1000, 100)])
def test_blocks_are_the_file_from_a_line_on(write_csv: WriteCsv, end: str, encoding: str, block_bytes: int, tail_bytes: int) -> None:
    lines = [f"{number},x{number * 7}{end}" for number in range(50)]
    path = write_csv("".join(lines).encode(encoding))
    blocks = list(read_blocks(path, encoding, 4, '"', block_bytes, tail_bytes))
    assert b"".join(block.data for block in blocks).decode() == "".join(lines[3:])
    assert [block.is_tail for block in blocks] == [False] * (len(blocks) - 1) + [True]
    line = 4
    for each in blocks:
        assert each.first_line == line
        line += each.lines


def test_a_block_does_not_end_within_quotes(write_csv: WriteCsv) -> None:
    path = write_csv('a,b\n1,"x\ny"\n' * 40)
    assert all(block.data.count(b'"') % 2 == 0 for block in read_blocks(path, "utf-8", 1, '"', 30, 20))


def test_a_line_without_an_end_is_refused(write_csv: WriteCsv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashapp.datasets.columns.blocks.MAX_LINE_BYTES", 1000)
    with pytest.raises(UnreadableCsv, match="Line 2 is longer"):
        list(read_blocks(write_csv("a,b\n" + "x" * 5000), "utf-8", 2, '"', 100, 10))


CELLS = st.text(alphabet="ab1é ,;\"\n\r'\t", max_size=6)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=5, max_size=40),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 200),
    st.sampled_from(["utf-8", "utf-16", "cp1252"]),
)
def test_both_ways_agree_on_well_formed_files(cells: list[list[str]], end: str, block_bytes: int, encoding: str) -> None:
    quoted = [['"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\n\r') else cell for cell in row] for row in cells]
    agree("a,b,c" + end + "".join(",".join(row) + end for row in quoted), 3, block_bytes, encoding)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab1 ,,,"\ufeff\n\n\n', max_size=300), st.integers(1, 200))
def test_both_ways_agree_on_any_lines_without_open_quotes(text: str, block_bytes: int) -> None:
    lines = [line for line in text.split("\n") if line.count('"') % 2 == 0]
    agree("a,b,c\n" + "\n".join(lines) + "\n", 3, block_bytes, "utf-8")


SOUND_END = "7,8,9\n" * 40  # where notes and totals are looked for


def agree(text: str, width: int, block_bytes: int, encoding: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes((text + SOUND_END).encode(encoding))
        layout = Layout(Dialect(encoding, ",", '"', has_header=True), width, ["a", "b", "c"], 2, ColumnModels([], width))
        assert rows(path, layout, block_bytes, len(SOUND_END)) == rows(path, layout, block_bytes, ALL_SLOW)


def test_only_the_part_around_an_irregular_row_is_read_slowly(write_csv: WriteCsv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "SMALLEST_PIECE", 100)
    content = "a,b\n" + "".join(f"{number},x\n" for number in range(2000)) + "5\n" + "".join(f"{number},y\n" for number in range(2000))
    path = write_csv(content)
    layout = find_layout(path)
    taken: list[int] = []

    class Watched(RowReader):
        def rows(self, lines, first_line, **options):  # type: ignore[no-untyped-def]
            stop = options["stop_line"]
            taken.append((stop or first_line) - first_line)
            return super().rows(lines, first_line, **options)

    with ThreadPoolExecutor(2) as pool:
        read = read_batches(path, layout, Watched(layout), pool, 1 << 20, 50)
        total = sum(len(columns[0]) for columns in read)
    assert total == 4001
    assert sum(taken) < 100


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_another_width_are_singled_out(write_csv: WriteCsv, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    lines = [f"{number},{number % 13}.5,w{number % 7}" for number in range(6_000)]
    for at in (40, 700, 701, 2_900, 4_444, 5_999):
        lines[at] = f"{at},{at % 13}.5"
    lines[3_000] += ",more"
    path = write_csv(end.join(["a,b,c", *lines]) + end)
    layout = find_layout(path)
    slow = RowReader(layout)
    with ThreadPoolExecutor(2) as pool:
        expected = [list(column) for column in _whole(read_batches(path, layout, slow, pool, tail_bytes=ALL_SLOW))]
        by_rows: list[int] = []
        plain = RowReader.rows
        monkeypatch.setattr(RowReader, "rows", lambda *given, **more: (by_rows.append(1) or row for row in plain(*given, **more)))
        quick = RowReader(layout)
        found = list(batches.join_small(read_batches(path, layout, quick, pool, tail_bytes=1_000)))
    assert _whole(found) == expected
    assert quick.findings() == slow.findings()
    assert len(by_rows) < 200
    assert all(column.buffers()[1].size == 4 * (len(column) + 1) for columns in found for column in columns)


def _whole(read: Iterable[list[Any]]) -> list[list[str]]:
    return [[text for column in columns for text in column.to_pylist()] for columns in zip(*read, strict=True)]
