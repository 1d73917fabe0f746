"""What the cells of a column look like, so that a damaged row can be put right: shapes, repeated values, first and last signs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from math import log

_SAMPLE_ROWS = 300
_LONGEST_SHAPE = 60
_LETTERS = re.compile("[Aa]+")
_DIGITS = re.compile("9+")
_TABLE = str.maketrans("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "a" * 26 + "A" * 26 + "9" * 10)
_MOST_LABELS = 40
_RARE = 0.05
_FEW_ROWS = 20
_UNLIKE = -7.0
_SHORT_PREFIX = 4


def shape_of(cell: str) -> str:
    """Every letter as `a` or `A`, every digit as `9`, other signs as they are: "MG-8769" is "AA-9999"."""
    shape = cell.translate(_TABLE)
    return shape if cell.isascii() else "".join(_class_of(sign) for sign in shape)


def _class_of(sign: str) -> str:
    if sign.isalpha():
        return "A" if sign.isupper() else "a"
    return "9" if sign.isdigit() else sign


def loose_shape(shape: str) -> str:
    """A shape without lengths: "AA-9999" is "a-9"."""
    return _DIGITS.sub("9", _LETTERS.sub("a", shape))


def _common_prefix(first: str, last: str) -> str:
    """What the first and the last of sorted texts begin with alike, and so all of them."""
    return next((first[:at] for at, sign in enumerate(first) if not last.startswith(sign, at)), first)


class ColumnModel:
    """How likely a text is to be a cell of this column, by a sample of its cells."""

    def __init__(self, cells: Sequence[str]) -> None:
        filled = [cell for cell in cells if cell.strip()]
        shapes = [shape_of(cell[:_LONGEST_SHAPE]) for cell in filled]
        self._count = len(cells)
        self.filled = len(filled)
        self._values = Counter(filled)
        self._shapes = Counter(shapes)
        self._loose = Counter(loose_shape(shape) for shape in shapes)
        self._first = Counter(shape[0] for shape in shapes)
        self._last = Counter(_class_of(cell[-1]) if cell[-1].isalnum() else cell[-1] for cell in filled)
        lengths = [len(cell) for cell in filled] or [0]
        self._shortest, self._longest = min(lengths), max(lengths)
        prefix = _common_prefix(min(filled), max(filled)) if self.filled > 2 else ""
        self._prefix = prefix if len(prefix) >= _SHORT_PREFIX else ""
        self._new = (sum(count == 1 for count in self._loose.values()) + 0.5) / (self.filled + 1)
        self._new_length = (sum(count == 1 for count in self._shapes.values()) + 0.5) / (self.filled + 1)

    @property
    def blank_share(self) -> float:
        return 1 - self.filled / self._count if self._count else 1.0

    @property
    def is_shaped(self) -> bool:
        """Whether its cells are of few shapes, as numbers, dates and codes are."""
        return self.filled > 0 and (self._new < 0.2 or len(self._loose) == 1)

    @property
    def has_labels(self) -> bool:
        """Whether few values come again and again."""
        return self.filled > 3 and 2 * len(self._values) <= self.filled

    @property
    def is_telling(self) -> bool:
        """Whether a cell of another column would be noticed in this one."""
        return self.is_shaped or self.has_labels

    def is_strange(self, cell: str) -> bool:
        """Whether no other cell in the sample is like it; the row that it stands in may be a part of the sample."""
        if not cell.strip():
            return self.filled == self._count
        if self._values.get(cell, 0) > 1:
            return False
        shape = shape_of(cell[:_LONGEST_SHAPE])
        if self.has_labels and not any(sign.isdigit() for sign in cell):
            return True
        is_even = self.has_labels or self._new_length < _RARE
        return self._loose.get(loose_shape(shape), 0) < 2 or (is_even and self._shapes.get(shape, 0) < 2)

    def labels(self) -> list[str]:
        """The values that come more than once, the commonest first."""
        return [value for value, count in self._values.most_common(_MOST_LABELS) if count > 1]

    def knows(self, cell: str) -> bool:
        """Whether the cell has the value or the loose shape of one in the sample."""
        if not cell.strip():
            return self.filled < self._count
        return cell in self._values or loose_shape(shape_of(cell[:_LONGEST_SHAPE])) in self._loose

    def score(self, cell: str) -> float:
        """The logarithm of about how likely the cell is."""
        if not cell.strip():
            return log((self._count - self.filled + 0.02) / (self._count + 0.04))
        chance = log((self.filled + 0.02) / (self._count + 0.04))
        if not self.filled:
            return chance
        if self._prefix and not cell.startswith(self._prefix):
            return chance + _UNLIKE
        count = self._values.get(cell, 0)
        best = log(count / self.filled) if count > 1 else -99.0
        shape = shape_of(cell[:_LONGEST_SHAPE])
        loose = loose_shape(shape)
        if (known := self._shapes.get(shape, 0)) and (len(cell) <= _LONGEST_SHAPE):
            best = max(best, log((known + 0.5) / (self.filled + 1)) - 0.1)
        if known := self._loose.get(loose, 0):
            best = max(best, log(known / (self.filled + 1)) + log(self._new_length) - 0.5 + self._outline(cell, shape))
        return chance + max(best, log(self._new) - 1.0 + self._outline(cell, shape), _UNLIKE - 3.0)

    def _outline(self, cell: str, shape: str) -> float:
        """What the length and the first and last signs say."""
        last = _class_of(cell[-1]) if cell[-1].isalnum() else cell[-1]
        length = 0.0
        if len(cell) > 1.3 * self._longest + 2:
            length -= 3.0
        elif len(cell) < 0.6 * self._shortest:
            length -= 2.0
        every = self.filled + 2.0
        return length + log((self._first[shape[0]] + 0.1) / every) + log((self._last[last] + 0.1) / every)


class ColumnModels:
    """The models of a table's columns, learned from sample rows when they are first asked for."""

    def __init__(self, rows: Sequence[Sequence[str]], width: int) -> None:
        self._rows = rows[:_SAMPLE_ROWS]
        self.width = width

    @cached_property
    def columns(self) -> list[ColumnModel]:
        return [ColumnModel([row[index] for row in self._rows]) for index in range(self.width)]

    @property
    def rows(self) -> int:
        return len(self._rows)

    def of_first_half(self) -> ColumnModels:
        """The models of the earlier rows, for what stands at the end of a short file is a part of the sample too."""
        return ColumnModels(self._rows[: max(_FEW_ROWS, len(self._rows) // 2)], self.width)

    def __getitem__(self, index: int) -> ColumnModel:
        return self.columns[index]

    def score(self, cells: Sequence[str]) -> float:
        """How well the cells of one full row fit their columns."""
        return sum(column.score(cell) for column, cell in zip(self.columns, cells, strict=True))
