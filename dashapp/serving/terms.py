"""Text -> floats: the terms of a text, weighed as a TfidfVectorizer does, times matrices.

The terms are taken apart by scikit-learn's own analyzer, made from the same options.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dashapp.training.features import FloatArray

# What decides about the terms of a TfidfVectorizer; all JSON values.
OPTIONS = ("analyzer", "ngram_range", "lowercase", "token_pattern", "strip_accents", "stop_words", "sublinear_tf")


class TextReader:
    """`places` numbers the terms, `idf` weighs them, `characters` of a text count; each of `added` is a place in the encoded row and the
    matrix `[terms, n]` whose product with the weights is added there."""

    def __init__(
        self,
        options: Mapping[str, Any],
        places: Mapping[str, int],
        idf: FloatArray,
        characters: int,
        added: Sequence[tuple[int, FloatArray]],
    ) -> None:
        self.options, self.places, self.idf, self.characters = dict(options), dict(places), idf, characters
        self.added = list(added)
        self._terms = _analyzer(options)
        self._weights: list[float] = idf.tolist()
        self._is_sublinear = bool(options["sublinear_tf"])

    def add(self, text: str, out: list[float]) -> None:
        counts: dict[int, int] = {}
        for term in self._terms(text[: self.characters]):
            place = self.places.get(term)
            if place is not None:
                counts[place] = counts.get(place, 0) + 1
        if not counts:
            return
        weights = [self._weight(count) * self._weights[place] for place, count in counts.items()]
        length = math.sqrt(math.fsum(weight * weight for weight in weights))
        found, shares = np.array(list(counts)), np.array(weights) / length
        for start, matrix in self.added:
            for place, value in enumerate(np.einsum("t,tk->k", shares, matrix.take(found, axis=0)).tolist(), start):
                out[place] += value

    def _weight(self, count: int) -> float:
        return 1.0 + math.log(count) if self._is_sublinear else float(count)


def _analyzer(options: Mapping[str, Any]) -> Callable[[str], list[str]]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    known = {**options, "ngram_range": tuple(options["ngram_range"])}
    found: Callable[[str], list[str]] = TfidfVectorizer(**known).build_analyzer()
    return found
