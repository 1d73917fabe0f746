"""Whether a version scores worse than the live one: on the same held-out rows where both have answers for them, else by intervals.

Nothing is scored anew. The model that serves was fitted once more on all rows, those of the test included, so it would know the answers;
what is compared was answered before that, by the model that had not seen the test rows.
"""

from __future__ import annotations

import numpy as np

from dashapp.datasets.dataset import Task
from dashapp.datasets.wording import count_of, quoted
from dashapp.models.model import Check, ModelVersion
from dashapp.training.result import HeldOut
from dashapp.training.scores.paired import Paired, paired

NAME = "score"
SCORE_METRICS = {Task.BINARY: "roc_auc", Task.MULTICLASS: "balanced_accuracy", Task.REGRESSION: "r2"}
LEAST = 0.005
"""A difference below this is nobody's reason to keep a model from serving, however certain it is."""

UNSEEN = "Both scores come from before the last fit on all rows, when neither model had seen these."


def score_check(candidate: ModelVersion, live: ModelVersion, mine: HeldOut | None, theirs: HeldOut | None) -> Check:
    """`mine` and `theirs` are what the artifacts hold of the test rows."""
    if (candidate.task, candidate.target) != (live.task, live.target):
        words = f"Scores are not compared: this model predicts {quoted(candidate.target)} ({candidate.task.value}), "
        return Check(NAME, True, f"{words}the live one {quoted(live.target)} ({live.task.value}).", is_notable=True)
    if candidate.labels != live.labels:
        return Check(NAME, True, "Scores are not compared: the two models tell other classes apart.", is_notable=True)
    why = _not_the_same_rows(candidate, live)
    if why:
        return _by_intervals(candidate, live, why)
    if mine is None or theirs is None:
        return _by_intervals(candidate, live, "One of them comes from an older program, which kept no answers for single rows")
    _, at, other = np.intersect1d(mine.rows, theirs.rows, assume_unique=True, return_indices=True)
    if not np.array_equal(mine.truth[at], theirs.truth[other]):
        return _by_intervals(candidate, live, "The file was read in different ways, so these scores are of different rows")
    found = paired(candidate.task, mine.truth[at], mine.said[at], theirs.said[other])
    if found is None:
        return _by_intervals(candidate, live, "Too few rows were held out from both to compare them one by one")
    return _by_pairs(candidate, live, found)


def _not_the_same_rows(candidate: ModelVersion, live: ModelVersion) -> str:
    """Why the test rows of the two cannot be compared one by one; empty where they can."""
    if candidate.dataset_sha256 != live.dataset_sha256:
        return "They were trained on different data, so these scores are of different rows"
    if (candidate.split.kind, candidate.split.column) != (live.split.kind, live.split.column):
        return "Their test rows were chosen in different ways, so these scores are of different rows"
    return ""


def _by_pairs(candidate: ModelVersion, live: ModelVersion, found: Paired) -> Check:
    compared = f"{candidate.score_name} {found.mine:.3f}, version {live.version} has {found.theirs:.3f}"
    where = f"On the same {count_of(found.rows, 'row')}, held out from both: {compared}"
    if not found.is_worse and not found.is_better:
        noise = max(found.high - found.difference, 0.0)
        words = f"{where}; that is no difference beyond noise (± {_small(noise)})."
        return Check(NAME, True, f"{words} {UNSEEN}", found.difference)
    ends = sorted((abs(found.low), abs(found.high)))
    beside = f"{_small(abs(found.difference))} {'lower' if found.is_worse else 'higher'}"
    certain = f"{where}; that is {beside} ({_small(ends[0])} to {_small(ends[1])}, with 95 % certainty)"
    if found.is_worse and -found.difference < LEAST:
        return Check(NAME, True, f"{certain}, too little to matter. {UNSEEN}", found.difference)
    return Check(NAME, not found.is_worse, f"{certain}. {UNSEEN}", found.difference)


def _by_intervals(candidate: ModelVersion, live: ModelVersion, why: str) -> Check:
    """Careful: only where the intervals do not touch is one called worse."""
    metric = SCORE_METRICS[candidate.task]
    if metric not in candidate.metrics or metric not in live.metrics:
        return Check(NAME, True, f"Scores are not compared: one has no {candidate.score_name} on its test rows.", is_notable=True)
    compared = f"{candidate.score_name} {_with_interval(candidate, metric)}, version {live.version} has {_with_interval(live, metric)}"
    mine, theirs = candidate.intervals.get(metric), live.intervals.get(metric)
    difference = candidate.metrics[metric] - live.metrics[metric]
    if mine is None or theirs is None:
        return Check(NAME, True, f"{compared}. {why}, and without intervals nothing more can be said.", difference, is_notable=True)
    if mine[1] < theirs[0]:
        return Check(NAME, False, f"{compared}: worse, as the intervals do not touch. {why}.", difference)
    touching = "better, as the intervals do not touch" if mine[0] > theirs[1] else "no difference that could be told from noise"
    return Check(NAME, True, f"{compared}: {touching}. {why}.", difference)


def _with_interval(model: ModelVersion, metric: str) -> str:
    interval = model.intervals.get(metric)
    value = f"{model.metrics[metric]:.3f}"
    return value if interval is None else f"{value} ({interval[0]:.3f} to {interval[1]:.3f})"


def _small(difference: float) -> str:
    """A difference of scores; what would be written 0.000 has more digits."""
    return f"{difference:.3f}" if difference >= 0.0005 or difference == 0 else f"{difference:.1g}"
