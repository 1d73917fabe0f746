"""One column while the file is read: its different spellings while they are few, then numbers, and otherwise text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dashapp.datasets.columns.cells import Cells, clean_cells, missing_set
from dashapp.datasets.columns.decimals import STYLES, Signs, signs_if_numbers
from dashapp.datasets.columns.number_stream import NumberStream
from dashapp.datasets.columns.numbers import Style, numbers_among, parse_numbers
from dashapp.datasets.columns.spool import Chunks, Spool
from dashapp.datasets.columns.strays import are_plainly_words, are_strays_few
from dashapp.datasets.dataset import ColumnReading, ReadAs

MAX_DIFFERENT = 50_000  # spellings that are told apart; each has a code of 16 bits
MAX_DIFFERENT_NUMBERS = 2_000  # converting numbers is faster than telling their spellings apart
MAX_DIFFERENT_IN_ALL = 2_000_000
MAX_DIFFERENT_BYTES, MAX_BYTES_IN_ALL, FEWEST_BYTES = 8_000_000, 64_000_000, 64_000
_AS_NUMBERS = (None, ReadAs.NUMBER, ReadAs.INTEGER)


class Intake:
    """Takes a column chunk by chunk. Then one of three is set: `cells()` where the spellings are few, `numbers`, or `texts`.

    `is_text`: numbers were tried before and it is known that the column holds none in one style.
    """

    def __init__(self, spool: Spool, reading: ColumnReading, columns: int, *, is_text: bool = False) -> None:
        self.reading = reading
        self.numbers: NumberStream | None = None
        self.texts: Chunks | None = None
        self._spool = spool
        self._may_be_numbers = reading.kind in _AS_NUMBERS and not is_text
        self._max_different = max(min(MAX_DIFFERENT, MAX_DIFFERENT_IN_ALL // columns), MAX_DIFFERENT_NUMBERS)
        self._max_bytes = max(min(MAX_DIFFERENT_BYTES, MAX_BYTES_IN_ALL // columns), FEWEST_BYTES)
        self._written = pa.array([], pa.string())
        self._counts: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._codes = Chunks(spool)
        self._is_settled = False  # the last chunk had no spelling that was new
        self.rows = 0

    def add(self, texts: Any) -> None:
        """`texts`: a pyarrow string array without nulls."""
        self.rows += len(texts)
        self._take(texts)

    def _take(self, texts: Any) -> None:
        if self.numbers is not None:
            self.numbers.add(texts)
        elif self.texts is not None:
            self.texts.append(texts)
        else:
            self._encode(texts)

    @property
    def is_blank(self) -> bool:
        """Whether there is no value other than blanks."""
        if self.numbers is not None or self.texts is not None:
            return False
        return bool(pc.all(pc.equal(pc.utf8_trim_whitespace(self._written), "")).as_py())

    def cells(self) -> Cells:
        """The different spellings, cleaned; where there are too many, those of the first rows."""
        return clean_cells(self._written, self._counts, self._codes, self.reading.missing, self.reading.keep)

    def signs(self) -> Signs:
        """What the column tells of the decimal sign of its file."""
        if self.reading.kind not in _AS_NUMBERS or self.texts is not None:
            return Signs()
        if self.numbers is not None:
            return Signs() if self.numbers.is_broken else self.numbers.signs
        if not pc.any(pc.match_substring_regex(self._written, r"\d[.,]|[.,]\d")).as_py():
            return Signs()
        is_missing = pc.is_in(pc.utf8_trim_whitespace(self._written), value_set=missing_set(self.reading.missing, self.reading.keep))
        return signs_if_numbers(self._written.filter(pc.invert(is_missing)))

    def _encode(self, texts: Any) -> None:
        if self._is_settled:
            known = pc.index_in(texts, value_set=self._written)
            if not known.null_count:
                return self._count(known.to_numpy())
        encoded = texts.dictionary_encode()
        known = pc.index_in(encoded.dictionary, value_set=self._written)
        is_new = known.is_null().to_numpy(zero_copy_only=False)
        different = len(self._written) + int(is_new.sum())
        if different > MAX_DIFFERENT_NUMBERS and self._may_be_numbers and self._look_for_numbers(encoded.dictionary):
            return self._take(texts)
        if different > self._max_different or self._written.nbytes > self._max_bytes:
            self._keep_texts()
            return self._take(texts)
        places = known.fill_null(0).to_numpy().astype(np.int64)
        places[is_new] = np.arange(len(self._written), different)
        if is_new.any():
            self._written = pa.concat_arrays([self._written, encoded.dictionary.filter(pa.array(is_new))])
            self._counts = np.append(self._counts, np.zeros(different - len(self._counts), dtype=np.int64))
        self._is_settled = not is_new.any()
        return self._count(places[encoded.indices.to_numpy()])

    def _count(self, codes: NDArray[np.integer[Any]]) -> None:
        self._counts += np.bincount(codes, minlength=len(self._counts))
        self._codes.append(pa.array(codes.astype(np.uint16)))

    def _look_for_numbers(self, more: Any) -> bool:
        """Whether the different values are numbers, which is asked once; then the column goes on as such."""
        self._may_be_numbers = False
        written = pc.unique(pa.concat_arrays([self._written, more.slice(0, MAX_DIFFERENT_NUMBERS)]))
        some = clean_cells(written, np.ones(len(written), dtype=np.int64), Chunks(self._spool), self.reading.missing, self.reading.keep)
        is_sure = self.reading.kind is not None
        if not is_sure and are_plainly_words(some.values):
            return False
        told = self.reading.decimal
        numbers = parse_numbers(some.values, is_sure=is_sure, style=None if told is None else STYLES[told])
        if numbers is None or (not is_sure and not are_strays_few(int((~numbers.is_number).sum()), int(numbers.is_number.sum()), 0, 1)):
            return False
        self.numbers = self.stream(numbers.style)
        for texts in self._texts_so_far():
            self.numbers.add(texts)
        return True

    def stream(self, style: Style) -> NumberStream:
        """An empty one that knows what the user said."""
        further = self.reading.missing
        return NumberStream(
            Chunks(self._spool),
            style,
            missing_set(further, self.reading.keep),
            is_careful=bool(further),
            is_sure=self.reading.kind is not None,
            missing_numbers=numbers_among(further),
        )

    def _keep_texts(self) -> None:
        self.texts = Chunks(self._spool)
        for texts in self._texts_so_far():
            self.texts.append(texts)

    def _texts_so_far(self) -> Any:
        return (self._written.take(codes) for codes in self._codes)
