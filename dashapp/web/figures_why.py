"""Charts of what a model was measured and explained with, as functions of plain values: no query, no Dash, no clock.

Names and labels come from users: `plain` cuts them and takes the tags out of them that Plotly would draw.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashapp.training.result import Effect, Importance, Line
from dashapp.web.figures import SERIES, empty_chart, plain

MOST_BARS = 12
MOST_LINES = 6
# So few whole numbers are named one by one, without the halves between them.
MOST_TICKS = 6
_GUESS = {"color": "#7d828d", "width": 1.5, "dash": "dash"}
_SHAPES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}


def importance_bars(importances: Sequence[Importance], loss_name: str) -> go.Figure:
    """The strongest at the top; a line over each bar is its 95 % interval."""
    shown = sorted(importances, key=lambda each: -each.mean)[:MOST_BARS]
    figure = _named_rows([each.column for each in shown], f"Higher {loss_name} without it")
    figure.add_trace(
        go.Bar(
            x=[each.mean for each in shown],
            y=list(range(len(shown))),
            orientation="h",
            marker={"color": SERIES[0]},
            error_x={
                "array": [max(each.high - each.mean, 0) for each in shown],
                "arrayminus": [max(each.mean - each.low, 0) for each in shown],
                "color": "#7d828d",
                "thickness": 1.5,
                "width": 4,
            },
            customdata=[(plain(each.column, 60), each.low, each.high) for each in shown],
            hovertemplate="%{customdata[0]}<br>%{x:.4g}, %{customdata[1]:.4g} to %{customdata[2]:.4g}<extra></extra>",
        )
    )
    return figure


def effect(shown: Effect, place: int, *, is_label: bool, is_share: bool) -> go.Figure:
    """The mean prediction at each value: a line over numbers and dates, bars over labels. `place` is that of the class."""
    values = [point.mean[place] for point in shown.points]
    if is_label:
        figure = _named_rows([str(point.at) for point in shown.points], "")
        figure.update_xaxes(tickformat=".0%" if is_share else None, rangemode="tozero")
        hover = "%{customdata[0]}<br>%{x:" + (".1%" if is_share else ".4g") + "}, %{customdata[1]:.0%} of the rows<extra></extra>"
        custom = [(plain(str(point.at), 60), point.rows) for point in shown.points]
        figure.add_trace(
            go.Bar(
                x=values, y=list(range(len(values))), orientation="h", marker={"color": SERIES[0]}, customdata=custom, hovertemplate=hover
            )
        )
        return figure
    is_date = any(isinstance(point.at, str) for point in shown.points)
    figure = empty_chart(yaxis_tickformat=".0%" if is_share else None, xaxis_type="date" if is_date else "linear", xaxis_nticks=5)
    if len(shown.points) <= MOST_TICKS and all(
        isinstance(point.at, int | float) and float(point.at).is_integer() for point in shown.points
    ):
        figure.update_xaxes(tickmode="array", tickvals=[point.at for point in shown.points])
    hover = "%{x}: %{y:" + (".1%" if is_share else ".4g") + "}, %{customdata:.0%} of the rows<extra></extra>"
    figure.add_trace(
        go.Scatter(
            x=[point.at for point in shown.points],
            y=values,
            mode="lines+markers",
            line={"color": SERIES[0], "width": 2},
            marker={"size": 6},
            customdata=[point.rows for point in shown.points],
            hovertemplate=hover,
        )
    )
    return figure


def roc(lines: Sequence[Line]) -> go.Figure:
    figure = _shares("Called so although it is not", "Found of the real ones")
    figure.add_trace(go.Scatter(x=[0, 1], y=[0, 1], mode="lines", name="guessing", line=_GUESS, hoverinfo="skip"))
    return _with_lines(figure, lines, "false %{x:.1%}, found %{y:.1%}")


def precision_recall(lines: Sequence[Line], base: float | None) -> go.Figure:
    """`base` is the share of the rows that have the class, which is what guessing reaches; None where several classes are drawn."""
    figure = _shares("Found of the real ones", "Right among those called")
    if base is not None:
        figure.add_trace(go.Scatter(x=[0, 1], y=[base, base], mode="lines", name="guessing", line=_GUESS, hoverinfo="skip"))
    return _with_lines(figure, lines, "found %{x:.1%}, right %{y:.1%}")


def calibration(lines: Sequence[Line]) -> go.Figure:
    figure = _shares("Probability that it gave", "Share that it was")
    figure.add_trace(go.Scatter(x=[0, 1], y=[0, 1], mode="lines", name="exact", line=_GUESS, hoverinfo="skip"))
    return _with_lines(figure, lines, "given %{x:.1%}, was %{y:.1%}", mode="lines+markers", most=40)


def truth_against_prediction(pairs: Sequence[tuple[float, float]]) -> go.Figure:
    """`pairs` are (truth, predicted): on the dashed line the prediction is exact."""
    figure = empty_chart("Predicted", "Real value", xaxis_nticks=5)
    if not pairs:
        return figure
    ends = [min(min(pair) for pair in pairs), max(max(pair) for pair in pairs)]
    figure.add_trace(go.Scatter(x=ends, y=ends, mode="lines", line=_GUESS, hoverinfo="skip"))
    truth, predicted = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    marker = {"size": 6, "color": SERIES[0], "opacity": 0.55}
    hover = "predicted %{x:.4g}, was %{y:.4g}<extra></extra>"
    figure.add_trace(go.Scatter(x=predicted, y=truth, mode="markers", marker=marker, hovertemplate=hover))
    return figure


def _named_rows(names: Sequence[str], title: str) -> go.Figure:
    """Bars from the top down; the axis counts places, so that no name is taken for a number, a date or another name."""
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": [plain(name, 22) for name in names]}
    figure = empty_chart(title, xaxis_nticks=5, yaxis=ticks | {"range": [len(names) - 0.4, -0.6], "showgrid": False, "automargin": True})
    figure.update_xaxes(showgrid=True, gridcolor="rgba(125,130,141,0.25)")
    return figure.update_layout(bargap=0.35)


def _shares(x_title: str, y_title: str) -> go.Figure:
    axis = {"range": [-0.02, 1.02], "tickformat": ".0%"}
    figure = empty_chart(x_title, y_title, showlegend=True, legend=_LEGEND, margin={"l": 44, "r": 24, "t": 8, "b": 36})
    return figure.update_xaxes(**axis).update_yaxes(**axis)


def _with_lines(figure: go.Figure, lines: Sequence[Line], said: str, mode: str = "lines", most: int = 22) -> go.Figure:
    for place, line in enumerate(lines[:MOST_LINES]):
        name = plain(line.name, most)
        style = {"color": SERIES[place % len(SERIES)], "width": 2, "dash": _SHAPES[place % len(_SHAPES)]}
        figure.add_trace(go.Scatter(x=line.x, y=line.y, name=name, mode=mode, line=style, hovertemplate=f"{name}<br>{said}<extra></extra>"))
    return figure
