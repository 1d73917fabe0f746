"""The models of a blend as plain arrays: what each makes of an encoded row, and what the blend makes of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dashapp.serving.encoder import NotCompilable
from dashapp.serving.read_lightgbm import read_booster
from dashapp.serving.read_trees import read_forest, read_histogram_boosting
from dashapp.serving.trees import Ints, Narrow, Nodes, Trees, grown
from dashapp.serving.walk import Walk
from dashapp.training.features import FloatArray
from dashapp.training.parts import sum_of, tempered

IDENTITY, MEAN, LOGISTIC, SOFTMAX = range(4)

_LINEAR_CLASSIFIERS = frozenset({"LogisticRegression", "LogisticRegressionCV"})
# What LightGBM calls them; their raw scores are the values.
_VALUES = frozenset({"regression", "regression_l1", "huber", "fair", "quantile", "mape"})


@dataclass(frozen=True, slots=True)
class LinearMember:
    """`places` `[width]` in the encoded row, `coefficients` `[outputs, width]`, `intercepts` `[outputs]`; `link` makes probabilities."""

    places: Ints
    coefficients: FloatArray
    intercepts: FloatArray
    link: int

    def outputs(self, x: FloatArray, leaves: Narrow) -> FloatArray:
        # einsum and not BLAS: one row and a thousand rows must give the same bits, and no thread pool may wake up.
        return linked(np.einsum("nw,ow->no", x.take(self.places, axis=1), self.coefficients) + self.intercepts, self.link, 1)


@dataclass(frozen=True, slots=True)
class TreeMember:
    """`trees` are the places of this member's trees in the common array, iteration by iteration; `values` `[leaves, outputs of a tree]`,
    `baseline` `[outputs]`."""

    trees: Ints
    values: FloatArray
    baseline: FloatArray
    link: int

    def outputs(self, x: FloatArray, leaves: Narrow) -> FloatArray:
        if len(leaves) == 1 and self.values.shape[1] == 1:
            # `take` lets go of the interpreter's lock, and waits for it again; an index of so few does not.
            found = self.values[:, 0][leaves[0][self.trees]]
        else:
            found = self.values.take(leaves.take(self.trees, axis=1), axis=0)
        scores = found.reshape(len(leaves), -1, len(self.baseline)).sum(axis=1)
        return linked(scores + self.baseline, self.link, len(self.trees))


Member = LinearMember | TreeMember


@dataclass(frozen=True, slots=True)
class Members:
    """All members, their weights, and the temperature (None in a regression); `trees` holds those of all members."""

    trees: Trees | Walk | None
    members: tuple[Member, ...]
    weights: tuple[float, ...]
    temperature: float | None

    def outputs(self, x: FloatArray) -> FloatArray:
        """Encoded rows `[n, width]` -> probabilities `[n, classes]`, or values `[n, 1]`."""
        leaves = np.empty((len(x), 0), dtype=np.int32) if self.trees is None else self.trees.leaves(x)
        found = [member.outputs(x, leaves) for member in self.members]
        total = found[0] if self.weights == (1.0,) else sum_of(found, self.weights)
        return total if self.temperature is None else tempered(total, self.temperature)


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of an estimator are in the common row: column `kept[n]` is at `places[n]`. Terms of texts are folded: what block
    m of them adds to a linear model's score n stands at `folded[m][n]`."""

    kept: Ints
    places: Ints
    folded: tuple[Ints, ...] = ()


@dataclass(frozen=True, slots=True)
class _Planted:
    """Trees on their way into the common array."""

    nodes: Nodes
    baseline: FloatArray
    link: int


def assembled(
    estimators: Sequence[Any], columns: Sequence[Columns], width: int, weights: Sequence[float], temperature: float | None
) -> Members:
    """From fitted estimators and a common row of `width`; raises `NotCompilable`."""
    read = [_read(estimator, each) for estimator, each in zip(estimators, columns, strict=True)]
    planted = [each for each in read if isinstance(each, _Planted)]
    trees, grove = grown([each.nodes for each in planted], width) if planted else (None, [])
    kept = iter(grove)
    members = [each if isinstance(each, LinearMember) else TreeMember(*next(kept), each.baseline, each.link) for each in read]
    return Members(trees, tuple(members), tuple(float(weight) for weight in weights), temperature)


def coefficients(estimator: Any) -> FloatArray | None:
    """`[outputs, columns]` of a linear model."""
    return np.atleast_2d(np.asarray(estimator.coef_, dtype=np.float64)) if hasattr(estimator, "coef_") else None


def _read(estimator: Any, columns: Columns) -> LinearMember | _Planted:
    known = coefficients(estimator)
    if known is not None:
        return _linear(estimator, known, columns)
    is_classifier = hasattr(estimator, "classes_")
    if hasattr(estimator, "booster_"):
        nodes, outputs, objective = read_booster(estimator.booster_.model_to_string())
        planted = _Planted(nodes, np.zeros(outputs), _link_of(objective))
    elif hasattr(estimator, "estimators_") and hasattr(estimator, "n_outputs_"):
        nodes = read_forest(estimator)
        planted = _Planted(nodes, np.zeros(nodes.values.shape[1]), MEAN)
    elif hasattr(estimator, "_predictors"):
        baseline = np.asarray(estimator._baseline_prediction, dtype=np.float64).ravel()
        link = IDENTITY if not is_classifier else LOGISTIC if len(baseline) == 1 else SOFTMAX
        planted = _Planted(read_histogram_boosting(estimator), baseline, link)
    else:
        raise NotCompilable(f"{type(estimator).__name__} has no compiled form")
    return replace(planted, nodes=_moved(planted.nodes, columns))


def _linear(estimator: Any, known: FloatArray, columns: Columns) -> LinearMember:
    link = IDENTITY
    if hasattr(estimator, "classes_"):
        if type(estimator).__name__ not in _LINEAR_CLASSIFIERS:
            raise NotCompilable(f"{type(estimator).__name__} has no compiled form")
        link = LOGISTIC if len(known) == 1 else SOFTMAX
    outputs = len(known)
    parts = [known[:, columns.kept], *(np.eye(outputs) for _ in columns.folded)]
    places = np.concatenate([columns.places, *columns.folded])
    intercepts = np.broadcast_to(np.asarray(estimator.intercept_, dtype=np.float64), (outputs,)).copy()
    return LinearMember(places, np.hstack(parts), intercepts, link)


def _link_of(objective: str) -> int:
    name, *rest = objective.split()
    if name in _VALUES and not rest:
        return IDENTITY
    if (name, rest) == ("binary", ["sigmoid:1"]):
        return LOGISTIC
    if name == "multiclass":
        return SOFTMAX
    raise NotCompilable(f"the objective {objective} has no compiled form")


def _moved(nodes: Nodes, columns: Columns) -> Nodes:
    """The same trees, looking at the common row."""
    places = np.zeros(int(nodes.feature.max(initial=0)) + 1 + len(columns.kept), dtype=np.intp)
    places[columns.kept] = columns.places
    splits = [(int(places[at]), left, others) for at, left, others in nodes.splits]
    # A leaf has the feature -2 in scikit-learn.
    return replace(nodes, feature=places[np.maximum(nodes.feature, 0)], splits=splits)


def linked(scores: FloatArray, link: int, trees: int) -> FloatArray:
    """Scores `[n, outputs]` -> probabilities `[n, classes]`, or values `[n, 1]`."""
    if link == MEAN:
        return scores / trees
    if link == LOGISTIC:
        # The two branches never take the exponential of a large positive number.
        if len(scores) == 1:
            return _logistic_of_one(float(scores[0, 0]))
        small = np.exp(-np.abs(scores[:, 0]))
        shares = np.empty((len(scores), 2))
        shares[:, 1] = np.where(scores[:, 0] >= 0, 1.0, small) / (1.0 + small)
        np.subtract(1.0, shares[:, 1], out=shares[:, 0])
        return shares
    if link == SOFTMAX:
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))
    return scores


def _logistic_of_one(score: float) -> FloatArray:
    """`linked` of one score, to the same bits, in a third of the time."""
    small = float(np.exp(-abs(score)))
    share = (1.0 if score >= 0 else small) / (1.0 + small)
    return np.array([[1.0 - share, share]])
