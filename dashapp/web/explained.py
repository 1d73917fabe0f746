"""The parts that explanations are drawn with: a chart with its sentence and its table, signed bars, a list of named values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from dash import dcc, html
from dash.development.base_component import Component
from plotly.graph_objects import Figure

from dashapp.web.components import Child, aria, data_table
from dashapp.web.figures import CHART_CONFIG

_ROW_PX, _FRAME_PX, _LEAST_PX = 26, 70, 120


def explained_chart(
    title: Child, sentence: Child, figure: Figure, *, id: Any, name: str, table: Component | None = None, rows: int | None = None
) -> Component:
    """A chart under what it says; `name` is what it is called for those who do not see it, `rows` how many bars need room, `table`
    its figures."""
    graph = dcc.Graph(id=id, figure=figure, config=cast(Any, CHART_CONFIG), responsive=True)
    height = {"--chart-height": f"{max(_LEAST_PX, _FRAME_PX + _ROW_PX * rows)}px"} if rows is not None else {}
    shown: dict[str, Any] = {"style": height} if height else {}
    return html.Figure(
        [
            html.Figcaption([html.Span(title, className="chart-name"), html.Span(sentence, className="chart-sentence")]),
            html.Div(graph, className="chart-graph", role="img", **aria(label=name), **shown),
            as_table(table) if table is not None else None,
        ],
        className="chart explained",
    )


def as_table(table: Component) -> Component:
    return html.Details([html.Summary("As a table", className="fold-summary"), table], className="table-fold")


def figures_table(heads: Sequence[Child], rows: Sequence[Sequence[Child]], caption: str) -> Component:
    return data_table(heads, rows, caption=caption, numbers=range(1, len(heads)))


def signed_bars(rows: Sequence[tuple[Child, float, str]], label: str) -> Component:
    """(name, amount, amount in words), each with a bar to the right (more) or to the left (less) of the middle."""
    most = max((abs(amount) for _, amount, _ in rows), default=0.0) or 1.0
    items = [
        html.Li(
            [
                html.Span(name, className="signed-name"),
                html.Span(
                    html.Span(className="signed-bar", style={"--size": f"{100 * abs(amount) / most:.1f}%"}),
                    className="signed-track",
                    **aria(hidden="true"),
                ),
                html.Span(words, className="signed-amount"),
            ],
            className="signed-more" if amount >= 0 else "signed-less",
        )
        for name, amount, words in rows
    ]
    return html.Ul(items, className="signed", **aria(label=label))
