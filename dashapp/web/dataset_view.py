"""How a dataset looks: its line in the list, its facts, its columns, its first rows, and what could be predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Dataset, Dialect, Finding, Profile
from dashapp.web.components import Child, aria, button, card, data_table, empty_state, local_time, note
from dashapp.web.words import UNKNOWN, count, exact, file_size, percent

DATASETS = "dataset-list"
DATASETS_TITLE = "dataset-list-title"
DELETE_BUTTON = "delete-dataset"
DELETE_ERROR = "delete-error"
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", " ": "spaces", ":": "colons"}


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
    return html.Section([zone, status, error], className="upload-area", **aria(label="Upload"))


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
    facts: list[Child] = [
        count(dataset.profile.rows, "row"),
        " · ",
        count(len(dataset.profile.columns), "column"),
        " · ",
        local_time(dataset.created_at),
    ]
    content = [html.Span(dataset.name, className="dataset-name"), html.Span(facts, className="dataset-facts")]
    label = ["Delete", html.Span(f" {dataset.name}", className="visually-hidden")]
    delete = button(label, {"type": DELETE_BUTTON, "dataset": dataset.id}, size="sm")
    return html.Li([dcc.Link(content, href=f"{prefix}/?dataset={dataset.id}"), delete], className="dataset-row")


def data_card(dataset: Dataset, rows: Sequence[Mapping[str, object]], *, is_folded: bool = False) -> Component:
    """What was read; the tables are folded where a training is what matters on the page."""
    profile = dataset.profile
    names = [column.name for column in profile.columns]
    return card(
        dataset.name,
        html.P(dialect_in_words(profile.dialect), className="muted small mb-2"),
        findings(_said_here(profile)),
        _fold("First rows", preview_table(names, rows), is_open=not is_folded),
        _fold(f"All {count(len(names), 'column')}", column_table(profile)),
        aside=dataset_facts(dataset),
        id="data-card",
    )


def _fold(title: str, content: Component, *, is_open: bool = False) -> Component:
    return html.Details([html.Summary(title, className="section-summary"), content], open=is_open)


def dataset_facts(dataset: Dataset) -> str:
    profile = dataset.profile
    return f"{count(profile.rows, 'row')} · {count(len(profile.columns), 'column')} · {file_size(dataset.bytes)}"


def dialect_in_words(dialect: Dialect) -> str:
    parts = [f"{dialect.encoding.upper().replace('_', '-')} text", f"separated by {_DELIMITERS.get(dialect.delimiter, dialect.delimiter)}"]
    if dialect.quote:
        parts.append(f"quoted with {dialect.quote}")
    parts.append("with a header line" if dialect.has_header else "without a header line")
    if dialect.skipped_lines:
        parts.append(f"{count(dialect.skipped_lines, 'line')} above it skipped")
    return ", ".join(parts)


def _said_here(profile: Profile) -> list[Finding]:
    """Why nothing can be predicted is said below, where the target is chosen."""
    return [warning for warning in profile.warnings if warning.message != profile.target.reason]


def findings(warnings: Sequence[Finding]) -> Component | None:
    if not warnings:
        return None
    if len(warnings) == 1:
        return note("warn", warnings[0].message)
    return note("warn", html.Ul([html.Li(warning.message) for warning in warnings]))


def column_table(profile: Profile) -> Component:
    rows = [
        (
            column.name,
            column.kind.value,
            _missing(column, profile.rows),
            f"{column.unique:,}",
            html.Span(_values(column), className="cell-clip"),
        )
        for column in profile.columns
    ]
    return data_table(("Column", "Kind", "Missing", "Unique", "Values"), rows, caption="Columns of the table", numbers=(2, 3))


def _missing(column: ColumnProfile, rows: int) -> str:
    return "0" if not column.missing else f"{column.missing:,} ({percent(column.missing / max(rows, 1))})"


def _values(column: ColumnProfile) -> str:
    if column.kind.is_numeric and column.minimum is not None and column.maximum is not None:
        return f"{exact(column.minimum)} to {exact(column.maximum)}, mean {exact(column.mean)}"
    if column.kind is not ColumnKind.IDENTIFIER and column.top:
        return ", ".join(f"{each.value} ({each.count:,})" for each in column.top[:4])
    return f"such as {column.example}" if column.example else UNKNOWN


def preview_table(names: Sequence[str], rows: Sequence[Mapping[str, object]]) -> Component:
    body = [[html.Span(_cell(row.get(name)), className="cell-clip") for name in names] for row in rows]
    return data_table(names, body, caption=f"First {count(len(body), 'row')} of the table", row_heads=False)


def _cell(value: object) -> str:
    """As it stands in the file, every digit of it."""
    if value is None or value != value:  # NaN differs from itself
        return UNKNOWN
    return f"{value:.15g}" if isinstance(value, float) else str(value)
