"""How a model looks: its state, its score beside the baseline, its inputs, and the ledger of what was live when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashapp.datasets.dataset import ColumnKind
from dashapp.models.model import Deployment, DeploymentAction, ModelVersion
from dashapp.training.run import InputColumn
from dashapp.web.components import Child, badge, data_table, local_time
from dashapp.web.run_view import metric_name, metric_text
from dashapp.web.words import UNKNOWN, duration, exact, figure

LABELS_SHOWN = 8
_STATES = {"live": "good", "ready": "", "damaged": "bad"}


def model_state(model: ModelVersion, live_id: str | None, *, is_intact: bool) -> str:
    """`live`, `ready` or `damaged`; a file that cannot be loaded outweighs all else."""
    if not is_intact:
        return "damaged"
    return "live" if model.id == live_id else "ready"


def model_badge(state: str) -> Component:
    return badge(state.capitalize(), _STATES[state])


def main_score(model: ModelVersion) -> tuple[str, str, str]:
    """The name of the score, its value, and what guessing reaches."""
    key = next((name for name in model.metrics if metric_name(name).casefold() == model.score_name.casefold()), None)
    if key is None:
        return model.score_name, figure(model.score), UNKNOWN
    return metric_name(key), metric_text(key, model.metrics[key]), metric_text(key, model.baseline.get(key))


def score_cell(model: ModelVersion) -> Component:
    name, value, guessing = main_score(model)
    return html.Span([html.Strong(value), f" {name}", html.Span(f"guessing {guessing}", className="cell-note")])


def inputs_table(inputs: Sequence[InputColumn]) -> Component:
    rows = [(column.name, column.kind.value, seen_in_words(column), example_text(column)) for column in inputs]
    return data_table(("Column", "Kind", "Seen in training", "Example"), rows, caption="Input columns of the model")


def seen_in_words(column: InputColumn) -> str:
    if column.labels:
        more = len(column.labels) - LABELS_SHOWN
        return ", ".join(column.labels[:LABELS_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
    if column.minimum is not None and column.maximum is not None:
        return f"{exact(column.minimum)} to {exact(column.maximum)}"
    return "dates and times as ISO 8601 writes them" if column.kind is ColumnKind.DATETIME else UNKNOWN


def example_text(column: InputColumn) -> str:
    if column.example is None:
        return UNKNOWN
    return exact(column.example) if isinstance(column.example, float) else str(column.example)


def parameters_table(parameters: Mapping[str, Any]) -> Component:
    rows = [(name, str(value)) for name, value in sorted(parameters.items())]
    return data_table(("Parameter", "Value"), rows, caption="Parameters of the model")


def facts(pairs: Sequence[tuple[str, Child]]) -> Component:
    """Names and what they stand for, one below the other."""
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in pairs], className="facts")


def ledger_table(ledger: Sequence[Deployment], models: Mapping[str, ModelVersion], prefix: str) -> Component:
    """What was live when; `ledger` is newest first."""
    ends = [None, *(each.at for each in ledger)]
    rows = [
        (
            local_time(each.at, seconds=True),
            "still live" if end is None else f"for {duration((end - each.at).total_seconds())}",
            model_link(each.version, models.get(each.model_id), prefix),
            "Deployed" if each.action is DeploymentAction.DEPLOY else "Rolled back to",
        )
        for each, end in zip(ledger, ends, strict=False)
    ]
    return data_table(("Since", "How long", "Version", "By"), rows, caption="What was live when, newest first")


def model_link(version: int, model: ModelVersion | None, prefix: str) -> Child:
    """The version with a link, or the bare number where the model was deleted."""
    if model is None:
        return f"Version {version} (deleted)"
    return dcc.Link(f"Version {version}, {model.name}", href=f"{prefix}/models/{model.id}")
