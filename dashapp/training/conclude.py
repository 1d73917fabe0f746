"""What the race would end with if it ended now: the members of the final model, how they did, and how long their final fits take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashapp.training.blend import Contender, Limits, blended, fit_time
from dashapp.training.features import FloatArray
from dashapp.training.material import Material
from dashapp.training.plan import BLEND
from dashapp.training.race.trial import Trial
from dashapp.training.result import Member, Setting
from dashapp.training.run import Candidate, CandidateState, TrainingPlan
from dashapp.training.scores import measures

MOST_TREES = 3_000
LEAST_ROWS = 500
# Fits on more rows take a little longer than in proportion.
SAFETY = 1.15
# What the final fits may hold: of a large table so many times its frame, of a small one all but so many bytes.
MOST_FRAMES, MOST_BYTES = 1.3, 500_000_000
ENCODED_TIMES = 2.0
# By how much the final fits may be over their time, and the part of the budget beside it.
SPARE_S, SPARE = 2.0, 0.05


@dataclass(frozen=True, slots=True)
class Conclusion:
    """`output` is what the blend answers for the validation rows (`y` their truth); `fits_s` how long the fits on the learned and then on
    all rows take, on `most_rows` at most. `folds` is how many folds' rows these are."""

    name: str
    members: tuple[Member, ...]
    output: FloatArray
    y: NDArray[np.int64] | NDArray[np.float64]
    learn_s: float
    all_s: float
    most_rows: int | None
    folds: int

    @property
    def fits_s(self) -> float:
        return self.learn_s + self.all_s


def concluded(plan: TrainingPlan, material: Material, trials: Sequence[Trial], threads: int, most_s: float) -> Conclusion:
    """From the trials that were judged on the most folds; `most_s` bounds both final fits, by fewer rows where it must be."""
    folds = max(len(trial.runs) for trial in trials)
    chosen = [trial for trial in trials if len(trial.runs) == folds]
    y = np.concatenate([material.answers.y[judging] for _, judging in material.folds[:folds]])
    outputs = [trial.output_over(folds) for trial in chosen]
    sizes = Sizes(len(material.learn), len(material.answers.y), plan.most_rows)
    contenders = _contenders(chosen, outputs, y, sizes, len(material.answers.labels))
    places = blended(contenders, None if material.answers.labels else y.astype(np.float64), Limits(MOST_TREES, most_s, threads))
    members = [(chosen[place], weight) for place, weight in places]
    sizes = _affordable(members, sizes, threads, most_s, SPARE_S + SPARE * plan.budget_s, _holdable(members, material))
    learn_s, all_s = _fits_s(members, sizes, threads)
    output = sum((weight * outputs[place] for place, weight in places), np.zeros(()))
    return Conclusion(
        name=BLEND if len(members) > 1 else members[0][0].family.name,
        members=tuple(Member(trial.family.name, _final(trial, sizes), weight) for trial, weight in members),
        output=np.asarray(output),
        y=y,
        learn_s=learn_s,
        all_s=all_s,
        most_rows=sizes.most,
        folds=folds,
    )


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows of the two final fits; `most` bounds both."""

    learn: int
    everything: int
    most: int | None

    @property
    def both(self) -> tuple[int, int]:
        most = self.everything if self.most is None else self.most
        return min(self.learn, most), min(self.everything, most)


def _final(trial: Trial, sizes: Sizes) -> Setting:
    return trial.family.scaled(trial.reached(), sizes.both[0] / trial.runs[0].rows)


def _contenders(trials: Sequence[Trial], outputs: Sequence[FloatArray], y: NDArray[Any], sizes: Sizes, classes: int) -> list[Contender]:
    found = []
    for trial, output in zip(trials, outputs, strict=True):
        setting = _final(trial, sizes)
        told = output[np.arange(len(y)), y.astype(np.intp)] if classes else output
        seconds = sum(SAFETY * trial.fit_s(rows, setting) for rows in sizes.both)
        found.append(Contender(told, trial.family.trees(setting, classes), seconds))
    return found


def _fits_s(members: Sequence[tuple[Trial, float]], sizes: Sizes, threads: int) -> tuple[float, float]:
    """Seconds of the fit on the learned rows and of that on all."""
    learn, everything = (
        fit_time([SAFETY * trial.fit_s(rows, _final(trial, sizes)) for trial, _ in members], threads) for rows in sizes.both
    )
    return learn, everything


def _holdable(members: Sequence[tuple[Trial, float]], material: Material) -> int:
    """Rows that the final fits may hold beside the table: drawn, encoded, and once more as the encoder puts them together."""
    allowed = max(MOST_FRAMES * material.frame_bytes, MOST_BYTES - 2 * material.frame_bytes)
    drawn = material.frame_bytes / max(1, len(material.frame))
    return int(allowed / (drawn + ENCODED_TIMES * sum(trial.runs[0].row_bytes for trial, _ in members) + 1.0))


def _affordable(members: Sequence[tuple[Trial, float]], sizes: Sizes, threads: int, most_s: float, spare_s: float, most_rows: int) -> Sizes:
    """Fewer rows until both fits are through in time, and `most_rows` at most. The time may be over by `spare_s` before it becomes fewer
    rows than the race judged the members on: below these nobody knows what they are worth."""
    if most_rows < sizes.everything:
        sizes = Sizes(sizes.learn, sizes.everything, max(LEAST_ROWS, most_rows))
    raced = min(trial.runs[0].rows for trial, _ in members)
    while sizes.both[0] > LEAST_ROWS:
        if sum(_fits_s(members, sizes, threads)) <= most_s + (spare_s if sizes.both[0] <= raced else 0.0):
            break
        sizes = Sizes(sizes.learn, sizes.everything, max(LEAST_ROWS, int(0.85 * sizes.both[0])))
    return sizes


def blend_candidate(plan: TrainingPlan, conclusion: Conclusion) -> Candidate:
    """The row of the leaderboard for a blend."""
    task = plan.task
    return Candidate(
        name=BLEND,
        state=CandidateState.FINISHED,
        score=measures.score(task, conclusion.y, conclusion.output),
        validation_loss=measures.loss(task, conclusion.y, conclusion.output),
        accuracy=measures.accuracy(task, conclusion.y, conclusion.output),
        is_best=True,
        setting=", ".join(_shares(conclusion.members)),
    )


def _shares(members: Sequence[Member]) -> list[str]:
    """`Forest 30%`; the settings of one family together: `Gradient boosting 50% + 20%`."""
    names = dict.fromkeys(member.candidate for member in members)
    return [f"{name} {' + '.join(f'{each.weight:.0%}' for each in members if each.candidate == name)}" for name in names]
