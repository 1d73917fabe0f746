"""The model card as one HTML file that opens anywhere, offline, and prints.

`templates/model_card.html` is its template; autoescape is on, so that nothing of a stranger's file is ever taken for HTML.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from dashapp.datasets.dataset import Task
from dashapp.datasets.spoken import KINDS
from dashapp.datasets.wording import count_of, listed, quoted
from dashapp.models.export.exported import Exported
from dashapp.training.run import InputColumn, SplitKind
from dashapp.training.scores.measures import in_words

MOST_SLICES = 8
MEASURES = {
    "roc_auc": ("ROC AUC", "1 ranks every row rightly, 0.5 guesses"),
    "balanced_accuracy": ("Balanced accuracy", "the mean of the shares found of each class"),
    "accuracy": ("Accuracy", "the share of right answers"),
    "f1": ("F1", "how complete and how clean the finds are"),
    "log_loss": ("Log loss", "lower is better; it punishes wrong certainty"),
    "r2": ("R²", "the share of the differences that is explained"),
    "rmse": ("RMSE", "the typical error, large ones weigh more; in the target's unit"),
    "mae": ("MAE", "the mean error; in the target's unit"),
}
_SHARES = ("accuracy", "balanced_accuracy")
_TASKS = {Task.BINARY: "one of two classes", Task.MULTICLASS: "one of several classes", Task.REGRESSION: "a number"}


def model_card(exported: Exported) -> str:
    explanation = exported.explanation
    slices = sorted(explanation.slices, key=lambda each: not each.is_worse)[:MOST_SLICES]
    return _template().render(
        exported=exported,
        model=exported.model,
        plan=exported.record.plan,
        scores=exported.scores,
        title=f"{exported.model.target}, from {exported.csv.name}",
        task=_TASKS[exported.record.plan.task],
        facts=_facts(exported),
        data=_data(exported),
        measures=_measures(exported),
        columns=[_column(column) for column in exported.model.inputs],
        members=[_member(each.candidate, each.setting, each.weight) for each in exported.record.members],
        training=_training(exported),
        decisions=_decisions(exported),
        importances=_importances(exported),
        slices=[
            (each.where, f"{each.rows:,}", *map(_figure_of(exported), (each.value, each.low, each.high)), each.is_worse) for each in slices
        ],
        slice_measure="RMSE" if exported.record.plan.task is Task.REGRESSION else "accuracy",
        limits=_limits(exported),
        versions=sorted(exported.record.versions.items()),
    )


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=loader).get_template(
        "model_card.html"
    )


def _facts(exported: Exported) -> list[tuple[str, str]]:
    model = exported.model
    return [
        ("Version", str(model.version)),
        ("Made", f"{model.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"),
        ("Predicts", _TASKS[model.task]),
        ("Model", model.candidate),
    ]


def _data(exported: Exported) -> list[tuple[str, str]]:
    csv, rows = exported.csv, exported.model.rows
    known = [
        ("File", csv.name),
        ("Rows in the file", "" if csv.rows is None else f"{csv.rows:,}"),
        ("Bytes", "" if csv.bytes is None else f"{csv.bytes:,}"),
        ("Rows learned from for the scores", f"{rows['learn']:,}" if "learn" in rows else ""),
        ("Rows of the test", f"{rows['test']:,}" if "test" in rows else ""),
        ("SHA-256", csv.sha256),
    ]
    return [(name, value) for name, value in known if value]


def _measures(exported: Exported) -> list[dict[str, Any]]:
    """Each score with its interval and that of guessing, the most telling first."""
    scores = exported.scores
    found = []
    for name, (title, meaning) in MEASURES.items():
        if name not in scores.metrics:
            continue
        low, high = scores.intervals.get(name, (math.nan, math.nan))
        found.append(
            {
                "title": title,
                "meaning": meaning,
                "value": _score(name, scores.metrics[name]),
                "interval": "" if math.isnan(low) else f"{_score(name, low)} to {_score(name, high)}",
                "guess": _score(name, scores.baseline[name]) if name in scores.baseline else "–",
            }
        )
    return found


def _score(name: str, value: float) -> str:
    return f"{value:.1%}" if name in _SHARES else in_words(value) if name in ("rmse", "mae") else f"{value:.3f}"


def _figure_of(exported: Exported) -> Any:
    return in_words if exported.record.plan.task is Task.REGRESSION else "{:.1%}".format


def _column(column: InputColumn) -> tuple[str, str, str, str]:
    """Name, kind, what is made of it, what was seen."""
    if column.minimum is not None and column.maximum is not None:
        seen = f"{column.minimum:,.6g} to {column.maximum:,.6g}"
    elif column.labels:
        seen = listed(column.labels[:5]) + (f" and {len(column.labels) - 5:,} more" if len(column.labels) > 5 else "")
    else:
        seen = "" if column.example is None else f"such as {quoted(str(column.example).removesuffix('T00:00:00'))}"
    return column.name, KINDS[column.kind.value], column.treatment.value, seen


def _member(candidate: str, setting: Mapping[str, Any], weight: float) -> tuple[str, str, str]:
    return candidate, f"{weight:.0%}", ", ".join(f"{name} {value}" for name, value in setting.items()) or "as it comes"


def _training(exported: Exported) -> list[str]:
    """How it came about, a sentence each."""
    model, plan = exported.model, exported.record.plan
    final = "all rows" if exported.record.most_rows is None else "a part of all rows"
    sentences = [
        f"{count_of(len(plan.candidates), 'candidate')} raced for {plan.budget_s:,.6g} seconds at most; "
        f"the training took {model.training_s:,.3g} seconds.",
        plan.split.reason,
        f"The candidates were ranked by {plan.loss_name} on validation rows. The scores come from test rows that nothing else had touched.",
        f"The model was then fitted once more on {final}, those of the test included; the scores are of the one before.",
    ]
    if plan.split.kind is not SplitKind.RANDOM and plan.split.column is not None:
        sentences.insert(2, f"The split follows the column {quoted(plan.split.column)}.")
    if plan.drop_duplicates:
        sentences.append("Rows that occur more than once were used once.")
    if exported.record.most_rows is not None:
        sentences.append(f"Each fit used at most {exported.record.most_rows:,} rows.")
    if exported.scores.ties:
        sentences.append(f"The validation rows could not tell it from {', '.join(exported.scores.ties)}.")
    return [*sentences, f"Seed {plan.seed}.", *plan.notes]


def _decisions(exported: Exported) -> list[str]:
    """Threshold, calibration and intervals, a sentence each."""
    record, found = exported.record, []
    if record.threshold is not None:
        tuned = record.threshold
        found.append(
            f"A row is called {quoted(tuned.label)} from a probability of {tuned.value:.1%} on. That was tuned on validation rows, "
            f"where it brought {tuned.tuned_for} from {tuned.before:.3f} (at 50 %) to {tuned.after:.3f}."
        )
    elif record.plan.task.is_classification:
        found.append("A row is called the class with the greatest probability.")
    if record.plan.task.is_classification:
        is_plain = record.temperature == 1.0
        found.append(
            "Its probabilities needed no calibration."
            if is_plain
            else f"Its probabilities are calibrated with a temperature of {record.temperature:.3g} "
            f"({'bolder' if record.temperature < 1 else 'more careful'} than the members' own)."
        )
    for line in exported.explanation.calibration:
        gap = sum(abs(x - y) * rows for x, y, rows in zip(line.x, line.y, line.rows, strict=False)) / max(sum(line.rows), 1)
        found.append(f"On the test rows the probability of {quoted(line.name)} is off by {100 * gap:.1f} points in the mean.")
    if record.bands is not None:
        held = "" if record.bands.measured is None else f"; {record.bands.measured:.1%} of the test rows lay inside"
        found.append(f"Each prediction comes with an interval that is meant to hold {record.bands.coverage:.0%} of the true values{held}.")
    return found


def _importances(exported: Exported) -> list[tuple[str, float, str, str]]:
    """Column, share, and by how much the loss grows without it."""
    return [
        (each.column, max(each.share, 0.0), f"{each.mean:+,.3g}", f"{each.low:+,.3g} to {each.high:+,.3g}")
        for each in sorted(exported.explanation.importances, key=lambda each: -each.mean)
    ]


def _limits(exported: Exported) -> list[str]:
    """What the model must not be trusted with, a sentence each."""
    plan = exported.record.plan
    test = exported.model.rows.get("test", 0)
    found = [
        "It is right for rows that come about as those of the file did. Of other places, times or people the scores say nothing.",
        "Numbers beyond the ranges below and values that are not listed are answered too, but nobody has measured how well.",
        "It tells what goes together, not what causes what; do not read the importance of a column as advice to change it.",
        "Nobody has checked whether it treats groups of people fairly, or whether it may be used for decisions about them.",
        "What it learned grows old. Compare its answers with what really happened, and train it again.",
    ]
    if not exported.scores.is_better:
        found.insert(0, "It is not better than guessing; do not use it.")
    if test < 100:
        found.insert(0, f"The test has only {count_of(test, 'row')}, so the scores are rough.")
    if plan.split.kind is not SplitKind.TIME and any(column.treatment.value == "date" for column in exported.model.inputs):
        found.append("Its test rows were not later than those it learned from; for the future expect less.")
    return found
