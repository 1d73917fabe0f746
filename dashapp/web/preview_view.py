"""The rows of a table: the first ones from the server, all others fetched by `assets/preview.js` while one scrolls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Dataset
from dashapp.web.components import Child, aria
from dashapp.web.words import UNKNOWN, count

PREVIEW = "preview"
PREVIEW_SOURCE = "preview-source"
PREVIEW_ROWS = "preview-rows"
GO_TO_ROW = "preview-go"
FIRST_ROWS = 12
MOST_CHARS = 300
MOST_LINKS = 8
FIRST_COLUMNS = 40
MIDNIGHT = "T00:00:00"


def preview(dataset: Dataset, rows: Sequence[Mapping[str, object]]) -> Component:
    """A box of fixed height. The browser draws into `PREVIEW_ROWS` and hides the first rows and columns once it has its own."""
    columns = dataset.profile.columns
    names = [column.name for column in columns]
    numbers = [place for place, column in enumerate(columns) if column.kind.is_numeric]
    go = html.Div(
        [
            html.Label("Go to row", htmlFor=GO_TO_ROW),
            dbc.Input(id=GO_TO_ROW, type="number", min=1, max=max(dataset.profile.rows, 1), step=1, size="sm"),
        ],
        className="preview-go",
    )
    status = html.Span(_shown(len(rows), dataset.profile.rows), id="preview-status", className="muted small", role="status")
    return html.Div(
        [
            dcc.Store(id=PREVIEW_SOURCE, data=_source(dataset, names, numbers)),
            html.Div([status, go], className="preview-bar"),
            html.Div(
                [html.Div(_first_table(columns[:FIRST_COLUMNS], rows), id="preview-first"), html.Div(id=PREVIEW_ROWS)],
                id="preview-box",
                className="preview-box",
                tabIndex=0,
                role="region",
                **aria(label=f"Rows of {dataset.name}"),
            ),
        ],
        id=PREVIEW,
    )


def _source(dataset: Dataset, names: Sequence[str], numbers: Sequence[int]) -> dict[str, Any]:
    """What the browser must know; `version` changes with what the rows hold."""
    version = sha256(repr((dataset.id, dataset.reading)).encode()).hexdigest()[:12]
    known = {"dataset": dataset.id, "version": version, "total": dataset.profile.rows, "names": list(names), "numbers": list(numbers)}
    return known | {"dates": [place for place, column in enumerate(dataset.profile.columns) if column.kind is ColumnKind.DATETIME]}


def _shown(shown: int, total: int) -> str:
    return f"Rows 1 to {shown:,} of {total:,}" if shown else "No rows"


def _first_table(columns: Sequence[ColumnProfile], rows: Sequence[Mapping[str, object]]) -> Component:
    def align(column: ColumnProfile) -> str:
        return "number" if column.kind.is_numeric else ""

    heads = [html.Th("Row", scope="col", className="row-number")]
    heads += [
        html.Th(html.Span(column.name, className="cell-clip", dir="auto", title=column.name), scope="col", className=align(column))
        for column in columns
    ]
    body = []
    for number, row in enumerate(rows, 1):
        cells: list[Component] = [html.Th(f"{number:,}", scope="row", className="row-number")]
        cells += [html.Td(_cell(_day(column, row.get(column.name))), className=align(column)) for column in columns]
        body.append(html.Tr(cells))
    caption = html.Caption(f"First {count(len(rows), 'row')} of the table", className="visually-hidden")
    return html.Table([caption, html.Thead(html.Tr(heads)), html.Tbody(body)], className="data-table preview-table")


def _day(column: ColumnProfile, value: object) -> object:
    """A date without the time where that is midnight, as most often it was never written."""
    return value.removesuffix(MIDNIGHT) if column.kind is ColumnKind.DATETIME and isinstance(value, str) else value


def _cell(value: object) -> Child:
    """As it stands in the file, every digit of it; a dash where nothing does."""
    if value is None or value != value:  # NaN differs from itself
        return html.Span(UNKNOWN, className="cell-missing", title="Missing")
    whole = f"{value:.15g}" if isinstance(value, float) else str(value)
    text = " ↵ ".join((whole if len(whole) <= MOST_CHARS else f"{whole[:MOST_CHARS]}…").splitlines()) or whole
    return html.Span(text, className="cell-clip", dir="auto", title=text if len(text) > 40 else None)


def row_links(rows: Sequence[int], total: int, column: str | None) -> Component | None:
    """Buttons that bring the preview to the rows of a finding; `assets/preview.js` answers them."""
    if not rows:
        return None
    links: list[Child] = []
    for row in rows[:MOST_LINKS]:
        at: dict[str, Any] = {"data-row": str(row), "data-column": column or ""}
        links.append(html.Button(f"{row:,}", type="button", className="row-link", **at, **aria(label=f"Show row {row:,}")))
    more = max(total, len(rows)) - len(links)
    return html.Span(["Rows " if len(rows) > 1 else "Row ", *links, f" and {more:,} more" if more else None], className="row-links")
