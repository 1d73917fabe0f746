"""What the models are made of beyond scikit-learn and LightGBM.

Law: imports nothing of this project, as an export carries this very file beside its `train.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline

FloatArray = NDArray[np.float64]

DATE_PARTS = ("year", "month", "day", "weekday", "hour", "days since 1970")
MICROSECONDS_A_DAY = 86_400_000_000
SMALLEST = float(np.finfo(np.float64).eps)


class DateParts(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Dates `[n, m]` -> float64 `[n, 6 m]`: the `DATE_PARTS` of each column, NaN where the date is missing."""

    def fit(self, dates: Any, y: Any = None) -> DateParts:
        self.n_features_in_ = dates.shape[1]
        self.feature_names_in_ = np.array([str(name) for name in dates.columns], dtype=object)
        return self

    def transform(self, dates: Any) -> FloatArray:
        return np.hstack([_date_parts(dates.iloc[:, at].to_numpy()) for at in range(dates.shape[1])])

    def get_feature_names_out(self, names: Any = None) -> NDArray[Any]:
        return np.array([f"{name} {part}" for name in self.feature_names_in_ for part in DATE_PARTS], dtype=object)


def _date_parts(dates: NDArray[Any]) -> FloatArray:
    moments = dates.astype("datetime64[us]")
    days = moments.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    years = days.astype("datetime64[Y]")
    since = moments.astype(np.int64)
    parts = np.column_stack(
        [
            years.astype(np.int64) + 1970,
            (months - years).astype(np.int64) + 1,
            (days - months).astype(np.int64) + 1,
            # 1970-01-01 was a Thursday, which is 3 where Monday is 0.
            (days.astype(np.int64) + 3) % 7,
            since // 3_600_000_000 % 24,
            since / MICROSECONDS_A_DAY,
        ]
    ).astype(np.float64)
    parts[np.isnat(moments)] = np.nan
    return parts


class Ramps(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Numbers `[n, m]` without NaN -> float64 `[n, ramps]`: how far each number has come from one of its quantiles to the next, 0 to 1.

    A linear model of ramps bends at every quantile, and what lies outside of what was seen counts as the nearest seen. `edges_` holds the
    quantiles of each column; one with fewer than three different ones stays as it is. (Piecewise linear encoding,
    https://arxiv.org/abs/2203.05556.)
    """

    def __init__(self, ramps: int = 8) -> None:
        self.ramps = ramps

    def fit(self, numbers: Any, y: Any = None) -> Ramps:
        shares = np.linspace(0.0, 1.0, self.ramps + 1)
        found = np.asarray(numbers, dtype=np.float64)
        self.n_features_in_ = found.shape[1]
        # An edge is a number that occurs, so that none is lost in rounding.
        self.edges_ = [np.unique(np.quantile(column, shares, method="nearest")) for column in found.T]
        return self

    def transform(self, numbers: Any) -> FloatArray:
        found = np.asarray(numbers, dtype=np.float64)
        return np.hstack([_ramps(found[:, at], edges) for at, edges in enumerate(self.edges_)])

    def get_feature_names_out(self, names: Any = None) -> NDArray[Any]:
        kept = [f"x{at}" for at in range(self.n_features_in_)] if names is None else names
        steps = [range(len(edges) - 1 if len(edges) > 2 else 1) for edges in self.edges_]
        return np.array([f"{name} {step}" for name, each in zip(kept, steps, strict=True) for step in each], dtype=object)


def _ramps(column: FloatArray, edges: FloatArray) -> FloatArray:
    if len(edges) < 3:
        return column[:, np.newaxis]
    # Halved, as the difference of two numbers may be more than the largest of them.
    begin = edges[:-1] / 2
    return np.clip((column[:, np.newaxis] / 2 - begin) / (edges[1:] / 2 - begin), 0.0, 1.0)


class Words(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Texts `[n, m]` -> sparse `[n, terms]`: TF-IDF of each column's words and pairs of words, nothing where the text is missing.

    The terms, `terms` at most over all columns, are chosen by up to `rows` rows at equal distances; of a text the first `characters`
    count. `readers_` holds a TfidfVectorizer for each column, or None for one without a word.
    """

    def __init__(self, terms: int = 5_000, rows: int = 10_000, characters: int = 5_000) -> None:
        self.terms = terms
        self.rows = rows
        self.characters = characters

    def fit(self, texts: Any, y: Any = None) -> Words:
        self.n_features_in_ = texts.shape[1]
        self.feature_names_in_ = np.array([str(name) for name in texts.columns], dtype=object)
        sample = spread_rows(texts, self.rows)
        most = max(100, self.terms // self.n_features_in_)
        self.readers_ = [_reader_of(self._documents(sample, at), most) for at in range(self.n_features_in_)]
        return self

    def transform(self, texts: Any) -> Any:
        read = [reader.transform(self._documents(texts, at)) for at, reader in enumerate(self.readers_) if reader is not None]
        return sparse.csr_matrix(sparse.hstack(read)) if read else sparse.csr_matrix((len(texts), 0))

    def get_feature_names_out(self, names: Any = None) -> NDArray[Any]:
        known = zip(self.feature_names_in_, self.readers_, strict=True)
        terms = [f"{name} {term}" for name, reader in known if reader is not None for term in reader.get_feature_names_out()]
        return np.array(terms, dtype=object)

    def _documents(self, texts: Any, at: int) -> list[str]:
        return [text[: self.characters] if isinstance(text, str) else "" for text in texts.iloc[:, at].tolist()]


def _reader_of(documents: list[str], terms: int) -> TfidfVectorizer | None:
    """Words, or where the language puts no spaces between them single characters and pairs."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=terms)
    split = words.build_tokenizer()
    present = [document for document in documents if document][:1_000]
    if sum(len(document) for document in present) > 20 * sum(len(split(document)) for document in present):
        words.set_params(analyzer="char")
    for least in (2, 1):
        try:
            words.set_params(min_df=least).fit(documents)
        except ValueError:  # no term occurs in as many texts
            continue
        # Plain whole numbers: a saved model writes a file for each of NumPy's.
        words.vocabulary_ = {term: int(place) for term, place in words.vocabulary_.items()}
        return words
    return None


class Topics(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Texts `[n, m]` -> float64 `[n, topics]` at most: what `Words` gives, times the `components_` `[topics, terms]` of a truncated SVD."""

    def __init__(self, topics: int = 24, terms: int = 5_000, seed: int = 0, rows: int = 10_000) -> None:
        self.topics = topics
        self.terms = terms
        self.seed = seed
        self.rows = rows

    def fit(self, texts: Any, y: Any = None) -> Topics:
        self.n_features_in_ = texts.shape[1]
        self.feature_names_in_ = np.array([str(name) for name in texts.columns], dtype=object)
        sample = spread_rows(texts, self.rows)
        self.words_ = Words(self.terms, self.rows).fit(sample)
        found = self.words_.transform(sample)
        if min(found.shape) <= self.topics:
            self.components_ = np.eye(found.shape[1])[: self.topics]
        else:
            self.components_ = TruncatedSVD(self.topics, random_state=self.seed).fit(found).components_
        return self

    def transform(self, texts: Any) -> FloatArray:
        return np.asarray(self.words_.transform(texts) @ self.components_.T)

    def get_feature_names_out(self, names: Any = None) -> NDArray[Any]:
        return np.array([f"topic {number}" for number in range(1, len(self.components_) + 1)], dtype=object)


def spread_rows(table: Any, most: int) -> Any:
    """All rows of a DataFrame, or `most` of them at equal distances."""
    return table if len(table) <= most else table.iloc[np.linspace(0, len(table) - 1, most).astype(np.intp)]


class Blend(BaseEstimator):  # type: ignore[misc]
    """The weighted mean of fitted pipelines that all take the same DataFrame; `weights` add up to 1.

    In a classification `classes_` are the labels, and the mean probabilities p become p ** (1 / temperature), normalised.
    """

    def __init__(self, members: Sequence[Pipeline], weights: Sequence[float], temperature: float = 1.0) -> None:
        self.members = list(members)
        self.weights = list(weights)
        self.temperature = temperature

    @property
    def classes_(self) -> NDArray[Any]:
        return np.asarray(self.members[0].classes_)

    def predict_proba(self, frame: Any) -> FloatArray:
        """Probabilities `[n, classes]`."""
        return tempered(sum_of([member.predict_proba(frame) for member in self.members], self.weights), self.temperature)

    def predict(self, frame: Any) -> NDArray[Any]:
        """Labels, or values `[n]` in a regression."""
        if hasattr(self.members[0], "classes_"):
            return np.asarray(self.classes_[self.predict_proba(frame).argmax(axis=1)])
        return sum_of([member.predict(frame) for member in self.members], self.weights)


def sum_of(outputs: Sequence[Any], weights: Sequence[float]) -> FloatArray:
    """The weighted sum, in the order given."""
    total = np.zeros_like(np.asarray(outputs[0], dtype=np.float64))
    for output, weight in zip(outputs, weights, strict=True):
        total += weight * output
    return total


def tempered(shares: FloatArray, temperature: float) -> FloatArray:
    """Probabilities `[n, classes]` made bolder (temperature below 1) or more careful (above 1)."""
    if temperature == 1.0:
        return shares
    powers = np.maximum(shares, SMALLEST) ** (1.0 / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
