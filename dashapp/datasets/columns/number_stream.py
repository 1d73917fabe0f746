"""A long column -> numbers, chunk by chunk: whole chunks are converted at once, and only what fails is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dashapp.datasets.columns.cells import MAX_ROWS_SHOWN, Rows, clean_text
from dashapp.datasets.columns.decimals import Signs, signs_of
from dashapp.datasets.columns.numbers import CODE, GROUPED, INFINITE, PLAIN, Style, has_minus_last, is_percent, read_styled
from dashapp.datasets.columns.percent import are_fractions, as_fractions
from dashapp.datasets.columns.spool import Chunks

MAX_DIFFERENT_FAILURES = 1_000
_LARGEST_EXACT = 1e15  # below it there are not more digits than a float64 can tell apart
_NONE = np.zeros(0)
_ZERO, _NINE, _PLUS, _MINUS, _COMMA, _POINT = b"09+-,."


@dataclass(slots=True)
class Tally:
    """Counts some sort of rows while they go by."""

    first: list[int] = field(default_factory=list)
    total: int = 0

    def note(self, found: NDArray[np.int64], begin: int) -> None:
        """`found`: places in a chunk of which the first row is number `begin` + 1."""
        self.first.extend((found[: MAX_ROWS_SHOWN - len(self.first)] + begin + 1).tolist())
        self.total += len(found)

    def rows(self) -> Rows:
        return Rows(tuple(self.first), self.total)


class NumberStream:
    """The column as float64 in `chunks`, null where missing, and what was met on the way.

    `is_code`: a value has a leading zero or too many digits, so that the column is no number; with this or more failures than
    are worth keeping it `is_broken` and takes no more. `is_sure`: it was said to be numbers, and nothing breaks it.
    """

    def __init__(
        self,
        chunks: Chunks,
        style: Style,
        missing: Any,
        *,
        is_careful: bool = False,
        is_sure: bool = False,
        missing_numbers: NDArray[np.float64] = _NONE,
    ) -> None:
        self.chunks, self.style = chunks, style
        self._missing, self._is_careful, self._is_sure = missing, is_careful, is_sure
        self._missing_numbers = missing_numbers
        self.failures: dict[str, int] = {}
        self.failed, self.infinite, self.missing_rows = Tally(), Tally(), Tally()
        self.missing_words: dict[str, None] = {}
        self.missing = 0
        self.is_code = self.is_written_otherwise = self.has_plus = self.has_minus_last = False
        self.is_whole_written = self.is_whole = True
        self.sample: tuple[str, float] | None = None
        self.example: str | None = None
        self.signs = Signs()
        self.percent_rows, self.percent = Tally(), Chunks(chunks.spool)  # of `percent` only the chunks that have any are not empty
        self.are_others_fractions, self.has_others = True, False
        self._percent_here: NDArray[np.bool_] | None = None

    @property
    def rows(self) -> int:
        return self.chunks.rows

    @property
    def is_broken(self) -> bool:
        return not self._is_sure and (self.is_code or len(self.failures) > MAX_DIFFERENT_FAILURES)

    def add(self, texts: Any) -> None:
        """`texts`: a pyarrow string array that is not a slice."""
        if self.is_broken:
            return
        if not self.signs.proven and _has_sign(texts):
            self.signs = signs_of(texts, self.signs)
        floats = None if self._is_careful else self._convert(texts)
        if floats is None:
            floats = self._convert_with_care(texts)
        if self._missing_numbers.size and (is_none := np.isin(floats, self._missing_numbers)).any():
            self.missing_words.update((f"{number:.10g}", None) for number in np.unique(floats[is_none]).tolist())
            self.missing_rows.note(np.flatnonzero(is_none), self.rows)
            floats = np.where(is_none, np.nan, floats)
        if self.is_whole and (found := floats[np.isfinite(floats)]).size:
            self.is_whole = bool((np.floor(found) == found).all())
        self._note_percent(floats)
        self.missing += int(np.isnan(floats).sum())
        self.chunks.append(pa.array(floats))

    def _note_percent(self, floats: NDArray[np.float64]) -> None:
        signed, self._percent_here = self._percent_here, None
        if signed is not None or not self.has_others or self.are_others_fractions:
            self._note_others(floats, signed)
        if signed is not None:
            self.percent_rows.note(np.flatnonzero(signed), self.rows)
        self.percent.append(pa.array([], pa.bool_()) if signed is None else pa.array(signed))

    def _note_others(self, floats: NDArray[np.float64], signed: NDArray[np.bool_] | None) -> None:
        others = floats[~np.isnan(floats)] if signed is None else floats[~np.isnan(floats) & ~signed]
        self.has_others = self.has_others or bool(others.size)
        self.are_others_fractions = self.are_others_fractions and are_fractions(others)

    def divide_percent(self) -> bool:
        """Make fractions of those with a percent sign where all others are; whether it was done."""
        if not (self.percent_rows.total and self.has_others and self.are_others_fractions):
            return False
        divided = Chunks(self.chunks.spool)
        for chunk, signed in zip(self.chunks, self.percent, strict=True):
            floats = chunk.to_numpy(zero_copy_only=False)
            divided.append(pa.array(as_fractions(floats, signed.to_numpy(zero_copy_only=False))) if len(signed) else chunk)
        self.chunks, self.is_whole = divided, False
        if self.sample is not None and is_percent(pa.array([self.sample[0]])).any():
            self.sample = self.sample[0], self.sample[1] / 100
        return True

    def _convert(self, texts: Any) -> NDArray[np.float64] | None:
        """All at once; None where a value is neither blank nor a plain number (in the European style one with a comma)."""
        offsets, data = _layout(texts)
        written = _null_where(texts, np.diff(offsets) == 0)
        if self.style is Style.EUROPEAN:
            if (data == _POINT).any():
                return None
            if (data == _COMMA).any():
                self._note_style(texts)
            written = _with_data(written, np.where(data == _COMMA, np.uint8(_POINT), data))
        try:
            converted = pc.cast(written, pa.float64())
        except pa.ArrowInvalid:
            return None
        floats: NDArray[np.float64] = converted.to_numpy(zero_copy_only=False)
        if np.isnan(floats).sum() > converted.null_count or np.isinf(floats).any():
            return None
        self._check_writing(texts, offsets, data, floats)
        return floats

    def _convert_grouped(self, texts: Any) -> NDArray[np.float64] | None:
        """As `_convert`, once what groups the digits is taken out."""
        group, _ = self.style.value
        if not (_layout(texts)[1] == ord(group)).any():
            return None
        is_grouped = pc.match_substring_regex(texts, GROUPED[self.style])
        sample, example = self.sample, self.example
        floats = self._convert(pc.if_else(is_grouped, pc.replace_substring(texts, group, ""), texts))
        self.sample, self.example = sample, example  # what is shown stands as in the file
        if floats is not None:
            self.example = example or next((text for text in texts.to_pylist() if text), None)
            place = pc.index(is_grouped, True).as_py()
            self.is_written_otherwise, self.sample = True, sample or (texts[place].as_py(), float(floats[place]))
        return floats

    def _convert_with_care(self, texts: Any) -> NDArray[np.float64]:
        cleaned = clean_text(texts, self._missing)
        self._note_missing(texts, cleaned)
        filled = pc.fill_null(cleaned, "")
        if (converted := self._convert(filled)) is not None or (converted := self._convert_grouped(filled)) is not None:
            return converted
        is_plain = pc.match_substring_regex(filled, PLAIN).to_numpy(zero_copy_only=False)
        floats = np.full(len(texts), np.nan)
        if self.style is Style.ENGLISH:
            plain = filled.filter(pa.array(is_plain))
            floats[is_plain] = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
            self._check_writing(plain, *_layout(plain), floats[is_plain])
        else:
            is_plain = np.zeros(len(texts), dtype=bool)
            self._check_codes(filled.filter(pc.match_substring_regex(filled, CODE)))
        others = np.flatnonzero(~is_plain & pc.not_equal(filled, "").to_numpy(zero_copy_only=False))
        if len(others):
            self._read_others(filled.take(pa.array(others)).dictionary_encode(), others, floats)
        infinite = np.flatnonzero(np.isinf(floats))
        self.infinite.note(infinite, self.rows)
        floats[infinite] = np.nan
        return floats

    def _read_others(self, encoded: Any, places: NDArray[np.int64], floats: NDArray[np.float64]) -> None:
        """The values that are not plain, each different one once."""
        values = encoded.dictionary.to_pylist()
        codes = encoded.indices.to_numpy()
        read = read_styled(values, self.style)
        read[pc.match_substring_regex(encoded.dictionary, INFINITE).to_numpy(zero_copy_only=False)] = np.inf
        floats[places] = read[codes]
        self.has_minus_last = self.has_minus_last or has_minus_last(values)
        if (signed := is_percent(encoded.dictionary) & ~np.isnan(read)).any():
            self._percent_here = np.zeros(len(floats), dtype=bool)
            self._percent_here[places] = signed[codes]
        failed = np.isnan(read)
        if not failed.all() and (dressed := np.flatnonzero(np.isfinite(read))).size:
            self.is_written_otherwise = True
            self.sample = self.sample or (values[int(dressed[0])], float(read[dressed[0]]))
        if failed.any():
            counts = np.bincount(codes, minlength=len(values))
            for place in np.flatnonzero(failed).tolist()[: MAX_DIFFERENT_FAILURES + 1]:
                self.failures[values[place]] = self.failures.get(values[place], 0) + int(counts[place])
            self.failed.note(places[failed[codes]], self.rows)

    def _check_writing(self, texts: Any, offsets: NDArray[np.int32], data: NDArray[np.uint8], floats: NDArray[np.float64]) -> None:
        if len(texts) == 0:
            return
        if self.example is None:
            self.example = next((text for text in texts.to_pylist() if text), None)
        if self.is_whole_written:
            self.is_whole_written = not any((data == sign).any() for sign in b".eE")
        self.has_plus = self.has_plus or bool((data == _PLUS).any())
        # Where each value has its point there is no code among them.
        if not self._is_sure and (self.is_whole_written or np.count_nonzero(data == _POINT) < np.count_nonzero(np.diff(offsets))):
            self._check_codes(texts.take(pa.array(_possible_codes(offsets, data, floats))))

    def _check_codes(self, suspects: Any) -> None:
        self.is_code = self.is_code or (bool(len(suspects)) and bool(pc.any(pc.match_substring_regex(suspects, CODE)).as_py()))

    def _note_style(self, texts: Any) -> None:
        self.is_written_otherwise = True
        if self.sample is None:
            written = next(text for text in texts.to_pylist() if "," in text)
            self.sample = (written, float(read_styled([written], self.style)[0]))

    def _note_missing(self, texts: Any, cleaned: Any) -> None:
        if not cleaned.null_count:
            return
        stripped = pc.utf8_trim_whitespace(texts)
        is_word = pc.and_(pc.is_null(cleaned), pc.not_equal(stripped, "")).to_numpy(zero_copy_only=False)
        self.missing_words.update(dict.fromkeys(pc.unique(stripped.filter(pa.array(is_word))).to_pylist()))
        self.missing_rows.note(np.flatnonzero(is_word), self.rows)


def _layout(texts: Any) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Where each value begins (and the last one ends), and the bytes of all of them."""
    _, offsets, data = texts.buffers()
    begins = np.frombuffer(offsets, dtype=np.int32)[: len(texts) + 1] if len(texts) else np.zeros(1, dtype=np.int32)
    return begins, np.frombuffer(data, dtype=np.uint8) if data is not None else np.zeros(0, dtype=np.uint8)


def _has_sign(texts: Any) -> bool:
    data = _layout(texts)[1]
    return bool((data == _POINT).any() or (data == _COMMA).any())


def _null_where(texts: Any, is_null: NDArray[np.bool_]) -> Any:
    if not is_null.any():
        return texts
    _, offsets, data = texts.buffers()
    valid = pa.py_buffer(np.packbits(~is_null, bitorder="little"))
    return pa.Array.from_buffers(texts.type, len(texts), [valid, offsets, data])


def _with_data(texts: Any, data: NDArray[np.uint8]) -> Any:
    valid, offsets, _ = texts.buffers()
    return pa.Array.from_buffers(texts.type, len(texts), [valid, offsets, pa.py_buffer(data)])


def _possible_codes(offsets: NDArray[np.int32], data: NDArray[np.uint8], floats: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places of values that begin with a zero and another digit, or are too large to be sure of their last digit."""
    with np.errstate(invalid="ignore"):
        large = np.flatnonzero(np.abs(floats) >= _LARGEST_EXACT)
    last = max(len(data) - 1, 0)
    # All signs come before the other digits, so that few values are looked at more closely. An empty one may get any byte.
    some = np.flatnonzero(np.append(data, _NINE)[offsets[:-1]] <= _ZERO)
    begins, ends = offsets[some], offsets[some + 1]
    first = data[np.minimum(begins, last)]
    begins = begins + ((first == _MINUS) | (first == _PLUS))
    first, after = data[np.minimum(begins, last)], data[np.minimum(begins + 1, last)]
    is_code = (first == _ZERO) & (begins + 1 < ends) & (after >= _ZERO) & (after <= _NINE)
    return np.concatenate([large, some[is_code]])
