"""The row that all members of a model look at, while it is being laid out: equal cells are written once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dashapp.serving.encoder import Flag, Labels, Plain, Ramp, RowEncoder, Scaled
from dashapp.serving.terms import OPTIONS, TextReader
from dashapp.training.features import FloatArray

Floats = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FittedText:
    """A TfidfVectorizer of the input at place `at`, and the matrix `[terms, n]` that its weights are multiplied with."""

    at: int
    vectorizer: Any
    characters: int
    matrix: FloatArray

    @property
    def terms_key(self) -> str:
        return repr((self.at, self.characters, sorted(self.vectorizer.vocabulary_.items()), self.vectorizer.idf_.tobytes()))


@dataclass(frozen=True, slots=True)
class Source:
    """A number of the row that is read: the input at place `at`, or part `at` of the input `date`."""

    at: int
    date: int | None = None


@dataclass(slots=True)
class _Written:
    """What is made of numbers, or of the parts of one date."""

    scaled: list[Scaled] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    ramps: list[Ramp] = field(default_factory=list)


@dataclass(slots=True)
class CommonRow:
    """Every method gives the first place of what it lays out."""

    template: list[float] = field(default_factory=list)
    _known: dict[str, int] = field(default_factory=dict)
    _plain: list[Plain] = field(default_factory=list)
    _numbers: _Written = field(default_factory=_Written)
    _labels: list[Labels] = field(default_factory=list)
    _dates: dict[int, _Written] = field(default_factory=dict)
    _texts: dict[str, tuple[FittedText, list[tuple[int, FloatArray]]]] = field(default_factory=dict)

    def number(self, at: int) -> int:
        return self._once(("number", at), 1, lambda place: self._plain.append((at, place)))

    def scaled(self, source: Source, fill: float, mean: float, scale: float) -> int:
        at, kept = source.at, self._of(source).scaled
        return self._once(("scaled", source, fill, mean, scale), 1, lambda place: kept.append((at, place, fill, mean, scale)))

    def flag(self, source: Source, present: float, missing: float) -> int:
        at, kept = source.at, self._of(source).flags
        return self._once(("flag", source, present, missing), 1, lambda place: kept.append((at, place, present, missing)))

    def ramps(self, source: Source, fill: float, edges: Floats, means: Floats, scales: Floats) -> int:
        at, kept = source.at, self._of(source).ramps
        key = ("ramps", source, fill, edges, means, scales)
        return self._once(key, len(means), lambda place: kept.append(Ramp(at, place, fill, edges, means, scales)))

    def labels(self, at: int, table: Mapping[str, Floats], missing: Floats, unseen: Floats) -> int:
        key = ("labels", at, sorted(table.items()), missing, unseen)
        return self._once(key, len(missing), lambda place: self._labels.append((at, place, dict(table), missing, unseen)))

    def constant(self, value: float) -> int:
        return self._once(("constant", value), 1, lambda place: self.template.__setitem__(place, value))

    def texts(self, texts: Sequence[FittedText], width: int) -> int:
        """One sum of all texts' products, `width` places long."""
        key = ("texts", [(text.terms_key, text.matrix.tobytes()) for text in texts], width)
        return self._once(key, width, lambda place: self._add_texts(texts, place))

    def encoder(self) -> RowEncoder:
        texts = [(text.at, _reader(text, added)) for text, added in self._texts.values()]
        dates = [(at, each.scaled, each.flags, each.ramps) for at, each in self._dates.items()]
        own = self._numbers
        return RowEncoder(self.template, self._plain, own.scaled, own.flags, self._labels, dates, texts, own.ramps)

    def _once(self, key: Any, width: int, lay_out: Callable[[int], object]) -> int:
        # By its text, as one NaN is not equal to another.
        written = repr(key)
        if written not in self._known:
            self._known[written] = len(self.template)
            self.template += [0.0] * width
            lay_out(self._known[written])
        return self._known[written]

    def _of(self, source: Source) -> _Written:
        return self._numbers if source.date is None else self._dates.setdefault(source.date, _Written())

    def _add_texts(self, texts: Sequence[FittedText], place: int) -> None:
        for text in texts:
            self._texts.setdefault(text.terms_key, (text, []))[1].append((place, text.matrix))


def _reader(text: FittedText, added: Sequence[tuple[int, FloatArray]]) -> TextReader:
    options = {name: getattr(text.vectorizer, name) for name in OPTIONS}
    places = {str(term): int(place) for term, place in text.vectorizer.vocabulary_.items()}
    return TextReader(options, places, np.asarray(text.vectorizer.idf_, dtype=np.float64), text.characters, added)
