"""How a model looks: its state, its score beside the baseline, its inputs, and the ledger of what was live when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashapp.datasets.dataset import ColumnKind
from dashapp.datasets.wording import quoted
from dashapp.models.model import Deployment, DeploymentAction, ModelVersion
from dashapp.training.run import InputColumn
from dashapp.web.checks_view import checks_list
from dashapp.web.components import Child, badge, card, data_table, local_time
from dashapp.web.scores_view import interval_text, members_list, metric_key, metric_name, metric_text
from dashapp.web.words import UNKNOWN, count, duration, exact, figure, file_size

LABELS_SHOWN = 8
EXPORT_WORDS = (
    "Export gives a zip: a script that trains this model again and reaches the same score, the model's own file, the versions of the "
    "libraries, a description in HTML, and calls to copy."
)
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
    key = metric_key(model.score_name, model.metrics)
    if key is None:
        return model.score_name, figure(model.score), UNKNOWN
    return metric_name(key), metric_text(key, model.metrics[key]), metric_text(key, model.baseline.get(key))


def score_cell(model: ModelVersion) -> Component:
    name, value, guessing = main_score(model)
    key = metric_key(model.score_name, model.metrics)
    interval = model.intervals.get(key) if key is not None else None
    said = f"{interval_text(key or '', interval)}, guessing {guessing}" if interval is not None else f"guessing {guessing}"
    return html.Span([html.Strong(value), f" {name}", html.Span(said, className="cell-note")])


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


def make_part(model: ModelVersion, prefix: str) -> list[Component]:
    """What it expects, what it is made of, and where it comes from."""
    return [
        card("What it expects", inputs_table(model.inputs), aside=count(len(model.inputs), "column")),
        card("What it is made of", _made_of(model)),
        card("Where it comes from", facts(_origin(model, prefix))),
    ]


def _made_of(model: ModelVersion) -> Component | None:
    if model.members:
        return members_list(model.members)
    return parameters_table(model.parameters) if model.parameters else html.P(model.candidate)


def _origin(model: ModelVersion, prefix: str) -> list[tuple[str, Child]]:
    artifact = model.artifact
    parts = {"learn": "learned from", "test": "kept for the test"}
    rows = ", ".join(f"{number:,} {parts.get(part, part)}" for part, number in model.rows.items())
    return [
        ("Name", html.Span(model.name, dir="auto")),
        ("Trained", [local_time(model.created_at), f", in {duration(model.training_s)}, seed {model.seed}"]),
        ("Run", dcc.Link(f"Run {model.run_id}", href=f"{prefix}/?run={model.run_id}")),
        ("Data", dcc.Link(model.dataset_name, href=f"{prefix}/?dataset={model.dataset_id}")),
        ("Fingerprint of the data (SHA-256)", html.Code(model.dataset_sha256)),
        ("Rows", rows),
        ("Classes", ", ".join(model.labels) or "none, it predicts a number"),
        ("File", f"{artifact.file}, {file_size(artifact.bytes)}"),
        ("Checksum of the file (SHA-256)", html.Code(artifact.sha256)),
        ("Model id", html.Code(model.id)),
    ]


def facts(pairs: Sequence[tuple[str, Child]]) -> Component:
    """Names and what they stand for, one below the other."""
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in pairs], className="facts")


def ledger_table(ledger: Sequence[Deployment], models: Mapping[str, ModelVersion], prefix: str) -> Component:
    """What was live when; `ledger` is newest first."""
    ends = [None, *(each.at for each in ledger)]
    rows = [
        (
            [local_time(each.at, seconds=True), _beneath("still live" if end is None else _lasted(each, end))],
            [model_link(each.version, models.get(each.model_id), prefix), _beneath(_in_place(each))],
            how_in_words(each),
            _why(each),
        )
        for each, end in zip(ledger, ends, strict=False)
    ]
    table = data_table(("Since", "Version", "How", "Why"), rows, caption="What was live when, newest first")
    return html.Div(table, className="deployments")


def _beneath(words: str) -> Component | None:
    return html.Span(words, className="cell-note") if words else None


def _lasted(deployment: Deployment, end: datetime) -> str:
    return f"for {duration((end - deployment.at).total_seconds())}"


def _in_place(deployment: Deployment) -> str:
    return "" if deployment.replaced is None else f"in place of version {deployment.replaced}"


def how_in_words(deployment: Deployment) -> str:
    """Who it was is what the caller said, and called so."""
    done = "Deployed" if deployment.action is DeploymentAction.DEPLOY else "Rolled back"
    known = {"": "", "dashboard": " from this dashboard", "API": " through the API"}
    return done + known.get(deployment.by, f" through the API; the caller says to be {quoted(deployment.by)}")


def _why(deployment: Deployment) -> Component:
    reason = html.Span(deployment.reason, dir="auto") if deployment.reason else None
    if not deployment.checks:
        return reason or html.Span(UNKNOWN)
    failed = sum(not check.passed for check in deployment.checks)
    whole = count(len(deployment.checks), "check")
    title = f"Although worse in {failed} of {whole}" if failed else f"{whole} passed"
    checks = sorted(deployment.checks, key=lambda check: check.passed)
    return html.Div([reason, html.Details([html.Summary(title, className="fold-summary"), checks_list(checks)])])


def model_link(version: int, model: ModelVersion | None, prefix: str) -> Child:
    """The version with a link, or the bare number where the model was deleted."""
    if model is None:
        return f"Version {version} (deleted)"
    return dcc.Link(f"Version {version}, {model.name}", href=f"{prefix}/models/{model.id}")
