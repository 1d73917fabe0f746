"""One damaged record -> a row of the table: stray quotes, a separator too many or too few, another delimiter in this row alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from dashapp.datasets.dataset import Dialect
from dashapp.datasets.text.fit import CERTAIN, fit
from dashapp.datasets.text.shapes import ColumnModels
from dashapp.datasets.text.split import BLANK_RUNS, Splitter, splitter

_MOST_CHARS = 20_000
_MOST_EDITS = 160
_MUCH_BETTER = 4.0
_OTHERS = (",", ";", "\t", "|", " ", ":")


class Damage(Enum):
    """What was wrong with a record, by what was done about it."""

    MENDED = auto()
    QUOTE = auto()
    DELIMITER = auto()
    SHORT = auto()
    LONG = auto()
    DOUBTFUL = auto()


@dataclass(frozen=True, slots=True)
class Mended:
    """A row of the table's width, and what was done for it."""

    cells: list[str]
    damage: Damage
    score: float = 0.0


class Mender:
    """Puts damaged records right, by the dialect and what the columns hold."""

    def __init__(self, dialect: Dialect, models: ColumnModels) -> None:
        self._dialect, self._models = dialect, models
        self._own = splitter(dialect.delimiter, dialect.quote, dialect.escape)

    def mend(self, text: str) -> Mended:
        """The likeliest row. `text` is the record without its last line end."""
        strict = self._own.strict(text)
        lenient = strict if strict is not None else self._own.lenient(text)
        if len(text) > _MOST_CHARS or self._models.rows < 3:
            return self._fitted(lenient)
        found = list(self._same_width(text, strict, lenient))
        best = max(found, key=lambda one: one.score, default=None)
        if best is not None and (strict is not None or best.damage is not Damage.DELIMITER):
            return best
        fits = [self._fitted(lenient)]
        if strict is None or self._dialect.quote in text:
            fits.append(self._fitted(self._unquoted(text), cost=3.0))
        fits.extend(self._of_other_delimiters(text))
        return max([*found, *fits], key=lambda one: one.score)

    def fit_plainly(self, text: str) -> Mended:
        """A row at once, without a search: padded at its end, or the surplus joined to its last cell."""
        width, cells = self._models.width, self._own.lenient(text)
        if len(cells) == width:
            return Mended(cells, Damage.QUOTE)
        if len(cells) < width:
            return Mended([*cells, *[""] * (width - len(cells))], Damage.SHORT)
        rest = [cell for cell in cells[width - 1 :] if cell.strip()]
        return Mended([*cells[: width - 1], self._dialect.delimiter.join(rest)], Damage.LONG)

    def _same_width(self, text: str, strict: list[str] | None, lenient: list[str]) -> Iterator[Mended]:
        """Every reading of the record that has the table's width without a cell joined or split."""
        width, quote, delimiter = self._models.width, self._dialect.quote, self._dialect.delimiter
        if strict is None and len(lenient) == width:
            yield self._rated(lenient, Damage.QUOTE, 1.0)
        if strict is None:
            yield from self._with_one_quote_changed(text)
            if quote and text.startswith(quote) and text.endswith(quote) and len(text) > 1:
                cells = text[1:-1].split(f"{quote}{delimiter}{quote}")
                if len(cells) == width:
                    yield self._rated([cell.replace(quote * 2, quote) for cell in cells], Damage.QUOTE, 1.0)
            yield from self._with_one_delimiter_more(text)
            if not self._dialect.escape and f"\\{quote}" in text:
                yield from self._read_by(splitter(delimiter, quote, "\\"), text, Damage.QUOTE, 0.3)
        other = "'" if quote == '"' else '"'
        if f"{other}{delimiter}" in text and f"{delimiter}{other}" in text:
            yield from self._read_by(splitter(delimiter, other), text, Damage.QUOTE, 1.0)
        for sign in self._other_delimiters(text):
            yield from self._read_by(splitter(sign, quote, self._dialect.escape), text, Damage.DELIMITER, 2.0)

    def _read_by(self, way: Splitter, text: str, damage: Damage, cost: float) -> Iterator[Mended]:
        cells = way.strict(text) or way.lenient(text)
        if len(cells) == self._models.width:
            yield self._rated(cells, damage, cost)

    def _with_one_quote_changed(self, text: str) -> Iterator[Mended]:
        for cells in quote_edits(text, self._own, self._models.width):
            yield self._rated(cells, Damage.QUOTE, 1.0 + 0.5 * sum(self._dialect.quote in cell for cell in cells))

    def _with_one_delimiter_more(self, text: str) -> Iterator[Mended]:
        """The record with a delimiter beside a quote where one is missing."""
        quote, delimiter = self._dialect.quote, self._dialect.delimiter
        for at in sorted({place for quote_at in _places(text, quote) for place in (quote_at, quote_at + 1)})[:_MOST_EDITS]:
            cells = self._own.strict(text[:at] + delimiter + text[at:])
            if cells is not None and len(cells) == self._models.width:
                yield self._rated(cells, Damage.MENDED, 1.0)

    def _of_other_delimiters(self, text: str) -> Iterator[Mended]:
        for sign in self._other_delimiters(text):
            way = splitter(sign, self._dialect.quote, self._dialect.escape)
            yield self._fitted(way.strict(text) or way.lenient(text), sign, cost=3.0, damage=Damage.DELIMITER)

    def _other_delimiters(self, text: str) -> Iterator[str]:
        """Those that the record may be written with: its own one cuts it into less than half of the cells."""
        own = self._dialect.delimiter
        if own == BLANK_RUNS or 2 * len(self._own.lenient(text)) > self._models.width + 1:
            return
        for sign in _OTHERS:
            if sign != own and text.count(sign) >= max(1, self._models.width - 2):
                yield sign

    def _unquoted(self, text: str) -> list[str]:
        return [cell.strip().strip(self._dialect.quote) for cell in self._own.plain(text)]

    def _rated(self, cells: list[str], damage: Damage, cost: float) -> Mended:
        return Mended(cells, damage, self._models.score(cells) - cost)

    def _fitted(self, tokens: list[str], glue: str = "", *, cost: float = 0.0, damage: Damage = Damage.MENDED) -> Mended:
        quote = self._dialect.quote
        found = fit(tokens, self._models, glue or self._dialect.delimiter, quote)
        cells, score = found.cells, found.score - cost
        if found.is_padded:
            return Mended(cells, Damage.SHORT, score)
        if found.margin < CERTAIN:
            return Mended(cells, Damage.LONG if len(tokens) > len(cells) else Damage.DOUBTFUL, score)
        if found.is_cut and any(cell.strip() for cell in tokens[len(cells) :]):
            return Mended(cells, Damage.LONG, score)
        return Mended(cells, damage, score)


def quote_edits(text: str, way: Splitter, width: int) -> Iterator[list[str]]:
    """The cells of the record with one quote less, or one more at the border of a cell, wherever it is then sound."""
    quote, delimiter = way.quote, way.delimiter
    if not quote or (text.count(quote) % 2 == 0 and not way.escape):
        return
    edits = [text[:at] + text[at + 1 :] for at in _places(text, quote)]
    borders = {0, len(text)}
    for at in _places(text, delimiter):
        borders |= {at, at + len(delimiter)}
    edits.extend(text[:at] + quote + text[at:] for at in sorted(borders))
    for edited in edits[:_MOST_EDITS]:
        cells = way.strict(edited)
        if cells is not None and len(cells) == width:
            yield cells


def _places(text: str, sign: str) -> list[int]:
    found: list[int] = []
    at = text.find(sign)
    while at >= 0 and len(found) < _MOST_EDITS:
        found.append(at)
        at = text.find(sign, at + 1)
    return found
