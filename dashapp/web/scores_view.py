"""What a model was measured at, in figures and in sentences: its scores beside guessing, its threshold, its intervals, its members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from dashapp.datasets.wording import count_of
from dashapp.models.model import ModelVersion
from dashapp.training.result import Bands, Member, Setting, Threshold
from dashapp.web.components import Child, data_table, figure_tile, figures_row
from dashapp.web.plan_preview import column_name
from dashapp.web.terms import term
from dashapp.web.words import UNKNOWN, figure, percent, whole_percent

Intervals = Mapping[str, tuple[float, float]]

_METRICS = {
    "roc_auc": ("ROC AUC", "higher is better"),
    "accuracy": ("Accuracy", "higher is better"),
    "balanced_accuracy": ("Balanced accuracy", "higher is better"),
    "f1": ("F1", "higher is better"),
    "log_loss": ("Log loss", "lower is better"),
    "rmse": ("RMSE", "lower is better"),
    "mae": ("Mean absolute error", "lower is better"),
    "r2": ("R²", "higher is better"),
}
_SHARES = ("accuracy", "balanced_accuracy")
_WITHOUT_UNIT = ("roc_auc", "f1", "log_loss", "r2")
_UNTOLD = ("seed", "random_state", "n_jobs", "verbose", "verbosity", "subsample_freq", "max_cat_to_onehot")
# The settings that say most, first; the others follow under their own names.
_KINDS = {"extra": "extra trees", "random": "a random forest"}
_SETTINGS = {
    "kind": "{}",
    "iterations": "{:,} iterations",
    "n_estimators": "{:,} trees",
    "num_leaves": "{:,} leaves a tree",
    "learning_rate": "learning rate {:.4g}",
    "min_child_samples": "at least {:,} rows a leaf",
    "min_samples_leaf": "at least {:,} rows a leaf",
    "max_features": "{:.0%} of the columns tried at a branch",
    "extra_trees": "random cuts",
    "ramps": "bent effects",
    "C": "penalty {:.3g}",
    "alpha": "penalty {:.3g}",
    "colsample_bytree": "{:.0%} of the columns a tree",
    "subsample": "{:.0%} of the rows a tree",
    "reg_lambda": "penalty {:.3g}",
    "path_smooth": "smoothed leaves",
    "cat_smooth": "smoothed categories",
}
_MOST_SETTINGS = 6


def metric_text(name: str, value: float | None) -> str:
    """Guessing the mean has an R² a hair below 0: what has no unit of its own is rounded, without the minus of a negative zero."""
    if name in _SHARES:
        return percent(value)
    return figure(value if value is None or name not in _WITHOUT_UNIT else round(value, 3) + 0.0)


def metric_name(name: str) -> str:
    return _METRICS.get(name, (name, ""))[0]


def metric_key(score_name: str, metrics: Mapping[str, float]) -> str | None:
    """The key of the measure with this name, where it was taken."""
    return next((key for key in metrics if metric_name(key).casefold() == score_name.casefold()), None)


def interval_text(name: str, interval: tuple[float, float] | None) -> str:
    return UNKNOWN if interval is None else f"{metric_text(name, interval[0])} to {metric_text(name, interval[1])}"


def score_text(name: str, value: float | None, interval: tuple[float, float] | None) -> str:
    """`0.842, 0.810 to 0.870`."""
    return metric_text(name, value) + (f", {interval_text(name, interval)}" if interval is not None else "")


def metrics_table(metrics: Mapping[str, float], baseline: Mapping[str, float], intervals: Intervals | None = None) -> Component:
    """A column with the intervals stands in it where they were taken."""
    order = list(_METRICS)
    names = sorted(metrics, key=lambda name: order.index(name) if name in _METRICS else len(order))
    rows = [
        (
            _measure(name),
            metric_text(name, metrics.get(name)),
            *((interval_text(name, intervals.get(name)),) if intervals else ()),
            metric_text(name, baseline.get(name)),
        )
        for name in names
    ]
    heads: list[Child] = ["Measure", "This model", *([term("95 % interval")] if intervals else []), term("guessing", "Guessing")]
    table = data_table(heads, rows, caption="Measures on the test rows, beside guessing", numbers=range(1, len(heads)))
    return html.Div(table, className="metrics")


def _measure(name: str) -> Component:
    words, better = _METRICS.get(name, (name, ""))
    return html.Span([term(words), html.Span(better, className="muted small")], className="measure")


def main_figures(score_name: str, metrics: Mapping[str, float], baseline: Mapping[str, float], intervals: Intervals) -> Component | None:
    """The score that the training went by, large, with its interval and what guessing reaches."""
    key = metric_key(score_name, metrics)
    if key is None:
        return None
    interval = intervals.get(key)
    surely = f"{interval_text(key, interval)} in 95 of 100 cases" if interval is not None else "on the test rows"
    tiles = [
        figure_tile(metric_name(key), metric_text(key, metrics[key]), surely),
        figure_tile("Guessing", metric_text(key, baseline.get(key)), "without looking at any column"),
    ]
    return figures_row(tiles)


def score_sentences(model: ModelVersion) -> list[Child]:
    """How the scores came about and what they mean in use, a sentence each."""
    said: list[Child] = []
    if model.ties:
        said.append(f"It is tied with {_all_of(model.ties)}: the rows that chose between them cannot tell them apart.")
    said += [model.split.reason, refit_sentence(model.rows)]
    if model.threshold is not None:
        said.append(threshold_sentence(model.threshold))
    if model.bands is not None:
        said.append(coverage_sentence(model.bands))
    return said


def sentences(said: Sequence[Child]) -> Component:
    return html.Ul([html.Li(each) for each in said], className="sentences")


def refit_sentence(rows: Mapping[str, int]) -> str:
    """`rows` counts the parts that the table was split into, and what the final fit used of them (an older model: all)."""
    measured = (
        f"Measured on {count_of(rows['test'], 'row')} that it had not seen" if "test" in rows else "Measured on rows that it had not seen"
    )
    parts = sum(number for part, number in rows.items() if part != "final")
    final = rows.get("final", parts)
    used = f"{final:,} of all rows" if final < parts else f"all {count_of(final, 'row')}"
    return f"{measured}; fitted again on {used} after the scores were taken."


def threshold_sentence(threshold: Threshold) -> list[Child]:
    measure = f"{threshold.tuned_for} was {figure(threshold.after)} with it on the validation rows, and {figure(threshold.before)} with 50%"
    return [column_name(threshold.label), f" is called from a probability of {whole_percent(threshold.value)} on: {measure}."]


def coverage_sentence(bands: Bands) -> str:
    asked = f"{of_ten(bands.coverage)} real values lie within the interval that comes with a prediction"
    return f"{asked}; on the test rows {whole_percent(bands.measured)} did." if bands.measured is not None else f"{asked}."


def of_ten(share: float) -> str:
    """`9 of 10`, `19 of 20`, or the percent."""
    for of in (10, 20):
        if abs(share * of - round(share * of)) < 1e-9:
            return f"{round(share * of)} of {of}"
    return f"{share:.0%} of the"


def members_list(members: Sequence[Member]) -> Component:
    """What the model is made of, with the settings in words."""
    items = []
    for member in sorted(members, key=lambda each: -each.weight):
        weight = f", {whole_percent(member.weight)} of the answer" if len(members) > 1 else ""
        items.append(html.Li([html.Strong(member.candidate), weight, html.Span(setting_in_words(member.setting), className="cell-note")]))
    return html.Ul(items, className="members")


def setting_in_words(setting: Setting) -> str:
    """`240 iterations, learning rate 0.05`."""
    order = list(_SETTINGS)
    names = sorted(setting, key=lambda name: order.index(name) if name in _SETTINGS else len(order))
    said = [_one_setting(name, setting[name]) for name in names if name not in _UNTOLD and setting[name] is not None]
    plain = [each for each in said if each]
    more = len(plain) - _MOST_SETTINGS
    return ", ".join(plain[:_MOST_SETTINGS]) + (
        f" and {more} more" if more > 1 else "".join(f", {each}" for each in plain[_MOST_SETTINGS:])
    )


def _one_setting(name: str, value: object) -> str:
    words = name.replace("_", " ")
    if name == "kind":
        return _KINDS.get(str(value), str(value))
    if name == "max_features" and isinstance(value, str):
        return "few of the columns tried at a branch"
    if name == "ramps" and value == 0:
        return "straight effects"
    if name == "C" and isinstance(value, int | float) and value > 0:
        return _SETTINGS[name].format(1 / value)
    if name == "extra_trees":
        return _SETTINGS[name] if value else ""
    if isinstance(value, bool):
        return words if value else f"no {words}"
    if name in _SETTINGS and isinstance(value, int | float):
        return _SETTINGS[name].format(value)
    if isinstance(value, float):
        return f"{words} {value:.4g}"
    return "" if isinstance(value, list | tuple | dict) else f"{words} {value}"


def _all_of(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
