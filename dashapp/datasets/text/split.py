"""A line of text -> its cells, strictly by the rules of the dialect or leniently where the line breaks them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

BLANK_RUNS = "  "  # this delimiter stands for two blanks or more


class Splitter:
    """Splits records of one dialect; `delimiter` may have several characters. Texts come without their last line end."""

    def __init__(self, delimiter: str, quote: str, escape: str = "") -> None:
        self.delimiter, self.quote, self.escape = delimiter, quote, escape
        self._runs = delimiter == BLANK_RUNS
        border = " {2,}" if self._runs else re.escape(delimiter)
        free = f"[^{border}]" if len(delimiter) == 1 and delimiter not in "\\^]-" else f"(?:(?!{border})[\\s\\S])"
        self._border = re.compile(border)
        ends = f"(?={border}|\\Z)"
        if not quote:
            self._strict = self._loose = self._opened = re.compile(f"(?!)(x)|({free}*+){ends}")
            return
        q, e = re.escape(quote), re.escape(escape)
        inside = f"(?:[^{q}{e}]|{e}[\\s\\S]|{q}{q})*+" if escape else f"(?:[^{q}]|{q}{q})*+"
        loose = f"(?:[^{q}{e}]|{e}[\\s\\S]|{q}{q}|{q}(?!{border}|\\Z))*+" if escape else f"(?:[^{q}]|{q}{q}|{q}(?!{border}|\\Z))*+"
        pad = "" if delimiter.isspace() else "[ \\t]*+"
        self._strict = re.compile(f"{pad}{q}({inside}){q}{pad}{ends}|((?:(?!{q}){free})*+){ends}")
        self._loose = re.compile(f"{pad}{q}({loose}){q}{pad}{ends}|({free}*+){ends}")
        self._opened = re.compile(f"{pad}{q}{inside}\\Z")

    def plain(self, text: str) -> list[str]:
        """Cut at every delimiter, within quotes too."""
        return self._border.split(text.strip(" ")) if self._runs else text.split(self.delimiter)

    def strict(self, text: str) -> list[str] | None:
        """The cells where every quote stands at the border of a cell or is escaped; None otherwise."""
        if not self.quote or self.quote not in text:
            return self.plain(text)
        return self._cells(text, self._strict)[0]

    def strict_or_open(self, text: str) -> tuple[list[str] | None, bool]:
        """As `strict`; and whether the text ends within a quoted cell."""
        if not self.quote or self.quote not in text:
            return self.plain(text), False
        cells, stopped = self._cells(text, self._strict)
        return cells, cells is None and self._opened.match(text, stopped) is not None

    def lenient(self, text: str) -> list[str]:
        """The cells where a quote that is not at the border of a cell is a character like any other."""
        if not self.quote or self.quote not in text:
            return self.plain(text)
        return self._cells(text, self._loose)[0] or [text]

    def _cells(self, text: str, pattern: re.Pattern[str]) -> tuple[list[str] | None, int]:
        """The cells, or None and where the pattern did not fit."""
        if self._runs:
            text = text.strip(" ")
        cells: list[str] = []
        at, end = 0, len(text)
        while True:
            found = pattern.match(text, at)
            if found is None:
                return None, at
            quoted = found.group(1)
            cells.append(found.group(2) if quoted is None else self._without_escapes(quoted))
            at = found.end()
            if at == end:
                return cells, at
            border = self._border.match(text, at)
            at = border.end() if border else end

    def _without_escapes(self, inside: str) -> str:
        if self.escape and self.escape in inside:
            q, e = re.escape(self.quote), re.escape(self.escape)
            return re.sub(f"{e}([{q}{e}])|{q}({q})", lambda found: found.group(1) or found.group(2), inside)
        return inside.replace(self.quote * 2, self.quote)


def are_inches(cells: Sequence[str], quote: str) -> bool:
    """Whether the quotes within the cells, of which there is one at least, all stand behind a digit: 5" is a length."""
    marked = [cell for cell in cells if quote and quote in cell]
    return bool(marked) and all(before[-1:].isdecimal() for cell in marked for before in cell.split(quote)[:-1])


@lru_cache(maxsize=64)
def splitter(delimiter: str, quote: str, escape: str = "") -> Splitter:
    """One splitter of each kind: its patterns are costly to compile."""
    return Splitter(delimiter, quote, escape)
