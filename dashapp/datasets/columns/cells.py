"""The different values of a column as written -> as meant: outer blanks and invisible characters gone, missing ones apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dashapp.datasets.columns.spool import Chunks
from dashapp.datasets.wording import INVISIBLE

# Lower-case "none" is not here: people write it as a value ("no other debtors").
MISSING_WORDS = ("?", "NA", "N/A", "n/a", "#N/A", "<NA>", "null", "NULL", "None", "nan", "NaN", "NaT", "-")
SPREADSHEET_ERRORS = ("#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
MAX_ROWS_SHOWN = 5
# Bytes that an invisible character is written with, or begins with, in UTF-8.
_SUSPECT = np.isin(np.arange(256), [*range(0x20), 0x7F, *"\u200b\ufeff".encode()])


@dataclass(frozen=True, slots=True)
class Rows:
    """The first few rows of some sort, from 1, and how many there are."""

    first: tuple[int, ...] = ()
    total: int = 0


NO_ROWS = Rows()


@dataclass(frozen=True, slots=True)
class Cells:
    """A column as codes into its different values.

    `values` is a pyarrow string array without missing values and `counts` says how often each stands in the column. `codes`
    holds, row by row, the place of the spelling as written, and `places` the place in `values` of each spelling (-1: missing).
    `missing_words` are the spellings other than blank taken as missing; `spaced` and `hidden` count the values that differed
    from another by outer blanks or invisible characters only.
    """

    values: Any
    counts: NDArray[np.int64]
    places: NDArray[np.int64]
    codes: Chunks
    missing_words: tuple[str, ...] = ()
    spaced: int = 0
    hidden: int = 0
    missing_rows: Rows = NO_ROWS
    hidden_rows: Rows = NO_ROWS

    @property
    def rows(self) -> int:
        return self.codes.rows

    @property
    def missing(self) -> int:
        return self.rows - self.present

    @property
    def present(self) -> int:
        return int(self.counts.sum())

    @property
    def unique(self) -> int:
        return len(self.counts)

    def spelled(self, values: Any, places: NDArray[np.int64]) -> Cells:
        """The same column with other values: the old value `i` becomes `values[places[i]]`, or missing where the place is -1."""
        counts = np.zeros(len(values), dtype=np.int64)
        np.add.at(counts, places[places >= 0], self.counts[places >= 0])
        return replace(self, values=values, counts=counts, places=np.append(places, -1)[self.places])

    def rows_where(self, chosen: NDArray[np.bool_]) -> Rows:
        """Where the values stand that `chosen` is true for."""
        return _rows_of(self.codes, np.append(chosen, False)[self.places])


def clean_cells(written: Any, counts: NDArray[np.int64], codes: Chunks, missing: Iterable[str] = (), keep: Iterable[str] = ()) -> Cells:
    """Clean the spellings `written` (all different); `missing` are spellings that mean no value besides the usual ones,
    of which those in `keep` are values."""
    seen = remove_invisible(written)
    stripped = pc.utf8_trim_whitespace(seen)
    is_missing = pc.is_in(stripped, value_set=missing_set(missing, keep)).to_numpy(zero_copy_only=False)
    again = stripped.filter(pa.array(~is_missing)).dictionary_encode()
    places = np.full(len(written), -1, dtype=np.int64)
    places[~is_missing] = again.indices.to_numpy(zero_copy_only=False)
    lost = len(again) - len(again.dictionary)
    hidden = 0 if seen is written else len(seen) - len(pc.unique(seen))
    start = Cells(written, counts, np.arange(len(written)), codes)
    cells = start.spelled(again.dictionary, places)
    is_word = is_missing & pc.not_equal(stripped, "").to_numpy(zero_copy_only=False)
    words = pc.unique(stripped.filter(pa.array(is_word))).to_pylist()
    if words:
        cells = replace(cells, missing_words=tuple(words), missing_rows=start.rows_where(is_word))
    if seen is not written:
        is_hidden = pc.not_equal(seen, written).to_numpy(zero_copy_only=False)
        cells = replace(cells, hidden_rows=start.rows_where(is_hidden))
    return replace(cells, spaced=max(lost - hidden, 0), hidden=hidden)


def clean_text(texts: Any, missing: Any) -> Any:
    """The same cleaning row by row; null where missing. `missing`: of `missing_set`."""
    stripped = pc.utf8_trim_whitespace(remove_invisible(texts))
    is_missing = pc.is_in(stripped, value_set=missing)
    return pc.if_else(is_missing, pa.scalar(None, texts.type), stripped) if pc.any(is_missing).as_py() else stripped


def missing_set(further: Iterable[str] = (), keep: Iterable[str] = ()) -> Any:
    kept = {word.strip() for word in keep}
    words = [*MISSING_WORDS, *SPREADSHEET_ERRORS, *(word.strip() for word in further)]
    return pa.array(["", *(word for word in words if word not in kept)], pa.string())


def remove_invisible(values: Any) -> Any:
    """The values themselves where none holds such a character, which is nearly always."""
    data = values.buffers()[2]
    if data is None or not _SUSPECT[np.frombuffer(data, dtype=np.uint8)].any():
        return values
    if not pc.any(pc.match_substring_regex(values, INVISIBLE)).as_py():
        return values
    return pc.replace_substring_regex(values, INVISIBLE, "")


def _rows_of(codes: Chunks, chosen: NDArray[np.bool_]) -> Rows:
    first: list[int] = []
    total = begin = 0
    for chunk in codes:
        here = np.flatnonzero(chosen[chunk.to_numpy()])
        first.extend((here[: MAX_ROWS_SHOWN - len(first)] + begin + 1).tolist())
        total, begin = total + len(here), begin + len(chunk)
    return Rows(tuple(first), total)
