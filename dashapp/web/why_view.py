"""Why a model says what it says: which columns it needs, and what each of them does to the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dashapp.datasets.dataset import ColumnKind
from dashapp.models.model import ModelVersion
from dashapp.training.result import Effect, EffectPoint, Explanation, Importance
from dashapp.training.run import InputColumn
from dashapp.web import figures_why
from dashapp.web.components import Child, card, field, note
from dashapp.web.explained import explained_chart, figures_table
from dashapp.web.plan_preview import column_name
from dashapp.web.words import count, cut, exact, figure, percent, whole_percent

EFFECTS = "model-effects"
EFFECT_CLASS = "model-effect-class"
EFFECT_CHART = "effect-chart"
IMPORTANCE_CHART = "importance-chart"
MOST_CLASSES = 200

NOTHING_KEPT = "Nothing that explains this model is kept with it. Train it again to see why it answers as it does."


def why_part(model: ModelVersion, explanation: Explanation) -> list[Component]:
    loss_name = "log loss" if model.task.is_classification else "RMSE"
    place = shown_class(model, explanation)
    return [
        card("Which columns it needs", importance_chart(explanation.importances, loss_name)),
        card(
            "What they do to the answer",
            _class_choice(model.labels, place),
            html.Div(effect_charts(model, explanation, place), id=EFFECTS, className="charts effects"),
        ),
        *skipped(explanation, but_of=("Reasons",)),
    ]


def skipped(explanation: Explanation, but_of: tuple[str, ...]) -> list[Component]:
    """What was not computed, without the sentences that begin as one of `but_of` does: those are of another part of the page."""
    return [note("plain", sentence) for sentence in explanation.skipped if not sentence.startswith(but_of)]


def shown_class(model: ModelVersion, explanation: Explanation) -> int:
    """The place of the class whose probability is drawn at first: of two the rarer one, which is what one looks for; of more the
    commonest. 0 in a regression."""
    labels = model.labels
    if model.threshold is not None and model.threshold.label in labels:
        return labels.index(model.threshold.label)
    confusion = explanation.confusion
    if confusion is None or not labels:
        return max(len(labels) - 1, 0) if len(labels) == 2 else 0
    rows = {label: sum(counts) for label, counts in zip(confusion.labels, confusion.counts, strict=True)}
    wanted = min if len(labels) == 2 else max
    return labels.index(wanted(labels, key=lambda label: rows.get(label, 0)))


def importance_chart(importances: Sequence[Importance], loss_name: str) -> Component:
    if not importances:
        return note("plain", "How much each column counts was not measured.")
    ranked = sorted(importances, key=lambda each: -each.mean)
    rows = [
        (column_name(each.column), figure(each.mean), f"{figure(each.low)} to {figure(each.high)}", whole_percent(each.share))
        for each in ranked
    ]
    table = figures_table(("Column", f"Worse {loss_name}", "95 % interval", "Share of all"), rows, "How much each column counts")
    return explained_chart(
        "Shuffled one at a time, on the test rows",
        importance_sentence(ranked, loss_name),
        figures_why.importance_bars(ranked, loss_name),
        id=IMPORTANCE_CHART,
        name="Bars of how much each column counts",
        table=table,
        rows=min(len(ranked), figures_why.MOST_BARS),
    )


def importance_sentence(ranked: Sequence[Importance], loss_name: str) -> list[Child]:
    """`ranked` is strongest first."""
    first = ranked[0]
    if first.low <= 0:
        return ["No column counts beyond doubt: shuffled one at a time, none of them makes the model surely worse."]
    useless = sum(each.low <= 0 for each in ranked)
    rest = f" Of {count(len(ranked), 'column')}, {useless:,} {'makes' if useless == 1 else 'make'} no sure difference." if useless else ""
    said = f" its {loss_name} is {figure(first.mean)} higher, the most of all columns.{rest}"
    return ["Without the order in ", column_name(first.column), said]


def _class_choice(labels: Sequence[str], place: int) -> Component | None:
    if not labels:
        return None
    options = [{"label": cut(label), "value": str(number)} for number, label in enumerate(labels[:MOST_CLASSES])]
    return html.Div(field("Probability of", dbc.Select(id=EFFECT_CLASS, options=options, value=str(place))), className="class-choice")


def effect_charts(model: ModelVersion, explanation: Explanation, place: int) -> list[Component]:
    known = {column.name: column for column in model.inputs}
    charts = [
        _effect_chart(each, known, place, model.labels, number)
        for number, each in enumerate(explanation.effects)
        if each.points and place < len(each.points[0].mean)
    ]
    return charts or [note("plain", "What the columns do to the answer was not measured.")]


def _effect_chart(shown: Effect, known: Mapping[str, InputColumn], place: int, labels: Sequence[str], number: int) -> Component:
    column = known.get(shown.column)
    is_label = any(isinstance(point.at, str) for point in shown.points) and (column is None or column.kind is not ColumnKind.DATETIME)
    is_share = bool(labels)
    answer = f"Probability of {cut(labels[place])}" if is_share else "Prediction"
    if column is not None and column.kind is ColumnKind.DATETIME:
        shown = replace(shown, points=tuple(replace(point, at=_moment(str(point.at))) for point in shown.points))
    rows = [(_at(point), _answer(point, place, is_share=is_share), whole_percent(point.rows)) for point in shown.points]
    return explained_chart(
        column_name(shown.column),
        effect_sentence(shown, place, is_share=is_share),
        figures_why.effect(shown, place, is_label=is_label, is_share=is_share),
        id={"type": EFFECT_CHART, "place": number},
        name=f"{answer} by {shown.column}",
        table=figures_table((column_name(shown.column), answer, "Rows near it"), rows, f"{answer} by {shown.column}"),
        rows=len(shown.points) if is_label else None,
    )


def effect_sentence(shown: Effect, place: int, *, is_share: bool) -> Child:
    low = min(shown.points, key=lambda point: point.mean[place])
    high = max(shown.points, key=lambda point: point.mean[place])
    least, most = (_answer(each, place, is_share=is_share) for each in (low, high))
    if least == most:
        return f"It is {most} whatever the value."
    return ["Lowest at ", _at(low), f" ({least}), highest at ", _at(high), f" ({most})."]


def _at(point: EffectPoint) -> Child:
    return column_name(point.at) if isinstance(point.at, str) else exact(point.at)


def _moment(iso: str) -> str:
    """A day without the midnight that it begins with."""
    return iso.removesuffix("T00:00:00").replace("T", " ")


def _answer(point: EffectPoint, place: int, *, is_share: bool) -> str:
    return percent(point.mean[place]) if is_share else figure(point.mean[place])
