"""One column of text -> its different values: cleaned, missing ones apart, and where each stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dashapp.datasets.names import INVISIBLE

# Lower-case "none" is not here: people write it as a value ("no other debtors").
MISSING_WORDS = ("?", "NA", "N/A", "n/a", "#N/A", "<NA>", "null", "NULL", "None", "nan", "NaN", "NaT", "-")
SPREADSHEET_ERRORS = ("#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
_MISSING = pa.array(["", *MISSING_WORDS, *SPREADSHEET_ERRORS], pa.large_string())


@dataclass(frozen=True, slots=True)
class Cells:
    """A column as codes into its different values.

    `values` is a pyarrow large_string array without missing values, `counts` says how often each stands in the column, `codes`
    is its place in `values` row by row (-1: missing). `missing_words` are the spellings other than blank taken as missing;
    `spaced` and `hidden` count the values that differed from another by outer blanks or invisible characters only.
    """

    values: Any
    counts: NDArray[np.int64]
    codes: NDArray[np.int64]
    missing_words: tuple[str, ...] = ()
    spaced: int = 0
    hidden: int = 0

    @property
    def rows(self) -> int:
        return len(self.codes)

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
        codes = np.append(places, -1)[self.codes]
        counts = np.bincount(codes[codes >= 0], minlength=len(values)).astype(np.int64)
        return replace(self, values=values, counts=counts, codes=codes)

    def as_text(self) -> Any:
        """Row by row as a pyarrow large_string array, missing ones null."""
        return self.values.take(pa.array(self.codes, mask=self.codes < 0))


def clean_cells(column: Any) -> Cells:
    """Strip outer blanks and invisible characters, and set missing spellings apart. `column`: a ChunkedArray of large_string."""
    raw = column.combine_chunks().dictionary_encode() if isinstance(column, pa.ChunkedArray) else column.dictionary_encode()
    if isinstance(raw, pa.ChunkedArray):
        raw = raw.chunk(0)
    written = raw.dictionary
    seen = _remove_invisible(written)
    stripped = pc.utf8_trim_whitespace(seen)
    is_missing = pc.is_in(stripped, value_set=_MISSING)
    again = stripped.filter(pc.invert(is_missing)).dictionary_encode()
    places = np.full(len(written), -1, dtype=np.int64)
    places[~is_missing.to_numpy(zero_copy_only=False)] = again.indices.to_numpy(zero_copy_only=False)
    lost = len(again) - len(again.dictionary)
    hidden = 0 if seen is written else len(seen) - len(pc.unique(seen))
    words = pc.unique(stripped.filter(is_missing)).to_pylist()
    start = Cells(written, np.zeros(len(written), np.int64), raw.indices.to_numpy(zero_copy_only=False).astype(np.int64))
    cells = start.spelled(again.dictionary, places)
    return replace(cells, missing_words=tuple(word for word in words if word), spaced=max(lost - hidden, 0), hidden=hidden)


def _remove_invisible(values: Any) -> Any:
    """The values themselves where none holds such a character, which is nearly always."""
    if not pc.any(pc.match_substring_regex(values, INVISIBLE)).as_py():
        return values
    return pc.replace_substring_regex(values, INVISIBLE, "")
