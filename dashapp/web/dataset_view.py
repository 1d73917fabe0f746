"""Where data comes in and what is kept: the drop zone, and the list of all datasets."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashapp.datasets.dataset import Dataset, DatasetState
from dashapp.web.components import Child, aria, button, empty_state, local_time, note
from dashapp.web.words import count

DATASETS = "dataset-list"
DATASETS_TITLE = "dataset-list-title"
DELETE_BUTTON = "delete-dataset"
DELETE_ERROR = "delete-error"


def upload_area(*, is_small: bool = False) -> Component:
    """The drop zone; `assets/upload.js` puts the file input into its slot and sends the file."""
    zone = html.Div(
        [
            html.Strong("Drop a CSV file here"),
            html.Span("or choose one from your computer", className="muted"),
            html.Span(id="upload-slot"),
        ],
        id="drop-zone",
        className="drop-zone is-small" if is_small else "drop-zone",
    )
    status = html.Div(
        [
            html.Span(id="upload-message", role="status"),
            button("Stop", "upload-cancel", size="sm"),
            html.Progress(id="upload-bar", max="100", **aria(label="Upload progress")),
        ],
        id="upload-status",
        className="upload-status is-hidden",
    )
    error = note("bad", None, id="upload-error", role="alert", hidden=True)
    remark = html.P(id="upload-remark", className="upload-remark is-hidden", role="status")
    return html.Section([zone, status, error, remark], className="upload-area", **aria(label="Upload"))


def datasets_card(datasets: Sequence[Dataset], prefix: str, *, is_open: bool) -> Component:
    """All datasets to open again; folded where one is open already."""
    title = html.Summary(datasets_title(datasets), id=DATASETS_TITLE, className="section-summary")
    body = html.Div(dataset_list(datasets, prefix), id=DATASETS)
    return html.Details([title, html.Div(id=DELETE_ERROR, role="alert"), body], open=is_open, className="card datasets-card")


def datasets_title(datasets: Sequence[Dataset]) -> str:
    return f"Your data ({len(datasets):,})"


def dataset_list(datasets: Sequence[Dataset], prefix: str) -> Component:
    if not datasets:
        return empty_state("No data yet", "Drop a CSV file above. It is read and checked at once.")
    return html.Ul([_dataset_row(dataset, prefix) for dataset in datasets], className="dataset-list")


def _dataset_row(dataset: Dataset, prefix: str) -> Component:
    facts: list[Child] = [_size(dataset), " · ", local_time(dataset.created_at)]
    content = [html.Span(dataset.name, className="dataset-name", dir="auto"), html.Span(facts, className="dataset-facts")]
    label = ["Delete", html.Span(f" {dataset.name}", className="visually-hidden")]
    delete = button(label, {"type": DELETE_BUTTON, "dataset": dataset.id}, size="sm")
    return html.Li([dcc.Link(content, href=f"{prefix}/?dataset={dataset.id}"), delete], className="dataset-row")


def _size(dataset: Dataset) -> str:
    if dataset.state is DatasetState.PROFILING:
        return "being read"
    if dataset.state is DatasetState.FAILED:
        return "could not be read"
    return f"{count(dataset.profile.rows, 'row')} · {count(len(dataset.profile.columns), 'column')}"
