"""A small card for each column: what it is, what is missing, how its values are spread, and what to take it for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dashapp.datasets.dataset import Bin, ColumnKind, ColumnProfile, ColumnReading, Dataset, ReadAs, ValueCount
from dashapp.datasets.quality.report import FEW_VALUES
from dashapp.datasets.spoken import KINDS
from dashapp.training.plan import reason_against
from dashapp.web.components import aria, field
from dashapp.web.decisions import decide_button
from dashapp.web.words import UNKNOWN, count, exact, percent

COLUMN_KIND = "column-kind"
COLUMN_FILTER = "column-filter"
COLUMN_GRID = "column-grid"
COLUMNS_FOUND = "columns-found"
SHOW_ALL = "columns-show-all"
FOUND = "found"
FIRST_COLUMNS = 24
_TOP = 4
_FEW_COLUMNS = 8
_UNLISTED = (ColumnKind.IDENTIFIER, ColumnKind.TEXT, ColumnKind.CONSTANT)
_TINY = 0.04  # of the height: less could not be seen


@dataclass(frozen=True, slots=True)
class ColumnsShown:
    """Which columns a person looks at: those with `wanted` in their names, the first few or all of them."""

    wanted: str = ""
    is_all: bool = False

    @classmethod
    def of_page(cls, wanted: str | None, show_all: str | None) -> ColumnsShown:
        """From the text in the field and the class of the button that shows all."""
        return cls(wanted or "", is_all=show_all == "is-hidden")

    def of(self, columns: Sequence[ColumnProfile]) -> tuple[list[ColumnProfile], int]:
        """The columns to draw, and how many there are that fit."""
        fit = [column for column in columns if self.wanted.casefold().strip() in column.name.casefold()]
        return fit if self.is_all else fit[:FIRST_COLUMNS], len(fit)


def column_section(dataset: Dataset, left_out: Mapping[str, str], shown: ColumnsShown) -> Component:
    """`left_out` maps columns that a check keeps out of the training to the reason."""
    _, fit = shown.of(dataset.profile.columns)
    wanted = dbc.Input(id=COLUMN_FILTER, type="search", value=shown.wanted, debounce=250, placeholder="Part of a name")
    more = html.Button("Show all columns", id=SHOW_ALL, type="button", className=show_all_class(shown, fit))
    has_many = len(dataset.profile.columns) > _FEW_COLUMNS
    return html.Div(
        [
            html.Div(field("Find a column", wanted), className="column-filter" if has_many else "is-hidden"),
            html.P(found_in_words(shown, fit), id=COLUMNS_FOUND, className="muted small", role="status"),
            html.Div(column_cards(dataset, left_out, shown), id=COLUMN_GRID),
            more,
        ]
    )


def show_all_class(shown: ColumnsShown, fit: int) -> str:
    return "is-hidden" if shown.is_all or fit <= FIRST_COLUMNS else "btn btn-quiet columns-more"


def found_in_words(shown: ColumnsShown, fit: int) -> str | None:
    if not fit:
        return "No column has this in its name."
    if fit <= FIRST_COLUMNS or shown.is_all:
        return f"{count(fit, 'column')} found." if shown.wanted else None
    return f"The first {FIRST_COLUMNS} of {count(fit, 'column')}."


def column_cards(dataset: Dataset, left_out: Mapping[str, str], shown: ColumnsShown) -> Component:
    columns, _ = shown.of(dataset.profile.columns)
    rows, decided = dataset.profile.rows, dataset.reading.columns
    cards = [column_card(column, rows, decided.get(column.name, ColumnReading()), left_out.get(column.name)) for column in columns]
    return html.Ul(cards, className="column-grid")


def column_card(column: ColumnProfile, rows: int, decided: ColumnReading, reason: str | None) -> Component:
    is_out = decided.use is False or (reason is not None and (decided.use is None or reason_against(column, rows) is not None))
    return html.Li(
        [
            html.Div(
                [html.H3(column.name, dir="auto", title=column.name), html.Span(kind_in_words(column), className="kind-tag")],
                className="column-head",
            ),
            _missing(column, rows),
            _spread(column, rows),
            html.P(facts_in_words(column), className="column-facts"),
            _use(column, rows, decided, reason),
            _kind_choice(column, decided),
        ],
        className="column-card is-out" if is_out else "column-card",
    )


def kind_in_words(column: ColumnProfile) -> str:
    return "rating" if column.levels else KINDS[column.kind.value]


def _missing(column: ColumnProfile, rows: int) -> Component:
    share = column.missing / max(rows, 1)
    text = f"{percent(share)} missing ({column.missing:,})" if column.missing else "nothing missing"
    bar = html.Span(className="share", style={"--share": f"{100 * share:.2f}%"}, **aria(hidden="true"))
    return html.Div([html.Span(text), bar], className="column-missing is-some" if column.missing else "column-missing")


def _spread(column: ColumnProfile, rows: int) -> Component | None:
    """Bars of the values where they are few, else the histogram."""
    is_listed = bool(column.top) and column.kind not in _UNLISTED
    if column.histogram and not (is_listed and column.unique <= FEW_VALUES):
        bars = html.Div(className="histogram-bars", style={"clipPath": outline(column.histogram)})
        return html.Div(bars, className="histogram", role="img", **aria(label=_histogram_in_words(column)))
    if not is_listed:
        return None
    present = max(rows - column.missing, 1)
    shares = [_top_value(value, value.count / present) for value in _commonest(column)]
    return html.Ul(shares, className="top-values", **aria(label="Commonest values"))


def _commonest(column: ColumnProfile) -> list[ValueCount]:
    """The first few; those of a rating in its order."""
    first = list(column.top[:_TOP])
    order = {level: place for place, level in enumerate(column.levels)}
    return sorted(first, key=lambda value: order.get(value.value, len(order))) if order else first


def _top_value(value: ValueCount, share: float) -> Component:
    words = [html.Span(value.value, className="top-label", dir="auto"), html.Span(percent(share))]
    return html.Li(words, style={"--share": f"{100 * share:.2f}%"})


def _histogram_in_words(column: ColumnProfile) -> str:
    high = _highest(column.histogram)
    return f"Histogram: {_range_in_words(column)}; most values lie from {_edge(column, high.low)} to {_edge(column, high.high)}"


def _highest(histogram: Sequence[Bin]) -> Bin:
    return max(histogram, key=lambda each: each.count)


def outline(histogram: Sequence[Bin]) -> str:
    """The bars as one CSS polygon: a single element draws them all."""
    most, width = max(each.count for each in histogram) or 1, 100 / len(histogram)
    points = ["0% 100%"]
    for place, each in enumerate(histogram):
        top = 100 - 100 * (max(each.count / most, _TINY) if each.count else 0)
        left, right = place * width, (place + 1) * width - min(width * 0.12, 1)
        points += [f"{x:.2f}% {y:.1f}%" for x, y in ((left, 100), (left, top), (right, top), (right, 100))]
    return f"polygon({', '.join(points)})"


def facts_in_words(column: ColumnProfile) -> str:
    """How many different values, and from where to where or which."""
    parts = [f"{column.unique:,} different"] if column.unique else ["no value at all"]
    if column.levels:
        parts.append(f"in order: {_few(column.levels)}")
    elif (column.minimum is not None or column.histogram) and _range_in_words(column):
        parts.append(_range_in_words(column))
    elif column.example is not None and (column.kind in _UNLISTED or not column.top):
        parts.append(f"such as {column.example}")
    if column.missing_as:
        parts.append(f"missing is written {_few(column.missing_as)}")
    return " · ".join(parts)


def _few(values: Sequence[str]) -> str:
    return ", ".join(values[:5]) + (f" and {len(values) - 5:,} more" if len(values) > 5 else "")


def _range_in_words(column: ColumnProfile) -> str:
    if column.minimum is not None and column.maximum is not None:
        mean = f", mean {exact(column.mean)}" if column.mean is not None else ""
        return f"{exact(column.minimum)} to {exact(column.maximum)}{mean}"
    if column.histogram:
        return f"{_edge(column, column.histogram[0].low)} to {_edge(column, column.histogram[-1].high)}"
    return ""


def _edge(column: ColumnProfile, value: float) -> str:
    """An edge of a bin: dates are counted in seconds since 1970."""
    if column.kind is not ColumnKind.DATETIME:
        return exact(value)
    try:
        return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d}"
    except (OverflowError, OSError, ValueError):  # years that Python's dates do not reach
        return UNKNOWN


def _use(column: ColumnProfile, rows: int, decided: ColumnReading, reason: str | None) -> Component:
    name = column.name

    def change(use: bool | None) -> dict[str, object]:
        return {"columns": {name: {"use": use}}}

    if decided.use is False:
        return html.Div([html.Span("You left it out. "), decide_button("Use it", change(None), f"use {name}")], className="column-use")
    if reason is not None and reason_against(column, rows) is not None:
        return html.Div(f"Left out: {reason.rstrip('.')}.", className="column-use is-left-out")
    if decided.use is True:
        return html.Div([html.Span("Used as you wish. "), decide_button("Leave out", change(None), f"use {name}")], className="column-use")
    if reason is None:
        return html.Div(decide_button("Leave out", change(False), f"use {name}"), className="column-use")
    said = html.Span(f"Left out: {reason.rstrip('.')}. ")
    return html.Div([said, decide_button("Use it anyway", change(True), f"use {name}")], className="column-use is-left-out")


def _kind_choice(column: ColumnProfile, decided: ColumnReading) -> Component:
    found = "Find it out" if decided.kind else f"Found: {kind_in_words(column)}"
    options = [{"label": found, "value": FOUND}] + [{"label": KINDS[kind.value].capitalize(), "value": kind.value} for kind in ReadAs]
    choice = dbc.Select(
        id={"type": COLUMN_KIND, "column": column.name}, options=options, value=decided.kind.value if decided.kind else FOUND, size="sm"
    )
    return html.Label([html.Span(f"Read {column.name} as", className="visually-hidden"), choice], className="field column-kind")
