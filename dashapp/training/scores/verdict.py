"""What the figures allow to be said against always guessing, in one or two sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashapp.datasets.dataset import Task
from dashapp.datasets.wording import count_of, quoted
from dashapp.training.scores.intervals import Interval
from dashapp.training.scores.measures import in_words

FEWEST_ROWS = 10
"""With fewer test rows nothing is said to be better than guessing."""

FEWEST_OF_A_CLASS = 5
"""With fewer test rows of one of two classes the ROC AUC shows nothing."""

LOPSIDED = 0.8
"""Above this share of the commonest class the share of right answers says little."""

_VAIN = "The columns may not tell it."


@dataclass(frozen=True, slots=True)
class Contest:
    """A model against always guessing, on the same test rows.

    `gain` is `intervals.gain` of the model over the guess. `commonest` is the label that the guess names, `rarer` the other of two
    and `rarer_rows` how many test rows it has. `is_lopsided` where accuracy says little: the commonest class has most of the rows, or
    a threshold was tuned to find the rarer.
    """

    task: Task
    candidate: str
    target: str
    rows: int
    metrics: Mapping[str, float]
    intervals: Mapping[str, Interval]
    baseline: Mapping[str, float]
    gain: tuple[float, float, float]
    commonest: str = ""
    rarer: str = ""
    rarer_rows: int = 0
    is_lopsided: bool = False

    @property
    def unseen(self) -> str:
        return f"on {count_of(self.rows, 'row')} that it never saw"

    @property
    def of(self) -> str:
        """The target's name, in quotes only where it could be misread."""
        shown = quoted(self.target)
        return self.target if shown == f'"{self.target}"' and self.target.strip() else shown


@dataclass(frozen=True, slots=True)
class Verdict:
    sentence: str
    is_better: bool


def verdict(contest: Contest) -> Verdict:
    if contest.rows < FEWEST_ROWS:
        return _too_few(contest, f"The test has {count_of(contest.rows, 'row')}")
    if not contest.task.is_classification:
        return _of_values(contest)
    if not contest.is_lopsided:
        return _of_accuracy(contest)
    if contest.task is Task.MULTICLASS:
        return _of_balanced_accuracy(contest)
    return _too_few_of_a_class(contest) or _of_ranking(contest)


def _too_few(contest: Contest, count: str) -> Verdict:
    return Verdict(f"{count}: too few to tell whether {contest.candidate} is better than guessing at {contest.of}.", False)


def _too_few_of_a_class(contest: Contest) -> Verdict | None:
    """Of two classes, where the test rows hold hardly any of one."""
    for label, rows in ((contest.rarer, contest.rarer_rows), (contest.commonest, contest.rows - contest.rarer_rows)):
        if contest.task is Task.BINARY and rows < FEWEST_OF_A_CLASS:
            return _too_few(contest, f"{rows or 'None'} of the {contest.rows:,} test rows {'is' if rows == 1 else 'are'} {quoted(label)}")
    return None


def _of_values(contest: Contest) -> Verdict:
    if "rmse" not in contest.metrics or "rmse" not in contest.baseline:
        return Verdict(f"The values of {contest.of} are too large to measure {contest.candidate} against guessing.", False)
    off = f"off by {in_words(contest.metrics['rmse'])} (RMSE) in {contest.of} {contest.unseen}"
    if _is_ahead(contest.gain):
        less, noise = _reduction(contest.gain)
        return Verdict(f"{contest.candidate} is {off}: {less} less than always guessing the mean{noise}.", True)
    guess = in_words(contest.baseline["rmse"])
    return Verdict(f"{contest.candidate} {_no_better(contest.gain)}: it is {off}, always guessing the mean by {guess}. {_VAIN}", False)


def _of_accuracy(contest: Contest) -> Verdict:
    value, _, high = contest.gain
    right = f"{_percent(contest.metrics['accuracy'])} of {contest.of} right {contest.unseen}"
    guessing = f"always guessing {quoted(contest.commonest)}"
    if _is_ahead(contest.gain):
        points = f"{100 * value:.1f} points better than {guessing}, ± {100 * _noise(contest.gain):.1f}"
        if _is_luck_of_shares(contest):
            area = f"ROC AUC {contest.metrics['roc_auc']:.2f}, guessing 0.5"
            yet = f"Yet it does not tell the classes apart ({area}): the test rows hold other shares of them than those before."
            return Verdict(f"{contest.candidate} gets {right}: {points}. {yet}", False)
        return Verdict(f"{contest.candidate} gets {right}: {points}.", True)
    if too_few := _too_few_of_a_class(contest):
        return too_few
    share = _percent(contest.baseline["accuracy"])
    if _shows_ranking(contest):
        beside = "fewer than" if high < 0 else "hardly more than" if value > 0 else "no more than"
        return Verdict(f"{contest.candidate} gets {right}, {beside} {guessing} ({share}). {_still_ranks(contest)}", True)
    return Verdict(f"{contest.candidate} {_no_better(contest.gain)}: it gets {right}, {guessing} {share}. {_VAIN}", False)


def _of_balanced_accuracy(contest: Contest) -> Verdict:
    found, guess = contest.metrics["balanced_accuracy"], contest.baseline["balanced_accuracy"]
    gain = _above(found, contest.intervals["balanced_accuracy"], guess)
    measure = f"balanced accuracy; guessing {_percent(guess)}, ± {100 * _noise(gain):.1f}"
    figure = f"{_percent(found)} of each class of {contest.of} right on average ({measure}), {contest.unseen}"
    if _is_ahead(gain):
        return Verdict(f"{contest.candidate} gets {figure}. {_says_little(contest)}", True)
    if _shows_ranking(contest):
        return Verdict(f"{contest.candidate} gets {figure}. {_still_ranks(contest)}", True)
    return Verdict(f"{contest.candidate} {_no_better(gain)}: it gets {figure}. {_says_little(contest)}", False)


def _of_ranking(contest: Contest) -> Verdict:
    area = contest.metrics["roc_auc"]
    gain = _above(area, contest.intervals["roc_auc"], 0.5)
    share = f"{_percent(area)} of cases (ROC AUC; guessing 50%, ± {100 * _noise(gain):.1f}), {contest.unseen}"
    rarer, commonest = quoted(contest.rarer), quoted(contest.commonest)
    if _is_ahead(gain):
        order = f"of two rows, one of each, it ranks the right one higher in {share}"
        return Verdict(f"{contest.candidate} tells {rarer} from {commonest} in {contest.of}: {order}. {_says_little(contest)}", True)
    order = f"of two rows, one {rarer} and one {commonest} in {contest.of}, it ranks the right one higher in {share}"
    return Verdict(f"{contest.candidate} {_no_better(gain)}: {order}. {_says_little(contest)}", False)


def _says_little(contest: Contest) -> str:
    guess, mine = _percent(contest.baseline["accuracy"]), _percent(contest.metrics["accuracy"])
    return f"Accuracy says little here: always guessing {quoted(contest.commonest)} gets {guess} right, and the model {mine}."


def _shows_ranking(contest: Contest) -> bool:
    return contest.intervals.get("roc_auc", (0.0, 0.0))[0] > 0.5


def _is_luck_of_shares(contest: Contest) -> bool:
    """Whether the rows that are right come from another mix of the classes, as it may be later in time, and not from the columns."""
    found = contest.metrics.get("balanced_accuracy", 1.0) <= contest.baseline.get("balanced_accuracy", 0.0)
    return found and "roc_auc" in contest.metrics and not _shows_ranking(contest)


def _still_ranks(contest: Contest) -> str:
    low, high = contest.intervals["roc_auc"]
    area = contest.metrics["roc_auc"]
    return f"Its probabilities still tell the classes apart: ROC AUC {area:.2f} ({low:.3f} to {high:.3f}), guessing 0.5."


def _no_better(gain: tuple[float, float, float]) -> str:
    value, _, high = gain
    return "is worse than guessing" if high < 0 else "may be no better than guessing" if value > 0 else "is no better than guessing"


def _above(value: float, interval: Interval, guess: float) -> tuple[float, float, float]:
    return value - guess, interval[0] - guess, interval[1] - guess


def _is_ahead(gain: tuple[float, float, float]) -> bool:
    """By more than the noise that is said beside it, so that nobody reads "0.2% less, ± 2.4" as a success."""
    return gain[0] > _noise(gain)


def _noise(gain: tuple[float, float, float]) -> float:
    """Half the interval; the longer half where it is lopsided."""
    value, low, high = gain
    return max(high - value, value - low)


def _reduction(gain: tuple[float, float, float]) -> tuple[str, str]:
    """ "62%" and ", ± 6"; with a decimal where it is small."""
    value = gain[0]
    if value > 0.99:
        return "over 99%", ""
    digits = 0 if value >= 0.1 else 1
    return f"{100 * value:.{digits}f}%", f", ± {100 * _noise(gain):.{digits}f}"


def _percent(share: float) -> str:
    """All and none are said only where it is so."""
    if 0 < share < 0.001:
        return "under 0.1%"
    return "over 99.9%" if 0.999 < share < 1 else f"{share:.1%}"
